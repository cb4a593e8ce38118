"""What is planted: names, paths, files, code and secrets that no filter can know, made anew from a seed."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass

from .secrets_made import MAKERS

RARE = """amber anvil barley beacon bramble cobalt copper cotton crimson dagger ember falcon fennel ferret garnet ginger
goblet granite hazel heron hollow indigo iris jasper juniper kettle lantern larch ledger lilac linen magnet maple meadow
mortar nectar nettle nickel oyster parsley pebble pepper pewter pigeon poplar quartz quill raven ribbon russet saddle
saffron sickle spindle spruce tallow thistle timber topaz trellis tulip turnip velvet walnut willow zephyr""".split()
# Words that code likes as names; those with which programs and this filter speak of code are not among them.
COMMON = """total amount balance customer invoice item items ledger counter basket cart price weight order orders buffer
matrix vector widget handler record records entry entries row rows cell account user users payload session request
response message result results answer report summary score level speed color window button model prompt task tasks
worker job queue event events client server project team member person place group batch sample draft""".split()
DIRECTORIES = (
    "My Projects",
    "año 2024",
    "日本語 フォルダ",
    "100% bramble",
    "a&b=c",
    "it's (mine)",
    "x;y",
    "src+old",
    "über#1",
    "plain",
)


@dataclass(frozen=True)
class Plants:
    """A set of planted strings: `common` are names that are words of plain English."""

    snake: str
    camel: str
    pascal: str
    kebab: str
    shout: str
    rare: str
    common: str
    other: str
    directory: str
    file: str
    windows: str
    unc: str
    code: str
    secret: str
    literal: str

    def strange(self) -> list[str]:
        """Return those of which no part may survive."""
        names = [self.snake, self.camel, self.pascal, self.kebab, self.shout, self.rare]
        return [*names, self.directory, self.file, self.windows, self.unc, self.code, self.secret, self.literal]

    def words(self) -> list[str]:
        """Return those that are words of plain English."""
        return [self.common, self.other]


def seed() -> int:
    """Return the seed of this run: new each time, or that of the variable `CORPUS_SEED`."""
    return int(os.environ.get("CORPUS_SEED") or random.randrange(1 << 32))


def make(chance: random.Random) -> Plants:
    """Return a new set."""
    a, b, c, d, e, f, g, h = chance.sample(RARE, 8)
    number = chance.randrange(10, 99)
    common, other = chance.sample(COMMON, 2)
    place = chance.choice(DIRECTORIES)
    return Plants(
        snake=f"{a}_{b}{number}",
        camel=f"{b}{c.title()}{d.title()}",
        pascal=f"{c.title()}{e.title()}",
        kebab=f"{d}-{f}-{a}",
        shout=f"{e}_{g}".upper(),
        rare=h,
        common=common,
        other=other,
        directory=f"{place}/{f} {g}/{h}{number}",
        file=f"{g} {a}.{chance.choice(['txt', 'json', 'py', 'csv', 'tar.gz', 'conf'])}",
        windows=f"C:\\Users\\{b}\\{place.replace('/', '')}\\{h}.docx",
        unc=f"\\\\{c}srv\\{d}$\\{e} {f}.xlsx",
        code=f"{common} * {a} - {other} // {number}",
        secret=chance.choice(list(MAKERS.values()))(chance),
        literal=f"{a} {h} of {g} {number}",
    )
