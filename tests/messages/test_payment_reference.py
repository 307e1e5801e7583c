"""The bank's form holds the invoice numbers, as far as 140 characters allow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incasso.messages import languages
from incasso.messages.payment_reference import LONGEST
from incasso.messages.view import view
from tests.messages.samples import context, line


def reference(*numbers: str, language: str = "it") -> str:
    lines = [line(number) for number in numbers]
    seen = view(context(*lines, language=language), languages()[language])
    return seen.payment_reference


def test_numbers_then_our_own_reference() -> None:
    assert reference("1200/A") == "Fatt. 1200/A - C00123-45"
    assert reference("1/A", "2/A", "1/A") == "Fatt. 1/A, 2/A - C00123-45"
    assert reference("7", language="de") == "Rechn. 7 - C00123-45"
    assert reference("7", language="fr") == "Fact. 7 - C00123-45"
    assert reference("7", language="en") == "Inv. 7 - C00123-45"


def test_what_has_no_number_is_left_out() -> None:
    assert reference("") == "C00123-45"
    assert reference("", "9") == "Fatt. 9 - C00123-45"


def test_a_credit_note_is_not_paid() -> None:
    lines = (line("1/A"), line("N7", "-20"))
    assert view(context(*lines), languages()["it"]).payment_reference == "Fatt. 1/A - C00123-45"


def test_numbers_that_do_not_fit_are_counted() -> None:
    found = reference(*[f"{1000 + n}/A" for n in range(40)])
    assert found.startswith("Fatt. 1000/A, 1001/A, ")
    assert found.endswith(" - C00123-45")
    shown = found.count("/A")
    assert f"(+{40 - shown})" in found
    assert LONGEST - 8 <= len(found) <= LONGEST


def test_only_characters_that_banks_take() -> None:
    assert reference("n° 12/è") == "Fatt. n 12/e - C00123-45"


@given(st.lists(st.text(max_size=200), max_size=60))
def test_never_longer_than_a_transfer_allows(numbers: list[str]) -> None:
    assert len(reference(*numbers)) <= LONGEST
