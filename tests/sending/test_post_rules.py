"""Numbers of registered letters, and the lines of an envelope out of one text."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.channel import DeliveryState
from incasso.contract.post import MEANINGS, PostalOutcome
from incasso.domain.sending.envelope_lines import envelope_lines
from incasso.domain.sending.post import NumberFault, post_number, tracking_page


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("152345678901", "152345678901"),
        (" 1523 4567 890-1 ", "152345678901"),
        ("*152345678901*", "152345678901"),  # a scanner that reads the stars of Code 39
        ("RR473124829GB", "RR473124829GB"),  # the example of the Universal Postal Union (S10)
        ("rr 473 124 829 gb", "RR473124829GB"),
        ("RR473124820GB", NumberFault.CHECK_DIGIT),
        ("", NumberFault.EMPTY),
        (" - ", NumberFault.EMPTY),
        ("15234567890", NumberFault.FORM),
        ("1.52346E+11", NumberFault.FORM),
        ("RR47312482GB", NumberFault.FORM),
        ("１５２３４５６７８９０1", NumberFault.FORM),
    ],
)
def test_a_number_as_people_type_it(typed: str, expected: str | NumberFault) -> None:
    assert post_number(typed) == expected


@given(st.integers(0, 8), st.integers(1, 9))
def test_one_mistyped_digit_is_noticed(place: int, more: int) -> None:
    digits = [int(each) for each in "473124829"]
    digits[place] = (digits[place] + more) % 10
    typed = f"RR{''.join(map(str, digits))}GB"
    # 0 and 5 stand for two rests each: those two pairs are all that S10 lets through.
    assert post_number(typed) == NumberFault.CHECK_DIGIT or digits[8] in (0, 5)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_fault(typed: str) -> None:
    found = post_number(typed)
    if not isinstance(found, NumberFault):
        assert tracking_page(found).endswith(f"/{found}")


def test_a_page_only_for_numbers_of_the_post() -> None:
    assert tracking_page("152345678901").startswith("https://www.poste.it/")
    assert tracking_page("") == tracking_page("#/elsewhere") == ""


def test_in_law_a_refused_letter_was_delivered() -> None:
    """Civil Code, art. 1335: known when it reaches the address."""
    delivered = {o for o, m in MEANINGS.items() if m.state is DeliveryState.DELIVERED}
    assert delivered == {
        PostalOutcome.DELIVERED,
        PostalOutcome.COLLECTED,
        PostalOutcome.REFUSED,
        PostalOutcome.UNCLAIMED,
    }
    assert set(MEANINGS) == set(PostalOutcome)
    bad = {o for o, m in MEANINGS.items() if m.bad_address}
    assert all(MEANINGS[each].state is DeliveryState.BOUNCED for each in bad)
    assert PostalOutcome.LOST not in bad


@dataclass
class Letter:
    to: str
    name: str = "Rossi, Bianchi & C."
    address: str = "Via Roma, 12/A"
    zip: str = "20121"
    city: str = "Milano"
    province: str = "MI"
    country: str = "IT"


@pytest.mark.parametrize(
    ("letter", "lines"),
    [
        (
            Letter(to="Rossi, Bianchi & C., Via Roma, 12/A, 20121 Milano (MI)"),
            ("Rossi, Bianchi & C.", "Via Roma, 12/A", "20121 Milano (MI)"),
        ),
        (
            Letter(to="Verdi, Via Po, 2, 10121 Torino (TO)"),  # since then he has moved
            ("Verdi", "Via Po, 2", "10121 Torino (TO)"),
        ),
        (
            Letter(to="Müller AG, Bahnhofstrasse 1, 8001 Zürich, CH"),
            ("Müller AG", "Bahnhofstrasse 1", "8001 Zürich", "CH"),
        ),
        (Letter(to="Verdi"), ("Verdi",)),
        (Letter(to="Verdi, Torino"), ("Verdi", "Torino")),
    ],
)
def test_the_lines_of_an_envelope(letter: Letter, lines: tuple[str, ...]) -> None:
    assert envelope_lines(letter) == lines
