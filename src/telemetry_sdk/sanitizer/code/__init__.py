"""Known code: its modules, what their files define, the message templates of their raise expressions."""
