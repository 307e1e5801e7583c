"""Customers: where a reminder goes, how much credit, what blocks them; agents and depots."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.ledger import ClientRecord
from incasso.testing.connector import Remembered
from incasso.testing.records import sound
from incasso_fake_mago4 import MagoCompany
from tests.mago4.office import ON, Office, opened

BY_MAIL = 12451841


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind of server will do: what is tried here is done after the rows were read."""
    return f"sqlite:///{tmp_path / 'company.db'}"


@pytest.fixture
def client(company: MagoCompany, office: Office) -> Iterator[Any]:
    """Change customer C001 and see what the hub gets."""

    def changed(**columns: Any) -> ClientRecord:
        if columns:
            company.change_customer("C001", **columns)
        return office.clients()["C001"]

    yield changed


def test_the_customers_own_row(client: Any) -> None:
    record = client(
        TaxIdNumber="IT 01234567897",
        FiscalCode="rss mra 80a01 h501u",
        NaturalPerson="1",
        Address="Via Roma",
        StreetNo="1",
        Address2="c/o Torre",
        ZIPCode="20121",
        City="Milano",
        County="MI",
        EMail="info@rossi.it",
        CertifiedEMail="rossi@pec.it",
        Telephone1="02 1234567",
        Telephone2="333 1234567",
        Telex="348 7654321",
        Language="ENG",
        Payment="B60",
        Notes="prima riga\r\nseconda",
        OldCustSupp="V77",
        PublicSector="1",
    )
    assert (record.vat, record.tax_code) == ("01234567897", "RSSMRA80A01H501U")
    assert record.address == "Via Roma 1, c/o Torre"
    assert (record.zip, record.city, record.province, record.country) == (
        "20121",
        "Milano",
        "MI",
        "IT",
    )
    assert (record.email, record.pec) == ("info@rossi.it", "rossi@pec.it")
    assert (record.phone, record.mobile) == ("02 1234567", "333 1234567")
    assert (record.language, record.payment_terms) == ("en", "B60")
    assert record.notes == "prima riga\nseconda"
    assert (record.formerly, record.public_body, record.is_person) == ("V77", True, True)


@pytest.mark.parametrize("nothing", ["00000000000", "IT00000000000", "  ", "0"])
def test_a_vat_number_of_zeros_is_none(client: Any, nothing: str) -> None:
    assert client(TaxIdNumber=nothing).vat == ""


def test_a_foreign_vat_number_stays_as_it_is(client: Any) -> None:
    assert client(TaxIdNumber="DE 123456789", ISOCountryCode="de").vat == "DE123456789"


def test_tax_haven_lists_are_no_credit_information(client: Any) -> None:
    record = client(BlackListCustSupp="1")
    assert not (record.blocked or record.excluded or record.rating)


def test_what_the_office_should_know(company: MagoCompany, client: Any) -> None:
    company.change_options("C001", OpenedAdmCases="1", OpenedAdmCasesAmount=1234.5)
    record = client(Disabled="1", InLiquidation="1")
    assert record.notes.splitlines() == [
        "Disattivato in Mago",
        "In liquidazione",
        "Pratiche legali aperte in Mago: 1234.50 EUR",
    ]
    assert not record.blocked, "its debts are still chased, and its block is its own matter"


def test_options(company: MagoCompany, client: Any) -> None:
    company.change_options("C001", Category="RIV", Area="NO", Salesperson="A1", PublicAuthority="1")
    company.change_options("C001", CustomerClassification="B", Blocked="1")
    record = client()
    assert (record.category, record.area, record.agent) == ("RIV", "NO", "A1")
    assert (record.rating, record.blocked, record.public_body) == ("B", True, True)


def test_bills_that_came_back_over_the_years(company: MagoCompany, client: Any) -> None:
    assert client().unpaid_count is None
    company.outstandings("C001", 2025, 2)
    company.outstandings("C001", 2026, 1)
    assert client().unpaid_count == 3


def test_the_description_of_payment_terms(company: MagoCompany, client: Any) -> None:
    company.payment_terms("B60", "Bonifico 60 gg f.m.")
    assert client(Payment="B60").payment_terms == "B60 Bonifico 60 gg f.m."


# Where reminders go.


@pytest.fixture
def furnished(company: MagoCompany) -> MagoCompany:
    """A customer with itself, two branches and two people."""
    company.change_customer(
        "C001",
        EMail="info@rossi.it",
        Address="Via Roma",
        City="Milano",
        PaymentAddress="AMM",
        SendDocumentsTo="DOC",
    )
    company.branch("C001", "AMM", EMail="amm@rossi.it", Address="Via Po 2", City="Torino")
    company.branch("C001", "DOC", EMail="doc@rossi.it", Address="Via Arno 3", City="Firenze")
    company.contact("C001", 1, LastName="Verdi", EMail="acquisti@rossi.it")
    company.contact(
        "C001",
        2,
        LastName="Neri",
        Name="Anna",
        WorkingPosition="Amministrazione",
        EMail="neri@rossi.it",
        Telephone1="011 555",
        Invoice=BY_MAIL,
    )
    return company


