"""Hold the hub's ledger against what the accountant expects of real items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from incasso.domain.fault import Fault
from incasso.domain.ledger.acceptance import CASES, Expected, Found, disagreements
from incasso.domain.ledger.installment_status import standing
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.office.actor import Scope
from incasso.store.lists.ledger import CLIENTS, INSTALLMENTS
from incasso.store.lists.listing import Fields
from incasso.store.lists.reading import read_list


@dataclass(frozen=True, kw_only=True)
class CaseComparison:
    """One case, and where the hub disagrees with the accountant."""

    expected: Expected
    found: Found
    reasons: tuple[Fault, ...]

    @property
    def good(self) -> bool:
        """Whether both say the same."""
        return not self.reasons


def compare(
    connection: Connection, source: str, cases: Sequence[Expected], on: date
) -> list[CaseComparison]:
    """Each case against the ledger as of the last sync, standing judged on the business date."""
    verdicts = []
    for expected in cases:
        found = _find(connection, source, expected, on)
        verdicts.append(
            CaseComparison(expected=expected, found=found, reasons=disagreements(expected, found))
        )
    return verdicts


def cases_without_example(cases: Sequence[Expected]) -> list[str]:
    """The cases without an example."""
    tried = {each.case for each in cases}
    return [name for name in CASES if name not in tried]


def _find(connection: Connection, source: str, expected: Expected, on: date) -> Found:
    items = [item for item in _items(connection, source, expected, on) if _is(expected, item)]
    return Found(
        items=len(items),
        residual=sum((item["residual"] for item in items), Decimal(0)),
        standings=frozenset(_standing(item, on) for item in items),
        due_dates=frozenset(item["due_date"] for item in items),
        unpaid_on=frozenset(item["unpaid_on"] for item in items if item["unpaid_on"]),
        blocked=_blocked(connection, source, expected.client, on),
    )


def _items(connection: Connection, source: str, expected: Expected, on: date) -> Iterator[Fields]:
    return read_list(
        connection,
        INSTALLMENTS,
        Scope.everything(),
        on=on,
        also=("at_bank",),
        source=source,
        client=expected.client,
    )


def _is(expected: Expected, item: Fields) -> bool:
    if _plain(item["document_number"]) != _plain(expected.document):
        return False
    return expected.installment in (None, item["installment_number"])


def _plain(number: str) -> str:
    """ERPs pad document numbers with blanks and zeros on one screen and not on the other."""
    return "".join(number.upper().split()).lstrip("0")


def _standing(item: Fields, on: date) -> Any:
    return standing(
        residual=item["residual"],
        due_date=item["effective_due_date"],
        on=on,
        at_bank=item["at_bank"],
        unpaid_on=item["unpaid_on"],
        erp_hold=item["erp_hold"],
        gone=item["status"] in (InstallmentStatus.GONE, InstallmentStatus.VANISHED),
    )


def _blocked(connection: Connection, source: str, client: str, on: date) -> bool | None:
    rows = read_list(connection, CLIENTS, Scope.everything(), on=on, source=source, client=client)
    return next((bool(row["blocked"]) for row in rows if row["code"] == client), None)
