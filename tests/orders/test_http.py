"""Order programs ask a real server: who may order, who may ask, and what they hear if not."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from incasso.contract.ledger import ClientRecord
from incasso.domain.acts.orders import BlockOrders, ReleaseOrders
from incasso.domain.office.actor import CLOCK
from incasso.services.office.actors import person_named
from incasso.services.office.tokens import TokenError, add_token, revoke_token
from incasso.store.proof import journal
from incasso.store.proof.anchor import Anchorage
from incasso.store.proof.journal import Head
from incasso.store.tables.office import api_tokens
from tests.doing import do
from tests.orders.conftest import MakeOrders
from tests.orders.office import ON, Orders, erp, owes, set_flag
from tests.orders.serving import Asked, serving

ODD = "501/A 7?x"
"""A code as some ERPs have it: slashes, blanks and question marks belong to it."""


def two_companies(make: MakeOrders) -> Orders:
    """In acme C1 is blocked by the hub and C3 by the ERP; beta has C1 too."""
    acme = erp(owes("A1"), owes("A2", client="C2", due_date=ON))
    acme.put(
        ClientRecord(code="C2", name="Bianchi"),
        ClientRecord(code="C3", name="=Verdi", blocked=True),
        ClientRecord(code=ODD, name="Neri"),
    )
    office = make(acme=acme, beta=erp(owes("B1", residual="0.00")))
    office.day()
    return office


@pytest.fixture
def office(on_sqlite: MakeOrders) -> Orders:
    """The two companies."""
    return two_companies(on_sqlite)


@pytest.fixture
def asked(office: Orders, tmp_path: Path) -> Iterator[Asked]:
    """The server of that office."""
    with serving(office, f"sqlite:///{tmp_path / 'incasso.db'}") as asked:
        yield asked


def token(office: Orders, *scopes: str, sources: tuple[str, ...] = (), name: str = "shop") -> str:
    return add_token(
        office.hub,
        person_named(office.hub, "admin"),
        name,
        scopes=scopes or ("credit-status",),
        sources=sources,
        on=ON,
    )


def test_who_may_order(office: Orders, asked: Asked) -> None:
    mine = token(office)
    blocked = asked.status("C1", mine)
    assert blocked == {
        "source": "acme",
        "client": "C1",
        "allowed": False,
        "blocked_by": "hub",
        "reason": "Blocco ordini",
        "since": "2026-11-23",
        "trusted": True,
        "as_of": blocked["as_of"],
    }
    free = asked.status("C2", mine)
    assert (free["allowed"], free["blocked_by"], free["reason"]) == (True, None, "")
    theirs = asked.status("C3", mine)
    assert (theirs["allowed"], theirs["blocked_by"], theirs["since"]) == (False, "erp", None)
    assert theirs["reason"] == "bloccato nel gestionale"
    assert asked.status("C1", mine, "beta")["allowed"] is True
    do(office.hub, BlockOrders(subject="C3", why="fallimento"))
    assert asked.status("C3", mine)["blocked_by"] == "both"
    do(office.hub, ReleaseOrders(subject="acme/C1", why="pagato"))
    assert asked.status("C1", mine)["allowed"] is True, "the very moment it is released"


def test_on_each_database(make_orders: MakeOrders, hub_url: str) -> None:
    office = two_companies(make_orders)
    mine = token(office, "credit-status", "blocked")
    with serving(office, hub_url) as asked:
        assert asked.status("C1", mine)["blocked_by"] == "hub"
        assert asked.status("C3", mine)["blocked_by"] == "erp"
        assert asked.status("C2", mine)["allowed"] is True
        for odd in ("C1%00", "C%ED%A0%80", "C%FF"):
            told = problem(asked.get(f"/api/v1/credit-status/acme/{odd}", mine), 422)
            assert told.endswith("in the path; leave it out."), told
            assert "in the query" in problem(
                asked.client.get(f"/api/v1/blocked?source={odd}", headers=bearer(mine)), 422
            )
        found = asked.get("/api/v1/blocked", mine).json()
        assert [row["client"] for row in found] == ["C1", "C3"]
        problem(asked.get("/api/v1/credit-status/acme/C9", mine), 404)


def test_a_code_is_found_as_the_erp_writes_it(office: Orders, asked: Asked) -> None:
    assert asked.status("501%2FA%207%3Fx", token(office))["client"] == ODD


def test_an_answer_is_never_kept_by_a_proxy(office: Orders, asked: Asked) -> None:
    mine = token(office, "credit-status", "blocked")
    for path in ("/api/v1/credit-status/acme/C1", "/api/v1/blocked"):
        assert asked.get(path, mine).headers["cache-control"] == "no-store"


def test_an_old_ledger_is_told_and_the_last_answer_given(office: Orders, asked: Asked) -> None:
    mine = token(office)
    office.day(3)
    assert asked.status("C1", mine)["trusted"] is True
    office.at = office.at.replace(day=28)
    late = asked.status("C1", mine)
    assert (late["trusted"], late["allowed"]) == (False, False)


@pytest.mark.parametrize("path", ["acme/C9", "acme/c1", "gamma/C1", "acme/"])
def test_nobody_is_called_that(office: Orders, asked: Asked, path: str) -> None:
    problem(asked.get(f"/api/v1/credit-status/{path}", token(office)), 404)


@pytest.mark.parametrize(
    "given",
    ["", "nonsense", "inc_0123456789abcdef.", "inc_0123456789abcdef." + "A" * 43, "inc_é.x"],
)
def test_without_a_valid_token_nobody_gets_in(asked: Asked, given: str) -> None:
    headers = [(b"Authorization", f"Bearer {given}".encode())] if given else []
    answer = asked.client.get("/api/v1/credit-status/acme/C1", headers=headers)
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_half_right_is_wrong(office: Orders, asked: Asked) -> None:
    mine = token(office)
    problem(asked.get("/api/v1/credit-status/acme/C1", mine[:-1] + _another(mine[-1])), 401)


def test_revoked_is_out_at_once(office: Orders, asked: Asked) -> None:
    mine = token(office)
    asked.status("C1", mine)
    revoke_token(office.hub, CLOCK, "shop", on=ON)
    problem(asked.get("/api/v1/credit-status/acme/C1", mine), 401)
    with pytest.raises(TokenError, match="already"):
        revoke_token(office.hub, CLOCK, "shop", on=ON)


def test_a_token_does_what_it_is_for(office: Orders, asked: Asked) -> None:
    ask, read = token(office), token(office, "blocked", sources=("beta",), name="feed")
    assert "scope" in problem(asked.get("/api/v1/blocked", ask), 403)
    assert "scope" in problem(asked.get("/api/v1/credit-status/beta/C1", read), 403)
    assert asked.get("/api/v1/blocked", read).json() == []
    assert "acme" in problem(asked.get("/api/v1/blocked", read, source="acme"), 403)
    narrow = token(office, sources=("beta",), name="beta_shop")
    asked.status("C1", narrow, "beta")
    for client in ("C1", "C9"):  # whether there is such a client is nobody's business either
        problem(asked.get(f"/api/v1/credit-status/acme/{client}", narrow), 403)


def test_the_list_of_everybody_who_may_not(office: Orders, asked: Asked) -> None:
    mine = token(office, "blocked")
    set_flag(office.erps["beta"], True)
    office.day(0, hours=1)
    found = asked.get("/api/v1/blocked", mine).json()
    assert [(row["source"], row["client"], row["blocked_by"]) for row in found] == [
        ("acme", "C1", "hub"),
        ("acme", "C3", "erp"),
        ("beta", "C1", "erp"),
    ]
    assert (found[0]["vat"], found[0]["blocked_since"]) == ("01234567897", "2026-11-23")
    only = asked.get("/api/v1/blocked", mine, source="beta").json()
    assert [row["source"] for row in only] == ["beta"]
    answer = asked.get("/api/v1/blocked", mine, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [row["client"] for row in rows] == ["C1", "C3", "C1"]
    assert rows[1]["name"] == "'=Verdi"
    problem(asked.get("/api/v1/blocked", mine, format="xml"), 400)


def test_only_a_digest_is_kept_and_the_last_use_noted(office: Orders, asked: Asked) -> None:
    mine = token(office)
    asked.status("C1", mine)
    row = token_row(office)
    until = time.monotonic() + 30
    while row.last_used_at is None and time.monotonic() < until:  # noted once the answer has left
        time.sleep(0.05)
        row = token_row(office)
    assert mine.split(".")[1].encode() not in b"".join(
        str(value).encode() for value in row._mapping.values()
    )
    assert len(row.sha256) == 32
    assert row.last_used_at is not None


def token_row(office: Orders) -> sa.Row[Any]:
    with office.store.read() as connection:
        return connection.execute(sa.select(api_tokens)).one()


def test_answers_while_the_ledger_is_being_written(office: Orders, asked: Asked) -> None:
    mine = token(office)
    with office.store.write() as connection:
        connection.execute(sa.update(api_tokens).values(made_by="luca"))
        assert asked.status("C1", mine)["allowed"] is False


def test_health_needs_no_token(asked: Asked) -> None:
    answer = asked.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_copy_that_was_put_back_gives_no_answer_about_orders(
    office: Orders, asked: Asked
) -> None:
    mine = token(office, "credit-status", "blocked")
    assert asked.status("C2", mine)["allowed"] is True
    later = Head(last_batch=9_999, last_event=99_999, hash="0" * 64)
    Anchorage(office.store.archive).renew(later, office.at, 0)
    for path in ("/health", "/api/v1/credit-status/acme/C2", "/api/v1/blocked"):
        assert "incasso recover" in problem(asked.get(path, mine), 503)
    problem(asked.get("/api/v1/credit-status/acme/C2"), 401)
    with office.store.read() as connection:
        now = journal.head(connection)
    Anchorage(office.store.archive).renew(now, office.at, 1)
    assert asked.status("C2", mine)["allowed"] is True


def test_a_database_that_is_gone_is_told_without_a_trace(office: Orders, asked: Asked) -> None:
    mine = token(office)
    with office.store.write() as connection:
        connection.execute(sa.text("ALTER TABLE api_tokens RENAME TO elsewhere"))
    told = problem(asked.get("/api/v1/credit-status/acme/C1", mine), 503)
    assert "database" in told
    assert "elsewhere" not in told


def test_what_is_not_there_is_a_problem_document_too(asked: Asked) -> None:
    problem(asked.get("/api/v1/nothing"), 404)
    problem(asked.client.post("/api/v1/blocked"), 405)
    both = asked.client.request("OPTIONS", "/api/v1/callbacks/out")
    problem(both, 405)
    assert set(both.headers["allow"].split(", ")) == {"GET", "POST"}  # in any order


@pytest.mark.parametrize(
    ("name", "scopes", "sources", "says"),
    [
        ("Shop!", ["blocked"], [], "no name"),
        ("shop", ["everything"], [], "no scope everything"),
        ("shop", [], [], "--scope"),
        ("shop", ["blocked"], ["gamma"], "no source gamma"),
    ],
)
def test_a_token_that_would_mean_nothing(
    on_sqlite: MakeOrders, name: str, scopes: list[str], sources: list[str], says: str
) -> None:
    office = on_sqlite(acme=erp())
    with pytest.raises(TokenError, match=says):
        add_token(office.hub, CLOCK, name, scopes=scopes, sources=sources, on=ON)


def test_a_name_is_given_once(on_sqlite: MakeOrders) -> None:
    office = on_sqlite(acme=erp())
    token(office)
    with pytest.raises(TokenError, match="already"):
        token(office)
    assert [row.actor for row in office.told("token.added")] == ["admin"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def problem(answer: httpx.Response, status: int) -> str:
    """What a problem document says; it must be one, of that status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert "Traceback" not in answer.text
    return str(told["detail"])


def _another(letter: str) -> str:
    return "A" if letter != "A" else "B"