def test_the_person_for_invoices_at_the_branch_for_payments(
    furnished: MagoCompany, client: Any
) -> None:
    record = client()
    assert (record.email, record.contact_person) == ("neri@rossi.it", "Anna Neri")
    assert (record.contact_role, record.phone) == ("Amministrazione", "011 555")
    assert (record.address, record.city) == ("Via Po 2", "Torino")


def test_the_branch_without_people(furnished: MagoCompany, tmp_path: Path) -> None:
    with opened(furnished, tmp_path, contacts="branches") as office:
        record = office.clients()["C001"]
    assert (record.email, record.contact_person) == ("amm@rossi.it", "")


def test_the_customer_itself(furnished: MagoCompany, tmp_path: Path) -> None:
    with opened(furnished, tmp_path, contacts="customer") as office:
        record = office.clients()["C001"]
    assert (record.email, record.city) == ("info@rossi.it", "Milano")


def test_a_disabled_branch_is_none(furnished: MagoCompany, tmp_path: Path) -> None:
    furnished.update("MA_CustSuppBranches", {"Branch": "AMM"}, Disabled="1")
    with opened(furnished, tmp_path, contacts="branches") as office:
        assert office.clients()["C001"].email == "doc@rossi.it"
        furnished.update("MA_CustSuppBranches", {"Branch": "DOC"}, Disabled="1")
        assert office.clients()["C001"].email == "info@rossi.it"


def test_a_branch_with_only_an_email_keeps_the_customers_address(
    furnished: MagoCompany, client: Any
) -> None:
    furnished.update("MA_CustSuppBranches", {"Branch": "AMM"}, Address="", City="")
    assert (client().address, client().city) == ("Via Roma", "Milano")


def test_mobiles_kept_as_telex(company: MagoCompany, tmp_path: Path) -> None:
    company.change_customer("C001", Telex="348 7654321")
    with opened(company, tmp_path, telex_is_mobile=True) as office:
        assert office.clients()["C001"].mobile == "348 7654321"


# Credit limits.


def test_both_generations_of_credit_limits(
    company: MagoCompany, client: Any, tmp_path: Path
) -> None:
    assert client().credit_limit is None, "nothing is set: there is no limit"
    company.change_options("C001", MaximumCredit=1000.0)
    assert client().credit_limit == Decimal("1000.00")
    company.credit("C001", single="1500.00")
    assert client().credit_limit == Decimal("1500.00")
    with opened(company, tmp_path, credit_limits="first") as office:
        assert office.clients()["C001"].credit_limit == Decimal("1000.00")
    with opened(company, tmp_path, credit_limits="second") as office:
        assert office.clients()["C002"].credit_limit is None


def test_the_total_exposure_comes_before_the_single_limit(
    company: MagoCompany, client: Any
) -> None:
    company.credit("C001", total="2000.00", single="1500.00")
    assert client().credit_limit == Decimal("2000.00")


# Streams and people.


def test_known_customers_are_only_named(company: MagoCompany, office: Office) -> None:
    known = Remembered(office.clients().values())
    company.change_options("C002", Blocked="1")
    pages = list(office.handle().pull_clients(None, ON, known))
    assert pages[-1].complete
    assert [item.code for page in pages for item in page.items] == ["C002"]  # type: ignore[union-attr]
    assert [code for page in pages for code in page.unchanged] == ["C001"]


def test_an_older_release_has_less_of_everything(tmp_path: Path) -> None:
    gone = dict.fromkeys(
        (
            "MA_CreditCustomer",
            "MA_CustSuppBranches",
            "MA_CustSuppPeople",
            "MA_CustSuppOutstandings",
            "MA_PaymentTerms",
            "MA_SalesPeople",
            "MA_Storages",
        ),
        (),
    )
    lacking = {"MA_CustSupp": ["InLiquidation", "CertifiedEMail", "PaymentAddress"]}
    company = MagoCompany.create(f"sqlite:///{tmp_path / 'old.db'}", without={**gone, **lacking})
    company.customer("C001", "Rossi", EMail="info@rossi.it")
    with opened(company, tmp_path) as office:
        record = office.clients()["C001"]
        assert (record.name, record.email, record.pec) == ("Rossi", "info@rossi.it", "")
        assert list(office.handle().pull_agents(ON)) == []
        assert list(office.handle().pull_depots(ON)) == []


def test_agents_are_written_to_as_suppliers(company: MagoCompany, office: Office) -> None:
    company.supplier("F1", "Neri Anna", EMail="anna@neri.it", Telephone2="333 1234567")
    company.customer("F1", "Un cliente omonimo", EMail="altro@cliente.it")
    company.agent("A1", "Anna Neri", supplier="F1")
    company.agent("A2", "Luca Gialli")
    company.depot("MI", "Milano")
    agents = sound(item for page in office.handle().pull_agents(ON) for item in page.items)
    depots = sound(item for page in office.handle().pull_depots(ON) for item in page.items)
    assert [(a.code, a.name, a.email, a.mobile) for a in agents] == [
        ("A1", "Anna Neri", "anna@neri.it", "333 1234567"),
        ("A2", "Luca Gialli", "", ""),
    ]
    assert [(d.code, d.name) for d in depots] == [("MI", "Milano")]
