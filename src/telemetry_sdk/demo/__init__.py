"""The demonstration: a small agent under every policy, and a search for what must not have left."""
