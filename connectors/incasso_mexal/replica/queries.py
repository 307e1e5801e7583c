"""The queries of one replica: which columns each may return, asked of the server before it is read.

No table of MexalDB is named here: its ledger is undocumented, so each company brings its own
SELECTs, and their columns carry the names of the hub's fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from incasso.api import (
    ClientRecord,
    ConfigurationError,
    DocumentRecord,
    InstallmentRecord,
    PersonRecord,
    Problem,
    SqlClient,
    in_a_row,
    nearest,
    text,
)
from incasso.api import text as sentence
from incasso_mexal.replica.settings import ReplicaSettings

AT_ONCE: Final = 1000
SYNONYMS: Final = {"erp_key": "key", "doc_key": "document", "payment_kind": "kind"}
"""`key` is a reserved word of most servers: what may stand for it."""


def _fields(record: type[msgspec.Struct], *more: str) -> frozenset[str]:
    own = {each.name for each in msgspec.structs.fields(record)}
    return frozenset((own | set(more)) - {"fingerprint"})


@dataclass(frozen=True)
class Shape:
    """The columns a query must and may return; of `one_of` at least one."""

    required: tuple[str, ...]
    allowed: frozenset[str]
    one_of: tuple[str, ...] = ()


SHAPES: Final[Mapping[str, Shape]] = {
    "clients_sql": Shape(("code", "name"), _fields(ClientRecord)),
    "installments_sql": Shape(
        ("key", "client", "due_date"),
        _fields(
            InstallmentRecord,
            *("kind", "status", "reason", "sign", "posted_on", "base_amount"),
            *("recovery_on", "legal_on", "cig", "cup", "changed_at"),
        ),
        ("amount", "residual"),
    ),
    "documents_sql": Shape(("key", "client", "number", "date"), _fields(DocumentRecord, "sign")),
    "agents_sql": Shape(("code", "name"), _fields(PersonRecord)),
    "balances_sql": Shape(("client", "balance"), frozenset({"client", "balance"})),
}


@dataclass(frozen=True)
class Query:
    """One SELECT, and where each of the hub's fields stands in its rows."""

    name: str
    sql: str
    positions: Mapping[str, int]
    spelled: Mapping[str, str]
    """Each field as the server spells its column."""
    strange: tuple[str, ...] = ()
    """Columns that the hub has no field for."""

    def get(self, row: Sequence[Any], field: str) -> Any:
        """The value of a field; None where the query does not return it."""
        at = self.positions.get(field)
        return None if at is None else row[at]

    @cached_property
    def tells_changes(self) -> bool:
        """Whether the query can be asked for what changed since an instant."""
        return asks_since(self.sql) and "changed_at" in self.positions

    def column(self, field: str) -> sa.ColumnClause[Any]:
        """The column of a field, quoted as the server wants it."""
        return sa.column(self.spelled[field])


def asks_since(sql: str) -> bool:
    """Whether a text has the parameter :since."""
    return re.search(r"(?<![:\w\\]):since\b", sql) is not None


def query_of(database: SqlClient, settings: ReplicaSettings, name: str) -> Query:
    """The query, after the server said which columns it returns.

    Raises ConfigurationError if columns are missing or come twice, or the server refuses it.
    """
    sql = getattr(settings, name).strip().rstrip("; \n\t")
    if not sql:
        raise _problem(
            name,
            sentence("it is not written yet"),
            sentence("find the tables with: incasso discover"),
        )
    names = _names(database, name, sql)
    found = [_field(each) for each in names]
    if problems := _wrong(name, found):
        raise ConfigurationError(problems)
    used = [(each, at) for at, each in enumerate(found) if each in SHAPES[name].allowed]
    spelled = {each: names[at] for each, at in used}
    strange = tuple(each for each in names if _field(each) not in spelled)
    return Query(name, sql, dict(used), spelled, strange)


def _names(database: SqlClient, name: str, sql: str) -> Sequence[str]:
    try:
        return database.names(_since(sa.text(f"SELECT * FROM (\n{sql}\n) q WHERE 1 = 0"), None))
    except ConfigurationError as error:
        listed = in_a_row(problem.message for problem in error.problems)
        ours = "not understand" in listed
        hint = (
            sentence("it must be one SELECT, without ORDER BY, WITH or a semicolon inside")
            if ours
            else ""
        )
        raise _problem(name, listed, hint) from None


