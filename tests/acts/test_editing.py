"""The words of a message changed by a person: what is kept, what is refused, what is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.act import Act
from incasso.domain.acts.steps import Approve, Edit
from incasso.services.acts import ActError
from incasso.services.hub.hub import Hub
from incasso.store.tables import proof, recovery
from tests.acts.office import Small
from tests.doing import do


@pytest.fixture
def step(hub: Hub, small: Small) -> int:
    """The ready mail, with a text that ships with the hub."""
    with hub.store.write() as connection:
        told = {"template": "primo_sollecito", "mode": "approve"}
        connection.execute(sa.update(recovery.steps).values(told))
    return small.step


def kept(hub: Hub) -> tuple[Any, ...]:
    """Subject, text, opening, closing, bare."""
    table = recovery.steps.c
    names = ("subject_override", "text_override", "opening_override", "closing_override", "bare")
    with hub.store.read() as connection:
        return tuple(connection.execute(sa.select(*(table[name] for name in names))).one())


def facts(hub: Hub, kind: str) -> Any:
    """The facts of the last event of a kind."""
    table = proof.journal
    query = sa.select(table.c.facts).where(table.c.kind == kind).order_by(table.c.id.desc())
    with hub.store.read() as connection:
        return connection.scalars(query.limit(1)).one()


def edit(hub: Hub, step: int, **fields: Any) -> str:
    act: Act = Edit(subject=str(step), **fields)
    return do(hub, act)


def test_each_edit_keeps_what_it_leaves_out(hub: Hub, step: int) -> None:
    assert edit(hub, step, title="Ultimo avviso") == f"Changed subject: step:{step}."
    edit(hub, step, opening="come al telefono")
    edit(hub, step, closing="Cordialmente")
    assert kept(hub) == ("Ultimo avviso", None, "come al telefono", "Cordialmente", None)
    assert edit(hub, step, text="Tutto nuovo") == f"Changed text: step:{step}."
    assert kept(hub) == ("Ultimo avviso", "Tutto nuovo", None, None, None)
    edit(hub, step, opening="di nuovo")
    assert kept(hub) == ("Ultimo avviso", None, "di nuovo", None, None)
    edit(hub, step, template=True)
    assert kept(hub) == (None,) * 5


def test_the_journal_keeps_that_the_blocks_were_taken_out(hub: Hub, step: int) -> None:
    edit(hub, step, text="Ci sentiamo.", bare=True)
    assert kept(hub) == (None, "Ci sentiamo.", None, None, True)
    told = facts(hub, "step.edited")
    assert (told["changes"], told["bare"]) == (["text"], True)
    # 100.00 and 250.50: what whoever edited it had before their eyes
    assert told["seen"] == {
        "installments": ["F1/1", "F2/1"], "total": "350.50", "currency": "EUR",
    }  # fmt: skip


def test_an_approval_keeps_what_was_approved(hub: Hub, step: int) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.update(recovery.steps).values(status="proposed"))
    do(hub, Approve(subject=str(step)))
    assert facts(hub, "step.approved")["seen"]["total"] == "350.50"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Say what to change: `--medium`, `--subject`"),
        ({"title": "x" * 201}, "The subject has 201 characters: at most 200"),
        ({"title": "Avviso\nBcc: x@example.it"}, "The subject holds a line break"),
        ({"title": " "}, "No words for the subject"),
        ({"text": "\x1b[2J"}, "The text holds a line break or another character"),
        ({"text": "a", "opening": "b"}, "holds opening and closing already"),
        ({"opening": "b", "bare": True}, "`--bare` sends your words as they stand"),
        ({"text": "Caro {{ nome }}"}, "unknown 'nome'"),
        ({"text": "Caro {{ client.name"}, "cannot be used"),
        ({"opening": "{% for x in lines %}"}, "cannot be used"),
        ({"medium": "pec"}, "no address for pec"),
        ({"medium": "pigeon"}, "not a medium"),
    ],
)
def test_what_is_refused_changes_nothing(
    hub: Hub, step: int, fields: dict[str, Any], why: str
) -> None:
    with pytest.raises(ActError) as refused:
        edit(hub, step, **fields)
    assert why in str(refused.value)
    assert kept(hub) == (None,) * 5


def test_a_formal_notice_names_what_is_owed(hub: Hub, step: int) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.update(recovery.steps).values(medium="pec", template="ultimo_avviso"))
    for words in ("Pagate subito.", "Pagate 350,00 euro."):
        with pytest.raises(ActError, match="must name what is owed"):
            edit(hub, step, text=words, bare=True)
    edit(hub, step, text="Pagate subito.")  # the table is added
    edit(hub, step, text="Pagate {{ total }}.", bare=True)
    edit(hub, step, text="Pagate 350,50 euro.", bare=True)
    edit(hub, step, text="Pagate subito.", medium="email", bare=True)
    with pytest.raises(ActError, match="no address for pec"):
        edit(hub, step, medium="pec")


def test_a_short_text_has_no_opening(hub: Hub, step: int) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.update(recovery.steps).values(medium="sms"))
    with pytest.raises(ActError, match="no opening"):
        edit(hub, step, opening="Salve")
    edit(hub, step, text="Ci chiami.")


def test_the_text_of_the_command_is_a_file(tmp_path: Path) -> None:
    import typer

    from incasso.cli.special_acts import _words_of

    (tmp_path / "testo.txt").write_bytes("\ufeffBuongiorno,\r\nci chiami.".encode())
    assert _words_of(str(tmp_path / "testo.txt")) == "Buongiorno,\nci chiami."
    with pytest.raises(typer.BadParameter, match="is no file"):
        _words_of("Gentile cliente")
