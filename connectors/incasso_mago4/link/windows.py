"""Reading all documents of a kind through a service that has no pages: windows over codes.

GetData returns the whole answer at once, and a server may truncate it without notice. So the first
question asks for everything, and whenever an answer may have been cut, the same is asked again
letter by letter: codes that begin with 0, with 1, … Windows over codes were chosen over windows
over dates, because every document has exactly one customer and keeps it, dates are only searched
for equality, and LIKE on a code uses the index.

A question without an answer is split too: it may have been too long for the server.

An answer may have been cut if it is as long as `max_documents`, or if its length is a round number:
the limit of a profile is unknown, but it is always 10, 50, 100 or the like. Once the pieces of an
answer were found to be no more than it, answers of that length are trusted.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from incasso.api import ConfigurationError, TemporaryError, text
from incasso_mago4.link.settings import WILDCARDS
from incasso_mago4.link.transport import Session
from incasso_mago4.link.xml import Criterion, Kind, Record, parameters

_LONGEST = 30


class Axis(NamedTuple):
    """A field whose beginning narrows the question; `exact` is a whole value."""

    field: str
    prefix: str = ""
    exact: bool = False

    def criterion(self) -> Criterion:
        """How it is asked."""
        return Criterion(self.field, self.prefix if self.exact else f"{self.prefix}%")

    def holds(self, record: Record) -> bool:
        """Whether a document is in the window. SQL Server compares without regard to case."""
        value, prefix = record.master.get(self.field, "").casefold(), self.prefix.casefold()
        return value == prefix if self.exact else value.startswith(prefix)


@dataclass
class Windows:
    """All documents of one kind that meet fixed criteria, window by window."""

    session: Session
    kind: Kind
    profile: str
    fixed: tuple[Criterion, ...]
    fields: tuple[str, ...]
    identity: str
    """The field that distinguishes documents."""
    most: int
    alphabet: str
    requests: int = 0
    blind: bool = False
    """Whether a question went unanswered and was asked in pieces: unseen letters may be missing."""
    warnings: list[str] = field(default_factory=list)
    _failed: bool = False
    _whole: int = 0
    _told: set[str] = field(default_factory=set)

    def all(self) -> Iterator[list[Record]]:
        """The documents of each window, an empty list for a window that was split."""
        yield from self._walk((Axis(self.fields[0]),))

    def _walk(self, axes: tuple[Axis, ...]) -> Generator[list[Record], None, int]:
        """The documents of a window, in pieces if need be; gives how many there were."""
        found = self._tried(axes)
        if found is None:
            return (yield from self._in_pieces(axes, []))
        inside = [record for record in found if all(axis.holds(record) for axis in axes)]
        if not self._may_be_cut(len(found)) or self._settled(axes, len(found)):
            fresh = self._not_yet_told(inside)
            yield fresh
            return len(fresh)
        count = yield from self._in_pieces(axes, inside)
        if count == len(found):
            self._whole = max(self._whole, count)
        return count

    def _in_pieces(
        self, axes: tuple[Axis, ...], seen: list[Record]
    ) -> Generator[list[Record], None, int]:
        """The narrower windows, and at the end what was seen and did not come again.

        The empty page at the beginning gives every question its own time.
        """
        yield []
        count = 0
        for narrower in self._narrower(axes, seen):
            count += yield from self._walk(narrower)
        rest = self._not_yet_told(seen)
        yield rest
        return count + len(rest)

    def _not_yet_told(self, records: list[Record]) -> list[Record]:
        """Windows overlap, for example where a server takes é for E."""
        fresh = []
        for record in records:
            name = record.master.get(self.identity, "")
            if name not in self._told:
                self._told.add(name)
                fresh.append(record)
        return fresh

    def _may_be_cut(self, count: int) -> bool:
        """A length that once proved complete is no limit."""
        return count > self._whole and (count >= self.most or count % 10 == 0)

    def _settled(self, axes: tuple[Axis, ...], count: int) -> bool:
        """Nothing narrower can be asked, and only the round number was suspicious."""
        return axes[-1].exact and len(axes) == len(self.fields) and count < self.most

    def _tried(self, axes: tuple[Axis, ...]) -> list[Record] | None:
        """The answer; None if there was none, perhaps because it would have been too long.

        The next question is a smaller one. If that fails too, it is not the length.
        """
        try:
            found = self._ask(axes)
        except TemporaryError:
            if self._failed or axes[-1].exact:
                raise
            self._failed = self.blind = True
            return None
        self._failed = False
        return found

    def _ask(self, axes: tuple[Axis, ...]) -> list[Record]:
        criteria = (*self.fixed, *(axis.criterion() for axis in axes))
        answer = self.session.get(parameters(self.kind, self.profile, criteria))
        self.requests += 1
        self.warnings.extend(answer.warnings)
        return answer.records

    def _narrower(self, axes: tuple[Axis, ...], seen: list[Record]) -> Iterator[tuple[Axis, ...]]:
        """The same question in smaller pieces, without a gap."""
        *before, last = axes
        if last.exact:
            yield (*axes, self._next_axis(axes))
            return
        if len(last.prefix) >= _LONGEST:
            raise self._too_many(axes)
        if last.prefix:
            yield (*before, Axis(last.field, last.prefix, exact=True))
        for letter in self._letters(last, seen):
            yield (*before, Axis(last.field, last.prefix + letter))

    def _next_axis(self, axes: tuple[Axis, ...]) -> Axis:
        rest = self.fields[len(axes) :]
        if not rest:
            raise self._too_many(axes)
        return Axis(rest[0])

    def _letters(self, axis: Axis, seen: list[Record]) -> list[str]:
        """The alphabet, and whatever else was seen at this place."""
        at = len(axis.prefix)
        values = [record.master.get(axis.field, "") for record in seen]
        letters = {value[at] for value in values if len(value) > at}
        known = {letter.casefold() for letter in self.alphabet}
        letters = {each for each in letters if each.casefold() not in known} | set(self.alphabet)
        if odd := letters & set(WILDCARDS):
            raise ConfigurationError(
                text(
                    "{name}: a {field} holds {min!r}, a joker in searches; raise max_documents "
                    "above {n} so that it need not be searched",
                    name=self.kind.name,
                    field=axis.field,
                    min=min(odd),
                    n=len(seen),
                )
            )
        return sorted(letters)

    def _too_many(self, axes: tuple[Axis, ...]) -> ConfigurationError:
        where = ", ".join(f"{axis.field} {axis.prefix}" for axis in axes)
        return ConfigurationError(
            text(
                "{name}: {most} documents or more for {where}, which cannot be asked in "
                "smaller pieces; raise max_documents, and MaxDocuments of the export "
                "profile",
                name=self.kind.name,
                most=self.most,
                where=where,
            )
        )
