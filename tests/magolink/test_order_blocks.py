"""Order blocks written into Mago, through the document or as one guarded column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.connector import WriteBackKind
from incasso.contract.errors import OutcomeUnknownError, RejectedError, UnsupportedError
from incasso.testing.network import Answer
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.cloud import CloudServer
from incasso_fake_mago4.soap import MagoServer
from tests.mago4.office import table as database_table
from tests.magolink.office import FULL_PROFILE, ON, Office, Table, office
from tests.magolink.test_same_company import cloud_table

BLOCK, RELEASE = WriteBackKind.BLOCK_ORDERS, WriteBackKind.RELEASE_ORDERS
WAYS = ("magiclink", "cloud", "database and magiclink", "flag")


def blocked(company: MagoCompany, code: str = "C001") -> bool:
    [row] = company.rows("MA_CustSuppCustomerOptions", Customer=code)
    return bool(row["Blocked"] == "1")


@pytest.fixture
def cloud(company: MagoCompany) -> Iterator[CloudServer]:
    with CloudServer({"SUB-1": company.engine}) as cloud:
        yield cloud
        assert cloud.tokens == {}


@pytest.fixture(params=WAYS)
def way(
    request: pytest.FixtureRequest,
    company: MagoCompany,
    server: MagoServer,
    cloud: CloudServer,
    table: Table,
    tmp_path: Path,
) -> Iterator[Office]:
    database = {"plugin": "mago4", "url": company.engine.url.render_as_string()}
    link = {"url": server.url, "user": "hub", "company": "ACME", "customers_profile": FULL_PROFILE}
    through = {"magiclink": link, "magiclink_password": table["password"]}
    tables: dict[str, Table] = {
        "magiclink": {**table, "write_back": True},
        "cloud": {**cloud_table(cloud, tmp_path), "write_back": True},
        "database and magiclink": {**database, **through, "allow_private_addresses": True},
        "flag": {**database, "flag_update": True, "flag_user": 12},
    }
    with office(tables[request.param], tmp_path) as found:
        yield found


def test_a_block_and_its_release(way: Office, company: MagoCompany) -> None:
    done = way.write(BLOCK)
    assert blocked(company) and done.before == {"Blocked": "false"}
    assert not blocked(company, "C002"), "nobody else is touched"
    assert way.clients()["C001"].blocked, "the hub sees its own change come back"
    again = way.write(RELEASE, before=done.before, key="writeback-2")
    assert not blocked(company) and again.before == {"Blocked": "true"}


def test_who_was_blocked_before_stays_blocked_after_the_release(
    way: Office, company: MagoCompany
) -> None:
    company.change_options("C001", Blocked="1")
    done = way.write(BLOCK)
    assert done.before == {"Blocked": "true"}
    way.write(RELEASE, before=done.before, key="writeback-2")
    assert blocked(company)


def test_the_same_attempt_again_changes_nothing_and_tells_the_same(
    way: Office, company: MagoCompany
) -> None:
    first = way.write(BLOCK)
    [row] = company.rows("MA_CustSuppCustomerOptions", Customer="C001")
    second = way.write(BLOCK, attempt=2)
    assert (second.ref, second.before) == (first.ref, first.before)
    assert [row] == company.rows("MA_CustSuppCustomerOptions", Customer="C001")


def test_a_trial_changes_nothing_and_tells_what_is_there(way: Office, company: MagoCompany) -> None:
    assert way.write(BLOCK, dry_run=True).before == {"Blocked": "false"}
    assert not blocked(company)


def test_an_unknown_customer_is_refused(way: Office) -> None:
    with pytest.raises(RejectedError, match="Mago has no customer C999"):
        way.write(BLOCK, "C999")


def test_other_traces_are_not_left(way: Office) -> None:
    with pytest.raises(UnsupportedError, match="only order blocks are written, no step done"):
        way.write(WriteBackKind.STEP_DONE)


@pytest.mark.parametrize("kind", ["mago4", "magolink"])
def test_writing_is_off_unless_it_is_switched_on(
    kind: str, company: MagoCompany, table: Table, tmp_path: Path
) -> None:
    database = {"plugin": "mago4", "url": company.engine.url.render_as_string()}
    given = table if kind == "magolink" else database
    words = "switched off.*or change Blocked in the customer's options by hand"
    with office(given, tmp_path) as off, pytest.raises(UnsupportedError, match=words):
        off.write(BLOCK)
    assert not blocked(company)


# Through the document.


@pytest.fixture
def linked(table: Table, tmp_path: Path) -> Iterator[Office]:
    with office({**table, "write_back": True}, tmp_path) as linked:
        yield linked


def test_only_the_flag_is_sent_and_the_other_blocks_survive(
    linked: Office, company: MagoCompany, server: MagoServer
) -> None:
    company.branch("C001", "AMM", City="Milano")
    company.change_options("C001", Salesperson="A7")
    linked.write(BLOCK)
    [sent] = server.saved
    assert "OtherBranches" not in sent and "Salesperson" not in sent and "CompanyName" not in sent
    assert len(company.rows("MA_CustSuppBranches")) == 1
    [row] = company.rows("MA_CustSuppCustomerOptions", Customer="C001")
    assert row["Salesperson"] == "A7"


def test_a_profile_without_options_is_said_with_the_cure(table: Table, tmp_path: Path) -> None:
    light = {**table, "write_back": True, "customers_profile": "Standard/DefaultLight"}
    words = "Standard/DefaultLight leaves the customer's options out.*set customers_profile"
    with office(light, tmp_path) as linked, pytest.raises(UnsupportedError, match=words):
        linked.write(BLOCK)


def test_silence_after_a_change_that_was_saved_is_a_success(
    linked: Office, company: MagoCompany, server: MagoServer
) -> None:
    server.mute = {"SetData"}
    assert linked.write(BLOCK).before == {"Blocked": "false"}
    assert blocked(company)


def test_silence_after_a_change_that_was_not_saved_stays_in_doubt(
    linked: Office, company: MagoCompany, server: MagoServer
) -> None:
    server.faults["SetData"] = [Answer(silent=True)]
    with pytest.raises(OutcomeUnknownError):
        linked.write(BLOCK)
    assert not blocked(company)


def test_mago_says_why_it_did_not_save(linked: Office, server: MagoServer) -> None:
    server.refuse = "Il cliente è in modifica da parte di un altro utente"
    with pytest.raises(RejectedError, match="Il cliente è in modifica"):
        linked.write(BLOCK)


def test_a_change_that_mago_swallows_is_noticed(
    linked: Office, server: MagoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MagoServer, "set_data", lambda *_: {"SetDataResult": True, "result": ""})
    with pytest.raises(RejectedError, match="left Blocked as it was: ask its administrator"):
        linked.write(BLOCK)


# As one guarded column.


@pytest.fixture
def direct(company: MagoCompany, tmp_path: Path) -> Iterator[Office]:
    url = company.engine.url.render_as_string()
    table = {"plugin": "mago4", "url": url, "flag_update": True, "flag_user": 12}
    with office(table, tmp_path) as direct:
        yield direct


def test_the_row_tells_when_and_by_whom(direct: Office, company: MagoCompany) -> None:
    [before] = company.rows("MA_CustSuppCustomerOptions", Customer="C001")
    direct.write(BLOCK)
    [after] = company.rows("MA_CustSuppCustomerOptions", Customer="C001")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"Blocked", "TBModified", "TBModifiedID"}
    assert after["TBModifiedID"] == 12


def test_whoever_changes_it_in_the_same_moment_wins(
    direct: Office, company: MagoCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    from incasso_mago4 import flag

    looked = flag._blocked

    def looked_and_overtaken(*arguments: Any) -> bool:
        found = looked(*arguments)
        company.change_options("C001", Blocked="1")
        return found

    monkeypatch.setattr(flag, "_blocked", looked_and_overtaken)
    with pytest.raises(RejectedError, match="somebody changed the order block of customer C001"):
        direct.write(BLOCK)


def test_the_same_code_as_a_supplier_is_left_alone(direct: Office, company: MagoCompany) -> None:
    row = {"CustSuppType": 3211265, "Customer": "C001", "Blocked": "0"}
    company.insert("MA_CustSuppCustomerOptions", **row)
    direct.write(BLOCK)
    found = company.rows("MA_CustSuppCustomerOptions", Customer="C001")
    assert {each["CustSuppType"]: each["Blocked"] for each in found} == {
        3211264: "1",
        3211265: "0",
    }


def test_sql_server_is_sent_one_guarded_statement() -> None:
    from sqlalchemy.dialects import mssql

    from incasso.contract.connector import WriteBack
    from incasso_mago4 import flag
    from incasso_mago4.database.schema import Schema

    names = "CustSuppType Customer Blocked TBModified TBModifiedID".split()
    shown = {f"dbo.{flag.TABLE}": tuple((name, "x") for name in names)}
    options = Schema(shown).relation(flag.TABLE, "")
    change = WriteBack(kind=BLOCK, client="C001", on=ON)
    statement = flag._statement(options, change, was=False, user=12)
    compiled = statement.compile(dialect=mssql.dialect())  # type: ignore[no-untyped-call]
    assert " ".join(str(compiled).split()) == (
        "UPDATE dbo.[MA_CustSuppCustomerOptions] SET [Blocked]=:Blocked, "
        "[TBModified]=CURRENT_TIMESTAMP, [TBModifiedID]=:TBModifiedID "
        "WHERE dbo.[MA_CustSuppCustomerOptions].[CustSuppType] = :CustSuppType_1 "
        "AND dbo.[MA_CustSuppCustomerOptions].[Customer] = :Customer_1 "
        "AND dbo.[MA_CustSuppCustomerOptions].[Blocked] = :Blocked_1"
    )
    assert (compiled.params["Blocked"], compiled.params["Blocked_1"]) == ("1", "0")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"flag_update": True}, "either magiclink or flag_update"),
        ({"magiclink_password": None}, "magiclink_password: missing"),
        ({"magiclink": {"url": "http://x", "users": "hub"}}, "users: unknown"),
    ],
)
def test_wrong_settings_of_order_blocks_are_told(given: dict[str, Any], words: str) -> None:
    from incasso.contract.errors import ConfigurationError
    from incasso.contract.values import Secret
    from incasso_mago4.settings import Mago4Settings

    link = {"url": "http://mago.example.local", "user": "hub", "company": "ACME"}
    good: dict[str, Any] = {"magiclink": link, "magiclink_password": Secret("x")}
    assert Mago4Settings(url="sqlite://", **good).link is not None
    with pytest.raises(ConfigurationError, match=words):
        Mago4Settings(url="sqlite://", **{**good, **given})


def test_the_flag_is_set_on_every_engine(database_url: str, tmp_path: Path) -> None:
    company = MagoCompany.create(database_url)
    company.customer("C001")
    given = database_table(company, tmp_path, flag_update=True)
    with office(given, tmp_path) as direct:
        done = direct.write(BLOCK)
        assert blocked(company)
        [row] = company.rows("MA_CustSuppCustomerOptions", Customer="C001")
        assert row["TBModified"] != row["TBCreated"]
        direct.write(RELEASE, before=done.before, key="writeback-2")
        assert not blocked(company)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"company": "ACNE"}, "order blocks cannot be written: .*check company"),
        ({"customers_profile": "Standard/DefaultLight"}, "leaves the customer's options out"),
    ],
    ids=["good", "company", "profile"],
)
def test_the_check_of_a_database_tries_the_way_of_its_blocks(
    company: MagoCompany,
    server: MagoServer,
    table: Table,
    tmp_path: Path,
    change: dict[str, str],
    words: str | None,
) -> None:
    link = {"url": server.url, "user": "hub", "company": "ACME", "customers_profile": FULL_PROFILE}
    given = {
        "magiclink": {**link, **change},
        "magiclink_password": table["password"],
        "allow_private_addresses": True,
    }
    with office(database_table(company, tmp_path, **given), tmp_path) as found:
        report = found.handle.check(ON)
    assert "MagicLink" in report.facts["order blocks"]
    told = [each.message for each in report.warnings if each.field == "magiclink"]
    assert (words is None) == (not told)
    if words is not None:
        assert re.search(words, told[0])
