"""Which tables of an undocumented replica may hold what: by their names, and by their columns'.

MexalDB spells columns by a grammar: CKY_ text key, NKY_ numeric key, CDS_ description, CSG_ short
text, DTT_ date, NMP_ amount, NGB_ and NGL_ numbers, IST_ a letter, ID_CR the row of an array.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from incasso.api import FoundTable, PluginError, SqlClient, in_a_row, text
from incasso_mexal.replica.heads import heads_of

BEST: Final = 5
"""Tables shown for one purpose."""

HEADS: Final = "heads"
"""The purpose of tables that go with the likeliest table of instalments."""

LEAST: Final = 45
_SAMPLES: Final = 5
_WIDEST: Final = 40


@dataclass(frozen=True)
class Clue:
    """A pattern in a table's name or columns that suggests a purpose."""

    points: int
    why: str
    name: str = ""
    """A pattern of the table's name, without schema and company prefix."""
    column: str = ""
    """A pattern of column names."""
    at_least: int = 1


_CODE: Final = Clue(15, text("account code"), column=r"CKY_CNT.*")

CLUES: Final[Mapping[str, tuple[Clue, ...]]] = {
    "installments": (
        Clue(45, text("name: SCAD"), name=r".*SCAD.*"),
        Clue(30, text("name: RATE"), name=r".*RAT[AE].*"),
        Clue(20, text("name: EFF"), name=r".*EFF.*"),
        Clue(15, text("name: SCA"), name=r".*SCA(?!D).*"),
        Clue(15, text("name: PART"), name=r".*PART.*"),
        _CODE,
        Clue(20, text("several dates"), column=r"DTT_.*", at_least=2),
        Clue(15, text("amount"), column=r"NMP_.*"),
        Clue(10, text("letter"), column=r"IST_.*"),
        Clue(15, text("due date"), column=r".*(SCA|SCAD|SCADENZA).*"),
        Clue(5, text("row of an array"), column=r"ID_CR"),
    ),
    "clients": (
        Clue(60, text("name: RUDT, the address book"), name=r"(.*_)?RUDT"),
        Clue(60, text("name: the older address book"), name=r"(.*_)?PA_RUBR_PDC_CLFR"),
        Clue(35, text("name: PICO, the chart of accounts"), name=r"(.*_)?PICO"),
        Clue(25, text("name: an address book"), name=r".*(RUBR|ANAG|CLIENT).*"),
        _CODE,
        Clue(20, text("company name"), column=r"CDS_(CNT_)?RAGSOC.*"),
        Clue(15, text("VAT number"), column=r".*(PIVA|PARTITA_IVA).*"),
        Clue(10, text("address"), column=r"CDS_INDIR.*"),
    ),
    "documents": (
        Clue(60, text("name: MMA_M, heads of documents"), name=r"(.*_)?MMA_M"),
        Clue(50, text("name: the older heads of documents"), name=r"(.*_)?MM_TESTATE"),
        Clue(20, text("name: heads"), name=r".*(TESTAT|_M)"),
        Clue(15, text("client"), column=r"CKY_CNT_CLFR"),
        Clue(15, text("number"), column=r"NGL_DOC|NUM(ERO)?_?DOC.*"),
        Clue(10, text("date"), column=r"DTT_DOC"),
        Clue(10, text("type"), column=r"CSG_DOC"),
    ),
    "agents": (
        Clue(45, text("name: agents"), name=r".*(AGENT|_AGE).*"),
        Clue(35, text("name: PICO, the chart of accounts"), name=r"(.*_)?PICO"),
        Clue(20, text("name: RUDT, the address book"), name=r"(.*_)?RUDT"),
        Clue(15, text("agent's account"), column=r"CKY_CNT_AGENTE"),
        Clue(10, text("account code"), column=r"CKY_CNT"),
    ),
}


def discovered(database: SqlClient, more_time: Callable[[], bool]) -> tuple[FoundTable, ...]:
    """The most likely tables of each purpose, with their rows and a sample while there is time."""
    tables = database.columns()
    looked: dict[str, tuple[int | None, tuple[tuple[str, ...], ...]]] = {}
    found: list[FoundTable] = []
    for purpose, name, score, why in _ranked(tables):
        if name not in looked:
            looked[name] = _looked(database, name) if more_time() else (None, ())
        rows, sample = looked[name]
        columns = tuple(column for column, _ in tables[name])
        found.append(
            FoundTable(
                name=name,
                purpose=purpose,
                score=score,
                why=why,
                rows=rows,
                columns=columns,
                sample=sample,
            )
        )
    return tuple(found)


def _ranked(
    tables: Mapping[str, Sequence[tuple[str, str]]],
) -> Iterator[tuple[str, str, int, str]]:
    for purpose in CLUES:
        scored = [(*score_of(purpose, name, columns), name) for name, columns in tables.items()]
        best = sorted((each for each in scored if each[0] >= LEAST), key=lambda e: (-e[0], e[2]))
        yield from ((purpose, name, score, why) for score, why, name in best[:BEST])
        if purpose == "installments" and best:
            yield from _heads(best[0][2], tables)


def _heads(
    child: str, tables: Mapping[str, Sequence[tuple[str, str]]]
) -> Iterator[tuple[str, str, int, str]]:
    found = sorted(heads_of(child, tables), key=lambda head: (-head.score, head.table))
    yield from ((HEADS, head.table, head.score, head.why) for head in found[:BEST])


def score_of(purpose: str, table: str, columns: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """How likely a table serves a purpose, and why."""
    name = table.rpartition(".")[2].upper()
    names = [column.upper() for column, _ in columns]
    spoken = [sign for sign in CLUES[purpose] if _matches(sign, name, names)]
    return sum(sign.points for sign in spoken), in_a_row(sign.why for sign in spoken)


def _matches(sign: Clue, table: str, columns: Sequence[str]) -> bool:
    if sign.name:
        return re.fullmatch(sign.name, table) is not None
    return sum(bool(re.fullmatch(sign.column, each)) for each in columns) >= sign.at_least


def _looked(database: SqlClient, name: str) -> tuple[int | None, tuple[tuple[str, ...], ...]]:
    """Rows and five of them; a table this login may list and not read is shown without."""
    schema, _, plain = name.rpartition(".")
    table = sa.table(plain, schema=schema or None)
    count: int | None = None
    sample: list[tuple[str, ...]] = []
    with suppress(PluginError):
        for part in database.read(sa.select(sa.func.count()).select_from(table)):
            count = int(part[0][0])
        every: sa.ColumnElement[Any] = sa.literal_column("*")
        with closing(_rows(database, sa.select(every).select_from(table))) as rows:
            for row, _ in zip(rows, range(_SAMPLES), strict=False):
                sample.append(tuple(map(_shown, row)))
    return count, tuple(sample)


def _rows(database: SqlClient, statement: Any) -> Generator[Sequence[Any]]:
    for part in database.read(statement, at_once=_SAMPLES):
        yield from part


def _shown(value: Any) -> str:
    """A value in one line; blanks at the end are padding."""
    one_line = "" if value is None else " ".join(str(value).split())
    return one_line if len(one_line) <= _WIDEST else one_line[: _WIDEST - 1] + "…"
