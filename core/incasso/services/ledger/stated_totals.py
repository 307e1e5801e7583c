"""After a sync: the total that the source itself states, beside what the hub holds now."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from incasso.contract.connector import ControlTotals
from incasso.contract.text import in_a_row, text
from incasso.domain.money import from_minor
from incasso.store.ledger import held
from incasso.store.ledger.held import AbsentSum

SHOWN: Final = 5
"""Clients named one by one."""


def differences(
    connection: Connection, source_id: int, stated: ControlTotals, refused: int
) -> list[str]:
    """One sentence for each currency whose open items here are not what the source states.

    Says what explains the difference as far as it is known: items that are absent and not closed
    yet, by client, and rows in quarantine. Nothing is changed.
    """
    if not stated.residual:
        return []
    sums = held.open_sums(connection, source_id)
    found = []
    for currency, wanted in sorted(stated.residual.items()):
        ours = from_minor(sums.get(currency, 0), currency)
        if ours != wanted:
            absent = [
                each
                for each in held.absent_sums(connection, source_id)
                if each.currency == currency
            ]
            found.append(_sentence(currency, wanted, ours, absent, refused))
    return found


def _sentence(
    currency: str, wanted: Decimal, ours: Decimal, absent: list[AbsentSum], refused: int
) -> str:
    return text(
        "the source states open items of {stated} {currency}, the hub holds {held}: a difference "
        "of {difference} ({why})",
        stated=wanted,
        currency=currency,
        held=ours,
        difference=ours - wanted,
        why=in_a_row(_reasons(currency, absent, refused)),
    )


def _reasons(currency: str, absent: list[AbsentSum], refused: int) -> Iterator[str]:
    if absent:
        yield text(
            "{sum} of items that are missing from this read and not closed yet, of {clients}",
            sum=from_minor(sum(each.residual for each in absent), currency),
            clients=", ".join(_client(each) for each in absent[:SHOWN])
            + (" …" if len(absent) > SHOWN else ""),
        )
    if refused:
        yield text("rows in quarantine: {n}", n=refused)
    if not (absent or refused):
        yield text("neither missing items nor rows in quarantine explain it")


def _client(absent: AbsentSum) -> str:
    return f"{absent.code} {absent.name} {from_minor(absent.residual, absent.currency)}"
