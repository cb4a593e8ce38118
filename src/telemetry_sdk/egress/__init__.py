"""The exit: the only importer of httpx."""
