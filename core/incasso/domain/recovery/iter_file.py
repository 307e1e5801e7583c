"""The iter file: TOML as iters, exclusions and contact policy, every problem reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any

import msgspec

from incasso.contract.settings import Key, Reader, Wrong, toml_tables
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.contact_policy_file import HOURS, PolicyTable
from incasso.domain.recovery.contacts import Outcome
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.iter_rules import (
    Known,
    check_iter,
    check_iters,
    check_match,
    check_outcomes,
    check_stage,
)
from incasso.domain.recovery.iters import AdvanceOn, Iter, Mode, Stage
from incasso.domain.recovery.matching import Match


class IterProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong in an iter file, at a key of this iter and stage, or of the whole file."""

    file: str
    iter: str = ""
    stage: str = ""
    wrong: Wrong


class IterFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of one file; if there are problems, none of it may be used."""

    iters: tuple[Iter, ...] = ()
    exclusions: Exclusions | None = None
    policy: ContactPolicy | None = None
    outcomes: tuple[Outcome, ...] = ()
    """What may come of a contact; empty: the file does not say."""
    problems: tuple[IterProblem, ...] = ()


class _Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of a file."""

    iters: Annotated[tuple[Iter, ...], Key("iter")] = ()
    exclusions: Exclusions | None = None
    contact_policy: PolicyTable | None = None
    outcomes: Annotated[tuple[Outcome, ...], Key("outcome")] = ()


def read_iter_file(
    text: str,
    file: str = "iter file",
    *,
    templates: Iterable[str] | None = None,
    containers: Iterable[str] | None = None,
    follows: bool = False,
) -> IterFile:
    """Reads a whole file; returns all its problems at once, raises nothing.

    `templates` and `containers`, if given, are the names a stage may use. `follows`: the stages
    go on from where a case is, so that the first may be counted from the one before.
    """
    tables, wrong = toml_tables(text)
    found = None
    if not wrong:
        known = Known(_names(templates), _names(containers))
        found, wrong = _reader(known, follows).read(_Tables, tables)
    if found is None:
        return IterFile(problems=tuple(_placed(file, tables, each) for each in wrong))
    return IterFile(
        iters=found.iters,
        exclusions=found.exclusions,
        policy=found.contact_policy.policy() if found.contact_policy else None,
        outcomes=found.outcomes,
    )


def _reader(known: Known, follows: bool) -> Reader:
    return Reader(
        special=HOURS,
        completed={Iter: _labelled, Stage: _completed_stage},
        checks={
            Stage: partial(check_stage, known),
            Iter: partial(check_iter, follows=follows),
            Match: check_match,
            _Tables: lambda tables: (*check_iters(tables.iters), *check_outcomes(tables.outcomes)),
        },
        decisive={Stage: "action"},
        texts=False,
    )


def _names(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _labelled(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The label, by default the key; an empty key is a missing one."""
    given = {name: value for name, value in table.items() if (name, value) != ("key", "")}
    return {**given, "label": given.get("label") or given.get("key", "")}


def _completed_stage(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """By default the action decides who carries a stage out and when it counts."""
    given = table.get("action", Action.SEND)
    action = Action(given) if given in list(Action) else Action.SEND
    mode = Mode.MANUAL if action.by_people else Mode.AUTO
    counts = AdvanceOn.SENT if action.by_message else AdvanceOn.DONE
    return {"mode": mode.value, "advance_on": counts.value, **_labelled(table)}


_PLACE = re.compile(r"iter\[(\d+)\](?:\.stage\[(\d+)\])?(?:\.|$)")


def _placed(file: str, tables: Mapping[str, Any], wrong: Wrong) -> IterProblem:
    """A problem with the keys of its iter and stage, or their numbers where they have none."""
    if (found := _PLACE.match(wrong.key)) is None:
        return IterProblem(file=file, wrong=wrong)
    iter_, stage = found.groups()
    one = tables["iter"][int(iter_) - 1]
    return IterProblem(
        file=file,
        iter=_key_of(one, iter_),
        stage=_key_of(one["stage"][int(stage) - 1], stage) if stage else "",
        wrong=msgspec.structs.replace(wrong, key=wrong.key[found.end() :]),
    )


def _key_of(table: Any, number: str) -> str:
    key = table.get("key") if isinstance(table, dict) else None
    return key if isinstance(key, str) and key else number
