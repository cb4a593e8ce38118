"""Taking secrets out of bug reports: the shapes of known ones, and values that a name gives away."""
