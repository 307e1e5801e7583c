"""The table of a letterhead: its files are read, and what is wrong is told with its cure."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from incasso.api import ConfigurationError
from incasso.messages.letterhead import PLAIN, WINDOWS, Side
from incasso.plugins.settings.config import Company, HubConfig, load_config
from incasso.plugins.settings.letterhead import LetterheadTable
from incasso.services.sending.gallery import write_envelope_sheets
from incasso.services.sending.letterheads import letterhead_faults, letterhead_of
from tests.messages.pictures import SVG, png
from tests.sending.office import ACME


def company(folder: Path, written: str) -> Company:
    """The company of a file with these lines in its letterhead."""
    file = folder / "plugins.toml"
    file.write_text(f'[companies.acme]\nname = "Acme"\n[companies.acme.letterhead]\n{written}\n')
    return load_config(file).companies["acme"]


def told(found: Company) -> list[str]:
    """What `check` says of it."""
    return [str(each) for each in letterhead_faults("acme", found)]


def test_without_a_table_there_is_nothing_to_read() -> None:
    assert letterhead_of(ACME) is PLAIN
    assert told(ACME) == []


def test_pictures_are_read_beside_the_configuration_and_again_when_they_change(
    tmp_path: Path,
) -> None:
    (tmp_path / "logo.svg").write_bytes(SVG)
    found = company(tmp_path, 'logo = "logo.svg"\nwindow = "left"')
    assert letterhead_of(found).logo.encode() == SVG
    assert letterhead_of(found).window == WINDOWS[Side.LEFT]
    other = SVG.replace(b"#b03020", b"#20b030")
    (tmp_path / "logo.svg").write_bytes(other)
    os.utime(tmp_path / "logo.svg", (1, 1))
    assert letterhead_of(found).logo.encode() == other


def test_a_picture_that_cannot_be_printed_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "firma.png").write_bytes(png(60, 30)[:50])
    found = company(tmp_path, 'logo = "none.svg"\nsignature = "firma.png"')
    assert (letterhead_of(found).logo, letterhead_of(found).signature) == ("", "")
    missing, damaged = told(found)
    assert missing == (
        f"Letters about acme are printed without logo: {tmp_path / 'none.svg'}: there is no such "
        "file (logo under [companies.acme.letterhead] in plugins.toml)."
    )
    assert "without picture of the signature" in damaged
    assert "nothing of it can be drawn" in damaged


@pytest.mark.parametrize("name", ["Acme S.r.l.", "ACME SPA", "Acme s.p.a.", "Società per azioni X"])
def test_a_company_with_capital_must_say_it(name: str) -> None:
    begun = replace(ACME, name=name, letterhead=LetterheadTable(registered_office="Via Po 1"))
    (only,) = told(begun)
    assert "fill in register, capital under [companies.acme.letterhead]" in only
    assert told(replace(begun, name="Spalla & Figli S.n.c.")) == []


def test_an_iban_with_wrong_digits_is_told() -> None:
    (only,) = told(replace(ACME, iban="IT60 X054 2811 1010 0000 0123 457"))
    assert "iban under [companies.acme]" in only


@pytest.mark.parametrize(
    ("written", "where", "what"),
    [
        ('colour = "red"', "letterhead.colour", "#1f4e79"),
        ("logo_width = 300", "letterhead.logo_width", "90"),
        ('window = "top"', "letterhead.window", "right"),
        ('sender = ["a", "b", "c", "d", "e"]', "letterhead.sender", "4 at most"),
        ("window_place = { left = 150, top = 50, width = 80, height = 20 }", "width", "210 mm"),
        (
            "window_place = { left = 110, top = 50, width = 80, height = 30, body = 70 }",
            "body",
            "inside the window",
        ),
        ("window_place = { left = 110 }", "window_place", "top"),
        ('logos = "x.svg"', "letterhead.logos", "logo"),
    ],
)
def test_a_wrong_value_names_its_place_and_the_cure(
    tmp_path: Path, written: str, where: str, what: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        company(tmp_path, written)
    said = "; ".join(f"{each.field}: {each.message} {each.hint}" for each in caught.value.problems)
    assert where in said
    assert what in said


def test_own_millimetres_begin_the_letter_below_the_window(tmp_path: Path) -> None:
    place = "window_place = { left = 110, top = 50, width = 80, height = 30 }"
    window = letterhead_of(company(tmp_path, place)).window
    found = map(int, (window.left, window.top, window.height, window.body))
    assert list(found) == [110, 50, 30, 90]


def test_each_company_has_a_sheet_for_its_envelopes(tmp_path: Path) -> None:
    config = HubConfig(path=tmp_path / "plugins.toml", companies={"acme": ACME, "beta": ACME})
    written = write_envelope_sheets(config, tmp_path / "sheets", "it")
    assert [each.name for each in written] == ["envelope-acme.pdf", "envelope-beta.pdf"]
    assert all(each.read_bytes().startswith(b"%PDF") for each in written)
