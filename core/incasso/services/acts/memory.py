"""What an act changes is remembered while it changes, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from incasso.domain.acts.undo import Before, Change, LeftStep, Made, Thing
from incasso.store.recovery import before


class Memory:
    """The changes of one act, in the order in which they happen."""

    def __init__(self, connection: Connection, act: str) -> None:
        self._connection = connection
        self._act = act
        self._changes: list[Change] = []
        self._made: list[Made] = []
        self._left: list[LeftStep] = []

    @contextmanager
    def watching(self, thing: Thing, ids: Collection[int]) -> Iterator[None]:
        """Whatever changes on these records meanwhile, whoever changes it."""
        was = before.snapshot(self._connection, thing, ids)
        yield
        now = before.snapshot(self._connection, thing, ids)
        self._changes.extend(before.changes(thing, was, now))

    @contextmanager
    def watching_steps_of(self, cases: Collection[int]) -> Iterator[None]:
        """The same of these cases and the steps they are about to leave."""
        leaving = before.left_steps(self._connection, cases)
        steps = {one.step for one in leaving}
        with self.watching(Thing.CASE, cases), self.watching(Thing.STEP, steps):
            yield
        self._left.extend(leaving)

    def made(self, thing: Thing, number: int) -> None:
        """A record that did not exist before, once everything of it is written."""
        self._made.append(before.made(self._connection, thing, number))

    def before(self) -> Before:
        """All of it."""
        return Before(
            act=self._act,
            changes=tuple(self._changes),
            made=tuple(self._made),
            left=tuple(self._left),
        )
