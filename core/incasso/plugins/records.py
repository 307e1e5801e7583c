"""Every record of a page checked field by field, at half a microsecond a row where all is well.

For each kind of record one function is written and compiled, as `dataclasses` does: it looks at
the exact type of every field and finds the rows that deserve a closer look, which `fields` takes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin

import msgspec

from incasso.contract.ledger import ClientRecord, InstallmentRecord
from incasso.contract.text import text
from incasso.plugins.fields import (
    WHOLE,
    WrongField,
    either,
    hints,
    is_storable,
    shown,
    type_name,
    wrong_fields,
)

Suspects: TypeAlias = Callable[[Sequence[Any]], Iterable[int]]
"""The places of the records of one kind that are not certainly right."""

JUDGED: Final = (ClientRecord, InstallmentRecord)
"""A million of them come at a first load, and the ledger's own rules look at their texts.

Only their keys are looked up before that, so these must be storable."""


def wrong_records(items: Sequence[Any], kinds: Collection[type]) -> dict[int, WrongField]:
    """The first wrong field of each wrong record, by its place; what is of no kind is wrong too."""
    found: dict[int, WrongField] = {}
    for kind in set(map(type, items)):
        if kind not in kinds:
            found |= {n: strange(each, kinds) for n, each in enumerate(items) if type(each) is kind}
            continue
        for place in suspects(kind)(items):
            if wrong := wrong_fields(items[place]):
                found[place] = wrong[0]
    return found


def strange(item: object, kinds: Collection[type]) -> WrongField:
    """The fault of an item that is no record of these kinds."""
    wanted = either(map(type_name, kinds))
    words = text("{given}, not {wanted}", given=shown(item), wanted=wanted)
    return WrongField(type(item).__name__, "", words)


@cache
def suspects(kind: type) -> Suspects:
    """The compiled function of a kind of record; for kinds with records inside, every place."""
    terms, names = _terms(kind)
    if not terms:
        return lambda items: [place for place, each in enumerate(items) if type(each) is kind]
    arguments = ", ".join(f"{name}={name}" for name in names)
    source = (
        f"def suspects(items, {arguments}):\n"
        "    found = []\n"
        "    for n, r in enumerate(items):\n"
        f"        if type(r) is kind and not ({terms}):\n"
        "            found.append(n)\n"
        "    return found\n"
    )
    exec(source, names)  # noqa: S102  field names of our own classes, as in `dataclasses`
    made: Suspects = names["suspects"]
    return made


def _terms(kind: type) -> tuple[str, dict[str, Any]]:
    """The condition that all fields are right, and the names it uses; "" if it would need more."""
    names: dict[str, Any] = {"kind": kind, "type": type, "storable": is_storable}
    terms: list[str] = []
    texts: list[str] = []
    for field, wanted in hints(kind).items():
        members = _members(wanted)
        if members is None:
            return "", {}
        judged = kind in JUDGED and field in ("key", "client", "code")
        terms.append(_term(field, members, names, None if judged else _longest(wanted)))
        if str in members and (kind not in JUDGED or field in ("key", "client", "code")):
            texts.append(field)
    if texts:
        joined = "".join(f"{{r.{field}}}" for field in texts)
        terms.append(f'storable(f"{joined}")')
    return " and ".join(terms), names


def _members(wanted: Any) -> tuple[type, ...] | None:
    """The classes of a field whose type decides almost everything; None for others."""
    if get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    members = get_args(wanted) or (wanted,)
    plain = all(isinstance(each, type) and each is not datetime for each in members)
    if not plain or any(issubclass(each, (msgspec.Struct, Mapping)) for each in members):
        return None
    return None if get_origin(wanted) is tuple else members


def _longest(wanted: Any) -> int | None:
    """The greatest length of a field that has one."""
    notes = get_args(wanted)[1:] if get_origin(wanted) is Annotated else ()
    return next((note.max_length for note in notes if isinstance(note, msgspec.Meta)), None)


def _term(field: str, members: Sequence[type], names: dict[str, Any], longest: int | None) -> str:
    """The condition on one field. Texts and numbers of a closer look fail it too."""
    wanted, *rest = sorted(members, key=lambda each: each is type(None))
    names[wanted.__name__] = wanted
    value, beyond = f"(v := r.{field})", ""
    if wanted is Decimal:
        beyond = " and v.is_finite()"
    elif wanted is int:
        beyond = f" and {-WHOLE} <= v <= {WHOLE}"
    elif longest is not None:
        beyond = f" and len(v) <= {longest}"
    if rest:
        return f"({value} is None or type(v) is {wanted.__name__}{beyond})"
    return f"type({value if beyond else f'r.{field}'}) is {wanted.__name__}{beyond}"
