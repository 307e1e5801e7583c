"""Which installments somebody means who composes a lot, as numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.office.actor import Scope
from incasso.store.lists.paths import Paths
from incasso.store.lists.placeable import PLACEABLE
from incasso.store.lists.reading import Wanted, check_filters, conditions_of
from incasso.store.sql_ids import among


class Means(NamedTuple):
    """The installments that filters let through, client by client: equal places belong together."""

    clients: Sequence[int]
    numbers: Sequence[int]

    def pages(self, size: int) -> Iterator[Sequence[int]]:
        """Their numbers in pages of about that size, never a client in two."""
        first = 0
        while first < len(self.numbers):
            end = min(first + size, len(self.numbers))
            while end < len(self.numbers) and self.clients[end] == self.clients[end - 1]:
                end += 1
            yield self.numbers[first:end]
            first = end


def placeable(
    connection: Connection, scope: Scope, wanted: Wanted, on: date, only: Iterable[int] = ()
) -> Means:
    """The open debts that the filters let through, as two columns of numbers: a million of them
    take 16 MB."""
    check_filters(PLACEABLE, wanted)
    paths = Paths(connection, PLACEABLE, on)
    owner, number = paths.column("client_id"), paths.column("id")
    query = sa.select(owner, number).where(*conditions_of(paths, scope, wanted))
    if only:
        query = query.where(among(connection, number, list(only)))
    found: Any = connection.execute(
        paths.joined(query).order_by(owner, number), execution_options={"yield_per": 10_000}
    )
    clients, numbers = array("q"), array("q")
    with found:
        for client, installment in found:
            clients.append(client)
            numbers.append(installment)
    return Means(clients, numbers)
