"""Two companies that are alike, with a row of every list each: what does a scope let through?"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables import (
    documents,
    exchange,
    history,
    ledger,
    orders,
    parties,
    placement,
    proof,
    reaching,
    recovery,
    sending,
)
from incasso.store.tables.replies import replies
from tests.acts import office
from tests.acts.office import MONDAY, NOON
from tests.agreeing import agreed

LATE = date(2026, 10, 1)


def two_companies(connection: Connection) -> None:
    """`acme` with C1, of agent A1, depot D1 and anna; `beta` with C2, of A2, D2 and luca."""
    version = office.iter_version(connection)
    _company(connection, version, "acme", "C1", agent="A1", depot="D1", operator="anna")
    _company(connection, version, "beta", "C2", agent="A2", depot="D2", operator="luca")
    office.insert(
        connection,
        parties.providers,
        key="rossi",
        number=1,
        definition={"key": "rossi", "services": ["phone"], "mandate": {"until": "2026-12-31"}},
        published_at=NOON,
    )
    batch = office.insert(connection, proof.journal_batches, at=NOON, count=3, hash="x")
    for source, client in (("acme", "C1"), ("beta", "C2"), ("", "")):
        office.insert(
            connection,
            proof.journal,
            batch_id=batch,
            at=NOON,
            on_date=MONDAY,
            kind="test",
            source=source,
            client=client,
        )


def _company(
    connection: Connection, version: int, name: str, code: str, *, operator: str, **values: Any
) -> None:
    source = office.source(connection, name)
    user = office.user(connection, operator)
    client = office.client(connection, source, code, "Rossi Srl", operator_id=user, **values)
    late = office.installment(connection, client, f"{name}/1", 10000, LATE)
    case = office.case(connection, late, version, operator_id=user)
    step = office.step(connection, [case], operator_id=user)
    office.delivery(connection, step, f"D-{name}")
    office.insert(
        connection, sending.delivery_events, delivery_id=f"D-{name}", update_id="1", at=NOON
    )
    theirs = {"source_id": source, "client_id": client}
    block = office.insert(
        connection, orders.order_blocks, **theirs, made_on=MONDAY, made_at=NOON, reason="late"
    )
    connection.execute(
        sa.insert(orders.write_backs).values(
            id=f"W-{name}",
            **theirs,
            block_id=block,
            kind="block_orders",
            made_at=NOON,
            on_date=MONDAY,
        )
    )
    office.insert(connection, history.documents, **theirs, key=f"{name}-d", date=LATE)
    office.insert(connection, history.payments, **theirs, key="p", paid_on=LATE, amount=5)
    connection.execute(
        sa.insert(history.balance_differences).values(
            client_id=client, checked_on=MONDAY, balance=1, open_items=10000
        )
    )
    office.insert(
        connection,
        recovery.conversations,
        client_id=client,
        on_date=MONDAY,
        at=NOON,
        medium="call",
        call_back_on=MONDAY,
        call_back_time="15:30",
    )
    promised = {"kind": "promise", "from_on": MONDAY, "until_on": MONDAY, "made_on": MONDAY}
    agreed(connection, **theirs, **promised, amount=100)
    office.insert(connection, sending.bad_addresses, **theirs, address="x@y.it", since=NOON)
    office.insert(
        connection,
        replies,
        **theirs,
        channel="mail",
        update_id=name,
        at=NOON,
        on_date=MONDAY,
        kind="reply",
        state="new",
    )
    office.insert(
        connection,
        reaching.consents,
        **theirs,
        kind="refused",
        medium="email",
        since=MONDAY,
        made_on=MONDAY,
    )
    office.insert(
        connection,
        reaching.address_health,
        **theirs,
        medium="email",
        address="x@y.it",
        state="wrong",
        seen_at=NOON,
    )
    office.insert(
        connection,
        reaching.client_contacts,
        **theirs,
        role="solleciti",
        email="y@example.it",
        made_on=MONDAY,
    )
    office.insert(
        connection,
        ledger.client_corrections,
        client_id=client,
        field="email",
        value="x@example.it",
        made_on=MONDAY,
    )
    office.insert(
        connection, proof.attachments, **theirs, sha256="ab", size=1, on_date=MONDAY, at=NOON
    )
    _placed(connection, source, client, late, case)
    run = office.insert(
        connection, ledger.sync_runs, source_id=source, on_date=MONDAY, started_at=NOON
    )
    office.insert(connection, ledger.quarantine, source_id=source, run_id=run, problem="odd")
    office.insert(connection, documents.document_index, source_id=source, path=f"{name}.pdf")


def _placed(connection: Connection, source: int, client: int, installment: int, case: int) -> None:
    """One credit in a lot, and one that was left out of it."""
    lot = office.insert(
        connection,
        placement.lots,
        code=f"L-2026-{source:04}",
        source_id=source,
        provider="alfa",
        service="phone",
        state="working",
        composed_on=MONDAY,
        sums={"EUR": 10000},
    )
    placed = office.insert(
        connection,
        placement.placements,
        lot_id=lot,
        client_id=client,
        currency="EUR",
        state="working",
        total=10000,
        proposes="write_off",
    )
    row = office.insert(
        connection,
        placement.placement_rows,
        placement_id=placed,
        installment_id=installment,
        case_id=case,
        state="over",
        residual=10000,
        days_late=53,
        unmet=500,
        unmet_since=MONDAY,
    )
    _exchanged(connection, placed, row)
    office.insert(
        connection,
        exchange.exchange_notices,
        name=f"recall-{lot}",
        provider="alfa",
        lot_id=lot,
        placement_id=placed,
        kind="recall",
        state="waiting",
        on_date=MONDAY,
        made_at=NOON,
    )
    office.insert(
        connection,
        exchange.exchange_batches,
        name=f"alfa-{lot:06}",
        provider="alfa",
        kind="lot",
        sequence=lot,
        lot_id=lot,
        state="sent",
        on_date=MONDAY,
    )
    office.insert(
        connection,
        placement.lot_left_out,
        lot_id=lot,
        installment_id=installment,
        reason="promised",
        residual=10000,
        on_date=MONDAY,
    )


def _exchanged(connection: Connection, place: int, row: int) -> None:
    """A file of the provider, what it reported, what was refused of it, and an entry."""
    arrival = office.insert(
        connection,
        exchange.exchange_arrivals,
        provider="alfa",
        name=f"{place}.xlsx",
        sha256=f"{place}",
        size=1,
        at=NOON,
        on_date=MONDAY,
        state="taken",
    )
    office.insert(
        connection,
        exchange.exchange_updates,
        provider="alfa",
        update_id=f"u{place}",
        arrival_id=arrival,
        placement_id=place,
        kind="complaint",
        standing="waiting",
        at=NOON,
        on_date=MONDAY,
        taken_on=MONDAY,
    )
    office.insert(
        connection,
        exchange.exchange_refusals,
        provider="alfa",
        arrival_id=arrival,
        cause=f"{place}",
        code="unreadable",
        on_date=MONDAY,
    )
    office.insert(
        connection,
        placement.placement_entries,
        row_id=row,
        kind="collected",
        amount=500,
        on_date=MONDAY,
        cause=f"u{place}",
        at=NOON,
    )
