"""The whole way with the connectors we ship: block, own change comes back, release restores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.domain.acts.orders import BlockOrders, ReleaseOrders
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.ledger.sync import sync
from incasso.services.running.setup import init
from incasso.services.sending.dispatch import dispatch
from incasso.store.lists.ledger import CLIENTS
from incasso.store.lists.reading import read_list
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mexal import MexalServer
from tests.doing import do, people
from tests.mexal import office as mexal
from tests.orders.office import ON


@dataclass
class Erp:
    """One hub on one ERP."""

    hub: Hub
    client: str
    blocked: Callable[[], object]
    """What the ERP holds about the client's orders."""
    later: Callable[[], None]
    """Time passes on both sides."""

    def day(self, on: date) -> tuple[str, ...]:
        """Sync and dispatch; what a person should know."""
        self.later()
        report = sync(self.hub, CLOCK, "acme", on)
        assert report.good, report.reasons
        self.later()
        return dispatch(self.hub, CLOCK, on).notices

    def who(self) -> str | None:
        """Who blocks the client, as the list shows it."""
        with self.hub.store.read() as connection:
            (row,) = read_list(
                connection,
                CLIENTS,
                Scope.everything(),
                on=ON,
                source="acme",
                client=self.client,
            )
        found: str | None = row["orders_blocked_by"]
        return found


@pytest.fixture
def on_mexal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Erp]:
    """Mexal has no flag: a credit limit and what happens beyond it stand for one."""
    monkeypatch.setenv("MEXAL_PASSWORD", mexal.PASSWORD)
    values = {"fido": "0.01", "gest_fuori_fido": "B"}
    with MexalServer() as server:
        company = mexal.standard(server)
        company.change_client("501.00001", fido=5000, gest_fuori_fido="A")
        row = company.tables["clienti"]["501.00001"]
        with mexal.office(tmp_path, server, write_back=True, block_orders=values) as office:

            def later() -> None:
                office.clock.now += timedelta(hours=1)
                company.clock.tick(3600)

            people(office.hub.store)
            yield Erp(
                office.hub,
                "501.00001",
                lambda: (float(row["fido"]), row["gest_fuori_fido"]),
                later,
            )


@pytest.fixture
def on_mago(tmp_path: Path) -> Iterator[Erp]:
    """Mago has a flag; here it is changed by the one guarded statement."""
    company = MagoCompany.create(f"sqlite:///{tmp_path / 'mago.db'}")
    company.customer("C001", "Ferramenta Rossi S.n.c.")
    (tmp_path / "plugins.toml").write_text(
        f'[connectors.acme]\nplugin = "mago4"\nurl = "sqlite:///{tmp_path / "mago.db"}"\n'
        "flag_update = true\n",
        encoding="utf-8",
    )
    clock = mexal.Clock()

    def later() -> None:
        clock.now += timedelta(hours=1)

    def blocked() -> object:
        flag = sa.text("SELECT Blocked FROM MA_CustSuppCustomerOptions WHERE Customer = 'C001'")
        with company.engine.connect() as connection:
            return connection.scalar(flag)

    with build_hub(tmp_path / "plugins.toml", now=clock) as hub:
        init(hub)
        people(hub.store)
        yield Erp(hub, "C001", blocked, later)


@pytest.fixture(params=["on_mexal", "on_mago"])
def erp(request: pytest.FixtureRequest) -> Erp:
    """Each of them."""
    found: Erp = request.getfixturevalue(request.param)
    found.day(ON)
    return found


def test_blocked_recognised_and_restored(erp: Erp) -> None:
    before = erp.blocked()
    do(erp.hub, BlockOrders(subject=erp.client, why="insoluti"))
    assert erp.day(ON) == ()
    assert erp.blocked() != before
    for day in range(1, 3):
        assert erp.day(ON + timedelta(days=day)) == ()
        assert erp.who() == "hub", "our own change, not the ERP's decision"
    do(erp.hub, ReleaseOrders(subject=erp.client, why="pagato"))
    assert erp.day(ON + timedelta(days=3)) == ()
    assert erp.blocked() == before
    erp.day(ON + timedelta(days=4))
    assert erp.who() is None


def test_an_answer_that_got_lost(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ERP was changed and nobody noted it: the next run finds it, and the release restores."""
    before = erp.blocked()
    do(erp.hub, BlockOrders(subject=erp.client, why="insoluti"))
    broken = _Dying()
    with monkeypatch.context() as patched:
        patched.setattr(import_module("incasso.services.orders.write_back"), "keep", broken)
        with pytest.raises(_Dying.Error):
            erp.day(ON)
    assert erp.blocked() != before
    erp.day(ON)
    do(erp.hub, ReleaseOrders(subject=erp.client, why="pagato"))
    erp.day(ON + timedelta(days=1))
    assert erp.blocked() == before


def test_freed_over_there_by_hand(on_mago: Erp, tmp_path: Path) -> None:
    on_mago.day(ON)
    do(on_mago.hub, BlockOrders(subject="C001", why="insoluti"))
    on_mago.day(ON)
    on_mago.day(ON + timedelta(days=1))
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'mago.db'}")
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE MA_CustSuppCustomerOptions SET Blocked = '0', "
                "TBModified = CURRENT_TIMESTAMP"
            )
        )
    engine.dispose()
    (notice,) = on_mago.day(ON + timedelta(days=2))
    assert "a mano" in notice
    assert on_mago.who() is None
    on_mago.day(ON + timedelta(days=3))
    assert on_mago.blocked() == "0"


class _Dying:
    """Instead of writing the answer down, the process ends."""

    class Error(Exception):
        """The end."""

    def __call__(self, *_: object, **__: object) -> None:
        raise self.Error
