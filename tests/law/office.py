"""An office whose client owes two invoices, with a payment, a credit note and a formal notice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from incasso.contract.channel import DeliveryState
from incasso.domain.office.actor import Role
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.domain.sending.trust import NewsStanding, Trust
from incasso.store.proof import archive
from incasso.store.tables.history import payments
from incasso.store.tables.sending import deliveries, delivery_events
from tests.documents.fatture import CUSTOMER_VAT, body, fattura
from tests.documents.office import ON, Office
from tests.doing import people

RECEIPT = b"From: posta-certificata@pec.example\r\n\r\nricevuta di avvenuta consegna\r\n"
SDI = "IT01234560017_00001"

CLIENTS = (
    "code,name,vat,tax_code,is_person,email,pec,address,zip,city,province,country,agent\n"
    f"C1,Ferramenta Bianchi S.r.l.,IT{CUSTOMER_VAT},{CUSTOMER_VAT},,c1@example.it,c1@pec.example,"
    "Via Po 2,10121,Torino,TO,IT,A1\n"
    "C2,Anna Conti,,CNTNNA80A41L219X,true,c2@example.it,,Corso Francia 102,10143,Torino,TO,IT,A2\n"
    "C3,Nessun Debito S.r.l.,,,,c3@example.it,,Via Po 3,10121,Torino,TO,IT,A2\n"
)
ROWS = (
    # 1,220.00 of which 220.00 came in on 31 October.
    "R1,C1,invoice,123/A,2026-09-01,2026-10-01,1220.00,1000.00,transfer\n",
    "R2,C1,invoice,124/A,2026-10-01,2026-10-31,610.00,610.00,transfer\n",
    "R3,C1,invoice,125/A,2026-11-01,2026-12-31,305.00,305.00,transfer\n",
    "R4,C1,credit_note,9/NC,2026-10-15,2026-10-15,-110.00,-110.00,transfer\n",
    "R5,C2,invoice,200/B,2026-08-01,2026-08-31,500.00,500.00,transfer\n",
    "R6,C3,invoice,300/B,2026-11-01,2026-12-31,500.00,500.00,transfer\n",
)
ITER = """
[[iter]]
key = "bonifico"

[[iter.stage]]
key = "mora"
label = "Messa in mora"
days = 5
channels = ["pec", "email"]
formal = true
template = "messa_in_mora"
"""
COMPANY = """
address = ["Via Roma 1", "10121 Torino (TO)"]
pec = "acme@pec.example"
"""
LETTERHEAD = """
[companies.acme.letterhead]
signature = "firma.svg"
"""
SIGNATURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 18">'
    '<path d="M2 14 L20 4 L30 14 L58 3" stroke="#123" fill="none"/></svg>'
)


def legal_office(
    folder: Path, *, database: str = "", legal: str = "", signed: bool = True
) -> Office:
    """The office after its first dispatch; anna is its credit manager."""
    office = Office(folder, rows=ROWS, iter=ITER, database=database)
    (folder / "clients.csv").write_text(CLIENTS)
    (folder / "firma.svg").write_text(SIGNATURE)
    config = folder / "plugins.toml"
    extra = (LETTERHEAD if signed else "") + (f"\n[companies.acme.legal]\n{legal}" if legal else "")
    table = config.read_text()
    head = '[companies.acme]\nname = "ACME"\n'
    config.write_text(table.replace(head, head + COMPANY.lstrip()) + extra)
    office.hub.close()
    office.hub = office.open()
    office.put(
        {
            f"{SDI}.xml": fattura(),
            f"{SDI}_RC_001.xml": _receipt(f"{SDI}.xml"),
            f"{SDI}_NS_900.xml": _receipt("IT01234560017_00009.xml"),  # of another invoice
            "124.xml": fattura(body("124/A", "2026-10-01", total="610.00")),
        }
    )
    people(office.hub.store)
    people(office.hub.store, Role.OPERATOR, "luca")
    office.prepare()
    pay(office, "R1", 220_00, date(2026, 10, 31))
    return office


def _receipt(of: str) -> bytes:
    return (
        '<?xml version="1.0"?><ns3:RicevutaConsegna xmlns:ns3="urn:x"><IdentificativoSdI>1'
        f"</IdentificativoSdI><NomeFile>{of}</NomeFile></ns3:RicevutaConsegna>"
    ).encode()


def pay(office: Office, installment: str, cents: int, on: date) -> None:
    """What a connector with payments would tell."""
    with office.hub.store.write() as connection:
        row = connection.execute(
            sa.text("SELECT source_id, client_id FROM installments WHERE key = :key"),
            {"key": installment},
        ).one()
        connection.execute(
            sa.insert(payments).values(
                source_id=row.source_id,
                client_id=row.client_id,
                key=f"{installment}-{on}-{cents}",
                installment=installment,
                paid_on=on,
                amount=cents,
            )
        )


def delivered(office: Office, at: datetime = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)) -> str:
    """Let the certified mail to C1 arrive, with its receipt; the delivery's id."""
    store = office.hub.store
    digest = archive.put(store, RECEIPT, "message/rfc822", "consegna.eml", at=at)
    with store.write() as connection:
        name = connection.scalar(sa.select(deliveries.c.id).where(deliveries.c.medium == "pec"))
        assert isinstance(name, str)
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.id == name)
            .values(status=DeliveryStatus.DELIVERED, final_at=at)
        )
        connection.execute(
            sa.insert(delivery_events).values(
                delivery_id=name,
                update_id="u1",
                at=at,
                state=DeliveryState.DELIVERED,
                evidence_sha256=digest,
                trust=next(iter(Trust)),
                standing=next(iter(NewsStanding)),
            )
        )
    return name


__all__ = ["ON", "RECEIPT", "SDI", "delivered", "legal_office", "pay"]
