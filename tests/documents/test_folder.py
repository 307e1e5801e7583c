"""The folder of invoices: read when it changes, forgotten when it goes, never in the way."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from incasso.plugins.registry import State
from incasso.services.documents.folder import refresh
from incasso.store.tables.documents import document_index
from tests.documents.conftest import MakeOffice
from tests.documents.fatture import PDF, body, fattura
from tests.documents.office import Office


def rows(office: Office) -> dict[str, list[str]]:
    """Path to the numbers read there."""
    found: dict[str, list[str]] = {}
    query = sa.select(document_index).order_by(document_index.c.path, document_index.c.place)
    with office.hub.store.read() as connection:
        for row in connection.execute(query):
            found.setdefault(row.path, []).append(row.number or row.problem)
    return found


def test_only_what_changed_is_read_again(make_office: MakeOffice) -> None:
    office = make_office()
    office.prepare()
    office.put({"a.xml": fattura(), "2026/b.xml": fattura(body("7"), body("8")), "9.pdf": PDF})
    first = refresh(office.hub, "acme")
    assert (first.files, first.read, first.gone, first.unusable) == (3, 3, 0, 0)
    assert rows(office) == {"2026/b.xml": ["7", "8"], "9.pdf": ["9"], "a.xml": ["123/A"]}
    assert refresh(office.hub, "acme").read == 0
    office.put({"a.xml": fattura(body("124/A"))})
    (office.folder / "fatture" / "9.pdf").unlink()
    again = refresh(office.hub, "acme")
    assert (again.files, again.read, again.gone) == (2, 1, 1)
    assert rows(office) == {"2026/b.xml": ["7", "8"], "a.xml": ["124/A"]}


def test_bad_files_are_told_and_receipts_are_not(make_office: MakeOffice) -> None:
    office = make_office(documents='documents = "fatture"\ndocument_names = ["FT_{number}"]\n')
    office.prepare()
    office.put({"cut.xml": fattura()[:900], "RC.xml": b"<RicevutaConsegna/>", "scan.pdf": PDF})
    office.put({".hidden.xml": b"", "~$temp.pdf": b"", "note.txt": b"", "FT_5.pdf": PDF})
    report = refresh(office.hub, "acme")
    assert (report.files, report.unusable) == (4, 2)
    found = rows(office)
    assert "cannot be read" in found["cut.xml"][0]
    assert "document_names: FT_{number}" in found["scan.pdf"][0]
    assert (found["RC.xml"], found["FT_5.pdf"]) == ([""], ["5"])


def test_a_folder_that_is_gone_empties_nothing(make_office: MakeOffice) -> None:
    office = make_office()
    office.prepare()
    office.put({"a.xml": fattura()})
    refresh(office.hub, "acme")
    (office.folder / "fatture").rename(office.folder / "elsewhere")
    assert "is no folder: make it, or connect its share" in refresh(office.hub, "acme").problem
    assert rows(office) == {"a.xml": ["123/A"]}


def test_another_pattern_reads_the_names_again(make_office: MakeOffice) -> None:
    office = make_office()
    office.prepare()
    office.put({"FT_5.pdf": PDF, "a.xml": fattura()})
    refresh(office.hub, "acme")
    assert rows(office)["FT_5.pdf"] == ["FT_5"]
    config = office.folder / "plugins.toml"
    config.write_text(
        config.read_text().replace(
            'documents = "fatture"\n', 'documents = "fatture"\ndocument_names = ["FT_{number}"]\n'
        )
    )
    with office.open() as hub:
        assert refresh(hub, "acme").read == 1
    assert rows(office)["FT_5.pdf"] == ["5"]


def test_a_pattern_chooses_files(make_office: MakeOffice) -> None:
    office = make_office(documents='documents = "fatture/**/*.xml"\n')
    office.prepare()
    office.put({"2026/a.xml": fattura(), "b.pdf": PDF})
    refresh(office.hub, "acme")
    assert rows(office) == {"2026/a.xml": ["123/A"]}


def test_a_name_that_is_no_utf8_harms_nobody(make_office: MakeOffice) -> None:
    office = make_office()
    office.prepare()
    place = os.fsencode(office.folder / "fatture") + b"/fattura_\xe0.xml"
    with open(place, "wb") as file:  # noqa: PTH123
        file.write(fattura())
    office.put({"a.xml": fattura()})
    assert refresh(office.hub, "acme").files == 2
    assert rows(office)["a.xml"] == ["123/A"]


def test_nothing_is_looked_at_before_the_first_sync(make_office: MakeOffice) -> None:
    office = make_office()
    assert "run `incasso sync`" in refresh(office.hub, "acme").problem


def test_wrong_settings_are_told(make_office: MakeOffice) -> None:
    office = make_office(
        documents='documents = "fatture"\ndocument_names = ["{numero}"]\n',
        channels='\n[channels.out]\nplugin = "folder"\nfolder = "outbox"\ndocuments = "x"\n',
    )
    views = {view.id: view for view in office.hub.registry.instances()}
    assert views["acme"].state is State.MISCONFIGURED
    assert "{numero} is not known" in views["acme"].reason
    assert "unknown key" in views["out"].reason


def test_a_folder_that_cannot_be_made_sense_of_does_not_stop_a_dispatch(
    make_office: MakeOffice, tmp_path: Path
) -> None:
    office = make_office(documents='documents = "not there"\n')
    office.prepare()
    report = office.send()
    assert report.accepted == {"email": 1}
    (why,) = report.without_documents
    assert "is no folder" in why


def test_a_folder_with_the_signs_of_a_pattern_in_its_name_is_a_folder(
    make_office: MakeOffice,
) -> None:
    office = make_office(documents='documents = "fatture [vecchie]/*.xml"\n')
    place = office.folder / "fatture [vecchie]"
    place.mkdir()
    (place / "a.xml").write_bytes(fattura())
    office.prepare()
    refresh(office.hub, "acme")
    assert rows(office) == {"a.xml": ["123/A"]}
