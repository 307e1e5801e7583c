"""A client blocked by the hub, in Mexal and back: the real commands of two days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from incasso_fake_mexal import Company, MexalServer
from tests.cli.command import well
from tests.mexal.office import ON, days, standard, table

ROSSI = "501.00001"
BLOCKED = {"fido": "0.01", "gest_fuori_fido": "B"}


@pytest.fixture
def company(server: MexalServer) -> Company:
    made = standard(server)
    made.change_client(ROSSI, fido=5000, gest_fuori_fido="A")
    made.invoice(ROSSI, [(days(-60), "900.00")], on=days(-120), number=7)
    return made


def in_mexal(company: Company) -> tuple[float, str]:
    row = company.tables["clienti"][ROSSI]
    return float(row["fido"]), row["gest_fuori_fido"]


def puts(server: MexalServer) -> int:
    return len([request for request in server.requests if request.method == "PUT"])


def clients(folder: Path) -> dict[str, Any]:
    return {row["code"]: row for row in well(folder, "clients", "--format", "json").rows()}


def day(folder: Path, server: MexalServer, count: int) -> None:
    """Sync and dispatch, as the scheduler does them."""
    server.clock.tick(3600)
    well(folder, "sync", "--on", f"{days(count)}")
    well(folder, "dispatch", "--on", f"{days(count)}", "--really-send")


def test_a_block_reaches_mexal_is_known_again_and_ends_with_the_payment(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    settings = table("acme", server, write_back=True, block_orders=BLOCKED)
    (tmp_path / "plugins.toml").write_text(settings, encoding="utf-8")
    well(tmp_path, "init")
    well(tmp_path, "sync", "--on", f"{ON}")
    act = ("act", "block-orders", f"acme/{ROSSI}", "--why", "assegno impagato", "--by", "admin")
    well(tmp_path, *act, "--on", f"{ON}")
    well(tmp_path, "dispatch", "--on", f"{ON}")
    assert puts(server) == 0, "a trial writes nothing"
    well(tmp_path, "dispatch", "--on", f"{ON}", "--really-send")
    assert in_mexal(company) == (0.01, "B")
    (written,) = well(tmp_path, "blocks", "writes", "--format", "json").rows()
    assert written["status"] == "done"
    for count in (0, 1):
        day(tmp_path, server, count)
    assert puts(server) == 1, "the hub knows its own change: no loop"
    assert clients(tmp_path)[ROSSI]["orders_blocked_by"] in ("hub", "both")
    company.pay(next(p for p in company.postings if p.number == 7), on=days(1))
    for count in (2, 3):
        day(tmp_path, server, count)
    assert in_mexal(company) == (5000, "A"), "paid, so released, with the old limit"
    assert well(tmp_path, "blocks", "--format", "json").rows() == []
    day(tmp_path, server, 4)
    assert puts(server) == 2
    assert not clients(tmp_path)[ROSSI]["blocked"]


def test_who_was_blocked_in_mexal_before_stays_so(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    company.change_client(ROSSI, fido=0.01, gest_fuori_fido="B")
    settings = table("acme", server, write_back=True, block_orders=BLOCKED)
    (tmp_path / "plugins.toml").write_text(settings, encoding="utf-8")
    well(tmp_path, "init")
    well(tmp_path, "sync", "--on", f"{ON}")
    assert clients(tmp_path)[ROSSI]["blocked"]
    for what in ("block-orders", "release-orders"):
        well(tmp_path, "act", what, f"acme/{ROSSI}", "--why", "x", "--by", "admin", "--on", f"{ON}")
        well(tmp_path, "dispatch", "--on", f"{ON}", "--really-send")
    assert in_mexal(company) == (0.01, "B"), "a person of the ERP did that"
    assert puts(server) == 0
