"""Telemetry for agent applications: metrics, errors and bug reports that ask first, leak nothing and never hang."""
