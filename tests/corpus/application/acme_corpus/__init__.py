"""An application for the corpus: nothing is planted in its own code."""
