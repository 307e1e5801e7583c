"""A company's paper: logo, what the law wants at the foot, and the recipient in the window."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from incasso.api import Medium
from incasso.messages import MessageContext, render
from incasso.messages.letterhead import WINDOWS, Letterhead, Side, Window
from incasso.messages.pictures import drawing_of
from tests.messages.pictures import SVG
from tests.messages.samples import CLIENT, COMPANY, built_in, context

HEAD = Letterhead(
    colour="#b03020",
    logo=drawing_of(SVG),
    registered_office="Via delle Officine 12, 10148 Torino",
    register="Torino n. 01234560012",
    rea="TO-1234567",
    capital="€ 100.000,00 i.v.",
    footer=("Società con socio unico",),
)
MILLIMETRE = 72 / 25.4


def printed(message: MessageContext) -> list[tuple[float, float, str]]:
    """Each piece of the first page: millimetres from the left and from the top, and the words."""
    pdf = render(built_in("ultimo_avviso", message.language), message, want_letter=True).letter_pdf
    assert pdf is not None
    seen: list[tuple[float, float, str]] = []

    def note(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip():
            seen.append((x / MILLIMETRE, 297 - y / MILLIMETRE, text.strip()))

    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=note)
    return seen


def words(message: MessageContext) -> str:
    """All words of the first page."""
    return " ".join(" ".join(text for _, _, text in printed(message)).split())


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("it", ("Sede legale: Via delle Officine 12", "Registro Imprese di Torino n. 01234560012",
                "R.E.A. TO-1234567", "Capitale sociale € 100.000,00 i.v.")),
        ("en", ("Registered office: Via delle Officine 12", "Share capital € 100.000,00 i.v.")),
        ("de", ("Sitz: Via delle Officine 12", "Gesellschaftskapital € 100.000,00 i.v.")),
        ("fr", ("Siège social : Via delle Officine 12", "Capital social € 100.000,00 i.v.")),
    ],
)  # fmt: skip
def test_the_foot_says_what_the_law_wants(language: str, told: tuple[str, ...]) -> None:
    found = words(context(language=language, letterhead=HEAD))
    for each in (*told, "Società con socio unico"):
        assert each in found


def test_without_a_letterhead_the_foot_is_empty() -> None:
    found = words(context())
    assert "Sede legale" not in found
    assert "Registro" not in found


def test_own_lines_stand_beside_the_logo_and_the_vat_number_moves_to_the_foot() -> None:
    found = words(context(letterhead=replace(HEAD, sender=("Ufficio crediti", "Corso Po 1"))))
    assert "Corso Po 1" in found
    assert "crediti@subalpina.example · " not in found
    assert found.count("P. IVA IT01234560012") == 1


def test_a_mail_carries_the_logo_as_a_picture_of_its_own() -> None:
    made = render(built_in("promemoria"), context(letterhead=HEAD, medium=Medium.EMAIL))
    logo, _code = made.images
    assert f'src="cid:{logo.cid}" width="132" height="44" alt="{COMPANY.name}"' in made.html
    assert "#b03020" in made.html
    assert "Capitale sociale € 100.000,00 i.v." in made.html
    bare = replace(HEAD, logo_in_mails=False)
    (only,) = render(built_in("promemoria"), context(letterhead=bare)).images
    assert only.cid.startswith("payment-")


OWN = Window(
    left=Decimal(120), top=Decimal(48), width=Decimal(60), height=Decimal(20), body=Decimal(95)
)
LONG = (
    "Società Cooperativa Agricola Produttori Riuniti del Basso Monferrato e delle Langhe a r.l.",
    "Stabilimento n. 3, magazzino ricambi e spedizioni",
    "Strada provinciale delle Langhe 1234/bis",
    "12051 Alba (CN)",
    "GERMANIA",
)


@pytest.mark.parametrize(
    "window", [*WINDOWS.values(), OWN], ids=["right", "left", "own millimetres"]
)
@pytest.mark.parametrize(
    "address", [CLIENT.address, LONG, ("X" * 39 + " ") * 5], ids=["usual", "long", "wide"]
)
def test_the_recipient_is_inside_the_window_and_nothing_else_is(
    window: Window, address: tuple[str, ...] | str
) -> None:
    lines = address if isinstance(address, tuple) else tuple(address.split()) * 2
    head = replace(HEAD, window=window)
    client = replace(CLIENT, address=lines)
    left, right = float(window.left), float(window.left + window.width)
    top, foot = float(window.top), float(window.top + window.height)
    inside = [
        (x, y, text)
        for x, y, text in printed(context(letterhead=head, client=client))
        if left - 1 <= x <= right and top <= y <= float(window.body)
    ]
    said = " ".join(text for _, _, text in inside)
    for each in lines[-3:]:
        assert each.replace(" ", "") in said.replace(" ", "")
    assert all(top < y < foot and abs(x - left) < 1 for x, y, _ in inside), inside
    assert "Oggetto" not in said


def test_the_sender_stands_in_small_above_a_recipient_on_the_left() -> None:
    small = "Ferramenta Subalpina S.r.l. · Via delle Officine 12 · 10148 Torino (TO)"
    left = replace(HEAD, window=WINDOWS[Side.LEFT])
    assert small in words(context(letterhead=left))
    assert small not in words(context(letterhead=HEAD))
