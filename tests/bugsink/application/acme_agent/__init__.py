"""A small application that fails in every way there is."""
