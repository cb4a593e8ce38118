"""The vendors' own packages, with our way out under them: each module the only importer of its package."""
