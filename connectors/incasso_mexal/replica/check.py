"""The check of a replica: every query is asked for its columns, counted, and tried on some rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from incasso.api import (
    CallContext,
    CheckReport,
    PluginError,
    Problem,
    SqlClient,
    TemporaryError,
    counted,
    term,
    text,
)
from incasso_mexal.cells import CellError
from incasso_mexal.letters import LETTERS
from incasso_mexal.replica.cells import Cells
from incasso_mexal.replica.parties import client_of, document_of, person_of
from incasso_mexal.replica.queries import Query, count_of, query_of, rows_of, unknown_columns, whole
from incasso_mexal.replica.rows import InstallmentReader
from incasso_mexal.replica.settings import QUERIES, ReplicaSettings
from incasso_mexal.states import is_known

TRIED: Final = 2000
"""Rows of each query that are read as the pull would read them."""

_SPARE_S: Final = 2.0
_WHAT: Final = {
    "clients": term("query", "clients"),
    "installments": term("query", "installments"),
    "documents": term("query", "documents"),
    "agents": term("query", "agents"),
    "balances": term("query", "balances"),
}


@dataclass
class Findings:
    """What the check saw so far."""

    facts: dict[str, str] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)

    def warn(self, code: str, where: str, message: str, hint: str = "") -> None:
        """A warning: something that works but may not be intended."""
        finding = message if where in message else f"{where}: {message}"
        self.warnings.append(Problem(code=code, field=where, message=finding, hint=hint))


def surveyed(database: SqlClient, settings: ReplicaSettings, ctx: CallContext) -> CheckReport:
    """Everything a person must know before the first reading; read only, within ten seconds.

    Raises ConfigurationError for a query that the server or the hub refuses, and what the door
    to databases raises.
    """
    found = Findings()
    version = database.version()
    asked = [name for name in QUERIES if getattr(settings, name).strip()]
    queries = [query_of(database, settings, name) for name in asked]
    for query in queries:
        found.warnings += unknown_columns(query)
    for look in (_try, _count):
        for query in queries:
            if (ctx.deadline - ctx.now()).total_seconds() > _SPARE_S:
                look(database, query, settings, ctx.on, found)
            else:
                found.facts.setdefault(query.name, text("not looked at closer: the server is slow"))
    for name in ("clients_sql", "installments_sql"):
        if name not in asked:
            hint = text("find the tables with: incasso discover")
            found.warn("no_query", name, text("it is not written yet: nothing can be read"), hint)
    _missing(asked, queries, found)
    return CheckReport(
        remote_identity=settings.url,
        remote_version=version,
        facts=found.facts,
        warnings=tuple(found.warnings),
    )


def _count(
    database: SqlClient, query: Query, _settings: ReplicaSettings, _on: date, found: Findings
) -> None:
    name = query.name.removesuffix("_sql")
    try:
        rows, keys, *total = next(iter(database.read(count_of(query))))[0]
    except PluginError as error:
        found.warn(
            "not_counted", query.name, text("its rows cannot be counted: {error}", error=str(error))
        )
        return
    finding = counted("{n} row", "{n} rows", n=rows)
    if total and total[0] is not None:
        finding = counted(
            "{n} row, {total} in all as it stands",
            "{n} rows, {total} in all as it stands",
            n=rows,
            total=Decimal(f"{Decimal(str(total[0])):.2f}"),
        )
    found.facts[_WHAT[name]] = finding
    if rows == 0:
        hint = text("check the tables, the year and the filters")
        if query.tells_changes or ":since" in query.sql:
            hint = text(
                "an empty :since must give everything: write (:since IS NULL OR … >= :since)"
            )
        found.warn("no_rows", query.name, text("it returns nothing"), hint)
    elif rows > keys:
        message = text("{rows} rows have {keys} different keys", rows=rows, keys=keys)
        found.warn(
            "double_keys", query.name, message, text("a join multiplies rows, or keys are empty")
        )


def _try(
    database: SqlClient, query: Query, settings: ReplicaSettings, on: date, found: Findings
) -> None:
    """Reads the first rows as a pull would, and reports what would be quarantined."""
    make = _maker(query, settings, on, found)
    bad: list[CellError] = []
    tried = 0
    try:
        with closing(_first(database, query, settings)) as rows:
            for row in rows:
                tried += 1
                try:
                    make(row)
                except CellError as error:
                    bad.append(error)
    except TemporaryError as slow:  # it answered a moment ago
        found.warn("not_tried", query.name, text("its rows were not tried: {slow}", slow=slow))
    for finding, times in Counter(str(error) for error in bad).most_common(3):
        hint = next(error.problem.hint for error in bad if str(error) == finding)
        message = text(
            "{times} of the first {tried} rows cannot be read: {finding}",
            times=times,
            tried=tried,
            finding=finding,
        )
        found.warn("unreadable", query.name, message, hint)


def _first(
    database: SqlClient, query: Query, settings: ReplicaSettings
) -> Generator[Sequence[Any]]:
    seen = 0
    for part in rows_of(database, whole(query, None), settings, query.name):
        yield from part[: TRIED - seen]
        seen += len(part)
        if seen >= TRIED:
            return


def _maker(
    query: Query, settings: ReplicaSettings, on: date, found: Findings
) -> Callable[[Sequence[Any]], object]:
    cells = Cells(query, settings)
    match query.name:
        case "clients_sql":
            return lambda row: client_of(row, cells)
        case "agents_sql":
            return lambda row: person_of(row, cells)
        case "documents_sql":
            return lambda row: document_of(row, cells, settings)
        case "balances_sql":
            return lambda row: (cells.needed(row, "client"), cells.amount(row, "balance"))
    return _Items(InstallmentReader(query, settings, on), settings, found)


class _Items:
    """Reads open items, and warns once about each letter that is not configured."""

    def __init__(
        self, reader: InstallmentReader, settings: ReplicaSettings, found: Findings
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._found = found
        self._told: set[tuple[str, str]] = set()

    def __call__(self, row: Sequence[Any]) -> None:
        cells, settings = self._reader.cells, self._settings
        status, kind = cells.text(row, "status"), cells.text(row, "kind")
        if not is_known(status, settings.states):
            self._once(
                "states",
                status,
                text("status letter {status!r} is unknown and counts as open", status=status),
            )
        if kind not in {"", *LETTERS, *settings.payment_letters}:
            finding = text("payment letter {kind!r} is unknown and counts as other", kind=kind)
            self._once("payment_letters", kind, finding)
        judged = self._reader.judged(row)
        self._reader.record(row, judged, b"")

    def _once(self, where: str, letter: str, message: str) -> None:
        if (where, letter) not in self._told:
            self._told.add((where, letter))
            hint = text("ask what it means and add it to {where}", where=where)
            self._found.warn("unknown_letter", where, message, hint)


def _missing(asked: Sequence[str], queries: Sequence[Query], found: Findings) -> None:
    """What the office will not see, and what the hub must do without."""
    ledger = next((query for query in queries if query.name == "installments_sql"), None)
    if ledger and "status" not in ledger.positions and "residual" not in ledger.positions:
        found.warn(
            "no_status",
            ledger.name,
            text("it returns neither status nor residual: every row counts as wholly open"),
            text("let it return the status letter, or only what is open"),
        )
    if "balances_sql" not in asked:
        found.facts[_WHAT["balances"]] = text("not compared: there is no balances_sql")
