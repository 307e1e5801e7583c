"""A sheet to hold behind the office's envelopes: where letters print the recipient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from incasso.contract.text import text
from incasso.locale import localize
from incasso.messages.letterhead import Letterhead

_LONGEST_USUAL: Final = (
    "Officine Meccaniche Fratelli Bianchi S.n.c.",
    "Alla c.a. di Mario Bianchi",
    "Strada provinciale delle Langhe 1234/bis",
    "12051 Alba (CN)",
    "ITALIA",
)


def envelope_sheet(company: str, head: Letterhead, language: str) -> bytes:
    """One page (PDF) with rulers, the recipient's place of this company, and what to look for."""
    from typst import compile as printed  # only where somebody asks for it

    said = [
        text("Print this page at 100 %, without “fit to page”, and fold it as you fold letters."),
        text("Put it into the envelope: the whole red frame must show in the window."),
        text("Knock it on each edge: the frame still shows, and nothing of the grey line does."),
        text(
            "If not: measure with the rulers what the window shows in every position, and write it "
            "into plugins.toml as window_place = {{ left, top, width, height }} in millimetres, or "
            'choose window = "left" or "right".'
        ),
    ]
    window = head.window
    sheet = {
        "title": localize(text("Envelopes of {company}", company=company), language),
        "steps": [localize(each, language) for each in said],
        "begins": localize(text("letters begin below this line"), language),
        "address": _LONGEST_USUAL,
        "window": {
            name: float(getattr(window, name))
            for name in ("left", "top", "width", "height", "body")
        },
    }
    made = printed(
        Path(__file__).with_name("layout") / "envelope.typ",
        format="pdf",
        sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made
