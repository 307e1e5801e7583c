"""What somebody types finds whom they mean, on both databases, within their scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.ledger.search_numbers import amount_meant, numbers_meant
from incasso.domain.ledger.search_words import asked, figures, words, words_of_client
from incasso.domain.office.actor import Scope
from incasso.store.engine import Store, open_store
from incasso.store.ledger import client_words
from incasso.store.ledger.corrections import Correction, make
from incasso.store.lists.search import Found, search
from incasso.store.migrate import alembic, upgrade
from incasso.store.tables.ledger import client_words as kept
from incasso.store.tables.ledger import clients
from tests.acts import office
from tests.acts.office import MONDAY

EVERYBODY = Scope.everything()


@pytest.fixture
def known(store: Store) -> Iterator[Store]:
    """Some clients with what makes finding them hard."""
    with store.write() as connection:
        acme, beta = (office.source(connection, name) for name in ("acme", "beta"))
        angelo = office.client(
            connection, acme, "000123", "D'Angelo Costruzioni S.r.l.", vat="IT01234567890",
            email="mario.rossi@dangelo.it", phone="+39 011 1234567", agent="A1",
        )  # fmt: skip
        caffe = office.client(
            connection, acme, "C2", "Caffè Nicolò di Perù & Figli s.n.c.",
            tax_code="RSSMRA80A01H501U", mobile="340/1112223", pec="caffe@pec.it",
        )  # fmt: skip
        office.client(connection, beta, "C3", "Rossi Mario S.p.A.", vat="09876543210")
        office.client(connection, beta, "C4", "Rossini Srl")
        office.client(connection, beta, "C5", "M.C. Rossi & C. sas")
        for number, key, amount, client in (
            ("FT 12/2026", "a", 123456, angelo),
            ("000123/2026", "b", 25000, angelo),
            ("2026/000012", "c", 777, caffe),
            ("FT 12/A", "d", 123456, caffe),
            ("12", "e", 100, caffe),
            ("FV-120/2026", "f", 5000, caffe),
        ):
            office.installment(
                connection, client, f"K/{key}", amount, date(2026, 9, 1), document_number=number
            )
        client_words.add_new(connection, 0)
    yield store


def find(store: Store, question: str, scope: Scope = EVERYBODY, limit: int = 20) -> Found:
    with store.read() as connection:
        return search(connection, scope, question, limit)


CLIENTS: list[tuple[str, list[str]]] = [
    ("dangelo", ["000123"]),
    ("D'ANGELO", ["000123"]),
    ("d’angelo costr", ["000123"]),
    ("angelo", ["000123"]),
    ("d'angelo srl", ["000123"]),
    ("costruzioni s.r.l.", ["000123"]),
    ("caffe nicolo", ["C2"]),
    ("Caffè PERU'", ["C2"]),
    ("rossi", ["C3", "C5", "C4", "000123"]),
    ("rossi mario", ["C3", "000123"]),
    ("mario rossi spa", ["C3", "000123"]),
    ("mc rossi", ["C5"]),
    ("000123", ["000123"]),
    ("123", ["000123"]),
    ("c3", ["C3"]),
    ("01234567890", ["000123"]),
    ("IT01234567890", ["000123"]),
    ("IT 09876543210", ["C3"]),
    ("rssmra80a01h501u", ["C2"]),
    ("mario.rossi@dangelo.it", ["000123"]),
    ("mario.rossi@dang", ["000123"]),
    ("mario.rossi@", ["C3", "000123"]),
    ("caffe@pec.it", ["C2"]),
    ("caffe@pe", ["C2"]),
    ("0111234567", ["000123"]),
    ("011 1234567", ["000123"]),
    ("+39 011 123 4567", ["000123"]),
    ("340 1112223", ["C2"]),
    ("srl", ["C4", "000123"]),
    ("rossi verdi", []),
    ("'", []),
    ("", []),
    ("\0", []),
    ("%", []),
]


def test_clients_are_found_however_they_are_written(known: Store) -> None:
    for question, codes in CLIENTS:
        assert [hit.code for hit in find(known, question).clients] == codes, question


def test_what_fits_whole_is_named_and_comes_first(known: Store) -> None:
    for question, code, matched in (
        ("01234567890", "000123", "vat"),
        ("c3", "C3", "code"),
        ("mario.rossi@dangelo.it", "000123", "email"),
        ("0111234567", "000123", "phone"),
        ("rossini", "C4", ""),
        ("Rossini S.r.l.", "C4", "name"),
    ):
        first = find(known, question).clients[0]
        assert (first.code, first.matched) == (code, matched), question


INSTALLMENTS: list[tuple[str, list[str]]] = [
    ("FT 12/2026", ["K/a", "K/c"]),
    ("12/2026", ["K/a", "K/c"]),
    ("0012/2026", ["K/a", "K/c"]),
    ("2026/12", ["K/a", "K/c"]),
    ("123/2026", ["K/b"]),
    ("ft 12/a", []),
    ("12/A", ["K/d"]),
    ("K/f", ["K/f"]),
    ("1.234,56", ["K/a", "K/d"]),
    ("1234.56", ["K/a", "K/d"]),
    ("1234,56", ["K/a", "K/d"]),
    ("€ 1.234,56", ["K/a", "K/d"]),
    ("250", ["K/b"]),
    ("7,77", ["K/c"]),
]


def test_installments_are_found_by_number_key_and_amount(known: Store) -> None:
    for question, keys in INSTALLMENTS:
        found = [hit.key for hit in find(known, question).installments]
        assert sorted(found) == keys, question
    first, *others = (hit.key for hit in find(known, "12").installments)
    assert (first, sorted(others)) == ("K/e", ["K/a", "K/d"])


def test_nobody_is_found_outside_the_scope(known: Store) -> None:
    mine = Scope(agents=frozenset({"A1"}))
    assert [hit.code for hit in find(known, "rossi", mine).clients] == ["000123"]
    assert find(known, "c3", mine).clients == []
    assert [hit.key for hit in find(known, "1234,56", mine).installments] == ["K/a"]
    assert find(known, "K/f", mine).installments == []
    nothing = Scope(sources=frozenset())
    assert find(known, "rossi", nothing) == Found([], [])


def words_kept(store: Store) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    with store.read() as connection:
        for client, word in connection.execute(sa.select(kept)):
            found.setdefault(client, set()).add(word)
    return found


def words_due(store: Store) -> dict[int, set[str]]:
    """The words of every client as it stands."""
    with store.read() as connection:
        rows = connection.execute(sa.select(clients)).all()
    return {
        row.id: words_of_client(
            code=row.code, name=row.name, vat=row.vat, tax_code=row.tax_code,
            emails=(row.email, row.pec), phones=(row.phone, row.mobile),
        )
        for row in rows
    }  # fmt: skip


def test_a_corrected_address_is_found_at_once(known: Store) -> None:
    with known.write() as connection:
        number = connection.scalar(sa.select(clients.c.id).where(clients.c.code == "C4"))
        assert number is not None
        new = Correction(
            client_id=number, field="email", value="nuovo@rossini.example", origin="phone",
            made_by="anna", made_on=MONDAY,
        )  # fmt: skip
        make(connection, new)
    assert [hit.code for hit in find(known, "nuovo@rossini.example").clients] == ["C4"]
    assert words_kept(known) == words_due(known)


def test_an_office_of_an_older_release_gets_its_words(database_url: str, tmp_path: Any) -> None:
    store = open_store(database_url, tmp_path / "archive")
    flags = "is_person, blocked, excluded, seasonal, public_body, office_excluded"
    with store.write() as connection:
        command.upgrade(alembic(connection), "0015")
        connection.exec_driver_sql("INSERT INTO sources (id, name) VALUES (1, 'acme')")
        connection.exec_driver_sql(
            f"INSERT INTO clients (id, source_id, code, name, fingerprint, {flags}) VALUES "
            "(7, 1, 'C7', 'D''Angelo Srl', '', false, false, false, false, false, false)"
        )
    upgrade(store)
    assert [hit.code for hit in find(store, "dangelo").clients] == ["C7"]
    assert words_kept(store) == words_due(store)
    store.close()


@given(st.text(max_size=60))
def test_every_question_has_words_or_none(question: str) -> None:
    for meaning in asked(question):
        assert meaning and all(meaning)
    numbers_meant(question)
    amount_meant(question)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_name_is_found_by_its_own_words(name: str) -> None:
    found = words_of_client(code="", name=name, vat="", tax_code="", emails=(), phones=())
    assert set(words(name)) <= found


@given(st.text(st.sampled_from("aZz09 -_/&@+\t"), max_size=12))
def test_a_text_without_marks_takes_a_shorter_way_to_the_same_words(text: str) -> None:
    """An apostrophe before it is dropped, and has it take the long way."""
    assert words(text) == words(f"'{text}")


def test_figures_of_telephones() -> None:
    for number in ("+39 011 1234567", "0039 011/1234567", "011-1234567", "(011) 1234567"):
        assert figures(number) == "0111234567"
