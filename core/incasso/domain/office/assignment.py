"""Who works a client: rules by area, agent, depot, code, category and amount, tried in order."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence

import msgspec

from incasso.contract.values import Problem
from incasso.domain.recovery.matching import Candidate, Match, fails
from incasso.domain.table_reader import Problems, Table


class AssignmentRule(msgspec.Struct, frozen=True, kw_only=True):
    """Clients that match go to the pool, one after the other; a pool of one takes them all."""

    label: str = ""
    priority: int = 100
    """Lower first; equal ones in the order of the file."""
    match: Match = Match()
    pool: tuple[str, ...]
    """Logins of operators."""
    responsible: str = ""
    """Login of who answers for these clients; empty: nobody is set."""


class Turn(msgspec.Struct, kw_only=True):
    """A rule and whose turn it is: the only thing that moves while clients are given out."""

    rule: AssignmentRule
    next_in_pool: int = 0

    def among(self, working: Collection[str]) -> bool:
        """Whether anybody of the pool still works; else the rule is passed over."""
        return any(login in working for login in self.rule.pool)

    def take(self, working: Collection[str]) -> str:
        """The login whose turn it is; the next client goes to the next one who works."""
        while True:
            login = self.rule.pool[self.next_in_pool % len(self.rule.pool)]
            self.next_in_pool = (self.next_in_pool + 1) % len(self.rule.pool)
            if login in working:
                return login


def choose(turns: Sequence[Turn], who: Candidate) -> Turn | None:
    """The first rule that holds for a client; its `residual` is the client's open total."""
    return next((turn for turn in turns if not fails(turn.rule.match, who)), None)


def read_assignment_file(
    text: str, file: str, logins: Collection[str]
) -> tuple[tuple[AssignmentRule, ...], tuple[Problem, ...]]:
    """The `[[assignment]]` tables of a TOML text; other tables are left to whoever reads them.

    With problems nothing of it is to be used.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "check quotes and brackets"
        return (), (Problem(code="toml", field=file, message=f"is no TOML: {error}", hint=hint),)
    problems = Problems()
    found = Table({"assignment": tables.get("assignment", [])}, problems, ()).tables("assignment")
    rules = [_read_rule(table, number, logins) for number, table in enumerate(found, 1)]
    wrong = tuple(
        Problem(code="assignment", field=f"{file}: {key}", message=message, hint=hint)
        for _, key, message, hint in problems.found
    )
    return tuple(sorted(rules, key=lambda rule: rule.priority)), wrong


def _read_rule(table: Table, number: int, logins: Collection[str]) -> AssignmentRule:
    table.prefix = f"assignment {number}: "
    rule = AssignmentRule(
        label=table.text("label"),
        priority=table.number("priority", 100),
        match=_read_match(table.table("match")),
        pool=table.texts("pool"),
        responsible=table.text("responsible"),
    )
    table.nothing_else()
    if not rule.pool:
        table.problem("pool", "is missing", 'the logins who take turns: ["luca", "sara"]')
    for login in sorted({*rule.pool, rule.responsible} - {"", *logins}):
        table.problem("pool", f"{login} is no user", "`incasso users` lists them")
    return rule


def _read_match(table: Table) -> Match:
    """What can be said of a client; payment methods and unpaid bills are of single installments."""
    match = Match(
        sources=table.texts("sources"),
        categories=table.texts("categories"),
        areas=table.texts("areas"),
        depots=table.texts("depots"),
        agents=table.texts("agents"),
        ratings=table.texts("ratings"),
        seasonal=table.maybe_flag("seasonal"),
        clients=table.texts("clients"),
        client_from=table.text("client_from"),
        client_to=table.text("client_to"),
        min_amount=table.maybe_amount("min_amount"),
        max_amount=table.maybe_amount("max_amount"),
    )
    table.nothing_else()
    return match
