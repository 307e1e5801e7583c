"""A file source through the whole hub: what arrives, what is quarantined, what never closes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.demo.portfolio import Portfolio
from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.ledger.sync import SyncReport, sync
from incasso.services.running.setup import init
from incasso.store.tables.ledger import installments, quarantine
from incasso_csv.connector import CsvConnector
from incasso_csv.settings import CsvSettings
from tests.cli.command import CONFIG, well
from tests.csv.layouts import LAYOUTS, Layout
from tests.csv.reading import Stored, context

START = date(2026, 9, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def hub_for(folder: Path, renamed: str = "", **settings: str) -> Hub:
    table = {"plugin": "csv", "installments": "ledger.csv", **settings}
    lines = "".join(f'{key} = "{value}"\n' for key, value in table.items())
    if renamed:
        lines += f"renamed = {{ {renamed} }}\n"
    (folder / "plugins.toml").write_text(f"[connectors.acme]\n{lines}", encoding="utf-8")
    hub = build_hub(folder / "plugins.toml", now=lambda: datetime(2026, 9, 1, 6, tzinfo=UTC))
    init(hub)
    return hub


@pytest.fixture
def office(folder: Path) -> Iterator[Hub]:
    with hub_for(folder, installments="installments.csv", clients="clients.csv") as hub:
        yield hub


def portfolio() -> Portfolio:
    return Portfolio(7, START, clients=60, installments=300)


def read(hub: Hub, on: date = START, **options: Any) -> SyncReport:
    return sync(hub, CLOCK, "acme", on, **options)


def still_open(hub: Hub) -> dict[str, tuple[int, Decimal]]:
    columns = (
        installments.c.currency,
        sa.func.count(),
        sa.func.sum(installments.c.residual),
    )
    query = sa.select(*columns).where(installments.c.status == "open", installments.c.residual != 0)
    with hub.store.read() as connection:
        rows = connection.execute(query.group_by(installments.c.currency))
        return {currency: (n, Decimal(total).scaleb(-2)) for currency, n, total in rows}


def open_items(hub: Hub) -> dict[str, Decimal]:
    query = sa.select(installments.c.key, installments.c.residual)
    with hub.store.read() as connection:
        rows = connection.execute(query.where(installments.c.status == "open"))
        return {key: Decimal(residual).scaleb(-2) for key, residual in rows}


def refused(hub: Hub) -> list[tuple[int | None, str, str]]:
    query = sa.select(quarantine.c.row, quarantine.c.field, quarantine.c.code)
    with hub.store.read() as connection:
        rows = connection.execute(query.where(quarantine.c.resolved_run_id.is_(None)))
        return sorted((row, field, code) for row, field, code in rows)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_layout_reaches_the_ledger(layout: Layout, folder: Path) -> None:
    (folder / "ledger.csv").write_bytes(layout.content.removeprefix("\n").encode(layout.encoding))
    with hub_for(folder, **({"mapping": layout.mapping} if layout.mapping else {})) as hub:
        report = read(hub)
        assert report.good, report.reasons
        assert still_open(hub) == layout.expected
        assert refused(hub) == sorted(layout.complaints)


def test_the_demonstration_s_bad_rows_are_quarantined_each_for_its_reason(
    office: Hub, folder: Path
) -> None:
    portfolio().write(folder, START, with_bad_rows=True)
    assert read(office).good
    codes = {code for _, _, code in refused(office)}
    assert codes == {"unknown_client", "impossible_date", "bad_amount", "contradiction"}


def test_weeks_of_ledger_files(office: Hub, folder: Path) -> None:
    invented = portfolio()
    for days in (0, 1, 2, 7, 14):
        on = START + timedelta(days=days)
        invented.write(folder, on)
        assert read(office, on).good
        written = {record.key: record.residual for record in invented.ledger(on)}
        held = open_items(office)
        assert {key: held.get(key, Decimal(0)) for key in written} == written
        # What left without a paid row closes at its second absence, not at the first.
        assert len(held.keys() - written.keys()) < 10


def test_the_same_file_again_changes_nothing(office: Hub, folder: Path) -> None:
    portfolio().write(folder, START)
    read(office)
    before = still_open(office)
    again = read(office)
    assert again.good
    assert still_open(office) == before


@pytest.mark.parametrize("how", ["empty", "heading", "cut", "missing", "garbage", "folder"])
def test_a_file_that_is_not_whole_closes_nothing(how: str, office: Hub, folder: Path) -> None:
    portfolio().write(folder, START)
    assert read(office).good
    before = still_open(office)
    path = folder / "installments.csv"
    content = path.read_bytes()
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how != "missing":
        whole = {
            "empty": b"",
            "heading": content.split(b"\n")[0] + b"\n",
            "garbage": b"\x00\x01" * 99,
        }
        path.write_bytes(whole.get(how, content[: len(content) // 2 - 5]))
    for days in (1, 2, 3):
        report = read(office, START + timedelta(days=days))
        assert report.status == "failed"
        assert "installments.csv" in report.reasons[0]
        assert still_open(office) == before


def test_a_file_cut_at_a_row_end_meets_the_guard(office: Hub, folder: Path) -> None:
    portfolio().write(folder, START)
    read(office)
    before = still_open(office)
    path = folder / "installments.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(rows[:150]), encoding="utf-8")
    assert read(office, START + timedelta(days=1)).status == "stopped"
    assert still_open(office) == before


def test_a_row_that_goes_bad_stays_open(office: Hub, folder: Path) -> None:
    portfolio().write(folder, START)
    read(office)
    before = still_open(office)
    path = folder / "installments.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    rows[10] = rows[10].replace("2026-", "2026-99-", 1)
    path.write_text("".join(rows), encoding="utf-8")
    for days in (1, 2, 3):
        assert read(office, START + timedelta(days=days)).good
        assert still_open(office) == before
    assert [row for row, _, _ in refused(office)] == [11]


def test_the_second_reading_takes_only_the_clients_that_changed(folder: Path, office: Hub) -> None:
    portfolio().write(folder, START)
    read(office)
    clients = folder / "clients.csv"
    head, first, second, *rest = clients.read_text(encoding="utf-8").splitlines(keepends=True)
    clients.write_text("".join([head, f"{first.rstrip()} anew\n", second, second, *rest]), "utf-8")
    done = read(office, START + timedelta(days=1)).counts
    assert (done.clients_read, done.clients_new, done.clients_changed) == (61, 0, 1)
    assert [row for row in refused(office) if row[1] == "code"] == [(None, "code", "doubled")]
    clients.write_text("".join([head, second, *rest]), "utf-8")
    read(office, START + timedelta(days=2))
    clients.write_text("".join([head, first, second, *rest]), "utf-8")
    done = read(office, START + timedelta(days=3)).counts
    assert (done.clients_new, done.clients_changed) == (0, 1), "who was gone comes back"


def test_a_bill_that_is_open_again_came_back_though_no_column_says_so(folder: Path) -> None:
    """Most exports tell that a bill is at the bank, and nothing when it returns."""
    heading = "key,client,due_date,residual,payment_method,presented_on\n"
    at_bank = "1,C1,2026-10-31,100.00,riba,2026-10-05\n"
    (folder / "ledger").mkdir()
    ledger = folder / "ledger/installments.csv"
    (folder / "ledger/clients.csv").write_text("code,name\nC1,Rossi Srl\n")
    ledger.write_text(heading + at_bank)
    (folder / "plugins.toml").write_text(CONFIG)
    well(folder, "init")
    well(folder, "sync", "--on", "2026-11-02")
    ledger.write_text(heading + at_bank.replace("2026-10-05", ""))
    for on in ("2026-11-06", "2026-11-09"):
        well(folder, "sync", "--on", on)
        [row] = well(folder, "installments", "--on", on, "--format", "json").rows()
        assert (row["unpaid_on"], row["residual"]) == ("2026-11-06", "100.00")


PLAIN = "Codice cliente;Ragione sociale;Numero documento;Data scadenza;Residuo\n"


def plain_ledger(folder: Path, *numbers: int) -> None:
    rows = (f"C{n % 3};Cliente {n % 3};{n};31/10/2026;100,00\n" for n in numbers)
    (folder / "ledger.csv").write_text(PLAIN + "".join(rows), encoding="utf-8")


def test_an_unchanged_file_read_twice_is_one_absence(folder: Path) -> None:
    plain_ledger(folder, *range(20))
    with hub_for(folder) as hub:
        read(hub)
        plain_ledger(folder, *range(19))
        assert read(hub).counts.absent == 1
        # The same content again, were it copied anew: it says nothing that it did not say before.
        plain_ledger(folder, *range(19))
        for days in (0, 1, 5):
            assert read(hub, START + timedelta(days=days)).counts.vanished == 0
        plain_ledger(folder, *range(19), 30)
        assert read(hub, START + timedelta(days=6)).counts.vanished == 1


def mark_of(folder: Path, **settings: Any) -> str:
    source = CsvConnector(CsvSettings(installments=folder / "ledger.csv", **settings))
    return [*source.erp_pull_installments(None, Stored(), context())][-1].mark


def test_the_mark_follows_content_and_settings_and_nothing_else(folder: Path) -> None:
    plain_ledger(folder, *range(20))
    mark = mark_of(folder)
    os.utime(folder / "ledger.csv", (1, 1))
    assert mark and mark_of(folder) == mark
    assert mark_of(folder, client_accounts=("C0",)) != mark  # the same bytes, read otherwise
    plain_ledger(folder, *range(19), 30)
    assert mark_of(folder) != mark


def test_the_guard_speaks_of_the_file(folder: Path) -> None:
    plain_ledger(folder, *range(20))
    with hub_for(folder) as hub:
        read(hub)
        plain_ledger(folder, *range(5))
        assert read(hub).hint == "look at the file; if it is right, sync again with --confirm"


TOTALLED = PLAIN.replace("Residuo", "Residuo;Note")


def totalled(folder: Path, total: str, *rows: str) -> None:
    lines = "".join(f"{row};\n" for row in rows)
    (folder / "ledger.csv").write_text(f"{TOTALLED}{lines};Totale generale;;;{total};\n")


def row_of(number: int, due: str = "31/10/2026", amount: str = "100,00") -> str:
    return f"C{number};Cliente {number};{number};{due};{amount}"


def test_a_total_that_the_hub_holds_too_is_no_news(folder: Path) -> None:
    totalled(folder, "400,00", *map(row_of, range(4)))
    with hub_for(folder) as hub:
        assert read(hub).warnings == []


def test_the_stated_total_beside_what_the_hub_keeps_open(folder: Path) -> None:
    totalled(folder, "1.200,00", *map(row_of, range(12)))
    with hub_for(folder) as hub:
        read(hub)
        totalled(folder, "1.100,00", *map(row_of, range(11)))
        assert read(hub).warnings == [
            "the source states open items of 1100.00 EUR, the hub holds 1200.00: a difference of "
            "100.00 (100.00 of items that are missing from this read and not closed yet, of "
            "C11 Cliente 11 100.00)"
        ]


def test_the_stated_total_beside_what_is_in_quarantine(folder: Path) -> None:
    totalled(folder, "400,00", *map(row_of, range(3)), row_of(3, due="31/02/2026"))
    with hub_for(folder) as hub:
        (warning,) = read(hub).warnings
        assert warning == (
            "the source states open items of 400.00 EUR, the hub holds 300.00: a difference of "
            "-100.00 (rows in quarantine: 2)"
        )


def test_addresses_that_cannot_be_right_are_counted_where_they_are_new(folder: Path) -> None:
    """The clients come in all the same; who did not change is not counted again."""

    def write(email: str, vat: str) -> None:
        rows = f"code,name,email,vat\nC1,Rossi,{email},{vat}\nC2,Bianchi,b@example.it,\n"
        (folder / "clients.csv").write_text(rows, "utf-8")

    ledger = "key,client,due_date,residual\n1,C1,2026-08-01,100.00\n"
    (folder / "ledger.csv").write_text(ledger, "utf-8")
    write("rossi@@example", "01234567890")
    with hub_for(folder, clients="clients.csv") as hub:
        counts = read(hub).counts
        assert (counts.clients_new, counts.clients_doubtful, counts.quarantined) == (2, 1, 0)
        assert read(hub).counts.clients_doubtful == 0
        write("rossi@example.it", "")
        counts = read(hub).counts
        assert (counts.clients_changed, counts.clients_doubtful) == (1, 0)
