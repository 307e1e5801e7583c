"""A mail on a dark screen: every colour of the page has a dark one, and all words can be read."""

from __future__ import annotations

import re
import tomllib
from itertools import product

import pytest
from msgspec.structs import replace

from incasso.messages import render
from incasso.messages.html_rows import layout
from incasso.messages.letterhead import PLAIN
from incasso.messages.pictures import drawing_of
from tests.messages.pictures import SVG
from tests.messages.samples import built_in, context

COLOURS = tomllib.loads(layout("mail.styles.toml"))
READABLE = 4.5
"""WCAG 2.2, 1.4.3."""


def page() -> str:
    """The HTML of a mail with a logo."""
    head = replace(PLAIN, logo=drawing_of(SVG))
    return render(built_in("messa_in_mora"), replace(context(), letterhead=head)).html


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((brightness(one), brightness(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_page_says_that_it_knows_both() -> None:
    html = page()
    for name in ("color-scheme", "supported-color-schemes"):
        assert f'<meta name="{name}" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "[dark" not in html, "every colour has its value"


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *product(("ink", "grey"), ("soft",)),
        *product(("dark_ink", "dark_grey", "dark_link"), ("dark_page", "dark_soft")),
    ],
)
def test_words_can_be_read_on_their_ground(ink: str, ground: str) -> None:
    assert contrast(COLOURS[ink], COLOURS[ground]) >= READABLE


def test_everything_coloured_takes_the_dark_colours() -> None:
    """What has a light ground has a class with a dark one; what has dark words is a tag whose words
    turn bright."""
    html = page()
    dark = html.partition("prefers-color-scheme: dark) {")[2].partition("</style>")[0]
    bright = re.findall(r"[\w.]+", re.search(r"\.page, (td.*?) \{ color", dark)[1])  # type: ignore[index]
    tags = re.findall(r"<(\w+)([^>]*)>", html.partition("</head>")[2])
    grounds = [attributes for _, attributes in tags if "bgcolor=" in attributes]
    assert len(grounds) > 3
    for attributes in grounds:
        (named,) = re.findall(r'class="([\w ]+)"', attributes)
        assert any(f".{each} {{ background-color" in dark for each in named.split())
    for tag, attributes in tags:
        if "color:#1f2937" in attributes:
            assert tag in bright


def test_the_logo_keeps_its_white() -> None:
    html = page()
    assert re.search(r'<img src="cid:logo[^>]* class="picture"', html)
    assert ".picture { background-color: #ffffff" in html
