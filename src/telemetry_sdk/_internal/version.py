"""The version, in one place: the build reads it here, and importlib.metadata would cost more than the start."""

VERSION = "0.1.0"
