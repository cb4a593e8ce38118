"""The demonstration: a small agent under every policy, and a search for what must not have left."""

from __future__ import annotations

APP = "demo-agent"
