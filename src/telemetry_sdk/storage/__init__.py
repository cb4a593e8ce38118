"""Private files, directories, file locks, shared state and revocations."""
