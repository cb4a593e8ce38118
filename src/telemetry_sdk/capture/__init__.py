"""What is recorded on the caller's thread: exception snapshots, exception hooks, measured work."""
