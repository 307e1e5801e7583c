"""A Text is a string to everything that does not ask for more."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
import sqlalchemy as sa

from incasso.api import IncassoError, Medium, Problem, Text, counted, term, text
from incasso.contract.text import encodable
from incasso.contract.text_store import from_column, to_column

SENTENCE = "On 2026-10-15 1250.00 arrived by e-mail from Rossi."


@pytest.fixture
def arrived() -> Text:
    return text(
        "On {day} {amount} arrived by {medium} from {client}.",
        day=date(2026, 10, 15),
        amount=Decimal("1250.00"),
        medium="e-mail",
        client="Rossi",
    )


def test_it_is_its_english_sentence(arrived: Text) -> None:
    assert arrived == SENTENCE
    assert f"{arrived}" == SENTENCE
    assert arrived.template == "On {day} {amount} arrived by {medium} from {client}."
    assert arrived.values["day"] == date(2026, 10, 15)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 10, 15, 9, 30, tzinfo=UTC), "2026-10-15 09:30+00:00"),
        (Medium.PEC, "pec"),
        (["a", Decimal("1.50")], "a, 1.50"),
        (Decimal("1E+3"), "1000"),
        (None, ""),
        (text("inner {x}", x=1), "inner 1"),
    ],
)
def test_values_are_written_plainly(value: object, written: str) -> None:
    assert text("{value}", value=value) == written


def test_a_value_is_never_taken_for_a_template() -> None:
    assert text("{name} {{as it is}}", name="{odd} {0}") == "{odd} {0} {as it is}"
    assert text("{name!r} is wrong", name="a\nb") == "'a\\nb' is wrong"


@pytest.mark.parametrize(("n", "sentence"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_what_is_counted_chooses_its_form(n: int, sentence: str) -> None:
    assert counted("{n} row", "{n} rows", n=n) == sentence


def test_an_error_keeps_the_template(arrived: Text) -> None:
    told = str(IncassoError(arrived))
    assert isinstance(told, Text)
    assert told.template == arrived.template


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda given: pickle.loads(pickle.dumps(given))]
)
def test_a_copy_keeps_the_template(copied: Callable[[Text], Text], arrived: Text) -> None:
    again = copied(arrived)
    assert (again, again.template, again.values) == (SENTENCE, arrived.template, arrived.values)


def test_it_is_written_as_a_string(arrived: Text) -> None:
    assert json.loads(json.dumps({"a": arrived})) == {"a": SENTENCE}
    encode = msgspec.json.Encoder(enc_hook=encodable).encode
    assert json.loads(encode([arrived])) == [SENTENCE]
    problem = Problem(code="x", message=arrived)
    assert msgspec.json.decode(encode(problem), type=Problem).message == SENTENCE


def test_it_is_bound_as_a_string(database_url: str, arrived: Text) -> None:
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    kind = "typeof" if database_url.startswith("sqlite") else "pg_typeof"
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE told (words TEXT, facts JSON)"))
        told = sa.table("told", sa.column("words", sa.Text), sa.column("facts", sa.JSON))
        connection.execute(sa.insert(told), {"words": arrived, "facts": {"why": arrived}})
        found = connection.execute(sa.text(f"SELECT words, {kind}(words) FROM told")).one()
        facts = connection.scalar(sa.select(told.c.facts))
    engine.dispose()
    assert tuple(found) == (SENTENCE, "text")
    assert facts == {"why": SENTENCE}


@pytest.mark.parametrize(
    "words",
    [
        "as it is",
        '{"sentence": "somebody else wrote this"}',
        text("{day} {at} {sum} {many} {inner} {none} {n}", day=date(2026, 1, 2),
             at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC), sum=Decimal("1.50"), many=["a", Decimal(1)],
             inner=counted("{n} row", "{n} rows", n=2), none=None, n=7),
        term("step", "ready"),
    ],
)  # fmt: skip
def test_a_column_gives_back_what_it_was_given(words: str) -> None:
    again = from_column(to_column(words))
    assert again == words
    if isinstance(words, Text):
        assert isinstance(again, Text)
        kept = (again.template, again.plural, again.context, dict(again.values))
        assert kept == (words.template, words.plural, words.context, dict(words.values))


@pytest.mark.parametrize("damaged", ['{"sentence": ', '{"sentence": 5}', '{"sentence": "{x}"}'])
def test_a_damaged_column_is_shown_as_it_is(damaged: str) -> None:
    assert from_column(damaged) == damaged
