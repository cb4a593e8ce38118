"""Secrets that their names give away: where a name stands, what binds it to a value, how the value is written."""
