"""The demonstration: a small agent under each policy, and a search for planted strings in all that left it."""

from __future__ import annotations

APP = "demo-agent"
