"""What of a lot goes to its provider: its head and a dossier for each client, one at a time.

What the service may not see is taken out here, before any plugin is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from operator import attrgetter
from typing import Final

from sqlalchemy import Connection

from incasso.contract.exchange import (
    Debtor,
    DebtorKind,
    LotSheet,
    LotTotals,
    Party,
    PlacedCredit,
    PlacementDossier,
    StepSummary,
)
from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.values import Money
from incasso.domain.money import from_minor
from incasso.domain.placement.choosing import prescribed_on
from incasso.domain.placement.names import placement_name, row_name
from incasso.domain.placement.shared_fields import names_told, told_of
from incasso.plugins.settings.company import Company
from incasso.services.office.office import Office
from incasso.services.placement.told import Told
from incasso.store.placement import frozen, history
from incasso.store.placement.frozen import PlacedRow
from incasso.store.placement.looks import PlacedClient, clients_of
from incasso.store.placement.lots import Lot

_CLIENTS: Final = 200
"""Read at once."""


def sheet_of(lot: Lot, company: Company, told: Told, on: date, until: date | None) -> LotSheet:
    """The head of a lot."""
    return LotSheet(
        lot=lot.code,
        service=lot.service,
        creditor=Party(
            name=company.name,
            code=lot.source,
            vat=company.vat,
            address=tuple(company.address),
            email=company.email,
            phone=company.phone,
            iban=company.iban,
        ),
        provider=Party(name=told.label, code=lot.provider),
        mandate=lot.mandate or told.mandate,
        handed_on=on,
        until=until,
        totals=LotTotals(
            placements=lot.placements,
            rows=lot.rows,
            sums=tuple(_money(minor, each) for each, minor in sorted(lot.sums.items())),
        ),
        fields=names_told(told.shared),
        digest=lot.digest,
        language=told.language,
    )


def dossiers_of(
    office: Office, lot: Lot, told: Told, until: date | None
) -> Iterator[PlacementDossier]:
    """The dossiers of a lot, in the order of its digest; memory stays flat however long it is.

    Read on whatever thread asks for the next one, with a connection of its own.
    """
    with office.store.read() as connection:
        rows = frozen.rows(connection, lot.id)
        by_placement = groupby(rows, key=attrgetter("placement"))
        placements = ((number, tuple(theirs)) for number, theirs in by_placement)
        while some := list(islice(placements, _CLIENTS)):
            yield from _page(connection, lot, told, until, some)


def _page(
    connection: Connection,
    lot: Lot,
    told: Told,
    until: date | None,
    some: Sequence[tuple[int, Sequence[PlacedRow]]],
) -> Iterator[PlacementDossier]:
    clients = clients_of(connection, {rows[0].client_id for _, rows in some})
    done = history.of_placements(connection, [number for number, _ in some])
    for number, rows in some:
        currency = rows[0].currency
        whole = PlacementDossier(
            placement=placement_name(number),
            lot=lot.code,
            service=lot.service,
            debtor=_debtor(clients[rows[0].client_id]),
            credits=tuple(map(_credit, rows)),
            total=_money(sum(row.residual for row in rows), currency),
            until=until,
            history=tuple(
                StepSummary(on=each.on, stage=each.stage, medium=each.medium, outcome=each.outcome)
                for each in done.get(number, ())
            ),
        )
        yield told_of(whole, told.shared)


def _debtor(client: PlacedClient) -> Debtor:
    kind = DebtorKind.COMPANY
    if client.public_body:
        kind = DebtorKind.PUBLIC_BODY
    elif client.is_person:
        kind = DebtorKind.PERSON
    return Debtor(
        code=client.code,
        name=client.name,
        kind=kind,
        **{
            name: getattr(client, name)
            for name in Debtor.__struct_fields__
            if name not in ("code", "name", "kind")
        },
    )


def _credit(row: PlacedRow) -> PlacedCredit:
    credit, currency = row.credit, row.currency
    return PlacedCredit(
        row=row_name(row.row),
        key=credit.key,
        due_date=credit.due_date,
        residual=from_minor(row.residual, currency),
        amount=from_minor(credit.amount, currency),
        document_kind=DocumentKind(credit.document_kind),
        document_number=credit.document_number,
        document_date=credit.document_date,
        installment_number=credit.installment_number,
        payment_method=PaymentMethod(credit.payment_method),
        unpaid_on=credit.unpaid_on,
        prescribed_on=prescribed_on(credit.due_date),
    )


def _money(minor: int, currency: str) -> Money:
    return Money(amount=from_minor(minor, currency), currency=currency)
