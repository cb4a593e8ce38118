"""Statsig's own SDK with our way out under it."""
