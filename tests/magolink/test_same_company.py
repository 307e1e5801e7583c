"""One company, read from its database, through MagicLink and through the cloud: equal records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incasso.contract.ledger import ClientRecord, InstallmentRecord
from incasso_fake_mago4 import Closing, MagoCompany, Term
from incasso_fake_mago4.books import BEGIN
from incasso_fake_mago4.cloud import CloudServer
from incasso_fake_mago4.soap import MagoServer
from tests.magolink.office import ON, Office, Table, office, table_of

INVOICED = date(2026, 1, 10)
FEBRUARY, MARCH = date(2026, 2, 15), date(2026, 3, 31)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> MagoCompany:
    """One of everything that both ways can tell."""
    path = tmp_path_factory.mktemp("full") / "full.db"
    company = MagoCompany.create(f"sqlite:///{path}", begin=datetime(2024, 2, 1))  # noqa: DTZ001
    _customers(company)
    long_ago = company.invoice("C002", "9", on=date(2024, 1, 1), due=[(date(2024, 2, 1), "9")])
    company.pay(long_ago, 1, "9", on=date(2024, 2, 1))
    company.clock = BEGIN
    item = company.invoice("C001", "1/A", on=INVOICED, due=[(FEBRUARY, "100.10"), (MARCH, "99.90")])
    company.pay(item, 1, "40.05", on=date(2026, 2, 20))
    company.pay(item, 1, "0.05", on=date(2026, 2, 20), kind=Closing.ALLOWANCE)
    withheld = company.invoice("C001", "2/A", on=INVOICED, due=[(FEBRUARY, "1000")], total="1220")
    company.pay(withheld, 1, "200", on=FEBRUARY, kind=Closing.WITHHOLDING)
    company.credit_note("C001", "3", on=INVOICED, due=[(INVOICED, "20.00")])
    company.advance("C002", "4", on=INVOICED, amount="15.00")
    _bills(company)
    over = company.invoice("C002", "5", on=INVOICED, due=[(FEBRUARY, "10.00")], Notes="a  nota")
    company.pay(over, 1, "12.00", on=FEBRUARY, kind=Closing.OVERPAYMENT)
    held = company.invoice("C002", "6", on=INVOICED, due=[(FEBRUARY, "10.00")], Salesperson="A1")
    company.hold(held)
    company.to_legal(company.invoice("C002", "7", on=INVOICED, due=[(FEBRUARY, "70")]), 1)
    paid = company.invoice("C002", "8", on=INVOICED, due=[(FEBRUARY, "70")])
    company.pay(paid, 1, "70", on=FEBRUARY)
    dollars = company.invoice(
        "C003", "10", on=INVOICED, due=[(MARCH, "110.00")], currency="USD", rate="1.10"
    )
    company.pay(dollars, 1, "55.00", base="52.00", on=date(2026, 2, 1))
    company.exchange(dollars, 1, "-2.00", on=date(2026, 2, 1))
    return company


def _customers(company: MagoCompany) -> None:
    company.customer(
        "C001",
        "Ferramenta Rossi & Figli S.n.c. <1>",
        options={"Salesperson": "A1", "Area": "NORD", "Blocked": "1", "MaximumCredit": 5000.5},
        TaxIdNumber="IT 01234567890",
        FiscalCode="rssmra80a01h501u",
        Address="Via Però 1",
        City="Forlì",
        County="FC",
        ZIPCode="47121",
        EMail="rossi@example.it",
        CertifiedEMail="rossi@pec.example.it",
        Telephone1="0543 1234",
        Language="I",
        PaymentAddress="AMM",
        Notes="prima\nseconda",
    )
    company.branch("C001", "AMM", Address="Via Torino 2", City="Milano", EMail="amm@example.it")
    company.contact("C001", 2, Name="Ugo", LastName="Secondo", Invoice=12451841)
    company.contact(
        "C001", 1, Name="Ada", LastName="Neri", EMail="ada@example.it", Invoice=12451841
    )
    company.reminded("C001", on=date(2026, 2, 20), level=2)
    company.customer("C002", "Edilizia Bianchi", Disabled="1", NaturalPerson="1")
    company.customer("C003", "Société Générale d'Été", ISOCountryCode="FR", Language="F")
    company.supplier("C001", "Fornitore omonimo S.p.A.")


def _bills(company: MagoCompany) -> None:
    for bill, due in (("E1", MARCH), ("E2", FEBRUARY), ("E3", FEBRUARY)):
        riba = company.invoice("C003", bill, on=INVOICED, due=[(due, "300.00")], term=Term.RIBA)
        company.issue_bill(bill, [(riba, 1)], on=INVOICED)
        company.present(bill, on=date(2026, 1, 31), closing=bill != "E2")
    company.come_back("E3", on=date(2026, 3, 1), reopen="row", charges="5.00")


@pytest.fixture
def by_database(full: MagoCompany, tmp_path: Path) -> Iterator[Office]:
    url = full.engine.url.render_as_string()
    with office({"plugin": "mago4", "url": url}, tmp_path) as found:
        yield found


@pytest.fixture
def by_magiclink(full: MagoCompany, tmp_path: Path) -> Iterator[Office]:
    with MagoServer({"ACME": full.engine}) as server:
        with office(table_of(server, tmp_path / "password"), tmp_path) as found:
            yield found
        assert server.taken == 0


def cloud_table(server: CloudServer, base: Path) -> Table:
    (base / "password").write_text("secret")
    (base / "producer").write_text("producer")
    (base / "app").write_text("app")
    return {
        "plugin": "magolink",
        "transport": "cloud",
        "url": server.url,
        "user": "hub@example.it",
        "password": {"file": str(base / "password")},
        "subscription": "SUB-1",
        "producer_key": {"file": str(base / "producer")},
        "app_key": {"file": str(base / "app")},
        "customers_profile": "AllUsers/Incasso",
        "allow_private_addresses": True,
    }


@pytest.fixture
def by_cloud(full: MagoCompany, tmp_path: Path) -> Iterator[Office]:
    with CloudServer({"SUB-1": full.engine}) as server:
        with office(cloud_table(server, tmp_path), tmp_path) as found:
            yield found
        assert server.tokens == {}


def plain(record: Any) -> Any:
    """Without what depends on the way: fingerprints, and columns of tables no document holds."""
    if isinstance(record, InstallmentRecord):
        return msgspec.structs.replace(record, fingerprint=b"")
    assert isinstance(record, ClientRecord)
    return msgspec.structs.replace(record, fingerprint=b"", unpaid_count=None)


@pytest.mark.parametrize("way", ["by_magiclink", "by_cloud"])
def test_installments_are_the_same(
    by_database: Office, way: str, request: pytest.FixtureRequest
) -> None:
    expected = {key: plain(each) for key, each in by_database.installments().items()}
    other: Office = request.getfixturevalue(way)
    other.clients()
    assert len(expected) == 14
    assert {key: plain(each) for key, each in other.installments().items()} == expected


@pytest.mark.parametrize("way", ["by_magiclink", "by_cloud"])
def test_clients_are_the_same(
    by_database: Office, way: str, request: pytest.FixtureRequest
) -> None:
    expected = {code: plain(each) for code, each in by_database.clients().items()}
    other: Office = request.getfixturevalue(way)
    assert len(expected) == 3
    assert {code: plain(each) for code, each in other.clients().items()} == expected


@pytest.mark.parametrize("way", ["by_magiclink", "by_cloud"])
def test_a_refresh_asks_no_clients_first_and_tells_the_same(
    by_database: Office, way: str, request: pytest.FixtureRequest
) -> None:
    expected = by_database.installments()
    other: Office = request.getfixturevalue(way)
    found = other.handle.refresh((*expected, "999|1"), ON)
    assert [plain(each) for each in found[:-1]] == [plain(each) for each in expected.values()]


def test_what_did_not_change_is_only_named(by_magiclink: Office) -> None:
    known = by_magiclink.installments().values()
    pages = by_magiclink.pages(known)
    assert [item for page in pages for item in page.items] == []
    assert len([key for page in pages for key in page.unchanged]) == len(known)
    assert pages[-1].complete
