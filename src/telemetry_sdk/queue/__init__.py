"""The queue between the caller and the writer thread."""
