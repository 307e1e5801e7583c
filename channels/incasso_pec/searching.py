"""How often a message in doubt is looked for: its receipt may still be on its way.

Each message is waited for once, whatever process does it: the one that finds a message in doubt is
mostly the one that runs a minute after the crash. Later ones look once, and the hub goes on asking.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from incasso.api import CallContext, PluginError

LOOK_AGAIN_S: Final = 2.0
TIMES: Final = 4
BUDGET_S: Final = 30.0
"""So long one process waits in all its searches together."""

_KEY: Final = "waited"
_KEPT: Final = 100


class Patience:
    """The patience of one instance."""

    def __init__(self, seconds: float = BUDGET_S) -> None:
        self._left = seconds

    def looks(self, delivery: str, ctx: CallContext) -> Iterator[None]:
        """One item for each look at the mailbox; between them it waits."""
        yield
        if self._left < LOOK_AGAIN_S or delivery in _waited(ctx):
            return
        for _ in range(TIMES):
            if self._left < LOOK_AGAIN_S:
                break
            self._left -= LOOK_AGAIN_S
            time.sleep(LOOK_AGAIN_S)
            yield
        _remember(delivery, ctx)


def _waited(ctx: CallContext) -> list[str]:
    with suppress(PluginError):
        kept = ctx.state.get(_KEY)
        return kept.value.split() if kept else []
    return []


def _remember(delivery: str, ctx: CallContext) -> None:
    """If it cannot be written, or another process writes at the same time, the message is waited
    for once more: no harm."""
    with suppress(PluginError):
        kept = ctx.state.get(_KEY)
        waited = [*_waited(ctx), delivery][-_KEPT:]
        ctx.state.swap(_KEY, " ".join(waited), seen=kept)
