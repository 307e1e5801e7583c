"""Every layout seen in the field arrives with the right sums, from text and from Excel."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.api import ConfigurationError, DocumentKind, PaymentMethod
from tests.csv.layouts import (
    E3_SUMMARY,
    E4_BILLS,
    E5_OPEN_ITEMS,
    E8_PUBLIC,
    E11_UTILITY,
    E12_LEDGER,
    E13_RECORD_TYPES,
    HIERARCHICAL,
    LAYOUTS,
    Layout,
)
from tests.csv.reading import Stored, as_sheet, clients_of, read, text


def settings_of(layout: Layout) -> dict[str, Any]:
    return {"mapping": Path(layout.mapping)} if layout.mapping else {}


def written(layout: Layout, folder: Path, form: str = "csv") -> Path:
    if form == "xlsx":
        return as_sheet(folder / "ledger.xlsx", layout.content.replace("\r", ""))
    return text(folder / "ledger.csv", layout.content, layout.encoding)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_sums_are_right_and_bad_rows_are_named(layout: Layout, form: str, tmp_path: Path) -> None:
    reading = read(written(layout, tmp_path, form), **settings_of(layout))
    assert reading.complaints == list(layout.complaints)
    assert reading.sums == layout.expected
    assert reading.complete is layout.complete


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_clients_come_out_of_the_ledger(layout: Layout, tmp_path: Path) -> None:
    path = written(layout, tmp_path)
    clients = clients_of(path, **settings_of(layout))
    assert set(layout.clients) <= set(clients)
    assert all(client.name for client in clients.values())
    owing = {record.client for record in read(path, **settings_of(layout)).records}
    assert owing <= set(clients)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_second_reading_finds_nothing_new(layout: Layout, tmp_path: Path) -> None:
    path = written(layout, tmp_path)
    first = read(path, **settings_of(layout))
    keys = [record.key for record in first.records]
    assert len(set(keys)) == len(keys)
    assert all(1 <= len(key) <= 128 for key in keys)
    known = Stored()
    known.take(first.records)
    again = read(path, known, **settings_of(layout))
    assert again.records == []
    assert sorted(again.unchanged) == sorted(keys)
    assert again.complaints == first.complaints


def test_a_summary_gives_one_item_per_client_and_bucket(tmp_path: Path) -> None:
    records = {record.key: record for record in read(written(E3_SUMMARY, tmp_path)).records}
    overdue = records["00012|scaduto"]
    assert overdue.due_date == date(2026, 10, 31), "the month before the first bucket ends"
    assert overdue.residual == Decimal("2000.00")
    assert "Di cui insoluti: 800,00" in overdue.notes
    assert records["00012|2026-12-31"].due_date == date(2026, 12, 31)
    assert "00013|scaduto" not in records


def test_a_bank_code_is_not_a_client_code(tmp_path: Path) -> None:
    record = read(written(E4_BILLS, tmp_path)).one("202")
    assert (record.client, record.amount, record.residual) == (
        "0043",
        Decimal("600.00"),
        Decimal("250.00"),
    )
    assert read(written(E4_BILLS, tmp_path)).one("203").document_kind is DocumentKind.CREDIT_NOTE


def test_states_and_flags_become_dates(tmp_path: Path) -> None:
    reading = read(written(E5_OPEN_ITEMS, tmp_path))
    assert reading.one("301").unpaid_on is None
    assert reading.one("302").unpaid_on == date(2026, 9, 30), "no day is told: the due date"
    assert reading.one("302").payment_method is PaymentMethod.RIBA
    assert reading.one("303").residual == 0
    assert reading.one("304").document_kind is DocumentKind.CREDIT_NOTE


def test_a_payment_code_is_the_key_and_loses_its_apostrophe(tmp_path: Path) -> None:
    keys = [record.key for record in read(written(E8_PUBLIC, tmp_path)).records]
    assert keys == ["001000000000123456", "001000000000123457", "001000000000123458"]
    clients = clients_of(written(E8_PUBLIC, tmp_path))
    assert clients["RVLRNI94R57A662H"].name == "Rovellasca Irene"


def test_codes_of_the_electronic_invoice_are_known(tmp_path: Path) -> None:
    reading = read(written(E11_UTILITY, tmp_path))
    methods = [record.payment_method for record in reading.records]
    assert methods == [PaymentMethod.TRANSFER, PaymentMethod.SDD, PaymentMethod.SDD]
    clients = clients_of(written(E11_UTILITY, tmp_path))
    assert (clients["000771"].vat, clients["000771"].tax_code) == ("98028480550", "")
    assert (clients["000772"].vat, clients["000772"].tax_code) == ("", "BRGNNA80A41F205U")


def test_payments_in_a_ledger_print_settle_the_earliest_due_date(tmp_path: Path) -> None:
    records = [r for r in read(written(E12_LEDGER, tmp_path)).records if r.document_number == "602"]
    assert [(r.due_date, r.residual) for r in records] == [
        (date(2026, 9, 30), Decimal("0.00")),
        (date(2026, 10, 31), Decimal("200.00")),
    ]


def test_record_types_carry_client_and_document_down(tmp_path: Path) -> None:
    reading = read(written(E13_RECORD_TYPES, tmp_path), mapping=Path("as400"))
    first, second = (r for r in reading.records if r.document_number == "701")
    assert (first.client, first.installment_number) == ("00012", 1)
    assert second.residual == Decimal("400.00")
    assert second.document_date == date(2026, 7, 31)
    clients = clients_of(written(E13_RECORD_TYPES, tmp_path), mapping=Path("as400"))
    assert clients["00013"].blocked
    assert not clients["00012"].blocked


def test_record_types_without_a_mapping_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="print of row types") as raised:
        read(written(E13_RECORD_TYPES, tmp_path))
    assert 'mapping = "as400"' in raised.value.problems[0].hint


def test_a_client_line_gives_code_name_and_vat(tmp_path: Path) -> None:
    client = clients_of(written(HIERARCHICAL, tmp_path))["00012"]
    assert (client.name, client.vat) == ("OFFICINE VALDORA SRL", "98028480550")
