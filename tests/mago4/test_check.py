"""`incasso check`: what it tells when all is well, and in which words when it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    TemporaryError,
)
from incasso_fake_mago4 import MagoCompany, Term
from incasso_mago4.database.wanted import TABLES
from tests.mago4.office import ON, Office, opened, table

MADE, DUE = date(2026, 4, 1), date(2026, 6, 30)


def test_it_tells_what_it_reached(company: MagoCompany, office: Office) -> None:
    company.invoice("C001", "1", on=MADE, due=[(DUE, "1234.50")])
    item = company.invoice("C002", "2", on=MADE, due=[(DUE, "100.00")], term=Term.RIBA)
    company.issue_bill("E1", [(item, 1)], on=MADE)
    company.present("E1", on=MADE, closing=True)
    company.insert("MA_PyblsRcvblsParameters", PyblsRcvblsParametersId=1)
    report = office.handle().check(ON)
    facts = report.facts
    assert facts["company"] == "Officine Aurelia S.r.l."
    assert facts["customers"] == "2", "the supplier of the same code is none"
    assert facts["open items EUR"] == "1, their rows sum to 1234.50"
    assert "closes them when they are presented; closed ones are shown as open" in facts["bills"]
    assert "MA_CreditCustomer" in facts["credit limits"]
    assert facts["balances from"] == "the journal"
    assert "BillsClosingOnPresentation=0" in facts["parameters of receivables"]
    assert report.warnings == ()


def test_it_asks_the_server_seldom(company: MagoCompany, office: Office) -> None:
    """Each question is a connection, which a slow line feels: there were thirteen."""
    asked: list[sa.Connection] = []

    def note(connection: sa.Connection) -> None:
        asked.append(connection)

    sa.event.listen(sa.Engine, "engine_connect", note)
    try:
        office.handle().check(ON)
    finally:
        sa.event.remove(sa.Engine, "engine_connect", note)
    assert 1 <= len(asked) <= 6


def test_it_names_what_does_not_fit_together(company: MagoCompany, office: Office) -> None:
    item = company.invoice("C001", "1", on=MADE, due=[(DUE, "50.00")])
    company.mark(item, 1, Closed="1")
    stranger = company.invoice("C002", "2", on=MADE, due=[(DUE, "60.00")])
    company.update("MA_PyblsRcvbls", {"PymtSchedId": stranger}, CustSupp="GONE")
    orphan = company.invoice("C002", "3", on=MADE, due=[(DUE, "70.00")])
    company.remove("MA_PyblsRcvbls", PymtSchedId=orphan)
    found = {each.code: each for each in office.handle().check(ON).warnings}
    assert "e.g. of PymtSchedId 1" in found["flag_and_rows"].message
    assert found["strangers"].message.startswith("1 open items belong to no customer")
    assert found["orphans"].message.startswith("1 rows of open items have no header")
    assert all(each.hint for each in found.values())


def test_it_asks_for_the_rights_that_are_missing(database_url: str, tmp_path: Path) -> None:
    company = MagoCompany.create(database_url, without={"MA_Bills": [], "MA_SalesPeople": []})
    with opened(company, tmp_path) as office:
        [warning] = office.handle().check(ON).warnings
    assert "MA_SalesPeople: the sales agents" in warning.message
    assert "GRANT SELECT ON MA_Bills TO" in warning.hint


def test_an_older_release(database_url: str, tmp_path: Path) -> None:
    without = {"MA_CreditCustomer": [], "MA_CustSupp": ["InLiquidation"]}
    company = MagoCompany.create(database_url, without=without)
    with opened(company, tmp_path) as office:
        facts = office.handle().check(ON).facts
    assert "an older one" in facts["release"]
    assert facts["credit limits"].startswith("first generation")


def test_names_in_lower_case(database_url: str, tmp_path: Path) -> None:
    company = MagoCompany.create(database_url, spelling=str.lower)
    company.customer("C001")
    company.invoice("C001", "1", on=MADE, due=[(DUE, "5.00")])
    with opened(company, tmp_path) as office:
        assert office.handle().check(ON).facts["open items EUR"] == "1, their rows sum to 5.00"
        assert len(office.installments()) == len(office.clients()) == 1


def test_the_grants_of_the_manual_are_what_is_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "mago4.md").read_text(encoding="utf-8")
    granted = re.findall(r'GRANT SELECT ON "(\w+)" TO incasso;', page)
    assert sorted(granted) == sorted(wanted.name for wanted in TABLES)
    needed = [wanted.name for wanted in TABLES if not wanted.lost]
    assert granted[: len(needed)] == needed


# Several companies.


def test_fiscal_companies_of_one_database(company: MagoCompany, tmp_path: Path) -> None:
    with company.engine.begin() as connection:
        added = 'ALTER TABLE "MA_PyblsRcvbls" ADD COLUMN "FiscalCompany" VARCHAR(8)'
        connection.exec_driver_sql(added)
    first = company.invoice("C001", "1", on=MADE, due=[(DUE, "10.00")])
    second = company.invoice("C001", "1", on=MADE, due=[(DUE, "20.00")])
    with company.engine.begin() as connection:
        for item, name in ((first, "NORD"), (second, "SUD")):
            statement = 'UPDATE "MA_PyblsRcvbls" SET "FiscalCompany" = :n WHERE "PymtSchedId" = :i'
            connection.execute(sa.text(statement), {"n": name, "i": item})
    column = {"fiscal_company_column": "FiscalCompany"}
    tables = {
        name: table(company, tmp_path, fiscal_company=name.upper(), **column)
        for name in ("nord", "sud")
    }
    with Office(tmp_path, **tables) as office:
        assert [list(office.installments(name=name)) for name in tables] == [["1|1"], ["2|1"]]
        identities = {office.handle(name).check(ON).remote_identity for name in tables}
        assert len(identities) == 2
    with opened(company, tmp_path, fiscal_company="EST", **column) as office:
        [warning] = office.handle().check(ON).warnings
        assert warning.code == "empty_company"
    with opened(company, tmp_path, fiscal_company="1", fiscal_company_column="No") as office:
        assert "has no column 'No'" in refused(office, ConfigurationError)


def test_two_companies_keep_apart_and_one_may_be_down(company: MagoCompany, tmp_path: Path) -> None:
    other = MagoCompany.create(f"sqlite:///{tmp_path / 'other.db'}", name="Altra S.p.A.")
    for each, amount in ((company, "10.00"), (other, "20.00")):
        if each is other:
            each.customer("C001", "Altro Rossi")
        each.invoice("C001", "1", on=MADE, due=[(DUE, amount)])
    tables = {"acme": table(company, tmp_path), "other": table(other, tmp_path)}
    with Office(tmp_path, **tables) as office:
        assert (
            office.installments()["1|1"].residual
            != office.installments(name="other")["1|1"].residual
        )
        assert office.clients(name="other")["C001"].name == "Altro Rossi"
        (tmp_path / "other.db").unlink()
        with pytest.raises(PluginError):
            office.installments(name="other")
        assert len(office.installments()) == 1


# Trouble.


def refused(office: Office, kind: type[PluginError]) -> str:
    with pytest.raises(kind) as raised:
        office.handle().check(ON)
    told = str(raised.value)
    assert "\n" not in told and "Traceback" not in told
    return told


@pytest.fixture
def with_url(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    made: list[Office] = []

    def open_with(url: str, **settings: Any) -> Office:
        made.append(Office(tmp_path, acme={"plugin": "mago4", "url": url, **settings}))
        return made[-1]

    yield open_with
    for office in made:
        office.registry.close()


def test_a_database_that_is_not_mago(tmp_path: Path, with_url: Callable[..., Office]) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE other (a INT)")
    engine.dispose()
    told = refused(with_url(f"sqlite:///{tmp_path / 'x.db'}"), ConfigurationError)
    assert "no table of Mago4" in told and "company database" in told


@pytest.mark.parametrize("name", ["MA_CustSupp", "MA_PyblsRcvbls", "MA_PyblsRcvblsDetails"])
def test_a_needed_table_that_is_not_to_be_seen(tmp_path: Path, name: str) -> None:
    company = MagoCompany.create(f"sqlite:///{tmp_path / 'x.db'}", without={name: []})
    with opened(company, tmp_path) as office:
        told = refused(office, ConfigurationError)
    assert f"GRANT SELECT ON {name}" in told


def test_a_needed_column_that_is_missing(tmp_path: Path) -> None:
    without = {"MA_PyblsRcvblsDetails": ["Amount"]}
    company = MagoCompany.create(f"sqlite:///{tmp_path / 'x.db'}", without=without)
    with opened(company, tmp_path) as office:
        assert "has no column Amount" in refused(office, ConfigurationError)


def test_a_misspelt_file(tmp_path: Path, with_url: Callable[..., Office]) -> None:
    told = refused(with_url(f"sqlite:///{tmp_path / 'nothing.db'}"), ConfigurationError)
    assert "nothing.db" in told


def test_nobody_listens(with_url: Callable[..., Office]) -> None:
    told = refused(with_url("postgresql://reader@127.0.0.1:1/ACME"), TemporaryError)
    assert "127.0.0.1:1/ACME" in told and "firewall" in told


def test_a_password_inside_the_address(with_url: Callable[..., Office]) -> None:
    told = refused(with_url("mssql+pymssql://reader:secret@server/ACME"), ConfigurationError)
    assert "take it out" in told and "secret" not in told


@pytest.mark.postgres
def test_a_wrong_password_and_a_wrong_database(
    fresh_postgres: str, tmp_path: Path, with_url: Callable[..., Office]
) -> None:
    company = MagoCompany.create(fresh_postgres)
    url = sa.make_url(fresh_postgres).set(password=None)
    wrong = url.set(database="NIENTE").render_as_string(hide_password=False)
    given = table(company, tmp_path)
    secret = {"password": given["password"]} if "password" in given else {}
    assert "NIENTE" in refused(with_url(wrong, **secret), ConfigurationError)
    nobody = url.set(username="nessuno").render_as_string(hide_password=False)
    (tmp_path / "wrong").write_text("sbagliata")
    told = refused(with_url(nobody, password={"file": "wrong"}), AuthenticationError)
    assert "'nessuno'" in told and "sbagliata" not in told


@pytest.mark.postgres
def test_a_login_that_may_read_a_part_only(
    fresh_postgres: str, tmp_path: Path, with_url: Callable[..., Office]
) -> None:
    company = MagoCompany.create(fresh_postgres)
    company.customer("C001")
    company.invoice("C001", "1", on=MADE, due=[(DUE, "5.00")])
    role = f"reader_{sa.make_url(fresh_postgres).database}"
    with company.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'only-to-read'")
        for name in ("MA_CustSupp", "MA_PyblsRcvbls", "MA_PyblsRcvblsDetails"):
            connection.exec_driver_sql(f'GRANT SELECT ON "{name}" TO {role}')
    try:
        url = sa.make_url(fresh_postgres).set(username=role, password=None)
        (tmp_path / "role").write_text("only-to-read")
        given = {"password": {"file": "role"}}
        office = with_url(url.render_as_string(hide_password=False), **given)
        [warning] = office.handle().check(ON).warnings
        assert "GRANT SELECT ON MA_CustSuppCustomerOptions" in warning.hint
        assert len(office.installments()) == 1
    finally:
        with company.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("currency", "euro"),
        ("payment_methods", {"2686981": "cambiale"}),
        ("payment_methods", {"RB": "riba"}),
        ("notice_days", {"riba": 1000}),
        ("notice_days", {"bonifici": 3}),
        ("lookback_days", 0),
        ("tolerance", "1000"),
        ("fiscal_company", "NORD"),
    ],
)
def test_settings_that_make_no_sense_are_named(tmp_path: Path, setting: str, value: object) -> None:
    with pytest.raises(AssertionError, match=setting):
        Office(tmp_path, acme={"plugin": "mago4", "url": "sqlite:///x.db", setting: value})
