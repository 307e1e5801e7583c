"""What an installation need not offer: the check passes, as the sync does."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from incasso.domain.office.actor import Scope
from incasso.store.lists.history import BALANCES
from incasso.store.lists.reading import read_list
from incasso_fake_mexal import Company, MexalServer, small_company
from tests.cli.command import Ended, inside, well
from tests.mexal.office import Office, days, office, standard, table


def written(folder: Path, server: MexalServer) -> None:
    text = f'[hub]\nlanguage = "en"\n{table("acme", server)}'
    (folder / "plugins.toml").write_text(text, encoding="utf-8")


def checked(folder: Path, *words: str) -> Ended:
    return inside(folder, "check", "--on", "2026-11-23", *words)


def test_an_installation_without_its_own_resource_is_checked_by_its_ledger(
    tmp_path: Path, server: MexalServer
) -> None:
    small_company(server)
    server.hide("dati-generali/installazione")
    written(tmp_path, server)
    ended = checked(tmp_path)
    assert (ended.code, ended.has_traceback) == (0, False), ended
    assert "not told by this installation" in ended.out
    well(tmp_path, "init")
    well(tmp_path, "sync", "--on", "2026-11-23")


def test_neither_installation_nor_ledger_is_no_webapi(tmp_path: Path, server: MexalServer) -> None:
    standard(server)
    server.hide("dati-generali/installazione")
    server.hide("scadenzario")
    written(tmp_path, server)
    ended = checked(tmp_path, "--format", "json")
    assert ended.code == 2 and "does not answer as a WebAPI of Mexal" in ended.out + ended.err


@pytest.mark.parametrize("resource", ["help", "aziende"])
def test_a_resource_that_is_closed_to_the_user_is_no_wrong_password(
    resource: str, tmp_path: Path, server: MexalServer
) -> None:
    small_company(server)
    server.fail("unauthorized", resource, times=None)
    written(tmp_path, server)
    for _ in range(2):
        ended = checked(tmp_path)
        assert (ended.code, ended.has_traceback) == (0, False), ended
    well(tmp_path, "init")
    well(tmp_path, "sync", "--on", "2026-11-23")


def test_the_help_is_asked_for_with_the_coordinates(tmp_path: Path, server: MexalServer) -> None:
    small_company(server)
    server.desk.help_needs_company = True
    written(tmp_path, server)
    ended = checked(tmp_path)
    assert ended.code == 0, ended
    assert "not shown to this user" not in ended.out
    (asked,) = server.asked("help")
    assert re.match(r"Azienda=ACM Anno=2026", asked.headers["coordinate-gestionale"])


def test_a_wrong_password_is_still_tried_once(
    tmp_path: Path, server: MexalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard(server)
    server.hide("dati-generali/installazione")
    monkeypatch.setenv("MEXAL_PASSWORD", "sbagliata")
    written(tmp_path, server)
    assert checked(tmp_path).code == 1
    assert server.access.bad_logins == 1


def with_a_bill_long_issued(company: Company) -> None:
    """Its bank has more days than the hub's ten: Mexal still counts the bill as owed."""
    company.bank_days = 60
    bill = company.invoice("501.00001", [(days(-30), "1000.00")], on=days(-90), kind="R")
    company.issue_bills((bill, 1), on=days(-60), bill="EF1")
    company.invoice("501.00001", [(days(20), "250.00")], on=days(-10))


def test_a_balance_that_differs_by_bills_counted_as_collected_is_no_error(
    tmp_path: Path, server: MexalServer
) -> None:
    with_a_bill_long_issued(standard(server))
    written(tmp_path, server)
    ended = checked(tmp_path, "--read")
    assert ended.code == 0, ended
    said = " ".join(ended.out.split())
    assert "1 balance differs only by bills that count as collected" in said
    assert "1,000.00 in all" in said
    (found,) = checked(tmp_path, "--read", "--format", "json").rows()
    (difference,) = found["read"]["differences"]
    assert difference == {
        "what": "501.00001", "erp": "1250.00", "hub": "250.00", "collected": "1000.00",
    }  # fmt: skip


def test_it_is_still_an_error_when_it_differs_by_anything_else(
    tmp_path: Path, server: MexalServer
) -> None:
    company = standard(server)
    with_a_bill_long_issued(company)
    company.balance = lambda client, on: Decimal("1327.00")  # type: ignore[method-assign]
    written(tmp_path, server)
    ended = checked(tmp_path, "--read")
    assert ended.code == 1, ended
    assert "the ERP says 1,327.00, read were 250.00" in " ".join(ended.err.split())


def test_the_list_of_balances_says_what_of_it_counts_as_collected(
    tmp_path: Path, server: MexalServer
) -> None:
    with_a_bill_long_issued(standard(server))
    with office(tmp_path, server, check_balances=True) as hub:
        report = hub.good()
        counts = report.counts
        assert (counts.balances_differ, counts.balances_collected) == (0, 1)
        assert not report.warnings
        assert balances(hub) == {"501.00001": (Decimal("1250.00"), Decimal("1000.00"))}


def balances(hub: Office) -> dict[str, tuple[Decimal, Decimal]]:
    """By client: what Mexal says, and what of the difference counts as collected."""
    with hub.hub.store.read() as connection:
        return {
            row["client"]: (row["balance"], row["counted_as_collected"])
            for row in read_list(connection, BALANCES, Scope.everything())
        }
