"""Builds a client's parts and runs them from start to exit."""
