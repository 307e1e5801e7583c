"""A list is declared once, and everything else derives from that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from incasso.cli.listing import list_command
from incasso.cli.place import Place
from incasso.domain.office.actor import Scope
from incasso.locale.headings import HEADINGS
from incasso.store.engine import Store
from incasso.store.lists import index as lists
from incasso.store.lists.credits import DUE, OPEN_ITEMS, OVERDUE_BY
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing
from incasso.store.lists.reading import read_list
from tests.acts.office import MONDAY

EVERY = (*lists.LISTS, *OVERDUE_BY.values(), DUE, OPEN_ITEMS)
SAMPLES: dict[Asks, Any] = {
    Asks.TEXT: "acme/C1",
    Asks.NUMBER: 1,
    Asks.FLAG: True,
    Asks.SWITCH: True,
    Asks.FIRST_DAY: date(2026, 1, 1),
    Asks.LAST_DAY: date(2027, 1, 1),
    Asks.LATENESS: (1, 30),
}


def sample(one: Filter) -> Any:
    return tuple(one.known()) if one.known and one.asks is Asks.ONE_OF else SAMPLES[one.asks]


def test_every_path_and_expression_leads_somewhere(full: Store) -> None:
    """Each filter by itself and all of them together are a query that both databases take."""
    with full.read() as connection:
        for listing in EVERY:
            given = {each.name: sample(each) for each in listing.filters}
            for wanted in ({}, given, *({name: value} for name, value in given.items())):
                list(read_list(connection, listing, Scope.everything(), on=MONDAY, **wanted))


def test_what_a_table_shows_is_a_column_with_a_heading() -> None:
    for listing in EVERY:
        for column in listing.shown_with({each.name: True for each in listing.filters}):
            known = column.vocabulary in HEADINGS or column.vocabulary[0].isdigit()
            assert known, (listing.name, column.key)


def test_every_amount_has_a_currency_beside_it() -> None:
    for listing in EVERY:
        keys = {column.key for column in listing.columns}
        for column in listing.columns:
            if column.kind is Kind.AMOUNT:
                assert column.currency in keys, (listing.name, column.key)


def test_a_filter_that_a_list_has_not_is_a_mistake(full: Store) -> None:
    with full.read() as connection:
        for wrong in ({"clint": "C1"}, {"client": "C1", "moon": True}):
            with pytest.raises(TypeError, match="no filter"):
                read_list(connection, lists.CASES, Scope.everything(), **wrong)
        with pytest.raises(TypeError, match="as of a day"):
            list(read_list(connection, lists.CLIENTS, Scope.everything(), overdue=True))


@pytest.fixture
def run(tmp_path: Path, full: Store) -> Callable[..., str]:
    """A command line of one list, on the office of these tests."""
    config = tmp_path / "plugins.toml"
    url = full.engine.url.render_as_string(hide_password=False)
    config.write_text(f'[hub]\ndatabase = "{url}"\nlanguage = "it"\n', encoding="utf-8")

    def run(listing: Listing, *words: str) -> str:
        app = typer.Typer(rich_markup_mode=None)
        list_command(app, listing)
        ended = CliRunner().invoke(app, list(words), obj=Place(config=config))
        assert ended.exit_code == 0, ended.output
        return ended.output

    return run


COLUMN = Column("vat_of_client", Kind.KEY, "client.vat")
FILTER = Filter("vat", Asks.TEXT, help="Only of this VAT number.", sql="client.vat")


def test_a_column_is_one_line_of_the_list(run: Callable[..., str]) -> None:
    """JSON, table and `--columns` have it without a change anywhere else."""
    wider = replace(lists.CASES, columns=(*lists.CASES.columns, COLUMN))
    before = json.loads(run(lists.CASES, "--format", "json"))
    after = json.loads(run(wider, "--format", "json"))
    assert [[*row, "vat_of_client"] for row in before] == [[*row] for row in after]
    shown = run(replace(wider, shown="id vat_of_client"))
    assert "vat of client" in shown
    assert run(wider, "--columns", "id,vat_of_client", "--format", "jsonl").count("vat_of") == 2
    with pytest.raises(AssertionError, match="none of"):
        run(lists.CASES, "--columns", "vat_of_client")


def test_a_filter_is_one_line_of_the_list(run: Callable[..., str]) -> None:
    narrower = replace(lists.CASES, filters=(*lists.CASES.filters, FILTER))
    assert "Only of this VAT number." in run(narrower, "--help")
    assert json.loads(run(narrower, "--vat", "IT0", "--format", "json")) == []
    assert len(json.loads(run(narrower, "--vat", "", "--format", "json"))) == 2


def test_numbers_stand_to_the_right_and_words_to_the_left(run: Callable[..., str]) -> None:
    head, _, first, *_ = run(lists.CASES, "--columns", "id,client,installment").splitlines()
    assert head.index("n.") + len("n.") == first.index("1") + 1
    assert head.index("cliente") == first.index("C2")
