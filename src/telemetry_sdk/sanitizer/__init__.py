"""The sanitizer: rebuilds every record from an allow-list before it reaches the spool."""
