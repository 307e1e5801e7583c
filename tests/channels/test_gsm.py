"""The alphabet of text messages: every count here was made by hand, from GSM 03.38."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso_sms.gsm import BASIC, EXTENDED, Encoding, encoding_of, folded, segments, unknown

IN_IT = set(BASIC + EXTENDED)


def test_the_table_has_as_many_places_as_the_standard() -> None:
    assert len(BASIC) == len(set(BASIC)) == 127, "128 with the escape"
    assert len(EXTENDED) == len(set(EXTENDED)) == 10
    assert not set(BASIC) & set(EXTENDED)


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("È già così, però: virtù", "E' già così, però: virtù"),
        ("À Ì Ò Ù É", "A' I' O' U' É"),
        ("l’avviso “urgente” – vedi…", 'l\'avviso "urgente" - vedi...'),
        ("1.000,00\u00a0€", "1.000,00 €"),
        ("1\u202f000,00 €", "1 000,00 €"),
        ("façade á í ú ñ Ç", "facade a i u ñ Ç"),
        ("n° 5, 2ª e 3º", "no 5, 2a e 3o"),
        ("Škoda Łódź Dvořák", "Skoda Lodz Dvorak"),
        ("e\u0300 E\u0300", "è E'"),  # a letter and its accent as two signs
        ("a\u00adb\u200bc", "abc"),
        ("due\r\nrighe", "due\nrighe"),
    ],
)
def test_what_has_a_plain_spelling_is_spelt_plainly(written: str, spelt: str) -> None:
    assert folded(written) == spelt
    assert unknown(spelt) == ""


def test_what_has_none_stays_and_is_named_once() -> None:
    assert folded("ok 🍕 中 🍕") == "ok 🍕 中 🍕"
    assert unknown("ok 🍕 中 🍕") == "🍕中"
    assert unknown("\x07") == "\x07"


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", Encoding.GSM7, 1),
        ("a" * 160, Encoding.GSM7, 1),
        ("a" * 161, Encoding.GSM7, 2),
        ("a" * 306, Encoding.GSM7, 2),
        ("a" * 307, Encoding.GSM7, 3),
        ("€" * 80, Encoding.GSM7, 1),  # 160 septets
        ("€" * 81, Encoding.GSM7, 2),
        # 153 is odd: the 77th € opens the second, so one septet is lost in each.
        ("€" * 152, Encoding.GSM7, 2),
        ("€" * 153, Encoding.GSM7, 3),
        ("中" * 70, Encoding.UCS2, 1),
        ("中" * 71, Encoding.UCS2, 2),
        ("中" * 134, Encoding.UCS2, 2),
        ("中" * 135, Encoding.UCS2, 3),
        ("🍕" * 35, Encoding.UCS2, 1),  # two units each
        ("🍕" * 36, Encoding.UCS2, 2),
        ("🍕" * 67, Encoding.UCS2, 3),  # 33 in each: 67 is odd
        ("È" + "a" * 63, Encoding.UCS2, 1),
        ("È" + "a" * 70, Encoding.UCS2, 2),
    ],
)
def test_segments(text: str, encoding: Encoding, count: int) -> None:
    assert (encoding_of(text), segments(text)) == (encoding, count)


@given(st.text())
def test_spelling_twice_changes_nothing_more(text: str) -> None:
    once = folded(text)
    assert folded(once) == once


@given(st.text(alphabet=st.sampled_from(BASIC.replace("\r", "") + EXTENDED)))
def test_texts_of_the_alphabet_stay_as_they_are(text: str) -> None:
    assert folded(text) == text
    assert encoding_of(text) is Encoding.GSM7


@given(st.text(max_size=900))
def test_as_many_as_are_needed_and_no_more(text: str) -> None:
    """Counted in another way: filled character by character."""
    gsm = set(text) <= IN_IT
    one, chained = (160, 153) if gsm else (70, 67)
    sizes = [
        (2 if each in EXTENDED else 1) if gsm else (2 if ord(each) > 0xFFFF else 1) for each in text
    ]
    parts = [0]
    for size in sizes:
        if parts[-1] + size > chained:
            parts.append(0)
        parts[-1] += size
    assert segments(text) == (1 if sum(sizes) <= one else len(parts))
