"""Clean records on disk, or in memory where no disk can be trusted."""
