"""Documents, their files, receipts, people and balances, as the hub asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.connector import DocumentRef
from incasso.contract.errors import RejectedError, UnsupportedError
from incasso.contract.ledger import (
    DocumentKind,
    DocumentRecord,
    Gone,
    InstallmentRecord,
    PaymentKind,
    PaymentRecord,
)
from incasso.contract.values import Page
from incasso.plugins.handles import ConnectorHandle
from incasso.testing.connector import Remembered
from incasso_fake_mexal import Company, MexalServer, Posting
from tests.mexal.office import ON, Office, days, office

ROSSI, BIANCHI = "501.00001", "501.00002"
MADE, LATE = days(-90), days(-30)


def items(pages: Iterator[Page[Any]]) -> list[Any]:
    return [item for page in pages for item in page.items]


def handle_of(hub: Office) -> ConnectorHandle:
    return hub.hub.registry.connector("acme")


@pytest.fixture
def handle(office: Office) -> ConnectorHandle:
    return handle_of(office)


def documents(handle: ConnectorHandle, since: str | None = None) -> list[DocumentRecord]:
    return items(handle.pull_documents(since, ON))


def payments(handle: ConnectorHandle, since: str | None = None) -> list[PaymentRecord]:
    return items(handle.pull_payments(since, ON))


def test_instalments_name_their_document(company: Company, handle: ConnectorHandle) -> None:
    company.invoice(ROSSI, [(LATE, "10.00"), (ON, "20.00")], on=MADE, number=7, series=2, depot=3)
    company.credit_note(ROSSI, "5.00", on=LATE, number=8)
    company.post(ROSSI, [], on=MADE, reason="BC", number=9)
    found = {each.key: each for each in documents(handle)}
    assert [each.number for each in found.values()] == ["7/2", "8"]
    assert [each.kind for each in found.values()] == [
        DocumentKind.INVOICE,
        DocumentKind.CREDIT_NOTE,
    ]
    named = {each.document for each in items(handle.pull_installments(None, Remembered(), ON))}
    assert named == set(found)
    assert next(iter(found.values())).depot == "3"


def test_the_same_number_of_another_year_is_another_document(
    company: Company, handle: ConnectorHandle
) -> None:
    company.invoice(ROSSI, [(LATE, "10.00")], on=date(2025, 12, 1), number=7)
    company.invoice(ROSSI, [(LATE, "20.00")], on=date(2026, 2, 1), number=7)
    found = items(handle.pull_documents(None, date(2026, 3, 1)))
    assert [each.number for each in found] == ["7", "7"]
    assert len({each.key for each in found}) == 2


def test_documents_that_changed_since(company: Company, handle: ConnectorHandle) -> None:
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=7)
    company.clock.tick(3600)
    pages = list(handle.pull_documents(None, ON))
    assert not pages[-1].complete, "older ones exist and are not listed"
    company.clock.tick(3600)
    company.invoice(ROSSI, [(LATE, "10.00")], on=days(-1), number=8)
    assert [each.number for each in documents(handle, pages[-1].cursor)] == ["8"]


def test_totals_are_asked_only_if_the_settings_want_them(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    company.invoice(ROSSI, [(LATE, "1000.00")], on=MADE, number=7, total=Decimal("1220.00"))
    company.credit_note(ROSSI, "50.00", on=LATE, number=8)
    with office(tmp_path, server) as hub:
        assert [each.total for each in documents(handle_of(hub))] == [None, None]
        assert not server.asked("servizi")
    with office(tmp_path, server, document_totals=True) as hub:
        totals = [each.total for each in documents(handle_of(hub))]
        assert totals == [Decimal("1220.00"), Decimal("-50.00")]


def test_an_invoice_is_printed_by_mexal(company: Company, handle: ConnectorHandle) -> None:
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=7)
    [listed] = documents(handle)
    wanted = DocumentRef(client=ROSSI, kind=listed.kind, number="7", date=MADE, key=listed.key)
    for ref in (wanted, DocumentRef(client=ROSSI, kind=listed.kind, number="7", date=MADE)):
        file = handle.fetch_document(ref, ON)
        assert (file.media_type, file.filename) == ("application/pdf", "FT_1_7.pdf")
        assert file.content.startswith(b"%PDF-")
    for number in ("8", "ABC"):
        with pytest.raises(RejectedError):
            handle.fetch_document(
                DocumentRef(client=ROSSI, kind=listed.kind, number=number, date=MADE), ON
            )


def test_an_invoice_may_be_taken_from_the_archive_beside_it(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=7)
    company.papers["FT", 1, 7, ROSSI] = b"<FatturaElettronica/>"
    with office(tmp_path, server, invoice_file="stored") as hub:
        ref = DocumentRef(client=ROSSI, kind=DocumentKind.INVOICE, number="7", date=MADE)
        file = handle_of(hub).fetch_document(ref, ON)
        assert file.content == b"<FatturaElettronica/>"
        assert file.media_type == "application/xml"
        with pytest.raises(RejectedError):
            other = DocumentRef(client=ROSSI, kind=DocumentKind.INVOICE, number="8", date=MADE)
            handle_of(hub).fetch_document(other, ON)


def test_receipts_name_the_invoice_they_settle(company: Company, handle: ConnectorHandle) -> None:
    invoice = company.invoice(ROSSI, [(LATE, "100.00")], on=MADE, number=7)
    company.pay(invoice, on=days(-3), amount="40.00")
    company.pay(invoice, index=2, on=days(-2))
    found = payments(handle)
    assert [(each.amount, each.document_number, each.kind) for each in found] == [
        (Decimal("40.00"), "7", PaymentKind.MONEY),
        (Decimal("60.00"), "7", PaymentKind.MONEY),
    ]
    assert {each.client for each in found} == {ROSSI}, "the bank's side is no receipt"
    assert [each.paid_on for each in found] == [days(-3), days(-2)]
    assert len({each.key for each in found}) == 2
    assert payments(handle) == found, "keys are stable"


def test_a_bill_that_came_back_takes_its_receipt_back(
    company: Company, handle: ConnectorHandle
) -> None:
    invoice = company.invoice(ROSSI, [(LATE, "100.00")], on=MADE, number=7, kind="R")
    company.issue_bills((invoice, 1), on=days(-40), bill="EF1")
    company.return_bill("EF1", on=days(-5))
    [back] = payments(handle)
    assert (back.amount, back.kind) == (Decimal("-100.00"), PaymentKind.REVERSAL)


def test_receipts_older_than_the_look_back_stay_where_they_are(
    company: Company, handle: ConnectorHandle
) -> None:
    invoice = company.invoice(ROSSI, [(days(-200), "100.00")], on=days(-230), number=7)
    company.pay(invoice, on=days(-91))
    assert payments(handle) == []


def test_a_journal_in_pages_keeps_its_keys_when_it_begins_anew(
    company: Company, handle: ConnectorHandle, server: MexalServer
) -> None:
    for number in range(1, 8):
        invoice = company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=number)
        company.pay(invoice, on=days(-2))
    whole = payments(handle)
    server.pager.cut_at = 3
    server.fail("stale_next", "prima-nota", page=2)
    assert payments(handle) == whole and len(whole) == 7


def test_documents_may_live_in_another_company(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=7)
    other = server.company("XYZ", "Documenti Srl", years=(2025, 2026))
    other.add_client(ROSSI, "ROSSI SRL")
    other.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=99)
    with office(tmp_path, server, coordinates={"documents": "XYZ"}) as hub:
        hub.good()
        assert [each.number for each in documents(handle_of(hub))] == ["99"]
        assert len(hub.of(7)) == 1 and not hub.of(99)


def test_agents_are_those_that_clients_name(
    company: Company, handle: ConnectorHandle, server: MexalServer
) -> None:
    company.add_agent("601.00001", "Agenzia Bruni", email="BRUNI@example.it")
    company.put("conti", "601.00002", codice="601.00002", descrizione="Conto agente", tipo="G")
    for client, agent in ((ROSSI, "601.00001"), (BIANCHI, "601.00002")):
        company.change_client(client, cod_agente=agent)
    company.add_client("501.00003", "VERDI", cod_agente="601.00099")
    found = {each.code: (each.name, each.email) for each in items(handle.pull_agents(ON))}
    assert found == {
        "601.00001": ("Agenzia Bruni", "bruni@example.it"),
        "601.00002": ("Conto agente", ""),
        "601.00099": ("601.00099", ""),
    }
    server.hide("fornitori")
    assert {each.code for each in items(handle.pull_agents(ON))} == set(found)


def test_the_contact_is_who_pays_the_invoices(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    company.change_client(ROSSI, email="info@rossi.it", telefono="02 1")
    company.add_contact(ROSSI, 1, "Vendite", email="vendite@rossi.it", cod_posizione=1)
    company.add_contact(
        ROSSI, 2, "Carla", email="carla@rossi.it", cod_posizione=5, nota="Ufficio contabilità"
    )
    with office(tmp_path, server) as hub:
        [client, _] = items(handle_of(hub).pull_clients(None, ON))
        assert (client.email, client.contact_person) == ("carla@rossi.it", "Carla")
        assert client.phone == "02 1"
    with office(tmp_path, server, contacts=[1]) as hub:
        [client, _] = items(handle_of(hub).pull_clients(None, ON))
        assert client.email == "vendite@rossi.it"


def test_balances_come_from_mexal_and_may_be_switched_off(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=7)
    with office(tmp_path, server) as hub:
        found = handle_of(hub).balances((ROSSI, "501.99999"), ON)
        assert dict(found) == {ROSSI: Decimal("10.00")}
    with office(tmp_path, server, exposure_check=False) as hub, pytest.raises(UnsupportedError):
        handle_of(hub).balances((ROSSI,), ON)


def test_a_position_that_left_its_posting_is_gone_with_the_next_changes(
    company: Company, handle: ConnectorHandle
) -> None:
    dues = [(LATE, "10.00"), (days(-20), "20.00"), (days(-10), "30.00")]
    invoice = company.invoice(ROSSI, dues, on=MADE, number=7)
    company.clock.tick(3600)
    pages = list(handle.pull_installments(None, Remembered(), ON))
    known = Remembered(items(iter(pages)))
    company.clock.tick(3600)
    company.drop_rate(invoice, 3)
    changed = list(handle.pull_installments(pages[-1].cursor, known, ON))
    [gone] = items(iter(changed))
    assert isinstance(gone, Gone) and gone.external_id.endswith("|3")
    assert sum(len(page.unchanged) for page in changed) == 2
    assert not changed[-1].complete


def test_changes_look_at_the_other_year_before_they_tell_an_item(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    """The opening of the year posts an item again while the hub goes on reading changes."""
    company.invoice(ROSSI, [(date(2027, 1, 31), "900.00")], on=MADE, number=7)
    company.clock.tick(days=44)
    on = date(2027, 1, 6)
    with office(tmp_path, server) as hub:
        handle = handle_of(hub)
        pages = list(handle.pull_installments(None, Remembered(), on))
        [before] = items(iter(pages))
        known = Remembered([before])
        company.clock.tick(3600)
        company.turn_year(2027, how="reposted")
        told = items(handle.pull_installments(pages[-1].cursor, known, on))
        [new] = [each for each in told if isinstance(each, InstallmentRecord)]
        [gone] = [each for each in told if isinstance(each, Gone)]
        assert (new.residual, gone.external_id) == (Decimal("900.00"), before.key)
        asked = (before.key, new.key)
        again = handle.refresh(asked, on)
        assert isinstance(again[0], Gone) and again[1] == new


def test_settled_items_are_told_only_if_the_hub_knows_them_or_they_are_recent(
    company: Company, handle: ConnectorHandle
) -> None:
    old = company.invoice(ROSSI, [(days(-250), "10.00")], on=days(-280), number=1)
    recent = company.invoice(ROSSI, [(days(-60), "20.00")], on=days(-80), number=2)
    before = items(handle.pull_installments(None, Remembered(), ON))
    for invoice in (old, recent):
        company.pay(invoice, on=days(-50) if invoice is recent else days(-240))
    fresh = items(handle.pull_installments(None, Remembered(), ON))
    assert [each.document_number for each in fresh] == ["2"]
    told = items(handle.pull_installments(None, Remembered(before), ON))
    assert [(each.document_number, each.residual) for each in told] == [("1", 0), ("2", 0)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("imp_scadenza", [["uno", 10]]), ("data_documento", "20261399"), ("numero", "sette")],
)
def test_a_posting_that_cannot_be_read_is_refused_and_the_rest_goes_on(
    field: str, value: Any, company: Company, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = company.invoice(ROSSI, [(LATE, "10.00"), (ON, "5.00")], on=MADE, number=7)
    company.invoice(ROSSI, [(LATE, "20.00")], on=MADE, number=8)
    office.good()
    row = Posting.row

    def spoilt(posting: Posting) -> dict[str, Any]:
        told = row(posting)
        return {**told, field: value} if posting is broken else told

    monkeypatch.setattr(Posting, "row", spoilt)
    company.invoice(BIANCHI, [(LATE, "1.00")], on=days(-1), number=9)
    office.good(on=days(1))
    assert [each.field for each in office.waiting()] == [field] * 2
    assert office.owed(ROSSI) == 35, "what cannot be read stays as it was"
    assert office.owed(BIANCHI) == 1


@pytest.mark.parametrize("how", ["carried", "reposted"])
def test_a_bill_of_last_year_that_comes_back_this_year_is_owed_once(
    how: Any, company: Company, office: Office
) -> None:
    company.invoice(BIANCHI, [(days(-20), "100.00")] * 9, on=MADE)
    invoice = company.invoice(ROSSI, [(days(20), "640.50")], on=MADE, kind="R", number=7)
    company.issue_bills((invoice, 1), on=days(-10), bill="EF1")
    office.server.clock.tick(days=20)
    office.good(on=date(2026, 12, 14))
    company.turn_year(2027, how=how)
    if how == "reposted":
        invoice.rates[0].bill = ""  # the accountant posts the newest record back, and only that
    office.server.clock.tick(days=30)
    company.return_bill("EF1", on=date(2027, 1, 11), how="posting")
    for on in (date(2027, 1, 12), date(2027, 1, 13), date(2027, 1, 14)):
        office.good(on=on, confirm=True)
        assert office.owed(ROSSI) == Decimal("640.50"), on


def test_of_two_equal_bills_only_the_returned_one_is_replaced_by_its_return(
    company: Company, office: Office
) -> None:
    company.invoice(BIANCHI, [(days(-20), "1.00")] * 9, on=MADE)
    equal = [(days(-8), "100.00"), (days(-2), "100.00")]
    invoice = company.invoice(ROSSI, equal, on=MADE, kind="R", number=7)
    company.issue_bills((invoice, 1), on=days(-30), bill="EF1")
    company.issue_bills((invoice, 2), on=days(-30), bill="EF2")
    office.good(on=days(-3))
    office.server.clock.tick(60)
    company.return_bill("EF1", on=days(-2), how="posting")
    for count in (-1, 0, 1):
        office.good(on=days(count))
        standing = sorted(
            (row.residual, row.unpaid_on is not None, row.presented_on is not None)
            for row in office.of(7)
            if row.status == "open"
        )
        assert standing == [(10000, False, True), (10000, True, False)], count


def test_a_ledger_of_suppliers_and_old_payments_still_turns_its_pages(
    company: Company, handle: ConnectorHandle, server: MexalServer
) -> None:
    """A page has five minutes; rows that concern nobody must not fill them."""
    company.add_client("601.00001", "Fornitore")
    for number in range(1, 40):
        company.invoice("601.00001", [(LATE, "10.00")], on=MADE, number=number)
    company.tables["clienti"].pop("601.00001")
    server.pager.cut_at = 5
    pages = list(handle.pull_installments(None, Remembered(), ON))
    asked = [each for each in server.asked("scadenzario") if each.method == "GET"]
    assert len(pages) > len(asked) >= 8 and items(iter(pages)) == []


def test_the_place_in_the_list_of_clients_is_used_at_once(
    company: Company, handle: ConnectorHandle, server: MexalServer
) -> None:
    for number in range(3, 30):
        company.add_client(f"501.{number:05}", f"CLIENTE {number}")
        company.add_contact(f"501.{number:05}", 1, "Anna", email="contabilita@example.it")
    server.pager.cut_at = 5
    found = items(handle.pull_clients(None, ON))
    assert len(found) == len({each.code for each in found}) == 29
    listed = [each.resource for each in server.requests]
    first = listed.index("clienti")
    assert set(listed[first:]) == {"clienti"}, "nothing else is asked while a place is held"
