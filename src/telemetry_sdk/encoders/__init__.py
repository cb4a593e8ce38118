"""The vendors' wires, as pure functions over clean records: no vendor import, no I/O."""
