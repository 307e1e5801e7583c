"""Which installments an iter is meant for, as a condition of a query.

The twin of `domain.recovery.matching.fails`; a property test holds both equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, FromClause

from incasso.domain.money import THOUSANDTHS, UNDIVIDED
from incasso.domain.recovery.facts import at_least, at_most
from incasso.domain.recovery.matching import Match
from incasso.store.sorting import in_order
from incasso.store.tables.ledger import installments


@dataclass(frozen=True, kw_only=True)
class Owed:
    """The tables whose columns a match looks at, as the query names them."""

    connection: Connection
    clients: FromClause
    sources: FromClause

    def either(self, name: str) -> ColumnElement[str]:
        """The installment's own, else its client's."""
        own = sa.func.nullif(installments.c[name], "")
        return sa.func.coalesce(own, self.clients.c[name])


def matches(match: Match, owed: Owed) -> ColumnElement[bool]:
    """Every key given holds."""
    return sa.and_(sa.true(), *_listed(match, owed), *_flags(match, owed), *_ranges(match, owed))


def _listed(match: Match, owed: Owed) -> Iterator[ColumnElement[bool]]:
    for column, wanted in (
        (installments.c.payment_method, match.payment_methods),
        (owed.sources.c.name, match.sources),
        (owed.clients.c.category, match.categories),
        (owed.either("area"), match.areas),
        (owed.either("depot"), match.depots),
        (owed.either("agent"), match.agents),
        (owed.clients.c.rating, match.ratings),
    ):
        if wanted:
            yield column.in_(wanted)
    if match.clients:
        code = owed.clients.c.code
        named = owed.sources.c.name + "/" + code
        yield sa.or_(code.in_(match.clients), named.in_(match.clients))


def _flags(match: Match, owed: Owed) -> Iterator[ColumnElement[bool]]:
    if match.unpaid is not None:
        yield installments.c.unpaid_on.is_not(None) == match.unpaid
    if match.seasonal is not None:
        yield owed.clients.c.seasonal == match.seasonal


def _ranges(match: Match, owed: Owed) -> Iterator[ColumnElement[bool]]:
    code = in_order(owed.connection, owed.clients.c.code)
    if match.client_from:
        yield code >= match.client_from
    if match.client_to:
        yield code <= match.client_to
    residual = installments.c.residual
    if match.min_amount is not None:
        yield residual >= _minor(at_least, match.min_amount)
    if match.max_amount is not None:
        yield residual <= _minor(at_most, match.max_amount)


def _minor(bound: Callable[[Decimal, str], int], amount: Decimal) -> ColumnElement[int]:
    """An amount in the minor units of each installment's own currency."""
    currency = installments.c.currency
    return sa.case(
        *(
            (currency.in_(sorted(some)), bound(amount, min(some)))
            for some in (UNDIVIDED, THOUSANDTHS)
        ),
        else_=bound(amount, "EUR"),
    )
