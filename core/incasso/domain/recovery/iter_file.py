"""The iter file: read TOML into iters, exclusions and contact policy, every problem reported."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable

import msgspec

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.contact_policy_file import read_policy
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.iters import (
    AdvanceOn,
    Anchor,
    CatchUp,
    Enclosure,
    Grouping,
    Iter,
    Mode,
    Otherwise,
    Stage,
)
from incasso.domain.recovery.matching import Match
from incasso.domain.table_reader import Problems, Table

RECIPIENTS = ("responsabile", "addetto", "agente", "deposito", "direzione")
"""Words for people on our side; anything else in `cc` and `to` must be an address."""


class IterProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong in an iter file: where, what, and the cure."""

    file: str
    iter: str = ""
    stage: str = ""
    key: str = ""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = " ".join(
            f"{name} {value}"
            for name, value in (("iter", self.iter), ("stage", self.stage), ("key", self.key))
            if value
        )
        text = f"{self.file}: {place}: {self.message}" if place else f"{self.file}: {self.message}"
        return f"{text} ({self.hint})" if self.hint else text


class IterFile(msgspec.Struct, frozen=True, kw_only=True):
    """What one file said; with problems, nothing of it is to be used."""

    iters: tuple[Iter, ...] = ()
    exclusions: Exclusions | None = None
    policy: ContactPolicy | None = None
    problems: tuple[IterProblem, ...] = ()


def read_iter_file(
    text: str,
    file: str = "iter file",
    *,
    templates: Iterable[str] | None = None,
    containers: Iterable[str] | None = None,
) -> IterFile:
    """Read a whole file; all its problems at once, never an exception.

    `templates` and `containers`, if given, are the names a stage may use.
    """
    problems = Problems()
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        broken = IterProblem(
            file=file, message=f"not a TOML file: {error}", hint="check quotes and brackets"
        )
        return IterFile(problems=(broken,))
    known = _Known(
        frozenset(templates) if templates is not None else None,
        frozenset(containers) if containers is not None else None,
    )
    whole = Table(tables, problems, ())
    iters = tuple(_read_iter(table, known) for table in whole.tables("iter"))
    found = IterFile(
        iters=iters,
        exclusions=_read_exclusions(whole.table("exclusions")) if "exclusions" in tables else None,
        policy=read_policy(whole.table("contact_policy")) if "contact_policy" in tables else None,
    )
    whole.nothing_else()
    _report_doubles(iters, problems)
    told = tuple(_told(file, *problem) for problem in problems.found)
    return msgspec.structs.replace(found, problems=told)


class _Known(msgspec.Struct, frozen=True):
    """Names that stages may refer to; null: not checked here."""

    templates: frozenset[str] | None
    containers: frozenset[str] | None


def _told(file: str, path: tuple[str, ...], key: str, message: str, hint: str) -> IterProblem:
    iter_key = path[0] if path else ""
    stage = path[1] if len(path) > 1 else ""
    return IterProblem(file=file, iter=iter_key, stage=stage, key=key, message=message, hint=hint)


def _report_doubles(iters: tuple[Iter, ...], problems: Problems) -> None:
    seen: set[str] = set()
    for one in iters:
        if one.key and one.key in seen:
            problems.add((one.key,), "key", "is used by two iters", "give each its own key")
        seen.add(one.key)


def _read_iter(table: Table, known: _Known) -> Iter:
    key = table.name("key", required=True)
    table.path = (key or "?",)
    stages = tuple(_read_stage(stage, key, known) for stage in table.tables("stage"))
    if not stages:
        table.problem("stage", "an iter needs at least one [[iter.stage]]")
    read = Iter(
        key=key,
        label=table.text("label") or key,
        priority=table.number("priority", 100),
        grouping=table.choice("grouping", "stage", Grouping),
        catch_up=table.choice("catch_up", "first", CatchUp),
        min_gap_days=table.number("min_gap_days", 1, least=1, most=3650),
        tolerance=table.amount("tolerance", "0", least="0"),
        net_credits=table.flag("net_credits", True),
        bank_grace_days=table.number("bank_grace_days", 10, least=0, most=365),
        match=_read_match(table.table("match")),
        stages=stages,
    )
    table.nothing_else()
    _check_stages(table, read)
    return read


