"""A document that harms its reader costs that document only: invoices, envelopes and PDFs."""

from __future__ import annotations

from pathlib import Path

import pytest

from incasso import apart
from incasso.apart import pool
from incasso.fatturapa import FatturaError
from incasso.messages.foreign_pages import UnfitPagesError
from incasso.messages.pages import merged_pdf, page_count, pdf_damage, text_of
from incasso.services.documents.electronic import read_each, read_fattura, xml_of
from incasso.services.documents.folder import refresh
from tests.documents.conftest import MakeOffice
from tests.documents.fatture import PDF, blank, body, fattura, in_pieces, signed
from tests.documents.test_folder import rows

NO_TIME = apart.Bounds(megabytes=1024, seconds=0)
LITTLE = apart.Bounds(megabytes=64, seconds=20)


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reader is too slow."""
    monkeypatch.setattr(apart.run, "__kwdefaults__", {"errors": (), "bounds": NO_TIME})


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader has the memory it needs."""
    monkeypatch.setattr(apart.run, "__kwdefaults__", {"errors": (), "bounds": LITTLE})


@pytest.mark.usefixtures("no_time")
def test_what_takes_too_long_is_no_invoice_and_no_page() -> None:
    with pytest.raises(FatturaError, match=r"the file cannot be read: .* longer than 0 seconds"):
        read_fattura(fattura())
    with pytest.raises(UnfitPagesError, match=r"the PDF cannot be read: .* longer than"):
        page_count(PDF)
    assert "longer than 0 seconds" in pdf_damage(PDF)
    assert text_of(PDF) == ""
    with pytest.raises(FatturaError, match="longer than"):
        xml_of(signed(fattura()))


@pytest.mark.usefixtures("little")
def test_what_is_too_large_is_told() -> None:
    swollen = fattura(body(general="<Causale>x</Causale>" * 300_000))
    with pytest.raises(FatturaError, match="needs more than 64 MB of memory"):
        read_fattura(swollen)


def test_one_bad_file_among_many_costs_itself(make_office: MakeOffice) -> None:
    office = make_office()
    office.prepare()
    files = {f"{n}.xml": fattura(body(str(n))) for n in range(30)}
    lying = bytearray(signed(fattura()))
    lying[1:5] = b"\x84\xff\xff\xff"  # four gigabytes of envelope
    files |= {"deep.xml": b"<a>" * 200_000, "lies.p7m": bytes(lying), "RC.xml": b"<Ricevuta/>"}
    office.put(files)
    report = refresh(office.hub, "acme")
    assert (report.read, report.unusable) == (33, 2)
    found = rows(office)
    assert [found[f"{n}.xml"] for n in range(30)] == [[str(n)] for n in range(30)]
    assert "cannot be read" in found["deep.xml"][0]
    assert "damaged or cut off" in found["lies.p7m"][0]


def test_many_files_that_cannot_be_read_together_are_read_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The memory of all is too much for one child; that of each is not."""
    monkeypatch.setattr(
        apart.run,
        "__kwdefaults__",
        {"errors": (), "bounds": apart.Bounds(megabytes=150, seconds=20)},
    )
    heavy = fattura(body(general="<Causale>x</Causale>" * 100_000))
    read = read_each([fattura(), *[heavy] * 6])
    assert [not isinstance(each, FatturaError) and each[0].number for each in read] == ["123/A"] * 7


def test_lengths_that_lie_in_an_envelope() -> None:
    """Told, or right all the same: some of these bytes say nothing about the invoice."""
    whole = in_pieces(fattura())
    refused = 0
    for at in range(2, 60):
        lying = whole[:at] + b"\x84\xff\xff\xff\xff" + whole[at + 1 :]
        try:
            assert read_fattura(lying)[0].number == "123/A"
        except FatturaError:
            refused += 1
    assert refused > 40


LOOP = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n"
    b"<</Type/Pages/Count 1/Kids[2 0 R]/Parent 2 0 R>>\nendobj\nxref\n0 3\n"
    b"0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \n"
    b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n128\n%%EOF\n"
)
PREVIOUS = blank().replace(b"trailer\n<<", b"trailer\n<<\n/Prev 9")


@pytest.mark.parametrize("content", [LOOP, PREVIOUS, PDF[:-200] + PDF[:200]])
def test_pages_that_lead_to_themselves_are_left(content: bytes) -> None:
    assert isinstance(pdf_damage(content), str)
    assert isinstance(text_of(content), str)
    try:
        assert merged_pdf(PDF, [content]).startswith(b"%PDF-")
    except UnfitPagesError as error:
        assert len(str(error)) < 300


def test_the_child_has_no_open_file_of_the_hub(tmp_path: Path) -> None:
    pool.close()
    with (tmp_path / "kept").open("w"):
        read_fattura(fattura())
        (child,) = pool.idle()
        opened = {each.resolve().name for each in Path(f"/proc/{child}/fd").glob("*")}
    assert "kept" not in opened