def _field(column: str) -> str:
    return SYNONYMS.get(column.lower(), column.lower())


def _wrong(name: str, found: Sequence[str]) -> list[Problem]:
    shape = SHAPES[name]
    missing: list[tuple[str, ...]] = [(each,) for each in shape.required if each not in found]
    if shape.one_of and not set(shape.one_of) & set(found):
        missing.append(shape.one_of)
    problems = [_missing(name, each, found) for each in missing]
    for each in sorted({each for each in found if found.count(each) > 1}):
        message = sentence("two columns are called {each}", each=each)
        problems.append(Problem(code="double_column", field=name, message=message))
    if {"kind", "payment_method"} <= set(found):
        message = sentence("it returns kind and payment_method: one of them is enough")
        problems.append(Problem(code="double_column", field=name, message=message))
    return problems


def _missing(name: str, fields: Sequence[str], found: Sequence[str]) -> Problem:
    """A column that is not there, or two of which one would do."""
    listed, first = ", ".join(found), fields[0]
    message = sentence(
        "it returns no column {each}; it returns {listed}", each=first, listed=listed
    )
    if len(fields) > 1:
        message = sentence(
            "it returns neither a column {each} nor {other}; it returns {listed}",
            each=first,
            other=fields[1],
            listed=listed,
        )
    cure = sentence("name one of its columns so: … AS {written}", written=_written(first))
    return Problem(code="missing_column", field=name, message=message, hint=cure)


def _written(field: str) -> str:
    return "erp_key" if field == "key" else field


def unknown_columns(query: Query) -> Iterator[Problem]:
    """Columns that the hub has no field for: misspelt, or left over."""
    allowed = SHAPES[query.name].allowed
    for each in query.strange:
        yield Problem(
            code="unknown_column",
            field=query.name,
            message=sentence("{name}: column {each} is not used", name=query.name, each=each),
            hint=nearest(_field(each), allowed, otherwise=text("leave it out")),
        )


def count_of(query: Query) -> sa.Select[Any]:
    """How many rows, how many different keys, and for open items the sum of their amounts."""
    key = query.column(SHAPES[query.name].required[0])
    listed: list[sa.ColumnElement[Any]] = [sa.func.count(), sa.func.count(key.distinct())]
    if field := next((each for each in SHAPES[query.name].one_of if each in query.spelled), ""):
        listed.append(sa.func.sum(sa.cast(query.column(field), sa.Numeric(18, 4))))
    return sa.select(*listed).select_from(_inside(query))


def whole(query: Query, since: Any) -> sa.TextClause:
    """The query itself; `since` is None for everything."""
    return _since(sa.text(query.sql), since)


def only(query: Query, field: str, values: Sequence[str]) -> sa.Select[Any]:
    """The rows whose field is one of these texts, whatever type and padding the column has."""
    plain = sa.func.ltrim(sa.func.rtrim(sa.cast(query.column(field), sa.String(200))))
    every: sa.ColumnElement[Any] = sa.literal_column("*")
    return sa.select(every).select_from(_inside(query)).where(plain.in_(list(values)))


def _inside(query: Query) -> sa.TextClause:
    """The query as a table; a comment at its end must not swallow the bracket."""
    return _since(sa.text(f"(\n{query.sql}\n) q"), None)


def _since(text: sa.TextClause, since: Any) -> sa.TextClause:
    """The parameter, typed: a server cannot guess the type of an empty one."""
    if not asks_since(text.text):
        return text
    return text.bindparams(sa.bindparam("since", since, type_=sa.DateTime()))


def rows_of(
    database: SqlClient, statement: Any, settings: ReplicaSettings, name: str
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows in lists; stops a query that returns too many."""
    seen = 0
    for rows in database.read(statement, at_once=AT_ONCE):
        seen += len(rows)
        if seen > settings.max_rows:
            raise _problem(
                name,
                sentence("it returns more than {max_rows} rows", max_rows=settings.max_rows),
                sentence("look for a join that multiplies rows, or raise max_rows"),
            )
        yield rows


def _problem(name: str, message: str, hint: str) -> ConfigurationError:
    problem = Problem(code="bad_query", field=name, message=message, hint=hint)
    return ConfigurationError([problem])
