"""The providers that the demo's messages go to while it plays, started by the demo itself.

They are the simulators that partners test with, and need the extra `testing`: without it, and when
the demo has ended, the same media are written into folders.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Protocol

import tomli_w

from incasso.demo.office import write_config

Tables = Mapping[str, Mapping[str, Any]]


class Around(Protocol):
    """One provider of the world."""

    def tables(self) -> Tables:
        """The channels that lead to it, in place of those of the same names."""
        ...

    def morning(self) -> None:
        """What happened there since yesterday."""
        ...


class World:
    """All of them."""

    def __init__(self, folder: Path, providers: list[Around]) -> None:
        self._folder, self._providers = folder, providers

    def open(self) -> None:
        """Let the office's channels lead to the providers."""
        config = tomllib.loads((self._folder / "plugins.toml").read_text("utf-8"))
        for each in self._providers:
            config["channels"] |= each.tables()
        write_config(self._folder, tomli_w.dumps(config))

    def morning(self) -> None:
        """A new day begins."""
        for each in self._providers:
            each.morning()


@contextmanager
def world(folder: Path, seed: int, now: Callable[[], datetime]) -> Iterator[World]:
    """The providers, running; afterwards the configuration is the one that was there before."""
    with ExitStack() as stack:
        providers = list(_started(stack, folder, seed, now))
        shipped = (folder / "plugins.toml").read_text("utf-8")
        if providers:
            stack.callback(write_config, folder, shipped)
        yield World(folder, providers)


def _started(
    stack: ExitStack, folder: Path, seed: int, now: Callable[[], datetime]
) -> Iterator[Around]:
    try:
        from incasso.demo.certified_mail import CertifiedMail
        from incasso.demo.post import Post
        from incasso.demo.text_messages import TextMessages
    except ImportError:  # an office that runs no tests
        return
    yield stack.enter_context(CertifiedMail(folder, seed, now))
    yield stack.enter_context(TextMessages(folder, seed, now))
    yield stack.enter_context(Post(folder, seed, now))


def fate(seed: int, address: str) -> float:
    """Between 0 and 1, always the same for an address."""
    return Random(f"{seed}/{address}").random()


def column(folder: Path, name: str) -> set[str]:
    """What the clients of the ledger have in a column."""
    with (folder / "ledger/clients.csv").open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file) if row.get(name)}


def secret_file(folder: Path, name: str, content: str) -> Mapping[str, str]:
    """A secret as plugins.toml names it."""
    path = folder / name
    path.touch(0o600)
    path.write_text(content, "utf-8")
    return {"file": name}