def _check_stages(table: Table, read: Iter) -> None:
    seen: set[str] = set()
    for stage in read.stages:
        if stage.key and stage.key in seen:
            table.problem("stage", f"two stages are called {stage.key}", "give each its own key")
        seen.add(stage.key)
    if read.stages and read.stages[0].anchor is Anchor.PREVIOUS:
        first = Table({}, table.problems, (read.key, read.stages[0].key))
        first.problem(
            "anchor", "the first stage has no stage before it", "use due_date or unpaid_date"
        )


def _read_stage(table: Table, iter_key: str, known: _Known) -> Stage:
    key = table.name("key", required=True)
    table.path = (iter_key or "?", key or "?")
    action = table.choice("action", "send", Action)
    mode = table.choice("mode", "manual" if action.by_people else "auto", Mode)
    counts = AdvanceOn.SENT if action.by_message else AdvanceOn.DONE
    stage = Stage(
        key=key,
        label=table.text("label") or key,
        colour=table.colour("colour"),
        anchor=table.choice("anchor", "due_date", Anchor),
        days=table.number("days", 0, least=-365, most=3650),
        working_days=table.flag("working_days", False),
        action=action,
        channels=table.media("channels"),
        template=table.known("template", known.templates, "template"),
        mode=mode,
        advance_on=table.choice("advance_on", counts.value, AdvanceOn),
        proof_days=table.number("proof_days", 3, least=0, most=365),
        otherwise=table.choice("otherwise", "task", Otherwise),
        cc=table.recipients("cc", RECIPIENTS),
        to=table.recipients("to", RECIPIENTS),
        container=table.known("container", known.containers, "container"),
        service=table.service("service"),
        while_placed=table.flag("while_placed", False),
        attach=table.choices("attach", Enclosure),
        attach_required=table.flag("attach_required", False),
    )
    table.nothing_else()
    _check_stage(table, stage)
    return stage


_NEEDED = {
    "channels": ("a message needs at least one medium", 'e.g. ["email"]'),
    "template": ("a message needs a template", ""),
    "to": ("an internal notice needs somebody to go to", 'e.g. ["responsabile"]'),
    "container": ("parking needs a container", 'e.g. "legal"'),
    "service": ("a placement needs a service", 'e.g. "extrajudicial"'),
}
"""What is wrong when a stage does not say what its action needs, and the cure."""


def _check_stage(table: Table, stage: Stage) -> None:
    for key in stage.action.traits.needs:
        if not getattr(stage, key):
            table.problem(key, *_NEEDED[key])
    if stage.action.by_people and stage.mode is not Mode.MANUAL:
        table.problem("mode", f"a {stage.action} is done by a person", 'write mode = "manual"')
    _check_enclosures(table, stage)
    if not stage.action.by_message and stage.advance_on is not AdvanceOn.DONE:
        table.problem("advance_on", "only messages are sent or delivered", 'write "done"')


def _check_enclosures(table: Table, stage: Stage) -> None:
    if stage.attach and not stage.action.by_message:
        table.problem("attach", f"a {stage.action} carries no documents", "only messages do")
    elif (
        stage.attach
        and stage.channels
        and not any(each.carries_documents for each in stage.channels)
    ):
        table.problem("attach", "none of these media carries documents", 'add "email" or "letter"')
    if stage.attach_required and not stage.attach:
        table.problem("attach_required", "nothing is attached", 'write attach = ["invoice"] too')


def _read_match(table: Table) -> Match:
    match = Match(
        payment_methods=table.choices("payment_methods", PaymentMethod),
        unpaid=table.maybe_flag("unpaid"),
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
    low, high = match.min_amount, match.max_amount
    if low is not None and high is not None and low > high:
        table.problem("max_amount", "is below min_amount: nothing would ever match")
    return match


def _read_exclusions(table: Table) -> Exclusions:
    exclusions = Exclusions(
        clients=table.texts("clients"),
        categories=table.texts("categories"),
        payment_methods=table.choices("payment_methods", PaymentMethod),
        document_kinds=table.choices("document_kinds", DocumentKind),
        min_amount=table.maybe_amount("min_amount"),
    )
    table.nothing_else()
    return exclusions
