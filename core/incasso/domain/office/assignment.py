"""Operators of clients: rules by area, agent, depot, code, category and amount, tried in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated

import msgspec

from incasso.contract.settings import Between, Filled, Key, Reader, Wrong, toml_tables
from incasso.domain.recovery.matching import Candidate, Match, fails


class AssignmentRule(msgspec.Struct, frozen=True, kw_only=True):
    """Clients that match go to the operators of the pool in rotation."""

    label: str = ""
    priority: Annotated[int, Between(-(10**6), 10**6)] = 100
    """Lower first; equal priorities in the order of the file."""
    match: Match = Match()
    pool: Annotated[tuple[str, ...], Filled()]
    """Logins of operators."""
    responsible: str = ""
    """Login of the responsible for these clients; empty: none."""


class Turn(msgspec.Struct, kw_only=True):
    """A rule and the next in rotation: the only state that changes during the assignment."""

    rule: AssignmentRule
    next_in_pool: int = 0

    def among(self, working: Collection[str]) -> bool:
        """Whether any operator of the pool is active; else the rule is skipped."""
        return any(login in working for login in self.rule.pool)

    def take(self, working: Collection[str]) -> str:
        """The login whose turn it is; moves the turn to the next active operator."""
        while True:
            login = self.rule.pool[self.next_in_pool % len(self.rule.pool)]
            self.next_in_pool = (self.next_in_pool + 1) % len(self.rule.pool)
            if login in working:
                return login


def choose(turns: Sequence[Turn], who: Candidate) -> Turn | None:
    """The first rule that holds for a client; its `residual` is the client's open total."""
    return next((turn for turn in turns if not fails(turn.rule.match, who)), None)


class AssignmentFault(StrEnum):
    """What the reading of rules refuses; its words are in `incasso.locale.file_problems`."""

    NO_USER = "no_user"
    NOT_OF_A_CLIENT = "not_of_a_client"


class _Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The assignment part of a file."""

    rules: Annotated[tuple[AssignmentRule, ...], Key("assignment")] = ()


def read_assignment_file(
    text: str, logins: Collection[str]
) -> tuple[tuple[AssignmentRule, ...], tuple[Wrong, ...]]:
    """The `[[assignment]]` tables of a TOML text; other tables are ignored here.

    If there are problems, none of the rules may be used.
    """
    tables, wrong = toml_tables(text)
    if wrong:
        return (), wrong
    own = {key: value for key, value in tables.items() if key == "assignment"}
    reader = Reader(checks={AssignmentRule: partial(_check_rule, logins)})
    found, wrong = reader.read(_Tables, own)
    rules = found.rules if found else ()
    return tuple(sorted(rules, key=lambda rule: rule.priority)), wrong


def _check_rule(logins: Collection[str], rule: AssignmentRule) -> Iterator[Wrong]:
    for place, login in enumerate(rule.pool, 1):
        if login not in logins:
            yield _wrong(f"pool[{place}]", AssignmentFault.NO_USER, login=login)
    if rule.responsible and rule.responsible not in logins:
        yield _wrong("responsible", AssignmentFault.NO_USER, login=rule.responsible)
    # These keys concern single installments: a client may have any mix of them.
    if rule.match.payment_methods:
        yield _wrong("match.payment_methods", AssignmentFault.NOT_OF_A_CLIENT)
    if rule.match.unpaid is not None:
        yield _wrong("match.unpaid", AssignmentFault.NOT_OF_A_CLIENT)


def _wrong(key: str, fault: AssignmentFault, **values: object) -> Wrong:
    return Wrong(key=key, code=fault, values=values)
