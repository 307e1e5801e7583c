"""Give clients without an operator to somebody, by the office's rules; people may overrule them."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.errors import ConfigurationError
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.domain.acts.work import Work
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Actor
from incasso.domain.office.assignment import Turn, choose, read_assignment_file
from incasso.domain.recovery.matching import Candidate
from incasso.locale.file_problems import problem_of
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.store.office import assignment
from incasso.store.office.assignment import Assigned, UnassignedClient
from incasso.store.proof import journal
from incasso.store.proof.journal import Event

_PAGE: Final = 5_000


class AssignReport(msgspec.Struct, frozen=True, kw_only=True):
    """Who got how many clients."""

    assigned: int = 0
    by_login: Mapping[str, int] = {}
    unmatched: int = 0
    """Clients that owe something, belong to nobody and fit no rule."""


def assign(office: Office, actor: Actor, source: str, on: date) -> AssignReport:
    """Give every client of the source that owes something and has no operator to one.

    Clients come in order of their code and each pool goes round, so the same ledger gives the same
    result. Who has an operator keeps them, whoever chose them; running it again changes nothing.
    """
    with office.store.write() as connection:
        turns = assignment.read_turns(connection)
        if not turns:
            return AssignReport()
        round_ = _Distribution(connection, source, [turn for _, turn in turns])
        for page in _pages(connection, source):
            round_.give(page)
        if not round_.shares:
            return AssignReport(unmatched=round_.unmatched)
        for number, turn in turns:
            assignment.keep_turn(connection, number, turn.next_in_pool)
        assignment.hand_on(connection, source)
        facts = {"clients": dict(round_.shares)}
        event = Event(
            kind="clients.assigned",
            actor=actor.trace("assign"),
            on=on,
            source=source,
            facts=facts,
        )
        journal.record(connection, [event], at=office.now())
    return AssignReport(
        assigned=round_.shares.total(),
        by_login=dict(sorted(round_.shares.items())),
        unmatched=round_.unmatched,
    )


def load_rules(office: Office, actor: Actor, path: Path, *, on: date) -> int:
    """Replace all rules by the `[[assignment]]` tables of a file; gives their number.

    Raises ConfigurationError with every problem; then the old rules stay.
    """
    try:
        given = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        words = text("cannot be read: {reason}", reason=str(error))
        problem = Problem(code="assignment", field=str(path), message=words)
        raise ConfigurationError([problem]) from None
    with office.store.write() as connection:
        by = admit(connection, actor, Work.ASSIGNMENT).name
        rules, wrong = read_assignment_file(given, assignment.working(connection))
        if wrong:
            raise ConfigurationError([problem_of(each, path.name, "assignment") for each in wrong])
        if not rules and tomllib.loads(given):
            # Another file given by mistake would take all rules away; an empty one means to.
            words = text("there is no [[assignment]] table in it: the rules in use stay")
            raise ConfigurationError([Problem(code="assignment", field=path.name, message=words)])
        assignment.replace_rules(connection, rules)
        facts = {"rules": len(rules), "file": path.name}
        loaded = Event(kind="assignment.loaded", actor=by, on=on, facts=facts)
        journal.record(connection, [loaded], at=office.now())
    return len(rules)


class _Distribution:
    """One distribution: whose turn it is, who got how many."""

    def __init__(self, connection: Connection, source: str, turns: Sequence[Turn]) -> None:
        self._source = source
        self.shares: Counter[str] = Counter()
        self.unmatched = 0
        self._connection = connection
        self._working = assignment.working(connection)
        self._turns = [turn for turn in turns if turn.among(self._working)]

    def give(self, page: Sequence[UnassignedClient]) -> None:
        """Give out one page of clients; a client owing in two currencies counts once."""
        given = []
        for client in page:
            turn = choose(self._turns, _candidate(self._source, client))
            if turn is None:
                self.unmatched += 1
                continue
            login = turn.take(self._working)
            self.shares[login] += 1
            responsible = self._working.get(turn.rule.responsible)
            given.append(Assigned(client.id, self._working[login], responsible))
        if given:
            assignment.give(self._connection, given)


def _pages(connection: Connection, source: str) -> Iterator[list[UnassignedClient]]:
    after = ""
    while found := assignment.without_operator(connection, source, after=after, limit=_PAGE):
        after = found[-1].code
        yield [next(same) for _, same in groupby(found, key=attrgetter("code"))]


def _candidate(source: str, client: UnassignedClient) -> Candidate:
    return Candidate(
        source=source,
        client=client.code,
        residual=from_minor(client.total, client.currency),
        category=client.category,
        area=client.area,
        depot=client.depot,
        agent=client.agent,
        rating=client.rating,
        seasonal=client.seasonal,
    )
