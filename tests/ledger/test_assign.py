"""Clients without an operator go to somebody by the rules; nobody is ever taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.errors import ConfigurationError
from incasso.domain.office.actor import CLOCK
from incasso.services.office.assign import assign, load_rules
from incasso.store.office import people
from incasso.store.tables.ledger import clients
from incasso.store.tables.office import users
from tests.ledger.office import NOW, ON, Books, Export, client, item

RULES = """
[[assignment]]
label = "grandi clienti"
priority = 1
pool = ["anna"]
match = { min_amount = "5000.00" }

[[assignment]]
label = "nord"
pool = ["luca", "sara"]
responsible = "anna"
match = { areas = ["NORD"] }

[[assignment]]
label = "codici alti"
priority = 200
pool = ["sara"]
match = { client_from = "C8", agents = ["10", "20"] }
"""


@pytest.fixture
def office(books: Books) -> Books:
    """Anna, Luca and Sara, and one who left."""
    with books.store.write() as connection:
        for login in ("anna", "luca", "sara", "gone"):
            people.add(
                connection, login=login, name=login.title(), email="", role="operator",
                password_hash="", at=NOW,
            )  # fmt: skip
        connection.execute(sa.update(users).where(users.c.login == "gone").values(active=False))
    return books


def rules(office: Books, folder: Path, text: str = RULES) -> int:
    """Load rules from a file."""
    path = folder / "assegnazioni.toml"
    path.write_text(text, "utf-8")
    return load_rules(office.hub, CLOCK, path, on=ON)


def ledger(office: Books, found: Sequence[Any], amount: str = "100") -> None:
    """Sync these clients, each with one open item."""
    export = office.export
    assert isinstance(export, Export)
    export.clients = list(found)
    assert office.read(*(item(f"{each.code}/1", amount, each.code) for each in found)).good


def operators(office: Books) -> dict[str, str | None]:
    """Login of each client's operator."""
    query = sa.select(clients.c.code, users.c.login).outerjoin(
        users, users.c.id == clients.c.operator_id
    )
    with office.store.read() as connection:
        return {row.code: row.login for row in connection.execute(query)}


def test_a_pool_goes_round_in_the_order_of_codes(office: Books, tmp_path: Path) -> None:
    assert rules(office, tmp_path) == 3
    ledger(office, [client(f"C{number}", area="NORD") for number in (3, 1, 2)])
    assert operators(office) == {"C1": "luca", "C2": "sara", "C3": "luca"}
    assert office.client("C1").responsible_id is not None
    ledger(office, [client(f"C{number}", area="NORD") for number in range(1, 6)])
    assert Counter(operators(office).values()) == {"luca": 3, "sara": 2}


def test_the_first_rule_that_holds_wins(office: Books, tmp_path: Path) -> None:
    rules(office, tmp_path)
    found = [client("C1", area="NORD"), client("C9", agent="20"), client("C9X", agent="30")]
    ledger(office, found)
    assert operators(office) == {"C1": "luca", "C9": "sara", "C9X": None}


def test_amounts_are_what_the_client_owes_in_all(office: Books, tmp_path: Path) -> None:
    rules(office, tmp_path)
    export = office.export
    assert isinstance(export, Export)
    export.clients = [client("C1", area="NORD"), client("C2", area="NORD")]
    office.read(item("A", "3000"), item("B", "2000"), item("C", "4999.99", "C2"))
    assert operators(office) == {"C1": "anna", "C2": "luca"}


def test_a_second_sync_moves_nobody(office: Books, tmp_path: Path) -> None:
    rules(office, tmp_path)
    found = [client(f"C{number}", area="NORD") for number in range(4)]
    ledger(office, found)
    before = operators(office)
    rules(office, tmp_path, RULES.replace('"luca", "sara"', '"anna"'))
    ledger(office, found, amount="9000")
    assert operators(office) == before


def test_what_a_person_chose_stays(office: Books, tmp_path: Path) -> None:
    ledger(office, [client("C1", area="NORD"), client("C2", area="NORD")])
    with office.store.write() as connection:
        sara = people.id_of(connection, "sara")
        connection.execute(
            sa.update(clients).where(clients.c.code == "C1").values(operator_id=sara)
        )
    rules(office, tmp_path)
    report = assign(office.hub, CLOCK, "acme", ON)
    assert (report.assigned, report.by_login) == (1, {"luca": 1})
    assert operators(office) == {"C1": "sara", "C2": "luca"}


def test_who_owes_nothing_needs_nobody(office: Books, tmp_path: Path) -> None:
    rules(office, tmp_path)
    export = office.export
    assert isinstance(export, Export)
    export.clients = [client("C1", area="NORD"), client("C2", area="NORD")]
    report = office.read(item("A", "0"), item("B", "-10", "C2"))
    assert report.counts.assigned == 0
    assert operators(office) == {"C1": None, "C2": None}


def test_who_left_gets_no_turn(office: Books, tmp_path: Path) -> None:
    rules(office, tmp_path)
    with office.store.write() as connection:
        connection.execute(sa.update(users).where(users.c.login == "luca").values(active=False))
    ledger(office, [client(f"C{number}", area="NORD") for number in range(3)])
    assert set(operators(office).values()) == {"sara"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[assignment", "not TOML"),
        ("[[assignment]]\nlabel = 'x'", "pool"),
        ("[[assignment]]\npool = ['marta']", "marta is no user"),
        ("[[assignment]]\npool = ['gone']", "gone is no user"),
        ("[[assignment]]\npool = ['luca']\nmatch = { aree = ['NORD'] }", "did you mean 'areas'"),
        ("[[assignment]]\npool = ['luca']\nmatch = { unpaid = true }", "unpaid"),
        ("[[assignment]]\npool = ['luca']\nmatch = { min_amount = 1.5 }", "exact number"),
    ],
)
def test_a_wrong_file_is_refused_and_the_old_rules_stay(
    office: Books, tmp_path: Path, text: str, complaint: str
) -> None:
    rules(office, tmp_path)
    with pytest.raises(ConfigurationError) as refusal:
        rules(office, tmp_path, text)
    words = " ".join(
        f"{problem.field} {problem.message} {problem.hint}" for problem in refusal.value.problems
    )
    assert complaint in words
    ledger(office, [client("C1", area="NORD")])
    assert operators(office) == {"C1": "luca"}


def test_a_missing_file_is_told(office: Books, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_rules(office.hub, CLOCK, tmp_path / "nothing.toml", on=ON)
