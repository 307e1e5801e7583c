"""Balances of clients by the journal, to compare with their open items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from incasso_mago4.cents import signed_cents
from incasso_mago4.codes import CUSTOMER
from incasso_mago4.database.customers import as_asked
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import customers_of
from incasso_mago4.database.schema import Relation
from incasso_mago4.database.totals import beyond_rows
from incasso_mago4.installment import Installments
from incasso_mago4.raw import text


def balances(mago: Mago, clients: tuple[str, ...]) -> Mapping[str, Decimal]:
    """Each client's balance in the company's currency; clients without a line are left out.

    Bills at the bank are added: the journal calls them paid, the hub does not yet.
    """
    found = {
        as_asked(text(client), clients): Decimal(int(cents or 0)).scaleb(-2)
        for client, cents in mago.rows(statement(mago, clients))
    }
    for reading in beyond_rows(mago, Installments(mago.settings, mago.on), clients):
        client = reading.record.client
        if client in found:
            found[client] += reading.base_beyond_rows
    return found


def statement(mago: Mago, clients: Iterable[str]) -> sa.Select[Any]:
    """Sums by client: of journal lines, or of the rows of open items."""
    lines = mago.schema.relation("MA_JournalEntriesGLDetail", "g")
    if from_journal(mago):
        amount = signed_cents(lines["Amount"], lines["DebitCreditSign"])
        return (
            sa.select(lines["CustSupp"], sa.func.sum(amount))
            .where(lines["CustSuppType"] == CUSTOMER, lines["CustSupp"].in_(list(clients)))
            .group_by(lines["CustSupp"])
        )
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    detail = mago.schema.relation("MA_PyblsRcvblsDetails", "d")
    amount = signed_cents(_own(detail), detail["DebitCreditSign"])
    return (
        sa.select(header["CustSupp"], sa.func.sum(amount))
        .select_from(
            header.table.join(detail.table, header["PymtSchedId"] == detail["PymtSchedId"])
        )
        .where(
            *customers_of(mago.schema, header, mago.settings),
            header["CustSupp"].in_(list(clients)),
        )
        .group_by(header["CustSupp"])
    )


def from_journal(mago: Mago) -> bool:
    """Whether the journal is asked; it does not distinguish fiscal companies of one database."""
    lines = mago.schema.relation("MA_JournalEntriesGLDetail", "g")
    return bool(lines) and mago.settings.balances != "items" and not mago.settings.fiscal_company


def _own(detail: Relation) -> sa.ColumnElement[Any]:
    own = "PayableAmountInBaseCurr"
    return detail[own] if detail.has(own) else detail["Amount"]
