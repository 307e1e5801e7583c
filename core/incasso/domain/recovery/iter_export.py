"""Writes iters as TOML: equal iters give equal bytes, and reading those gives the iter back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.contact_policy_file import policy_lines
from incasso.domain.recovery.contacts import Outcome
from incasso.domain.recovery.exclusions import NOTHING_EXCLUDED, Exclusions
from incasso.domain.recovery.iters import Iter, Stage
from incasso.domain.recovery.matching import ANYONE, Match


def write_iter_file(
    iters: Iterable[Iter],
    exclusions: Exclusions | None = None,
    policy: ContactPolicy | None = None,
    outcomes: Iterable[Outcome] = (),
) -> str:
    """One file with these iters, in the order given."""
    blocks = [list(_iter_lines(one)) for one in iters]
    if exclusions is not None and exclusions != NOTHING_EXCLUDED:
        blocks.append(["[exclusions]", *_given(exclusions, NOTHING_EXCLUDED)])
    if policy is not None:
        blocks.append(list(policy_lines(policy)))
    blocks += [list(_outcome_lines(one)) for one in outcomes]
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def _iter_lines(one: Iter) -> Iterator[str]:
    yield "[[iter]]"
    for field in one.__struct_fields__:
        value = getattr(one, field)
        if value is not None and field not in ("match", "stages"):
            yield f"{field} = {_literal(value)}"
    if one.match != ANYONE:
        yield ""
        yield "[iter.match]"
        yield from _given(one.match, ANYONE)
    for stage in one.stages:
        yield ""
        yield "[[iter.stage]]"
        yield from _stage_lines(stage)


def _stage_lines(stage: Stage) -> Iterator[str]:
    """Every key with a value: empty texts and lists are left out."""
    for field in stage.__struct_fields__:
        value = getattr(stage, field)
        if value not in ("", (), None):
            yield f"{field} = {_literal(value)}"


def _given(value: Match | Exclusions, empty: Match | Exclusions) -> Iterator[str]:
    for field in value.__struct_fields__:
        found = getattr(value, field)
        if found != getattr(empty, field):
            yield f"{field} = {_literal(found)}"


def _outcome_lines(one: Outcome) -> Iterator[str]:
    yield "[[outcome]]"
    yield f"key = {_literal(one.key)}"
    if one.label:
        yield f"label = {_literal(one.label)}"
    yield f"reached = {_literal(one.reached)}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_literal, value))}]"
    text = value.value if isinstance(value, Enum) else str(value)
    return f'"{_escaped(text)}"' if not isinstance(value, Decimal) else f'"{value}"'


def _escaped(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return "".join(
        escapes.get(char) or (char if char.isprintable() else f"\\U{ord(char):08x}")
        for char in text
    )
