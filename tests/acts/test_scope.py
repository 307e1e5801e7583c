"""Whose clients somebody sees and acts on: what is outside their scope is not there."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from incasso.domain.acts.agreements import Hold, Promise
from incasso.domain.acts.deliveries import ResolveDelivery
from incasso.domain.office.actor import Role, Scope
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import person_named
from incasso.services.office.people import OfficeError, add_user, set_scope
from incasso.services.office.subjects import SubjectError, resolve
from incasso.services.recovery.explain import explain
from incasso.store.office.acting import StoredScope
from incasso.store.tables import ledger, recovery
from incasso.store.tables.office import users
from tests.acts import office
from tests.acts.office import MONDAY, Small
from tests.acts.test_agreements import FRIDAY, events_said, rows
from tests.doing import do, people


@pytest.fixture
def two(hub: Hub, small: Small) -> Small:
    """Rossi of agent A1 in acme; Verdi, also called C1, of agent A2 in beta."""
    with hub.store.write() as connection:
        beta = office.source(connection, "beta")
        verdi = office.client(connection, beta, "C1", "Verdi Snc", agent="A2", depot="D2")
        late = office.installment(connection, verdi, "V1/1", 5000, MONDAY.replace(day=1))
        office.case(connection, late, office.iter_version(connection, OTHER))
        clients = ledger.clients
        of_a1 = {"agent": "A1", "depot": "D1", "operator_id": small.anna}
        connection.execute(sa.update(clients).where(clients.c.id == small.client).values(of_a1))
    people(hub.store, Role.ADMINISTRATOR, "capo")
    return small


OTHER = {**office.TRANSFER, "key": "altro"}


def somebody(hub: Hub, role: str, **scope: object) -> None:
    """A user called `io` with this scope."""
    kept = StoredScope(**scope)  # type: ignore[arg-type]
    add_user(hub, person_named(hub, "capo"), "io", role=role, scope=kept, on=MONDAY)


SCOPES = [
    ("agent", {"agents": ("A1",)}),
    ("depot", {"depots": ("D1",)}),
    ("operator", {"sources": ("acme",)}),
    ("operator", {"agents": ("A1", "A9"), "depots": ("D1",)}),
]


@pytest.mark.parametrize(("role", "scope"), SCOPES)
def test_what_is_outside_is_not_there(
    hub: Hub, two: Small, role: str, scope: dict[str, tuple[str, ...]]
) -> None:
    somebody(hub, role, **scope)
    # Of two clients with the same code only one is theirs, so nothing is left to ask.
    assert "acme/C1" in do(hub, Promise(subject="C1", until=FRIDAY), by="io")
    for subject in ("beta/C1", "V1/1", "case:3", "client beta/C1"):
        with pytest.raises(SubjectError, match=r"No client|no case"):
            do(hub, Hold(subject=subject, why="x"), by="io")
    assert {row.client for row in events_said(hub) if row.client} == {"C1"}
    assert {row.source_id for row in rows(hub, recovery.agreements)} == {1}


def test_an_operator_of_their_own_clients(hub: Hub, two: Small) -> None:
    somebody(hub, "operator", own=True)
    with pytest.raises(SubjectError):
        do(hub, Hold(subject="acme/C1", why="x"), by="io")
    with hub.store.write() as connection:
        number = connection.scalar(sa.select(users.c.id).where(users.c.login == "io"))
        connection.execute(
            sa.update(ledger.clients)
            .where(ledger.clients.c.id == two.client)
            .values(operator_id=number)
        )
    do(hub, Hold(subject="acme/C1", why="x"), by="io")


def test_a_delivery_and_a_step_belong_to_their_client(hub: Hub, two: Small) -> None:
    with hub.store.write() as connection:
        office.delivery(connection, two.step, "D1", status="uncertain", accepted_at=None)
    somebody(hub, "operator", sources=("beta",))
    with pytest.raises(SubjectError, match="no delivery"):
        do(hub, ResolveDelivery(subject="D1", sent=True), by="io")
    with pytest.raises(SubjectError, match="no step"):
        do(hub, Hold(subject=f"step:{two.step}", why="x"), by="io")


def test_what_is_read_is_narrowed_too(hub: Hub, two: Small) -> None:
    somebody(hub, "agent", agents=("A2",))
    scope = person_named(hub, "io").scope
    assert [one.subject for one in explain(hub, scope, "C1", MONDAY)] == ["beta/V1/1"]
    with hub.store.read() as connection, pytest.raises(SubjectError):
        resolve(connection, "acme/C1", scope)


@pytest.mark.parametrize("role", ["lawyer", "provider"])
def test_a_partner_sees_nothing_before_there_are_lots(hub: Hub, two: Small, role: str) -> None:
    somebody(hub, role)
    with hub.store.read() as connection, pytest.raises(SubjectError):
        resolve(connection, "acme/C1", person_named(hub, "io").scope)


def test_an_agent_is_said_which(hub: Hub, two: Small) -> None:
    for role, words in (("agent", "--agent CODE"), ("depot", "--depot CODE")):
        with pytest.raises(OfficeError, match=words):
            somebody(hub, role)
    with pytest.raises(OfficeError, match="no source gamma"):
        somebody(hub, "operator", sources=("gamma",))
    somebody(hub, "agent", agents=("A1",))
    capo = person_named(hub, "capo")
    with pytest.raises(OfficeError, match="--agent CODE"):
        set_scope(hub, capo, "io", StoredScope(), on=MONDAY)
    set_scope(hub, capo, "io", StoredScope(agents=("A2",)), on=MONDAY)
    assert person_named(hub, "io").scope == Scope(agents=frozenset({"A2"}))
    kinds = [e.kind for e in events_said(hub) if e.kind != "rows.written"]
    assert kinds == ["user.added", "user.scope"]
