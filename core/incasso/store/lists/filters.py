"""Filters that many lists share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incasso.store.lists.listing import CLIENT, Asks, Condition, Expression, Filter

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def whose(
    names: str = "source client agent area depot operator",
    *,
    operator: str = "client.operator.login",
) -> tuple[Filter, ...]:
    """Whose rows: what lists that speak of clients understand."""
    known = {each.name: each for each in (*_WHOSE, _operator(operator))}
    return tuple(known[name] for name in names.split())


def found_by(path: str) -> Condition:
    """Equal to the filter's value, which few rows are: an index finds them."""

    def equal(paths: Paths, value: str | int) -> ColumnElement[bool]:
        paths.finds = True
        found: ColumnElement[bool] = paths.column(path) == value
        return found

    return equal


def days(
    sql: str | Expression, first: str = "first_on", last: str = "last_on"
) -> tuple[Filter, Filter]:
    """A span of days, both ends included."""
    return (
        Filter(
            first, Asks.FIRST_DAY, help="From this day.", sql=sql, option="--from", metavar="DATE"
        ),
        Filter(last, Asks.LAST_DAY, help="Up to this day.", sql=sql, option="--to", metavar="DATE"),
    )


def _operator(sql: str) -> Filter:
    def worked_by(paths: Paths, login: str) -> ColumnElement[bool]:
        from incasso.store.lists.narrowing import of_operator

        return of_operator(paths, sql, login)

    return Filter(
        "operator",
        Asks.TEXT,
        help="Only what this operator works.",
        where=worked_by,
        metavar="LOGIN",
        among="users.login",
    )


def _of_source(paths: Paths, name: str) -> ColumnElement[bool]:
    from incasso.store.lists.narrowing import of_sources

    return of_sources(paths, [name])


def _of_client(paths: Paths, text: str) -> ColumnElement[bool]:
    """The client written as CODE, or as SOURCE/CODE where two companies use the same code."""
    from incasso.store.lists.narrowing import named

    return named(paths, text)


def _with(name: str) -> Condition:
    """Rows of the clients that have this value in a column."""

    def of_clients(paths: Paths, value: str) -> ColumnElement[bool]:
        from incasso.store.lists import narrowing
        from incasso.store.tables.ledger import clients

        return narrowing.of_clients(paths, clients.c[name] == value)

    return of_clients


_WHOSE = (
    Filter("source", Asks.TEXT, help="Only this company.", where=_of_source, among="sources.name"),
    Filter(
        "client",
        Asks.TEXT,
        help="Only this client: CODE or SOURCE/CODE.",
        where=_of_client,
        among=CLIENT,
        metavar="CODE",
    ),
    Filter(
        "agent",
        Asks.TEXT,
        help="Only clients of this agent.",
        where=_with("agent"),
        among="clients.agent agents.code",
        metavar="CODE",
    ),
    Filter(
        "area",
        Asks.TEXT,
        help="Only clients of this area.",
        where=_with("area"),
        among="clients.area",
    ),
    Filter(
        "depot",
        Asks.TEXT,
        help="Only clients of this depot.",
        where=_with("depot"),
        among="clients.depot depots.code",
        metavar="CODE",
    ),
)
