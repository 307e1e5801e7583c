"""A depot writes to its clients and agents in its own name; nobody gets a client of another."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Stage
from incasso.services.sending.dispatch import dispatch
from incasso.store.recovery import iters
from incasso.store.tables import ledger, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import ITER, NOTICE, NOW, ON, Office

TO_CLIENT = replace(NOTICE, key="deposito", speaker="deposito")
TO_AGENT = Stage(
    key="agenti",
    action=Action.NOTIFY,
    template="primo_sollecito",
    to=("agente",),
    speaker="deposito",
)


@pytest.fixture
def branches(office: Office) -> Office:
    """Two depots and two agents."""
    with office.store.write() as connection:
        for table, code in ((ledger.depots, "D"), (ledger.agents, "A")):
            for number in "12":
                name = f"{code}{number}"
                values = {"code": name, "name": f"Nome {name}", "email": f"{name}@acme.it".lower()}
                connection.execute(sa.insert(table).values(source_id=office.source, **values))
        stages = (NOTICE, TO_CLIENT, TO_AGENT)
        iters.publish(connection, replace(ITER, stages=stages), at=NOW, by="test")
        newest = sa.select(sa.func.max(recovery.iter_versions.c.id))
        office.version = int(connection.scalar(newest) or 0)
    return office


def sent(mail: FakeChannel) -> list[tuple[str, str, str, str]]:
    found = (each.message for each in mail.sent)
    return [(one.about.client, one.to.address, one.sender_name, one.reply_to) for one in found]


def test_a_message_in_the_name_of_a_depot(branches: Office, mail: FakeChannel) -> None:
    branches.step(branches.client(depot="D1"), TO_CLIENT)
    branches.step(branches.client(), TO_CLIENT)
    dispatch(branches.hub, CLOCK, ON)
    assert sent(mail) == [
        ("C1", "c1@example.it", "Nome D1", "d1@acme.it"),
        ("C2", "c2@example.it", "ACME Forniture srl", "crediti@acme.example.it"),
    ]


def test_a_depot_writes_to_each_agent_about_his_own_clients(
    branches: Office, mail: FakeChannel
) -> None:
    """Every pair of depot and agent; whoever has no agent is nobody's."""
    whose: list[dict[str, Any]] = [
        {"depot": depot, "agent": agent} for depot in ("D1", "D2") for agent in ("A1", "A2", "")
    ]
    for one in whose:
        branches.step(branches.client(**one), TO_AGENT, action="notify", medium="email")
    dispatch(branches.hub, CLOCK, ON)
    assert sorted(sent(mail)) == [
        (
            f"C{n}",
            f"{one['agent']}@acme.it".lower(),
            f"Nome {one['depot']}",
            f"{one['depot']}@acme.it".lower(),
        )
        for n, one in enumerate(whose, 1)
        if one["agent"]
    ]
    assert all(not each.message.cc for each in mail.sent)
