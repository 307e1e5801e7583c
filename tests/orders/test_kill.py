"""Whatever is killed while it writes into an ERP: every flag ends as the blocks say."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.domain.orders.blocks import Release
from incasso.services.hub.hub import Hub
from incasso.services.orders.block import block
from incasso.services.orders.release import release
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.orders import order_blocks
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.orders import write_backs
from tests.killing import ENOUGH, FEWER, KILLS, Patience, Victim, victim
from tests.orders.kill_worker import FolderErp, hub_on
from tests.orders.office import ON
from tests.proof.copies import copy_of, put_back

CLIENTS = 8


@pytest.mark.kill
def test_killed_again_and_again(store: Store, hub_url: str, tmp_path: Path) -> None:
    """The ERP keeps no keys, so a lost old value would show: a flag that stays set for ever."""
    flags = tmp_path / "erp"
    flags.mkdir()
    erp = FolderErp(flags)
    hub = hub_on(store, erp, tmp_path)
    choice = random.Random(3)
    ids = _clients(store)
    kills = 0
    with victim("tests.orders.kill_worker", hub_url, tmp_path, flags) as process:
        _change_all(hub, ids, choice)
        patience = Patience(3, process.run("go")[1])
        for _ in range(ENOUGH):
            _change_all(hub, ids, choice)
            killed, worked = process.run("go", kill_after=patience.next())
            kills += killed
            if kills == KILLS:
                break
            if not killed:
                patience.ended(worked)
        _finish(store, process)
    assert kills == KILLS
    with store.read() as connection:
        wanted = {code: order_blocks.active(connection, id_) is not None for id_, code in ids}
        statuses = set(connection.scalars(sa.select(write_backs.c.status)))
    assert {code: erp.flag(code) == "1" for _, code in ids} == wanted
    assert len(set(wanted.values())) == 2
    assert statuses == {"done", "cancelled"}
    _release_all(hub, ids)
    with victim("tests.orders.kill_worker", hub_url, tmp_path, flags) as process:
        process.run("go")
    assert {erp.flag(code) for _, code in ids} == {"0"}, "every old value was given back"
    assert verify_store(store).problems == ()
    hub.registry.close()


@pytest.mark.kill
@pytest.mark.slow
def test_recover_killed_while_it_writes_blocks_down(
    store: Store, hub_url: str, tmp_path: Path
) -> None:
    """Every block that was in the ERP is known again once, with the value to give back."""
    flags = tmp_path / "erp"
    flags.mkdir()
    erp = FolderErp(flags)
    hub = hub_on(store, erp, tmp_path)
    ids = _clients(store)
    kills = 0
    with victim("tests.orders.kill_worker", hub_url, tmp_path, flags) as process:
        copy = copy_of(store)
        _change_all(hub, ids, random.Random(3))
        process.run("go")
        put_back(store, copy)
        patience = Patience(3, process.run("recover")[1])
        for _ in range(ENOUGH):
            put_back(store, copy)
            killed, worked = process.run("recover", kill_after=patience.next())
            kills += killed
            if not killed:
                patience.ended(worked)
            process.run("recover")
            assert _as_in_the_erp(store, ids, erp)
            if kills == FEWER:
                break
        assert kills == FEWER
        process.run("go")
        assert {erp.flag(code) for _, code in ids} == {"1"}
        assert verify_store(store).problems == ()
        _release_all(hub, ids)
        process.run("go")
    assert {erp.flag(code) for _, code in ids} == {"0"}, "every old value was given back"
    hub.registry.close()


def _as_in_the_erp(store: Store, ids: list[tuple[int, str]], erp: FolderErp) -> bool:
    """A block in force and one write that is done for each flag."""
    with store.read() as connection:
        blocked = [code for id_, code in ids if order_blocks.active(connection, id_) is not None]
        done = connection.execute(sa.select(write_backs.c.status)).scalars().all()
    return blocked == [code for _, code in ids if erp.flag(code) == "1"] and done == ["done"] * len(
        ids
    )


def _finish(store: Store, process: Victim) -> None:
    """Run until nothing is in anybody's hands: a server may hold a dead session for a moment."""
    sending = sa.select(sa.func.count()).where(write_backs.c.status == "sending")
    for _ in range(20):
        process.run("go")
        with store.read() as connection:
            if connection.scalar(sending) == 0:
                return
        time.sleep(0.1)


def _clients(store: Store) -> list[tuple[int, str]]:
    with store.write() as connection:
        source = connection.execute(
            sa.insert(sources).values(name="acme").returning(sources.c.id)
        ).scalar_one()
        rows = [{"source_id": source, "code": f"C{number}"} for number in range(CLIENTS)]
        connection.execute(sa.insert(clients), rows)
        return [tuple(row) for row in connection.execute(sa.select(clients.c.id, clients.c.code))]


def _change_all(hub: Hub, ids: list[tuple[int, str]], choice: random.Random) -> None:
    """Block whoever is free; release half of those who are not."""
    with hub.store.write() as connection:
        for id_, _ in ids:
            found = order_blocks.active(connection, id_)
            if found is None:
                block(
                    hub, connection, id_, reason="prova", by="anna", on=ON, release=Release.MANUAL
                )
            elif choice.random() < 0.5:
                _release(hub, connection, found)


def _release_all(hub: Hub, ids: list[tuple[int, str]]) -> None:
    with hub.store.write() as connection:
        for id_, _ in ids:
            if (found := order_blocks.active(connection, id_)) is not None:
                _release(hub, connection, found)


def _release(hub: Hub, connection: sa.Connection, found: order_blocks.OrderBlock) -> None:
    release(hub, connection, found, by="anna", reason="prova", on=ON)
