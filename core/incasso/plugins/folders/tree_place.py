"""A place whose files can be renamed: a rename makes a file appear, and a rename claims it.

`in` holds what waits, `in/working` what is being read, `in/done` and `in/refused` what was. Two
workers may ask for the same rename; the file is gone for the second. A worker that dies leaves its
file in `working`, under a name that says since when: after a time any other renames it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from incasso.contract.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    TemporaryError,
)
from incasso.contract.folder_login import FolderLogin
from incasso.contract.folders import Arrived, FolderFacts, Stored
from incasso.contract.settings import wrong_key
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.plugins.folders import names, spool
from incasso.plugins.folders.places import WORKING, Entry, Opened, Tree
from incasso.plugins.folders.tree_held import TreeHeld, identity, moved

_AHEAD: Final = timedelta(minutes=5)
"""Clocks differ by seconds; more is a wrong clock, and the file may wait for hours."""


class TreePlace:
    """The contract's place on a tree."""

    def __init__(self, tree: Tree, login: FolderLogin, now: Callable[[], datetime]) -> None:
        self._tree = tree
        self._login = login
        self._now = now
        self._out = login.outgoing.rstrip("/") or "/"
        self._in = login.incoming.rstrip("/") or "/"
        self._remarks: tuple[Problem, ...] = ()

    def put(self, name: str, content: BinaryIO, stored: Stored) -> None:
        """Write it under a name that nobody reads, look at its size, then give it its own."""
        self._sweep(name)
        part = f"{self._out}/{names.part(name)}"
        try:
            self._write_whole(part, name, content)
            self._tree.publish(part, f"{self._out}/{name}")
        except OutcomeUnknownError:  # it may be there under its own name
            raise
        except FileNotFoundError:
            raise _no_folder("out", self._out) from None
        except (PluginError, FileExistsError):
            with suppress(PluginError):
                self._tree.remove(part)
            raise

    def _write_whole(self, part: str, name: str, content: BinaryIO) -> None:
        content.seek(0, 2)
        whole = content.tell()
        content.seek(0)
        self._tree.write(part, content)
        written = self._tree.entry(part)
        if written is None or written.size != whole:
            raise TemporaryError(
                text(
                    "{name} was cut while it was written: {size} of {whole} bytes are there",
                    name=name,
                    size=written.size if written else 0,
                    whole=whole,
                )
            )

    def stored(self, name: str, opened: Opened) -> Stored | None:
        """What lies there under the name, read whole: only its bytes tell what it is."""
        path = f"{self._out}/{name}"
        if self._tree.entry(path) is None:
            return None
        with spool.empty() as copy:
            try:
                self._tree.read(path, copy)
            except FileNotFoundError:  # the other side has just taken it
                return None
            copy.seek(0)
            with opened(copy) as content:
                found = spool.measured(content)
        return Stored(name=names.unsealed(name), size=found.size, sha256=found.sha256)

    def waiting(self) -> Sequence[Arrived]:
        """Files that are whole, and those whose reader took too long."""
        remarks: list[Problem] = []
        found = [*self._fresh(remarks), *self._abandoned()]
        self._remarks = tuple(remarks)
        return sorted(found, key=lambda each: (each.name, each.at, each.identity))

    def remarks(self) -> tuple[Problem, ...]:
        """Files whose names cannot be taken."""
        return self._remarks

    def claim(self, file: Arrived) -> TreeHeld | None:
        """Rename it into `working`. Of two who try, one finds it gone."""
        self._tree.make(f"{self._in}/{WORKING}")
        old = names.claimed(file.ref.rpartition("/")[2]) if "/" in file.ref else None
        own_name = old.name if old else file.ref
        new = names.ClaimName(since=self._now(), worker=names.worker(), name=own_name)
        held = TreeHeld(self._tree, self._in, file, new, keep=self._login.keep)
        try:
            moved(self._tree, f"{self._in}/{file.ref}", held.path)
        except FileNotFoundError:
            return None
        if held.is_still_it():
            return held
        held.give_back()  # it grew, or another file of that name came in its place
        return None

    def claimed(self, token: str) -> TreeHeld | None:
        """The file whose name begins with the token."""
        for each in self._working():
            claim = names.claimed(each.name)
            if claim is not None and claim.token == token:
                file = _arrived(replace(each, name=claim.name), f"{WORKING}/{each.name}")
                return TreeHeld(self._tree, self._in, file, claim, keep=self._login.keep)
        return None

    def check(self) -> FolderFacts:
        """Reach it; put and claim an empty file if the settings allow it."""
        facts = dict(self._tree.check())
        for key, folder in (("out", self._out), ("in", self._in)):
            try:
                self._tree.listing(folder)
            except FileNotFoundError:
                raise _no_folder(key, folder) from None
        if self._login.probe:
            self._probe()
        waiting = self.waiting()
        facts[text("files waiting")] = str(len(waiting))
        return FolderFacts(
            identity=f"{self._tree.identity}/{self._in.lstrip('/')}",
            waiting=len(waiting),
            facts=facts,
            warnings=self._remarks,
        )

    def _probe(self) -> None:
        """Everything that an exchange will do, with an empty file that nobody takes."""
        probe = names.part("incasso-probe")
        self._tree.make(f"{self._in}/{WORKING}")
        for folder in (self._out, f"{self._in}/{WORKING}"):
            path, other = f"{folder}/{probe}", f"{folder}/moved-{probe}"
            try:
                self._tree.write(path, spool.nothing())
                self._tree.move(path, other)
            finally:
                for each in (path, other):
                    with suppress(PluginError):
                        self._tree.remove(each)

    def _fresh(self, remarks: list[Problem]) -> Iterator[Arrived]:
        settled = self._now() - timedelta(seconds=self._login.settled_s)
        for each in self._listed("in", self._in):
            if names.is_hidden(each.name):
                continue
            if not names.is_readable(each.name):
                remarks.append(names.odd_name(each.name))
            elif each.at <= settled:
                yield _arrived(each, each.name)
            elif each.at > self._now() + _AHEAD:
                remarks.append(_from_the_future(each))

    def _abandoned(self) -> Iterator[Arrived]:
        late = self._now() - timedelta(minutes=self._login.take_over_after_m)
        for each in self._working():
            claim = names.claimed(each.name)
            if claim and claim.since < late:
                yield _arrived(replace(each, name=claim.name), f"{WORKING}/{each.name}")

    def _working(self) -> Sequence[Entry]:
        try:
            return self._tree.listing(f"{self._in}/{WORKING}")
        except FileNotFoundError:
            return ()

    def _sweep(self, name: str) -> None:
        """Earlier tries at this file that were never finished."""
        late = self._now() - timedelta(minutes=self._login.take_over_after_m)
        for each in self._listed("out", self._out):
            if names.part_of(each.name) == name and each.at < late:
                self._tree.remove(f"{self._out}/{each.name}")

    def _listed(self, key: str, folder: str) -> Sequence[Entry]:
        try:
            return self._tree.listing(folder)
        except FileNotFoundError:
            raise _no_folder(key, folder) from None


def _arrived(entry: Entry, ref: str) -> Arrived:
    return Arrived(
        name=names.unsealed(entry.name),
        size=entry.size,
        at=entry.at,
        identity=identity(entry.name, entry),
        ref=ref,
    )


def _from_the_future(entry: Entry) -> Problem:
    return Problem(
        code="clock",
        field=entry.name,
        message=text(
            "{name} is dated {at}, which is still to come: it waits until then",
            name=entry.name,
            at=entry.at,
        ),
        hint=text("have the clock of the server or of the sender's machine set right"),
    )


def _no_folder(key: str, folder: str) -> ConfigurationError:
    words = text("there is no folder {folder!r}", folder=folder)
    cure = text("have it made, or write the name that the other side uses")
    return ConfigurationError([wrong_key(key, words, cure)])
