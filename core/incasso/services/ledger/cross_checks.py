"""Between reading and applying: rows that contradict each other, unknown clients, and the sums."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.ledger.returned_bills import Bill, bank_dates
from incasso.domain.ledger.states import RecordKind
from incasso.domain.ledger.trust import ReadEffect as Effect
from incasso.domain.ledger.trust import Totals
from incasso.services.ledger.reading import ClientReading, InstallmentReading
from incasso.store.ledger import rematch as ledger_rematch
from incasso.store.ledger import returns as ledger_returns
from incasso.store.ledger.cross_checks import (
    combined,
    discard,
    expected_closing,
    lowered,
    of_unknown_clients,
    staged_places,
    staged_twice,
    totals_before,
    totals_coming,
    totals_leaving,
)
from incasso.store.ledger.quarantine import Refusal
from incasso.store.ledger.returns import BillDates, StagedBill


def refuse_repeated_keys(
    connection: Connection, reading: ClientReading | InstallmentReading
) -> None:
    """One key, several rows: alike they count once, contradicting each other they count not at all.

    Which of two different amounts is true cannot be known; the ledger keeps what it had.
    """
    table, name = reading.table, reading.key_column
    staged = {row.key: row for row in staged_twice(connection, table, name)}
    reading.refuse_doubled(len(staged))
    for key in sorted({*staged, *reading.repeated}):
        places = staged_places(connection, table, name, key)
        different = key in staged and staged[key].contents > 1
        # Some of its rows were not staged: they say what the ledger says, the staged ones do not.
        different |= (
            bool(places) and key in reading.repeated and len(places) <= reading.repeated[key]
        )
        discard(connection, table, (place.seq for place in places[0 if different else 1 :]))
        last = places[-1] if places else None
        reading.refuse(
            Refusal(
                record=reading.record,
                key=key,
                file=(last and last.file) or "",
                row=last.row if last else None,
                field=name,
                code="contradiction" if different else "doubled",
                problem=text("is there more than once, and the rows differ")
                if different
                else text("is there more than once"),
                hint=text("keep one row in the export; the ledger stays as it was")
                if different
                else text("keep one row in the export; it counted once"),
            )
        )


def refuse_unknown_clients(
    connection: Connection, source_id: int, reading: InstallmentReading
) -> None:
    """Installments of a client that neither the ledger nor this read knows."""
    unknown = of_unknown_clients(connection, source_id)
    discard(connection, reading.table, (row.seq for row in unknown))
    for row in unknown:
        reading.refuse(
            Refusal(
                record=RecordKind.INSTALLMENT,
                key=row.key,
                file=row.file or "",
                row=row.row,
                field="client",
                code="unknown_client",
                problem=text("client {client} is not in the ledger", client=row.client),
                hint=text("export the client too, or look for it in the quarantine"),
            )
        )


def match_renumbered(
    connection: Connection,
    source_id: int,
    of_clients: ClientReading,
    of_installments: InstallmentReading,
) -> int:
    """Credits and clients that only got another key or code; gives how many credits."""
    ledger_rematch.note_successors(connection, source_id, of_clients.merged)
    if not ledger_rematch.anything_leaves(connection):
        return 0
    return ledger_rematch.rematch(connection, of_installments.merged)


def mark_returned_bills(connection: Connection, source_id: int, on: date) -> None:
    """Bills that came back although the ERP does not say so: found in the ledger's own history.

    Some ERPs open the old item again, others post a new one under the same number of the bill.
    """
    anew = ledger_returns.bills_under_new_keys(connection, source_id, on)
    ledger_returns.set_dates(connection, [BillDates(seq, None, on) for seq in anew])
    for page in ledger_returns.bills(connection):
        as_staged = {BillDates(bill.seq, bill.presented_on, None) for bill in page}
        found = (_dates(bill, on) for bill in page)
        ledger_returns.set_dates(connection, [each for each in found if each not in as_staged])


def _dates(bill: StagedBill, on: date) -> BillDates:
    was = Bill(
        due_date=bill.was_due_date,
        presented_on=bill.was_presented_on,
        unpaid_on=bill.was_unpaid_on,
    )
    presented_on, unpaid_on = bank_dates(
        was, residual=bill.residual, presented_on=bill.presented_on, on=on
    )
    return BillDates(bill.seq, presented_on, unpaid_on)


def effect(
    connection: Connection,
    source_id: int,
    reading: InstallmentReading,
    healed: tuple[Mapping[str, Totals], Mapping[str, Totals]],
) -> Effect:
    """What applying would do to the open items; nothing is changed.

    `healed`: what rows that somebody changed outside the hub add to the open items, and what they
    should. They count as if they had not been changed.
    """
    before = combined(totals_before(connection, source_id), *healed)
    after = combined(before, totals_leaving(connection), totals_coming(connection))
    return Effect(
        complete=reading.complete,
        present=reading.present,
        open_before=sum(each.items for each in before.values()),
        disappearing=expected_closing(connection),
        lowered=lowered(connection),
        before=before,
        after=after,
        refused=reading.refused,
    )
