"""Case `lots`: a lot written and its results read, against the fastest bare writer and reader."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from bench.measure import Measured, Stopwatch, report, run_named
from bench.trial import Row, Trial
from incasso.contract.exchange import PlacementDossier
from incasso.testing import samples

HEADINGS = (
    "Affidamento Riga Data Esito Dettaglio Importo Valuta Identificativo Riversamento Mezzo Note "
    "Lotto"
).split()


def write_excel(folder: Path, _server: str, size: str) -> None:
    """A lot as the plugin writes it."""
    from incasso_excel.book import write_lot

    _write(folder / "lot.xlsx", write_lot, int(size))


def write_xml(folder: Path, _server: str, size: str) -> None:
    """The same as XML."""
    from incasso_xml.writing import write_lot

    _write(folder / "lot.xml", write_lot, int(size))


def bare_excel(folder: Path, _server: str, size: str) -> None:
    """The same cells by rustpy-xlsxwriter."""
    import rustpy_xlsxwriter

    from incasso_excel.columns import columns, values

    wanted = columns(())
    names = [column.field for column in wanted]
    watch = Stopwatch()
    with watch.running():
        rows = (row for each in _dossiers(int(size)) for row in values(each, wanted, "it"))
        rustpy_xlsxwriter.write_worksheet(
            (dict(zip(names, map(_plain, row), strict=True)) for row in rows),
            str(folder / "bare.xlsx"),
        )
    report(watch)


def bare_xml(folder: Path, _server: str, size: str) -> None:
    """The same elements by lxml's xmlfile."""
    watch = Stopwatch()
    with (
        watch.running(),
        (folder / "bare.xml").open("wb") as sink,
        etree.xmlfile(sink, encoding="utf-8") as file,
        file.element("exchange"),
    ):
        for each in _dossiers(int(size)):
            made = etree.Element("placement")
            for record in (each, each.debtor, *each.credits):
                for name in record.__struct_fields__:
                    etree.SubElement(made, name).text = str(getattr(record, name))
            file.write(made)
    report(watch)


def read_excel(folder: Path, _server: str, size: str) -> None:
    """A workbook of results as the plugin reads it; writing it is not counted."""
    from incasso_excel import reading

    path = _results_book(folder, int(size))
    with path.open("rb") as source:
        _read(lambda: reading.read("esiti.xlsx", source, "", None), int(size))


def calamine(folder: Path, _server: str, size: str) -> None:
    """The same rows by calamine alone."""
    import python_calamine

    path = _results_book(folder, int(size))
    watch = Stopwatch()
    with watch.running():
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        count = sum(1 for _ in sheet.iter_rows())
    report(watch, rows=count)


def read_xml(folder: Path, _server: str, size: str) -> None:
    """A file of results as the plugin reads it."""
    from incasso_xml import reading

    with _results_xml(folder, int(size)).open("rb") as source:
        _read(lambda: reading.read("esiti.xml", source), int(size))


def iterparse(folder: Path, _server: str, size: str) -> None:
    """The same elements validated while they are parsed, and thrown away."""
    from incasso_xml.checking import schema

    path = _results_xml(folder, int(size))
    watch = Stopwatch()
    with watch.running():
        for _, element in etree.iterparse(str(path), ("end",), tag="{*}update", schema=schema()):
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    report(watch)


def forms(trial: Trial) -> Iterator[Row]:
    """Each form written and read."""
    for name, ours, bare in (
        ("lots, write Excel", "write_excel", "bare_excel"),
        ("lots, write XML", "write_xml", "bare_xml"),
        ("lots, read Excel", "read_excel", "calamine"),
        ("lots, read XML", "read_xml", "iterparse"),
    ):
        yield Row(name=name, hub=_run(trial, ours), plain=_run(trial, bare), items=trial.size)


def _run(trial: Trial, name: str) -> Measured:
    return trial.run(name, str(trial.size), module="bench.lots")


def _write(path: Path, write: Callable[..., Any], size: int) -> None:
    watch = Stopwatch()
    with watch.running(), path.open("wb") as sink:
        write(samples.batch(), samples.lot_sheet(), _dossiers(size), sink)
    report(watch)


def _read(pages: Callable[[], Iterator[Any]], size: int) -> None:
    watch = Stopwatch()
    with watch.running():
        count = sum(len(page.items) for page in pages())
    if count != size:
        raise AssertionError(f"read {count} of {size}")
    report(watch)


def _dossiers(size: int) -> Iterator[PlacementDossier]:
    return (samples.dossier(f"P-{number:07d}") for number in range(size))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else "" if value is None else value


def _results_book(folder: Path, size: int) -> Path:
    import rustpy_xlsxwriter

    path = folder / "esiti.xlsx"
    rows = (
        (
            *(f"P-{n:07d}", f"R-{n:07d}-1", date(2026, 6, 2), "incasso", "in contanti", 60.05),
            *("EUR", f"A{n}", f"bonifico {n}", "visita", "ha pagato al secondo incontro"),
            "L-2026-0001",
        )
        for n in range(size)
    )
    rustpy_xlsxwriter.write_worksheet(
        (dict(zip(HEADINGS, row, strict=True)) for row in rows), str(path)
    )
    return path


def _results_xml(folder: Path, size: int) -> Path:
    from incasso.testing.provider_files import REPORTED
    from incasso_xml.form import element

    one = etree.tostring(element("update", REPORTED[2]))
    head = b'<exchange xmlns="urn:incasso:exchange:1" kind="updates" version="1.0" sequence="1">\n'
    kept = BytesIO()
    kept.write(head)
    for _ in range(size):
        kept.write(one + b"\n")
    kept.write(b'<end items="%d"/></exchange>' % size)
    path = folder / "esiti.xml"
    path.write_bytes(kept.getvalue())
    return path


JOBS: dict[str, Callable[..., None]] = {
    each.__name__: each
    for each in (
        write_excel,
        write_xml,
        bare_excel,
        bare_xml,
        read_excel,
        calamine,
        read_xml,
        iterparse,
    )
}

if __name__ == "__main__":
    run_named(JOBS, sys.argv[1:])
