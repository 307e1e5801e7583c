"""A filter that names nothing is told, with the cure; a name that has nothing is an empty list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import inside


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clients, one with an agent, and an operator who sees none of them."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "clients.csv").write_text("code,name,agent\nC1,Rossi,A01\nC2,Verdi,\n", "utf-8")
    items = "key,client,due_date,residual\nF1,C1,2026-10-01,10.00\n"
    (folder / "items.csv").write_text(items, "utf-8")
    (folder / "plugins.toml").write_text(
        '[connectors.acme]\nplugin = "csv"\nclients = "clients.csv"\ninstallments = "items.csv"\n',
        "utf-8",
    )
    for words in (
        ("init", "--login", "anna"),
        ("users", "add", "luca", "--role", "operator", "--agent", "A99"),
        ("sync", "--on", "2026-11-23"),
    ):
        assert inside(folder, *words).code == 0, words
    return folder


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("clients --agent ZZZ", "none is called 'ZZZ': known: A01"),
        ("clients --agent A10", "did you mean 'A01'?"),
        ("clients --client C9", "none is called 'C9': see `incasso clients`"),
        ("cases --container legel", "did you mean 'legal'?"),
        ("steps --operator luka", "did you mean 'luca'?"),
        ("clients --source acne", "did you mean 'acme'?"),
        ("steps --medium emial", "did you mean 'email'?"),
        ("installments --overdue 60-31", "write 31-60"),
        ("clients --columns code,name,code", "code twice"),
        ("clients --columns nane", "did you mean 'name'?"),
        ("clients --columns ,", "name at least one column"),
        ("deliveries --status delivred", "did you mean 'delivered'?"),
        ("deliveries --from 2026-11-24 --to 2026-11-23", "earlier day to --from"),
        ("steps --from 2026-11-24 --to 2026-11-23", "earlier day to --from"),
        ("report costs --from 2026-11-24 --to 2026-11-23", "earlier day to --from"),
    ],
)
def test_what_is_called_nothing_is_told(office: Path, words: str, told: str) -> None:
    ended = inside(office, *words.split(), "--format", "json")
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err and ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        "cases --container legale",
        "cases --client acme/C2",
        "steps --operator luca",
        "contacts --client C1",
        "bad-addresses --agent A01",
    ],
)
def test_a_name_without_anything_is_an_empty_list(office: Path, words: str) -> None:
    ended = inside(office, *words.split(), "--format", "json")
    assert (ended.code, ended.rows()) == (0, [])


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("installments --status aperta --status pagata", ["F1"]),
        ("installments --status PAGATA", []),
        ("installments --status open", ["F1"]),
        ("installments --method altro", ["F1"]),
        ("cases --container legale", []),
    ],
)
def test_words_of_tables_name_their_codes(office: Path, words: str, keys: list[str]) -> None:
    ended = inside(office, *words.split(), "--format", "json", language="it")
    assert (ended.code, [row["key"] for row in ended.rows()]) == (0, keys)


def test_a_word_that_is_none_is_told_with_codes_and_words(office: Path) -> None:
    ended = inside(office, "deliveries", "--status", "consegnata", language="it")
    assert ended.code == 2
    assert "delivered (consegnato)" in ended.err and "intendeva «consegnato»" in ended.err
    ended = inside(
        office, "deliveries", "--from", "24/11/2026", "--to", "23/11/2026", language="it"
    )
    assert ended.code == 2 and ended.err.count("\n") == 1
    assert "il giorno precedente a --from" in ended.err


def test_a_list_shows_what_its_reader_may_see(office: Path) -> None:
    """What lies outside of their scope is called nothing."""
    assert inside(office, "clients", "--by", "luca", "--format", "json").rows() == []
    assert len(inside(office, "clients", "--by", "anna", "--format", "json").rows()) == 2
    hidden = inside(office, "clients", "--by", "luca", "--client", "C1")
    assert hidden.code == 2 and "none is called 'C1'" in hidden.err
    unknown = inside(office, "clients", "--by", "zorro")
    assert unknown.code != 0 and "Nobody is called zorro" in unknown.err
