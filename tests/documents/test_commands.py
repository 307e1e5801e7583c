"""`incasso document` and `incasso invoices`, as an office types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Ended, inside
from tests.documents.conftest import MakeOffice
from tests.documents.fatture import PDF, body, fattura, payment, signed
from tests.documents.office import Office, installment

KEY = "123/A-2026-10-01"


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    """One invoice that differs from the ledger, one credit without any."""
    made = make_office(rows=[installment(), installment("999/B")])
    other = payment("2026-10-31", "1200.00", iban="IT24X0542811101000000123499")
    made.put({"a.xml": fattura(body(payments=[other])), "scan.pdf": PDF, "bad.xml": b"<a"})
    made.prepare()
    return made


def run(office: Office, *words: str) -> Ended:
    return inside(office.folder, *words)


def rows(ended: Ended) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ended.out)
    return found


def test_it_shows_the_invoice_and_where_the_ledger_differs(office: Office) -> None:
    shown = inside(office.folder, "document", KEY, language="it")
    assert shown.code == 0
    assert "Fattura elettronica: Fattura (TD01) 123/A 01/09/26" in shown.out
    assert "Differenza: scadenza: 01/10/26 nello scadenzario, 31/10/26 in fattura" in shown.out
    assert "Differenza: importo della rata: 1220.00" in shown.out
    assert "Differenza: IBAN: IT60X0542811101000000123456" in shown.out


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", "Note: the file says that it is UTF-8 and is Latin-1"),
        ("it", "Nota: il file dichiara UTF-8 ma è scritto in Latin-1"),
    ],
)
def test_an_encoding_that_the_file_does_not_have_is_noted(
    make_office: MakeOffice, language: str, note: str
) -> None:
    made = make_office()
    made.put({"a.xml": fattura(customer_name="Caffè Società").decode().encode("latin-1")})
    made.prepare()
    shown = inside(made.folder, "document", KEY, language=language)
    assert shown.code == 0
    assert note in shown.out
    assert "Caffè Società" in shown.out
    (found,) = rows(run(made, "document", KEY, "--format", "json"))
    assert found["note"]


def test_what_cannot_be_used_is_listed_with_its_sentence(make_office: MakeOffice) -> None:
    made = make_office()
    made.put(
        {
            "deep.xml": b"<a>" * 100_000,
            "tags.xml": b"<a>" + b"<x/>" * 1_000_001 + b"</a>",
            "old.xml": fattura(version="SDI10"),
            "good.xml": fattura(),
        }
    )
    made.prepare()
    listed = run(made, "invoices", "--problems", "--format", "json")
    problems = {each["path"]: each["problem"] for each in rows(listed)}
    assert sorted(problems) == ["deep.xml", "old.xml", "tags.xml"]
    assert all(0 < len(each) < 300 for each in problems.values())
    assert "SDI10" in problems["old.xml"]
    assert not listed.has_traceback


def test_programs_get_every_field(office: Office) -> None:
    (found,) = rows(run(office, "document", KEY, "--format", "json"))
    assert [each["name"] for each in found["differences"]] == ["due_date", "amount", "iban"]
    assert found["invoice"]["payments"][0]["amount"] == "1200.00"
    assert [each["form"] for each in found["files"]] == ["fatturapa", "courtesy"]
    assert "content" not in found["files"][0]


def test_a_document_that_is_missing_says_why(office: Office) -> None:
    shown = run(office, "document", "999/B-2026-10-01", "--source", "acme")
    assert (shown.code, "Missing: no file of the folder" in shown.out) == (1, True)
    assert run(office, "document", "nessuno").code == 1
    assert not run(office, "document", "nessuno").has_traceback


def test_it_saves_what_the_name_asks_for(office: Office, tmp_path: Path) -> None:
    assert run(office, "document", KEY, "--save", str(tmp_path / "a.pdf")).code == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    run(office, "document", KEY, "--save", str(tmp_path / "a.xml"))
    assert (tmp_path / "a.xml").read_bytes() == (office.folder / "fatture/a.xml").read_bytes()


def test_a_signed_invoice_is_saved_with_or_without_its_signature(
    make_office: MakeOffice, tmp_path: Path
) -> None:
    office = make_office()
    sealed = signed(fattura())
    office.put({"a.xml.p7m": sealed})
    office.prepare()
    run(office, "document", KEY, "--save", str(tmp_path / "a.p7m"))
    run(office, "document", KEY, "--save", str(tmp_path / "a.xml"))
    assert (tmp_path / "a.p7m").read_bytes() == sealed
    assert (tmp_path / "a.xml").read_bytes() == fattura()


@pytest.mark.parametrize(
    ("subject", "file", "told"),
    [
        (KEY, "a.p7m", "not signed: save it as a.xml"),
        (KEY, "there.pdf", "is there already"),
        (KEY, "no/such/folder.pdf", "cannot be written"),
        ("999/B-2026-10-01", "b.pdf", "nothing to save"),
    ],
)
def test_what_cannot_be_saved_is_told(
    office: Office, tmp_path: Path, subject: str, file: str, told: str
) -> None:
    (tmp_path / "there.pdf").write_bytes(b"mine")
    ended = run(office, "document", subject, "--save", str(tmp_path / file))
    assert (ended.code, told in ended.err) == (1, True)
    assert (tmp_path / "there.pdf").read_bytes() == b"mine"


def test_the_folder_is_listed_with_its_problems(office: Office) -> None:
    listed = rows(run(office, "invoices", "--format", "json"))
    assert [each["path"] for each in listed] == ["a.xml", "bad.xml", "scan.pdf"]
    bad, nameless = rows(run(office, "invoices", "--problems", "--format", "json"))
    assert (bad["path"], bool(bad["problem"])) == ("bad.xml", True)
    assert (nameless["path"], "document_names" in nameless["problem"]) == ("scan.pdf", True)
    assert "3 files" in run(office, "invoices").out


def test_without_a_folder_it_says_what_to_write(make_office: MakeOffice) -> None:
    office = make_office(documents="")
    office.prepare()
    ended = run(office, "invoices")
    assert (ended.code, 'documents = "FOLDER"' in ended.err) == (1, True)


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ('attach = ["fattura"]', "'fattura' is not possible"),
        ('action = "call"\nattach = ["invoice"]', "carries no documents"),
        ('channels = ["sms"]\ntemplate = "primo_sollecito"\nattach = ["invoice"]', "none of these"),
        (
            'channels = ["email"]\ntemplate = "primo_sollecito"\nattach_required = true',
            "nothing is",
        ),
    ],
)
def test_a_stage_that_cannot_attach_is_refused(office: Office, stage: str, told: str) -> None:
    file = office.folder / "wrong.toml"
    file.write_text(f'[[iter]]\nkey = "x"\n\n[[iter.stage]]\nkey = "s"\n{stage}\n')
    ended = run(office, "iters", "import", "wrong.toml")
    assert ended.code in (1, 2)
    assert told in ended.err


def test_an_exported_iter_keeps_what_it_attaches(office: Office) -> None:
    exported = run(office, "iters", "export").out
    assert 'attach = ["invoice"]' in exported
    (office.folder / "again.toml").write_text(exported)
    assert "unchanged" in run(office, "iters", "import", "again.toml").out
