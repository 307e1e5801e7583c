"""A lot there and back through the real commands: every euro is where the agency left it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.testing.agency import Agency, Form, Habits
from tests.cli.command import inside, well

START = date(2026, 9, 1)
LOT = "L-2026-0001"
CONFIG = """
[hub]
timezone = "Europe/Rome"
[connectors.acme]
plugin = "csv"
clients = "ledger/clients.csv"
installments = "ledger/installments.csv"
[channels.print_room]
plugin = "folder"
media = ["email"]
folder = "outbox"
[providers.alfa]
plugin = "{form}"
[providers.alfa.folder]
place = "local"
path = "scambio"
settled_s = 0
"""
PROVIDER = """
[[provider]]
key = "alfa"
label = "Agenzia Alfa S.r.l."
kind = "agency"
instance = "alfa"
services = ["extrajudicial"]
price_list = "alfa"
mandate = { number = "M-1", from = 2026-01-01, until = 2027-12-31, lot_days = 90 }
licence = [{ number = "12/2024", office = "Milano", until = 2027-12-31 }]
data_agreement = { reference = "D-1", from = 2026-01-01 }
[[price_list]]
key = "alfa"
[[price_list.version]]
from = 2026-01-01
rate = [{ percent = "10" }]
"""
CLIENTS = 14


@pytest.fixture(params=list(Form))
def form(request: pytest.FixtureRequest) -> Form:
    return Form(request.param)


@pytest.fixture
def office(tmp_path: Path, form: Form) -> Path:
    """An office with overdue credits and one agency that takes them in this form."""
    for name in ("ledger", "scambio/in", "scambio/out"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "plugins.toml").write_text(CONFIG.format(form=form), "utf-8")
    (tmp_path / "fornitori.toml").write_text(PROVIDER, "utf-8")
    write_ledger(tmp_path / "ledger")
    well(tmp_path, "init")
    well(tmp_path, "providers", "import", "fornitori.toml", "--on", str(START))
    well(tmp_path, "sync", "--on", str(START))
    return tmp_path


def write_ledger(folder: Path) -> None:
    clients = ["code,name,address,zip,city,province,phone"]
    rows = ["key,client,document_number,document_date,due_date,amount,residual"]
    for n in range(1, CLIENTS + 1):
        name = '"=HYPERLINK(""http://example.it"")"' if n == 1 else f"Cliente {n} S.r.l."
        clients.append(f"C{n:03d},{name},Via Roma {n},00121,Roma,RM,+39065550{n:03d}")
        for part in range(1, 2 + n % 3):
            sums = f"{37 * n + part}.10"
            rows.append(
                f"K{n}-{part},C{n:03d},{n}/{part},2026-01-10,2026-0{part + 1}-15,{sums},{sums}"
            )
    (folder / "clients.csv").write_text("\n".join(clients) + "\n", "utf-8")
    (folder / "installments.csv").write_text("\n".join(rows) + "\n", "utf-8")


def hand_over(office: Path) -> None:
    on = ("--on", str(START))
    words = ("--provider", "alfa", "--service", "extrajudicial", "--overdue", "30+")
    well(office, "lots", "compose", *words, *on)
    for verb in ("freeze", "approve"):
        well(office, "lots", verb, LOT, *on)
    well(office, "lots", "send", LOT, *on, "--really-send")


def account(office: Path) -> dict[str, Decimal]:
    [row] = well(office, "exchange", "account", LOT, "--format", "json").rows()
    return {name: Decimal(said) for name, said in row.items() if name != "currency"}


def days(first: int, count: int) -> list[date]:
    return [START + timedelta(days=each) for each in range(first, first + count)]


def test_every_euro_is_where_the_agency_left_it(office: Path, form: Form) -> None:
    hand_over(office)
    agency = Agency(office / "scambio", form=form, seed=11, errs=True, habits=Habits(refuses=0.2))
    for on in days(1, 6):
        agency.day(on)
        inside(office, "exchange", "in", "alfa", "--on", str(on))
    placed = sum((each.open + each.collected for each in agency.accounts.values()), Decimal(0))
    found = account(office)
    assert found["placed"] == placed
    assert found["collected"] == sum(each.collected for each in agency.accounts.values()) > 0
    assert found["ended"] == left(agency, "closed") > 0
    assert found["withdrawn"] == left(agency, "refused") > 0
    assert found["open"] == left(agency, "")
    updates = well(office, "exchange", "updates", "--format", "json").rows()
    assert {each["update_id"] for each in updates} == {each.reference for each in agency.told}


def left(agency: Agency, over: str) -> Decimal:
    """What is open of the placements that ended so."""
    return sum((each.open for each in agency.accounts.values() if each.over == over), Decimal(0))


def test_what_the_hub_cannot_take_goes_back_with_its_reason(office: Path, form: Form) -> None:
    hand_over(office)
    agency = Agency(office / "scambio", form=form, seed=11, errs=True, habits=Habits(refuses=0))
    agency.day(START + timedelta(days=1))
    inside(office, "exchange", "in", "alfa", "--on", str(START + timedelta(days=1)))
    [refused] = well(office, "exchange", "refusals", "--format", "json").rows()
    assert refused["code"] == "unknown_placement"
    files: list[dict[str, Any]] = well(office, "exchange", "files", "--format", "json").rows()
    assert [each["applied"] for each in files] == [CLIENTS], "the copy is the same file"
