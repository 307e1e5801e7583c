"""Whatever a file holds, nothing crashes, nothing is invented and no open item is closed by it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from incasso.api import ConfigurationError, CursorExpiredError, TemporaryError
from tests.csv.reading import (
    HEAD,
    Reading,
    Stored,
    clients_of,
    connector,
    context,
    pull,
    read,
    sheet,
    text,
)
from tests.profiles import tries

CANONICAL = "key,client,due_date,residual,notes\n"
GOOD = "K{0},C1,2026-09-30,{0}.50,note\n"


def ledger(rows: int) -> str:
    return CANONICAL + "".join(GOOD.format(number) for number in range(1, rows + 1))


def test_one_bad_row_among_ten_thousand(tmp_path: Path) -> None:
    rows = ledger(10_000).splitlines(keepends=True)
    rows[5_000] = "K5000,C1,2026-02-30,5000.50,note\n"
    reading = read(text(tmp_path / "ledger.csv", "".join(rows)))
    (bad,) = reading.bad
    assert (bad.file, bad.row, bad.external_id) == ("ledger.csv", 5001, "K5000")
    (problem,) = bad.problems
    assert (problem.field, problem.code) == ("due_date", "impossible_date")
    assert "2026-02-30" in problem.message
    assert problem.hint
    assert bad.raw == "K5000,C1,2026-02-30,5000.50,note"
    keys = {record.key for record in reading.records}
    assert keys == {f"K{n}" for n in range(1, 10_001)} - {"K5000"}
    # 1.50 + ... + 10000.50, without 5000.50
    assert reading.sums == {
        "EUR": (9_999, Decimal("50005000") + Decimal("5000") - Decimal("5000.50"))
    }
    assert reading.complete
    assert all(len(page.items) + len(page.unchanged) <= 5_000 for page in reading.pages)


def test_items_say_in_which_row_they_were(tmp_path: Path) -> None:
    content = (
        "\n\n" + ledger(3) + '"K4",C1,2026-09-30,"4.50","two\nlines"\n\nK5,C1,2026-09-30,5.50,\n'
    )
    reading = read(text(tmp_path / "ledger.csv", "\ufeff" + content))
    placed = {
        record.key: row
        for page in reading.pages
        for record, row in zip(reading.records, page.rows, strict=False)
        if page.items
    }
    assert placed == {"K1": 4, "K2": 5, "K3": 6, "K4": 7, "K5": 9}


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n\n", b"   ", b"\xef\xbb\xbf", b"\x00" * 5000, CANONICAL.encode(), HEAD.encode()],
    ids=["nothing", "blank lines", "blanks", "only a mark", "zeros", "heading", "heading, no end"],
)
def test_an_empty_file_is_not_an_empty_ledger(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(content)
    with pytest.raises(TemporaryError, match=r"ledger\.csv"):
        read(path)


def test_an_empty_workbook_is_not_an_empty_ledger(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match="empty"):
        read(sheet(tmp_path / "ledger.xlsx", []))
    with pytest.raises(TemporaryError, match="nothing below"):
        read(sheet(tmp_path / "heading.xlsx", [["key", "client", "due_date", "residual"]]))


@pytest.mark.parametrize(
    "last",
    [
        "K4,C1,2026-09",
        "K4,C1,2026-09-30,4.5",
        'K4,C1,2026-09-30,4.50,"a note that is n',
        'K4,C1,2026-09-30,4.50,"a note\nof two lines, and then\n',
    ],
    ids=["in a date", "in an amount", "in quotes", "in quotes, after a line end"],
)
def test_a_cut_file_changes_nothing(last: str, tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", ledger(3) + last)
    with pytest.raises(TemporaryError, match="middle of a row"):
        read(path)


def test_a_file_may_end_without_a_line_end(tmp_path: Path) -> None:
    reading = read(text(tmp_path / "ledger.csv", ledger(3).rstrip("\n")))
    assert len(reading.records) == 3
    assert reading.complete


def test_a_cut_workbook_changes_nothing(tmp_path: Path) -> None:
    rows = [["key", "client", "due_date", "residual"], ["K1", "C1", "2026-09-30", "1.00"]]
    whole = sheet(tmp_path / "whole.xlsx", rows).read_bytes()
    cut = tmp_path / "ledger.xlsx"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TemporaryError, match="cut off"):
        read(cut)


def test_a_quote_that_is_never_closed_spoils_its_own_row(tmp_path: Path) -> None:
    rows = ledger(500).splitlines(keepends=True)
    rows[10] = 'K10,C1,2026-09-30,10.50,"tubo da 2 pollici\n'
    reading = read(text(tmp_path / "ledger.csv", "".join(rows)))
    assert {r.key for r in reading.records} >= {f"K{n}" for n in range(1, 501)} - {"K10"}
    assert reading.complete


def test_a_quote_inside_a_text_is_a_character(tmp_path: Path) -> None:
    rows = ledger(3) + 'K4,C1,2026-09-30,4.50,tubo da 2" e 3\nK5,C1,2026-09-30,5.50,\n'
    reading = read(text(tmp_path / "ledger.csv", rows))
    assert [r.notes for r in reading.records] == ["note", "note", "note", 'tubo da 2" e 3', ""]


def test_a_doubled_heading_row_is_no_item(tmp_path: Path) -> None:
    reading = read(text(tmp_path / "ledger.csv", CANONICAL + ledger(3)))
    assert [record.key for record in reading.records] == ["K1", "K2", "K3"]
    assert reading.bad == []


def test_a_heading_given_twice_is_refused_if_the_columns_differ(tmp_path: Path) -> None:
    head = "key,client,due_date,residual,residual\n"
    path = text(tmp_path / "ledger.csv", head + "K1,C1,2026-09-30,1.00,2.00\n")
    with pytest.raises(ConfigurationError, match="both called 'residual'"):
        read(path)
    same = text(tmp_path / "same.csv", head + "K1,C1,2026-09-30,1.00,1.00\n")
    assert read(same).sums == {"EUR": (1, Decimal("1.00"))}


def test_a_million_characters_in_a_cell(tmp_path: Path) -> None:
    giant = f"K4,C1,2026-09-30,4.50,{'x' * 1_000_000}\nK5,C1,2026-09-30,5.50,\n"
    quoted = f'K6,C1,2026-09-30,6.50,"{"y" * 1_000_000}"\nK7,C1,2026-09-30,7.50,\n'
    reading = read(text(tmp_path / "ledger.csv", ledger(3) + giant + quoted))
    assert [record.key for record in reading.records] == ["K1", "K2", "K3", "K5", "K7"]
    assert [bad.row for bad in reading.bad] == [5, 7]
    assert all(len(bad.raw) <= 2_000 for bad in reading.bad)


@pytest.mark.timeout(30)
def test_a_giant_cell_in_a_file_of_the_codepage_costs_no_more(tmp_path: Path) -> None:
    """Looking for accents once took a time that grew with the square of the line."""
    accents = "K4,C1,2026-09-30,4.50,città\n"
    giant = f"K5,C1,2026-09-30,5.50,{'x' * 1_000_000}\nK6,C1,2026-09-30,6.50,perù\n"
    reading = read(text(tmp_path / "ledger.csv", ledger(3) + accents + giant, "cp1252"))
    assert [record.key for record in reading.records] == ["K1", "K2", "K3", "K4", "K6"]
    assert reading.complaints == [(6, "notes", "too_long")]


def test_a_name_that_cannot_be_read_changes_no_client(tmp_path: Path) -> None:
    head = "Codice cliente;Ragione sociale;Numero documento;Data scadenza;Residuo\n"
    rows = f"501;{'A' * 1_000_000};1;30/09/2026;1,00\n502;Rossi;2;30/09/2026;2,00\n"
    path = text(tmp_path / "ledger.csv", head + rows)
    assert {code: client.name for code, client in clients_of(path).items()} == {"502": "Rossi"}


def test_a_giant_key_is_not_a_key(tmp_path: Path) -> None:
    reading = read(text(tmp_path / "ledger.csv", ledger(2) + f"{'K' * 129},C1,2026-09-30,1.00,\n"))
    assert reading.complaints == [(4, "key", "too_long")]


def test_zero_bytes_and_control_characters(tmp_path: Path) -> None:
    rows = "K4,C1,2026-09-30,4.50,a\x00b\nK5,C1,2026-09-30,5.50,a\x07b\n"
    reading = read(text(tmp_path / "ledger.csv", ledger(3) + rows))
    assert reading.complaints == [(5, "notes", "nul")]
    assert "\x00" not in reading.bad[0].raw
    assert reading.records[-1].notes == "ab"


def test_wrong_bytes_spoil_one_row_of_a_utf8_file(tmp_path: Path) -> None:
    accents = "K4,C1,2026-09-30,4.50,perché\nK5,C1,2026-09-30,5.50,città\n"
    content = (ledger(3) + accents).encode() + b"K6,C1,2026-09-30,6.50,cos\xec\n"
    path = tmp_path / "ledger.csv"
    path.write_bytes(content)
    reading = read(path)
    assert [record.notes for record in reading.records][-2:] == ["perché", "città"]
    assert reading.complaints == [(7, "notes", "encoding")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_are_recognised(encoding: str, tmp_path: Path) -> None:
    rows = CANONICAL + "K1,C1,2026-09-30,1.00,però costa € 5\n"
    reading = read(text(tmp_path / "ledger.csv", rows, encoding))
    assert [record.notes for record in reading.records] == ["però costa € 5"]


def test_an_encoding_may_be_named(tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", CANONICAL + "K1,C1,2026-09-30,1.00,però\n", "cp850")
    assert read(path, encoding="cp850").records[0].notes == "però"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_recognised(separator: str, tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", ledger(4).replace(",", separator))
    assert len(read(path).records) == 4


def test_excel_may_say_its_separator(tmp_path: Path) -> None:
    reading = read(text(tmp_path / "ledger.csv", "sep=;\r\n" + ledger(2).replace(",", ";")))
    assert [page.rows for page in reading.pages if page.rows] == [(3, 4)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bytes(range(256)) * 64, "neither text nor"),
        (b"<html><table><tr><td>Cliente</td></tr></table></html>", "web page"),
        (b"PK\x03\x04 but no workbook", "cannot be opened|broken workbook"),
        (b"\xd0\xcf\x11\xe0 but no workbook either", "cannot be opened"),
        (b"una lettera\nsenza tabella\n", "no heading"),
    ],
    ids=["bytes", "web page", "half a workbook", "no old workbook", "prose"],
)
def test_what_is_no_table_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(content)
    with pytest.raises((ConfigurationError, TemporaryError), match=words):
        read(path)


def test_a_workbook_is_known_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    head = ["key", "client", "due_date", "residual"]
    rows: list[list[Any]] = [head, ["K1", "C1", date(2026, 9, 30), 1.1 + 2.2]]
    path = sheet(tmp_path / "ledger.xlsx", rows).rename(tmp_path / "ledger.csv")
    assert read(path).sums == {"EUR": (1, Decimal("3.3"))}


def test_missing_folder_and_file(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match="does not exist"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(ConfigurationError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(TemporaryError, match="no file matches"):
        read(tmp_path / "ledger_*.csv")


def test_the_last_of_several_files_is_read(tmp_path: Path) -> None:
    text(tmp_path / "ledger_20261031.csv", ledger(5))
    text(tmp_path / "ledger_20261102.csv", ledger(2))
    assert len(read(tmp_path / "ledger_*.csv").records) == 2


def test_a_file_rewritten_while_it_is_read_is_never_complete(tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", ledger(12_000))
    pages = connector(path).erp_pull_installments(None, Stored(), context())
    first = next(pages)
    assert not first.complete
    text(path, ledger(10))
    with pytest.raises(TemporaryError):
        list(pages)


def test_a_file_that_vanishes_while_it_is_read(tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", ledger(12_000))
    pages = connector(path).erp_pull_installments(None, Stored(), context())
    next(pages)
    path.unlink()
    with pytest.raises(TemporaryError):
        list(pages)


def test_a_file_full_of_bad_rows_is_refused_as_a_whole(tmp_path: Path) -> None:
    bad = "".join(f"K{n},C1,never,{n}.00,\n" for n in range(1_000, 1_300))
    path = text(tmp_path / "ledger.csv", ledger(900) + bad)
    with pytest.raises(ConfigurationError, match=r"300 of 1200 rows .* row 902") as raised:
        read(path)
    assert raised.value.problems[0].code == "too_many_bad_rows"
    assert len(read(path, max_bad_share=Decimal("0.3")).bad) == 300


def test_a_file_without_any_good_row_closes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="1 of 1 rows"):
        read(text(tmp_path / "ledger.csv", CANONICAL + "K1,C1,never,1.00,\n"))


def test_a_key_that_comes_twice_is_handed_on_twice(tmp_path: Path) -> None:
    """The hub alone sees what it holds, and tells a repetition from a contradiction."""
    path = text(tmp_path / "ledger.csv", ledger(3) + "K2,C1,2026-09-30,99.00,\n")
    reading = read(path)
    assert [record.key for record in reading.records] == ["K1", "K2", "K3", "K2"]
    known = Stored()
    known.take(reading.records[:3])
    again = read(path, known)
    assert again.unchanged == ["K1", "K2", "K3"]
    assert [(record.key, record.residual) for record in again.records] == [("K2", Decimal(99))]


def test_rows_without_key_column_equal_in_every_cell_are_one_debt(tmp_path: Path) -> None:
    head = "Cliente;Numero fattura;Scadenza;Importo\n"
    row = "Rossi;101;30/09/2026;10,00\n"
    other = "Rossi;101;30/09/2026;12,00\n"
    reading = read(text(tmp_path / "ledger.csv", f"{head}{row}{row}{other}"))
    assert [record.key for record in reading.records] == [
        "ROSSI|101|2026-09-30",
        "ROSSI|101|2026-09-30",
        "ROSSI|101|2026-09-30#2",
    ]


def test_a_derived_key_outlives_a_payment(tmp_path: Path) -> None:
    head = "Cliente;Numero fattura;Data fattura;Scadenza;Importo;Residuo\n"
    before = read(text(tmp_path / "a.csv", head + "Rossi;1;01/08/2026;30/09/2026;10,00;10,00\n"))
    after = read(text(tmp_path / "b.csv", head + "Rossi;1;01/08/2026;30/09/2026;10,00;4,00\n"))
    assert before.records[0].key == after.records[0].key
    assert before.records[0].fingerprint != after.records[0].fingerprint


@pytest.mark.parametrize("total", ["1.100,00", "1100"])
def test_a_total_that_disagrees_keeps_everything_open(total: str, tmp_path: Path) -> None:
    head = "Cliente;Numero fattura;Scadenza;Residuo\n"
    rows = "Rossi;1;30/09/2026;400,00\nBianchi;2;30/09/2026;600,00\n"
    path = text(tmp_path / "ledger.csv", f"{head}{rows}Totale generale;;;{total}\n")
    reading = read(path)
    assert len(reading.records) == 2
    assert not reading.complete
    assert reading.complaints == [(4, "total", "total_mismatch")]
    right = text(tmp_path / "right.csv", f"{head}{rows}Totale generale;;;1.000,00\n")
    assert read(right).complete
    assert connector(right).erp_totals(context()).residual == {"EUR": Decimal("1000.00")}


def test_a_partial_file_never_closes_anything(tmp_path: Path) -> None:
    assert not read(text(tmp_path / "ledger.csv", ledger(3)), read="partial").complete


def test_an_unknown_cursor_is_told(tmp_path: Path) -> None:
    source = connector(text(tmp_path / "ledger.csv", ledger(1)))
    with pytest.raises(CursorExpiredError):
        list(source.erp_pull_installments("yesterday", Stored(), context()))


def test_a_setting_changes_every_fingerprint(tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", ledger(3))
    known = Stored()
    known.take(read(path).records)
    assert len(read(path, known, currency="CHF").records) == 3


def whatever(content: bytes, path: Path) -> Reading | None:
    path.write_bytes(content)
    try:
        return pull(connector(path))
    except (ConfigurationError, TemporaryError) as error:
        assert str(error)
        return None


@given(content=st.binary(max_size=400))
@example(content=b'key,client,due_date,residual\n"')
@example(content=b"\xff\xfek")
@tries(150, HealthCheck.function_scoped_fixture)
def test_any_bytes_are_read_or_refused_with_words(content: bytes, tmp_path: Path) -> None:
    whatever(content, tmp_path / "any.csv")


@given(where=st.integers(min_value=0, max_value=400), junk=st.binary(min_size=1, max_size=20))
@tries(150, HealthCheck.function_scoped_fixture)
def test_junk_in_a_good_file_never_invents_money(where: int, junk: bytes, tmp_path: Path) -> None:
    good = ledger(12).encode()
    where = min(len(CANONICAL) + where, len(good))
    reading = whatever(good[:where] + junk + good[where:], tmp_path / "junk.csv")
    if reading is not None:
        amounts = {f"K{n}": Decimal(f"{n}.50") for n in range(1, 13)}
        hit = sum(amounts.get(record.key) != record.residual for record in reading.records)
        assert hit <= 1 + junk.count(b"\n")


@given(cut=st.integers(min_value=0, max_value=400))
@tries(100, HealthCheck.function_scoped_fixture)
def test_a_file_cut_anywhere_is_complete_only_at_a_row_end(cut: int, tmp_path: Path) -> None:
    good = ledger(12).encode()
    reading = whatever(good[:cut], tmp_path / "cut.csv")
    if reading is not None and reading.complete and cut < len(good):
        # Only a cut that leaves whole rows looks whole; the hub's drop guard is there for that.
        ends = good[:cut].endswith((b"\n", b"note", b",", b"n", b"no", b"not"))
        assert ends, good[:cut][-20:]


@pytest.mark.parametrize("day", ["31/13/2026", "00/00/0000"])
def test_a_report_with_an_impossible_bucket_is_refused(day: str, tmp_path: Path) -> None:
    head = f"\nCliente;Totale;Scaduto;Scadenze - In scadenza al {day}\n"
    path = text(tmp_path / "l.csv", f"{head}00012 Uno Srl;10,00;0,00;10,00\n")
    with pytest.raises(ConfigurationError, match=r"heading|calendar"):
        read(path)
