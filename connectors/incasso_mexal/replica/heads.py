"""The head beside a table of instalments: where the number and date of the document are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from incasso.api import text

_ALWAYS: Final = re.compile(r"ID_CR|DTT_(CRE|ULT_AGG|INS|MOD).*")
"""Columns of most tables: sharing them says nothing."""
_OF_DOCUMENTS: Final = re.compile(r".*(NDOC|NUM_?DOC|_DOC|CAUS).*")
_LINKS: Final = 2
"""Columns that a head and its child share at least: the client alone links everything."""
_NAMED: Final = 60
_LINKED: Final = 10


class Head(NamedTuple):
    """A table that a table of instalments goes with."""

    table: str
    score: int
    why: str


def heads_of(child: str, tables: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Head]:
    """The tables that name the documents of `child`, which does not name them itself.

    They share columns with it and have some of a document that it lacks; a name that the child's
    begins with (`ABC_PASC`, `ABC_PASC_RATE`) makes it likelier.
    """
    own = _names(tables[child])
    for table, columns in tables.items():
        names = _names(columns)
        shared = [each for each in names if each in own and not _ALWAYS.fullmatch(each)]
        more = [each for each in names if each not in own and _OF_DOCUMENTS.fullmatch(each)]
        if table == child or len(shared) < _LINKS or not more:
            continue
        named = _bare(child).startswith(_bare(table) + "_")
        if not named and len(shared) == _LINKS:
            continue
        why = text(
            "head of {child}: same {shared}; adds {more}", child=child, shared=shared, more=more
        )
        yield Head(table, _NAMED * named + _LINKED * len(shared), why)


def _names(columns: Sequence[tuple[str, str]]) -> list[str]:
    return [name.upper() for name, _ in columns]


def _bare(table: str) -> str:
    return table.rpartition(".")[2].upper()
