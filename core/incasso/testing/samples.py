"""Messages, dossiers and texts to try plugins with; names and numbers are invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from incasso.contract.channel import (
    AboutInstallment,
    OutboundMessage,
    Recipient,
    Subject,
)
from incasso.contract.exchange import (
    Batch,
    BatchKind,
    Debtor,
    DebtorKind,
    LotSheet,
    LotTotals,
    Notice,
    NoticeKind,
    Party,
    PlacedCredit,
    PlacementDossier,
    PlacementRef,
    Service,
    StepSummary,
)
from incasso.contract.ledger import PaymentMethod
from incasso.contract.media import Carries, Medium
from incasso.contract.values import Attachment, Money

HOSTILE_TEXTS: Final = {
    "accents": "Caffè Perché & Figli S.n.c. – già Nicolò",
    "apostrophes": "L'Orto dell'Abbazia D'Angiò \"il 'Vecchio'\"",
    "emoji": "Pizzeria Da Gino 🍕 società",
    "right to left": "שלום Import مرحبا S.r.l.",
    "like code": "<b>Rossi</b> {{ 7*7 }} '; DROP TABLE clients; --",
    "like a formula": '=HYPERLINK("http://example.it")',
    "separators": "Rossi; Bianchi, Verdi\tNeri",
    "very long": "Compagnia " + "d'Importazioni " * 265,
}
"""Names that have broken real systems; the longest has 4,000 characters."""

PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"0000000105 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n169\n%%EOF\n"
)
"""The smallest letter: one empty page."""

_ADDRESSES = {
    "email": "anna.bianchi@example.it",
    "pec": "anna.bianchi@pec.example.it",
    "mobile": "+393331234567",
    "fax": "+390211111111",
}


def message(medium: Medium, delivery: str = "d-0001", *, text: str = "") -> OutboundMessage:
    """A reminder of one installment, ready for a medium."""
    return OutboundMessage(
        delivery=delivery,
        medium=medium,
        to=Recipient(
            address=_ADDRESSES.get(medium.traits.address, ""),
            name="Anna Bianchi",
            postal=("Anna Bianchi", "Via dei Tigli 4", "20121 Milano MI", "ITALIA"),
        ),
        language="it",
        subject="Sollecito di pagamento",
        text=text or "Gentile cliente, la fattura 12 del 10/01/2026 risulta scaduta.",
        letter=Attachment(filename="lettera.pdf", media_type="application/pdf", content=PDF)
        if medium.carries(Carries.PAGES)
        else None,
        about=Subject(
            step="1",
            source="acme",
            client="C001",
            installments=(
                AboutInstallment(
                    key="C001-12-1",
                    document_number="12",
                    due_date=date(2026, 2, 10),
                    residual=Decimal("120.50"),
                ),
            ),
            total=Decimal("120.50"),
        ),
    )


def batch(number: int = 1, kind: BatchKind = BatchKind.LOT) -> Batch:
    """The batch of this sequence."""
    return Batch(
        id=f"B-{number:07d}",
        kind=kind,
        sequence=number,
        at=datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
    )


def lot_sheet(*dossiers: PlacementDossier, lot: str = "L-2026-0001") -> LotSheet:
    """The head of a lot of these dossiers, all in one currency."""
    total = sum((each.total.amount for each in dossiers), Decimal(0))
    return LotSheet(
        lot=lot,
        service=Service.EXTRAJUDICIAL,
        creditor=Party(name="Acme S.p.A.", code="acme", vat="IT00743110157"),
        provider=Party(name="Agenzia Tutela Crediti S.r.l.", code="tutela"),
        mandate="Convenzione 2026",
        handed_on=date(2026, 6, 1),
        until=date(2026, 12, 31),
        totals=LotTotals(
            placements=len(dossiers),
            rows=sum(len(each.credits) for each in dossiers),
            sums=(Money(amount=total),),
        ),
        digest="ab" * 32,
    )


def dossier(
    placement: str = "P-0000001",
    *,
    credits: int = 1,
    name: str = "Bianchi Anna",
    lot: str = "L-2026-0001",
) -> PlacementDossier:
    """One client's credits for an agency; rows are numbered by the placement."""
    rows = tuple(_credit(f"R{placement[1:]}-{number}", number) for number in range(1, credits + 1))
    return PlacementDossier(
        placement=placement,
        lot=lot,
        service=Service.EXTRAJUDICIAL,
        debtor=Debtor(
            code="C001",
            name=name,
            kind=DebtorKind.PERSON,
            address="Via dei Tigli 4",
            zip="00121",
            city="Roma",
            province="RM",
            country="IT",
            phone="+390211111112",
        ),
        credits=rows,
        total=Money(amount=sum((each.residual for each in rows), Decimal(0))),
        until=date(2026, 12, 31),
        history=(StepSummary(on=date(2026, 2, 20), stage="primo", medium="email"),),
    )


def notice(kind: NoticeKind, number: int = 1, placement: str = "P-0000001") -> Notice:
    """One notice of a kind about a placement of `dossier`."""
    has_amount = kind in (
        NoticeKind.DIRECT_PAYMENT,
        NoticeKind.PAYMENT_REVERSED,
        NoticeKind.CORRECTION,
    )
    return Notice(
        id=f"N-{number:07d}",
        kind=kind,
        lot="L-2026-0001",
        placement=PlacementRef(ours=placement),
        on=date(2026, 6, 15),
        amount=Money(amount=Decimal("40.00")) if has_amount else None,
        reason="pagato" if kind is NoticeKind.RECALL else "",
        until=date(2027, 1, 31) if kind is NoticeKind.EXTENSION else None,
        accepted=True if kind is NoticeKind.ANSWER else None,
    )


def _credit(row: str, number: int) -> PlacedCredit:
    return PlacedCredit(
        row=row,
        key=f"C001-12-{number}",
        due_date=date(2026, 1, 31) + timedelta(days=number),
        residual=Decimal("100.10"),
        amount=Decimal("100.10"),
        document_number="12",
        document_date=date(2026, 1, 10),
        installment_number=number,
        payment_method=PaymentMethod.TRANSFER,
    )
