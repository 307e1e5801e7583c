"""By which channels the messages of a source may go: what one process sends while others send too.

Channels that carry the same medium for the same source stand in for each other, so one process must
have them all: each channel belongs to one route only, and each step too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec


class Carrier(msgspec.Struct, frozen=True):
    """A channel: which media it carries, for which of the sources."""

    id: str
    media: frozenset[str]
    sources: frozenset[str]

    def meets(self, other: Carrier) -> bool:
        """Whether some message may go by either."""
        return bool(self.media & other.media and self.sources & other.sources)


class Routes(msgspec.Struct, frozen=True):
    """Steps by source and medium: these, or all others."""

    media: Mapping[str, frozenset[str]]
    """By source."""
    inside: bool = True


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


def _media(carriers: Collection[Carrier]) -> dict[str, frozenset[str]]:
    sources = sorted({source for one in carriers for source in one.sources})
    return {
        source: frozenset().union(*(one.media for one in carriers if source in one.sources))
        for source in sources
    }
