"""By which channels the messages of a source may go: what one process, or one thread of it, sends
while others send too.

Channels that carry the same medium for the same source stand in for each other, so one process must
have them all: each channel belongs to one route only, and each step too. Within a process each
message goes by the first channel that can take it, and each channel sends by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec


class Carrier(msgspec.Struct, frozen=True):
    """A channel: which media it carries, for which of the sources."""

    id: str
    media: frozenset[str]
    sources: frozenset[str]

    def meets(self, other: Carrier) -> bool:
        """Whether some message may go by either."""
        return bool(self.media & other.media and self.sources & other.sources)


Way: TypeAlias = tuple[str, str]
"""A source and a medium."""


class Routes(msgspec.Struct, frozen=True):
    """Steps by source and medium: these, or all others."""

    media: Mapping[str, frozenset[str]]
    """By source."""
    inside: bool = True

    def has(self, way: Way) -> bool:
        """Whether it is one of them."""
        source, medium = way
        return (medium in self.media.get(source, ())) == self.inside

    @property
    def ways(self) -> frozenset[Way]:
        """Those that are named."""
        return frozenset(
            (source, medium) for source, media in self.media.items() for medium in media
        )


EVERYTHING = Routes({}, inside=False)

NOBODY = ""
"""The route of messages that no channel carries: they wait, and their reason says so."""


def routes_of(carriers: Sequence[Carrier]) -> dict[str, Routes]:
    """The routes by the names of their channels, and the one of all other messages."""
    groups: list[list[Carrier]] = []
    for carrier in carriers:
        met = [group for group in groups if any(carrier.meets(one) for one in group)]
        groups = [group for group in groups if group not in met]
        groups.append([*(one for group in met for one in group), carrier])
    named = {", ".join(sorted(one.id for one in group)): Routes(_media(group)) for group in groups}
    return {**dict(sorted(named.items())), NOBODY: Routes(_media(carriers), inside=False)}


def shares(carriers: Iterable[Carrier], routes: Routes) -> dict[str, frozenset[Way]]:
    """What of these routes each channel sends: the first in order that can has it."""
    taken: set[Way] = set()
    found: dict[str, frozenset[Way]] = {}
    for carrier in carriers:
        ways = {(source, medium) for source in carrier.sources for medium in carrier.media}
        found[carrier.id] = frozenset(way for way in ways - taken if routes.has(way))
        taken |= ways
    return found


def by_ways(ways: Iterable[Way]) -> Routes:
    """The routes that are exactly these."""
    media: dict[str, set[str]] = defaultdict(set)
    for source, medium in ways:
        media[source].add(medium)
    return Routes({source: frozenset(media[source]) for source in sorted(media)})


def without(routes: Routes, ways: Collection[Way]) -> Routes:
    """What is left of routes when these are taken out."""
    if routes.inside:
        return by_ways(routes.ways - set(ways))
    return Routes(by_ways(routes.ways | set(ways)).media, inside=False)


def _media(carriers: Collection[Carrier]) -> dict[str, frozenset[str]]:
    sources = sorted({source for one in carriers for source in one.sources})
    return {
        source: frozenset().union(*(one.media for one in carriers if source in one.sources))
        for source in sources
    }
