"""Secrets that their own shape or their surroundings give away: tables of kinds, and how their patterns are built."""
