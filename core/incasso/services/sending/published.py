"""What the office has published: its texts and the versions of its iters."""

from __future__ import annotations

from collections.abc import Callable

from incasso.domain.recovery.iters import Iter
from incasso.messages import Template, builtin_templates
from incasso.services.hub.hub import Hub
from incasso.services.sending.texts import published_texts
from incasso.store.recovery.iters import versions


def templates(hub: Hub) -> dict[tuple[str, str], Template]:
    """The office's published texts; where it has none, those that ship with the hub."""
    with hub.store.read() as connection:
        own = published_texts(connection)
    return {(each.key, each.language): each for each in builtin_templates()} | dict(own)


def iters(hub: Hub) -> Callable[[int], Iter]:
    """Read a published iter version, once: it never changes."""
    known: dict[int, Iter] = {}

    def iter_of(version: int) -> Iter:
        if version not in known:
            with hub.store.read() as connection:
                known[version] = versions(connection, [version])[version].iter
        return known[version]

    return iter_of
