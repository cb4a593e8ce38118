"""Proving a text harmless: plain prose and closed shapes stay, of all else fixed phrases."""
