"""Rows from constant pieces are the bytes that a template writes."""

from __future__ import annotations

import textwrap
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from incasso.messages.formats import _place, plural_text
from incasso.messages.html_rows import coming_html, rows_html, styled
from incasso.messages.language import languages
from incasso.messages.mail import WIDTH, wrapped
from incasso.messages.table import Row, Table

ROWS = """
{%- for row in table.rows %}
<tr><td style="[cell]overflow-wrap:anywhere;word-break:break-word;">{{ row.document }}
{%- if row.note %}<br><span style="[small]">{{ row.note }}</span>{% endif -%}
</td><td align="right" style="[cell]text-align:right;white-space:nowrap;">{{ row.due_date }}
{%- if row.days %}<br><span style="[small]">
{{- language.plural(row.days | int, labels.one_day, labels.many_days) }}</span>{% endif -%}
</td><td align="right" style="[cell]text-align:right;white-space:nowrap;">{{ row.residual }}
{%- if table.with_amount and row.amount != row.residual %}<br><span style="[small]">
{{- language.label("part_of", amount=row.amount) }}</span>{% endif %}
{%- if row.interest %}<br><span style="[small]">
{{- language.label("plus_interest", amount=row.interest) }}</span>{% endif -%}
</td></tr>
{% endfor -%}
"""
COMING = """
{%- for row in table.coming %}
<tr><td style="[cell]overflow-wrap:anywhere;word-break:break-word;">{{ row.document }}
{%- if row.note %}<br><span style="[small]">{{ row.note }}</span>{% endif -%}
</td><td align="right" style="[cell]text-align:right;white-space:nowrap;">{{ row.due_date -}}
</td><td align="right" style="[cell]text-align:right;white-space:nowrap;">{{ row.residual -}}
</td></tr>
{% endfor -%}
"""
MADE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
PLAIN_ROWS, PLAIN_COMING = (MADE.from_string(styled(source)) for source in (ROWS, COMING))

WORDS = st.text("aà<>&\"' €\xa0{}%", max_size=8)
DAYS = st.one_of(st.just(""), st.integers(1, 500).map(str))
ROW = st.builds(
    Row,
    document=WORDS,
    note=WORDS,
    due_date=WORDS,
    days=DAYS,
    amount=WORDS,
    residual=WORDS,
    interest=WORDS,
)
TABLE = st.builds(
    Table,
    rows=st.lists(ROW, max_size=3).map(tuple),
    with_days=st.booleans(),
    with_amount=st.booleans(),
    with_interest=st.booleans(),
    feet=st.just(()),
    coming=st.lists(ROW, max_size=3).map(tuple),
)


@given(TABLE, st.sampled_from(sorted(languages())))
def test_the_rows_are_those_of_a_template(table: Table, code: str) -> None:
    language = languages()[code]
    given_ = {"table": table, "language": language, "labels": language.labels}
    assert str(rows_html(table, language)) == PLAIN_ROWS.render(given_)
    assert str(coming_html(table)) == PLAIN_COMING.render(given_)


@given(st.text("ab -\xa0\t\n\u2003", max_size=90), st.integers(1, WIDTH))
def test_a_value_that_fits_is_its_only_line(value: str, width: int) -> None:
    if value:
        assert wrapped(value, width) == textwrap.wrap(value, width, break_on_hyphens=False)


@pytest.mark.parametrize("code", sorted(languages()))
def test_the_plural_that_is_remembered_is_the_one_that_babel_says(code: str) -> None:
    locale = languages()[code].locale
    for count in (0, 1, 2, 3, 5, 11, 21, 100, 1_000_000, 1, 2, 21):
        said = ("one", "many")[_place(count, 2, locale)]
        assert plural_text(count, ("one", "many"), locale) == said
    assert plural_text(Decimal("1.0"), ("{n} x", "{n} y"), "it_IT").startswith("1.0 ")
