"""Whatever an office writes into a text: words come out, or one sentence with part and line."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from incasso.messages import Template
from incasso.messages.check import check_templates
from incasso.messages.render import TemplateError, render
from incasso.messages.sample_messages import sample_contexts
from tests.fuzzing import each_spoiled

CONTEXT = dict(sample_contexts("it", {}))
USUAL = next(iter(CONTEXT.values()))
GOOD = Template(
    key="primo", language="it", subject="Sollecito", text="{{ greeting }}\n\n{{ table }}"
)
REPR = re.compile(
    r"<\w|object at 0x|Words\(|Money\(|Debtor\(|Undefined|Decimal\(|datetime|\bTrue\b"
)
"""What only a program prints."""

PIECES = [
    b"{{ client }}", b"{{ lines }}", b"{{ lines|join(', ') }}", b"{{ lines|first }}",
    b"{{ total|upper }}", b"{{ client ~ total }}", b"{{ total|date }}", b"{{ on|money }}",
    b"{{ on|plus(99999999999) }}", b"{{ on|plus('x') }}", b"{{ 3|plural }}", b"{{ self }}",
    b"{{ loop }}", b"{% for line in lines %}{{ loop }}{% endfor %}", b"{{ lines[99] }}",
    b"{{ total > on }}", b"{% if total > 3 %}x{% endif %}", b"{{ client.by_name }}",
    b"{{ client.name|addressed('a') }}", b"{{ lines|length }}", b"{{ -client }}",
    b"{{ lines|join(', ', attribute='document') }}", b"{{ client.__class__ }}", b"{{ [client] }}",
    b"{{ (1, 2) }}", b"{{ bills|default(client, true) }}", b"{% for x in 3 %}{% endfor %}",
    b"{{ " + b"(" * 300 + b"1" + b")" * 300 + b" }}", b"{{ " + b"9" * 5000 + b" }}",
    b"{% if 1 %}" * 120 + b"{% endif %}" * 120, b"{{ client.name.upper }}", b"{{ lines.count }}",
    b"{{ client.replace }}", b"{{ total.amount }}", b"{% set x = 1 %}", b"{{ previous|last }}",
]  # fmt: skip


def comes_out_or_says_why(source: bytes) -> None:
    template = replace(GOOD, text=source.decode("utf-8", "replace"))
    try:
        made = render(template, USUAL)
    except TemplateError as error:
        assert error.part == "text" and str(error).strip()
        return
    assert not REPR.search(_own_words(made.text)), made.text


def _own_words(text: str) -> str:
    """Without what stands in the source itself."""
    return re.sub(r"<[^>]*>", "", text) if "<" in text else text


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece[:30].decode())
def test_a_piece_that_has_no_words(piece: bytes) -> None:
    comes_out_or_says_why(piece)
    template = replace(GOOD, text=piece.decode())
    for problem in check_templates([template], ["it"]):
        assert problem.message and problem.template == "primo"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("Buongiorno\n{{ client }}", "no single value"),
        ("Buongiorno\n{{ lines|join(', ') }}", "no single value"),
        ("Buongiorno\n{{ client ~ '!' }}", "no single value"),
        ("Buongiorno\n{{ total|date }}", "does not fit this value"),
        ("Buongiorno\n{{ client|upper }}", "no single value"),
        ("Buongiorno\n{{ direct_debit }}", "no single value"),
    ],
)
def test_the_check_refuses_what_prints_no_words(source: str, says: str) -> None:
    problems = check_templates([replace(GOOD, text=source)], ["it"])
    assert any(says in each.message and each.line == 2 for each in problems), problems


def test_what_is_joined_is_written_in_the_language() -> None:
    words = "{{ 'Totale: ' ~ total ~ ' al ' ~ on }} {{ [total, on]|join(' / ') }}"
    told = render(replace(GOOD, text=words), USUAL).text
    assert "Money" not in told and told.count("€") >= 2


def test_spoiled_templates() -> None:
    each_spoiled("templates", PIECES, comes_out_or_says_why, words=PIECES)
