"""Plugins that misbehave on purpose, to prove that the hub outlives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from incasso.contract.capabilities import Family
from incasso.contract.values import Page
from incasso.testing.fakes import Fake, FakeChannel, FakeConnector, FakeProvider
from incasso.testing.script import Reaction, exits, gives, raises


def streams(*pages: Any) -> Reaction:
    """Give a stream of these, whatever they are."""

    def act(honest: Callable[[], Any]) -> Any:
        return iter(pages)

    return act


def breaks_after(pages: int, error: BaseException) -> Reaction:
    """Give some empty pages, then raise in the middle of the stream."""

    def act(honest: Callable[[], Any]) -> Any:
        for _ in range(pages):
            yield Page()
        raise error

    return act


class UnspeakableError(Exception):
    """An exception that cannot even be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


MISDEEDS: Final[dict[str, Reaction]] = {
    "raises something foreign": raises(KeyError("residuo")),
    "raises something unspeakable": raises(UnspeakableError()),
    "ends the process": exits,
    "ends the generator": raises(GeneratorExit()),
    "is interrupted": raises(KeyboardInterrupt()),
    "runs out of memory": raises(MemoryError()),
    "never stops calling itself": raises(RecursionError()),
    "gives nothing": gives(None),
    "gives a wrong type": gives(object()),
    "gives text": gives("ok"),
}
"""What a plugin may do instead of its work, by name; every one must end as a PluginCrashError."""

_FAKES: Final[dict[Family, Callable[[], Fake]]] = {
    Family.CONNECTOR: FakeConnector,
    Family.CHANNEL: FakeChannel,
    Family.PROVIDER: FakeProvider,
}


def hostile(family: Family, **acts: Reaction) -> Fake:
    """A plugin of a family whose named hooks misbehave at every call, and work otherwise."""
    fake = _FAKES[family]()
    for hook, act in acts.items():
        fake.always(hook, act)
    return fake
