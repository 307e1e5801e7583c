"""The QR code of a transfer: what it says by EPC069-12, where there is none, where it shows."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from incasso.api import Medium, Money
from incasso.messages import Creditor, MessageContext, languages, render
from incasso.messages.payment_code import code_data, code_image, code_svg, png, shown_width
from incasso.messages.quick_code import modules
from incasso.messages.view import view
from tests.messages.qr_reader import rows_of, text_in
from tests.messages.samples import COMPANY, built_in, context, euro, line, template


def data(message: MessageContext) -> list[str]:
    """The lines of the code; [""] where there is none."""
    return code_data(view(message, languages()[message.language])).split("\n")


def test_it_says_who_is_paid_where_how_much_and_what_for() -> None:
    assert data(context(line(), line("3/B", "65.00"))) == [
        "BCD", "002", "1", "SCT", "", "Ferramenta Subalpina S.r.l.",
        "IT60X0542811101000000123456", "EUR1299.50", "", "", "Fatt. 1200/A, 3/B - C00123-45",
    ]  # fmt: skip


def test_a_bank_outside_the_economic_area_needs_its_bic() -> None:
    swiss = replace(COMPANY, iban="CH93 0076 2011 6238 5295 7", bic="POFICHBEXXX")
    assert data(context(company=swiss))[4:7] == [
        "POFICHBEXXX", "Ferramenta Subalpina S.r.l.", "CH9300762011623852957",
    ]  # fmt: skip
    assert data(context(company=replace(swiss, bic=""))) == [""]


@pytest.mark.parametrize(
    "company",
    [
        replace(COMPANY, iban=""),
        replace(COMPANY, iban="IT60X0542811101000000123457"),
        replace(COMPANY, iban="IT00"),
        replace(COMPANY, name=""),
    ],
)
def test_without_a_payee_that_a_bank_takes_there_is_none(company: Creditor) -> None:
    assert data(context(company=company)) == [""]


@pytest.mark.parametrize(
    "message",
    [
        context(line(), credits=(line("9/C", "-2000.00"),)),
        context(replace(line(), residual=Money(amount=euro("10").amount, currency="CHF"))),
        context(line(residual="1000000000.00")),
        context(line(residual="0.00")),
    ],
    ids=["nothing to pay", "another currency", "too much", "nothing owed"],
)
def test_what_is_no_payment_in_euro_has_none(message: MessageContext) -> None:
    assert data(message) == [""]


def test_the_limits_of_the_guideline_are_kept() -> None:
    company = replace(COMPANY, name="Società Cooperativa Agrícola " * 9)
    found = data(context(*[line(f"{n}/ÀÈÌ") for n in range(90)], company=company))
    assert len(found[5]) <= 70
    assert 100 < len(found[10]) <= 140
    assert len("\n".join(found).encode()) <= 331


def test_a_name_of_wide_characters_takes_more_room_than_a_code_has() -> None:
    company = replace(COMPANY, name="株式会社" * 30)
    assert data(context(*[line(f"{n}") for n in range(90)], company=company)) == [""]


def test_the_picture_holds_it_with_its_margin() -> None:
    seen = view(context(), languages()["it"])
    image = code_image(seen)
    assert image is not None
    assert text_in(rows_of(image.content, 6)) == code_data(seen)
    assert shown_width(image) * 2 == 6 * len(modules(code_data(seen).encode()))


@pytest.mark.parametrize("size", [1, 60, 331])
def test_a_picture_of_any_size_is_whole(size: int) -> None:
    rows = modules(b"x" * size)
    assert rows_of(png(rows), 6) == rows


def test_the_drawing_on_paper_holds_it() -> None:
    seen = view(context(), languages()["it"])
    drawn = code_svg(seen)
    (side,) = re.findall(r'viewBox="0 0 (\d+) \1"', drawn)
    rows = [["0"] * int(side) for _ in range(int(side))]
    for left, top, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1H\1z", drawn):
        for place in range(int(left), int(left) + int(wide)):
            rows[int(top)][place] = "1"
    assert text_in(["".join(row) for row in rows]) == code_data(seen)


def test_a_mail_shows_the_picture_that_goes_with_it_and_says_the_same_in_words() -> None:
    made = render(built_in("primo_sollecito"), context(medium=Medium.EMAIL))
    (image,) = made.images
    assert f'src="cid:{image.cid}"' in made.html
    assert made.html.count("<img") == 1
    assert "http" not in made.html.replace("https://www.w3.org", "")
    for words in ("IT60 X054 2811 1010 0000 0123 456", "Fatt. 1200/A - C00123-45"):
        assert words in made.text


def test_nothing_is_drawn_where_no_mail_travels_or_nothing_says_how_to_pay() -> None:
    assert render(built_in("primo_sollecito"), context(medium=Medium.SMS)).images == ()
    assert render(template("Buongiorno"), context(medium=Medium.EMAIL)).images == ()
    html = "<p>Ciao</p>{{ payment }}"
    assert render(template("Buongiorno", html=html), context(medium=Medium.EMAIL)).images


def test_each_message_has_a_code_of_its_own() -> None:
    one, other = (
        render(built_in("primo_sollecito"), context(line(residual=amount)))
        for amount in ("10.00", "11.00")
    )
    assert one.images[0].cid != other.images[0].cid
    assert "EUR11.00" in text_in(rows_of(other.images[0].content, 6))
