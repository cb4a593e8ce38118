"""The seed of a run of the corpora, and rare words to plant."""

from __future__ import annotations

import os
import random

RARE = """amber anvil barley beacon bramble cobalt copper cotton crimson dagger ember falcon fennel ferret garnet ginger
goblet granite hazel heron hollow indigo iris jasper juniper kettle lantern larch ledger lilac linen magnet maple meadow
mortar nectar nettle nickel oyster parsley pebble pepper pewter pigeon poplar quartz quill raven ribbon russet saddle
saffron sickle spindle spruce tallow thistle timber topaz trellis tulip turnip velvet walnut willow zephyr""".split()


def seed() -> int:
    """Return the seed of this run: new each time, or that of the variable `CORPUS_SEED`."""
    return int(os.environ.get("CORPUS_SEED") or random.randrange(1 << 32))
