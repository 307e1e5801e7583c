"""Sums of money inside a query: whole cents, because the columns are binary floats."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from incasso_mago4.codes import DEBIT
from incasso_mago4.raw import LARGEST


class Cents(sa.sql.functions.GenericFunction[int]):
    """An amount as a whole number of cents, on every kind of server."""

    name = "mago4_cents"
    inherit_cache = True
    type = sa.BigInteger()


@compiles(Cents)
def _default(element: Any, compiler: Any, **named: Any) -> str:
    return _within(compiler.process(element.clauses, **named), "CAST(ROUND({} * 100, 0) AS BIGINT)")


@compiles(Cents, "postgresql")
def _postgresql(element: Any, compiler: Any, **named: Any) -> str:
    # Its two-argument ROUND takes no float.
    return _within(compiler.process(element.clauses, **named), "CAST(ROUND({} * 100) AS BIGINT)")


@compiles(Cents, "oracle")
def _oracle(element: Any, compiler: Any, **named: Any) -> str:
    # It has no BIGINT; a whole NUMBER is as exact.
    return _within(
        compiler.process(element.clauses, **named), "CAST(ROUND({} * 100) AS NUMBER(19))"
    )


@compiles(Cents, "sqlite")
def _sqlite(element: Any, compiler: Any, **named: Any) -> str:
    return _within(compiler.process(element.clauses, **named), "CAST(ROUND({} * 100) AS INTEGER)")


def _within(amount: str, cents: str) -> str:
    """An invalid amount counts as zero: it is quarantined when it is read."""
    return f"CASE WHEN ABS({amount}) < {LARGEST:.0f} THEN {cents.format(amount)} ELSE 0 END"


def signed_cents(amount: sa.ColumnElement[Any], sign: sa.ColumnElement[Any]) -> Any:
    """Debits count up, everything else down."""
    return sa.case((sign == DEBIT, Cents(amount)), else_=-Cents(amount))
