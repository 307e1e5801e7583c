"""What an instance remembers: encrypted, compared before it changes, shared by its processes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import Limits
from incasso.contract.channel import OutboundMessage, Prepared
from incasso.contract.context import CallContext
from incasso.contract.errors import PluginCrashError, RateLimitedError, TemporaryError
from incasso.contract.hooks import hookimpl
from incasso.contract.values import Receipt
from incasso.plugins.rate import rate_of
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.state import LARGEST, MOST_KEYS, MemoryRows, StateDoor, StateRows
from incasso.services.hub.plugin_state import EncryptedRows
from incasso.store.engine import Store
from incasso.store.proof.hub_key import HubKey
from incasso.store.tables.sending import plugin_state
from incasso.testing.fakes import FakeChannel
from incasso.testing.fakes.registry import config_of, discovery_of
from tests.plugins.conftest import Clock
from tests.plugins.test_guard import send

TOKEN = "refresh-4711-très-secret"


@pytest.fixture
def key(tmp_path: Path) -> HubKey:
    made = HubKey(tmp_path / "incasso.key")
    made.create()
    return made


@pytest.fixture
def rows(store: Store, key: HubKey, clock: Clock) -> StateRows:
    """In the hub's database, on each kind of it."""
    return EncryptedRows(store, key, clock)


def counted(rows: StateRows) -> None:
    """The next number, as the author guide writes it."""
    state = StateDoor(rows, "sdi")
    while True:
        seen = state.get("sequence")
        if state.swap("sequence", str(int(seen.value) + 1 if seen else 1), seen=seen):
            return


class TestSwap:
    @pytest.mark.parametrize("kept", ["database", "memory"])
    def test_only_what_was_seen_is_replaced(self, rows: StateRows, kept: str) -> None:
        state = StateDoor(rows if kept == "database" else MemoryRows(), "sms")
        assert state.get("token") is None and state.keys() == ()
        assert state.swap("token", "one", seen=None)
        one = state.get("token")
        assert one is not None and one.value == "one"
        assert not state.swap("token", "other", seen=None), "somebody was faster"
        assert state.swap("token", "two", seen=one)
        assert not state.swap("token", "three", seen=one)
        two = state.get("token")
        assert two is not None and two.value == "two" and state.keys() == ("token",)
        assert state.swap("token", None, seen=two)
        assert state.swap("token", "two", seen=None)
        assert not state.swap("token", "x", seen=two), "the same words again are another value"

    def test_two_threads_never_give_a_number_twice(self, rows: StateRows) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: counted(rows), range(24)))
        found = rows.read("sdi", "sequence")
        assert found is not None and found[0] == "24"

    def test_instances_keep_apart(self, rows: StateRows) -> None:
        StateDoor(rows, "sms").swap("token", "one", seen=None)
        assert StateDoor(rows, "fax").get("token") is None

    @pytest.mark.parametrize("name", ["", "Token", "a b", ":pace", "x" * 65, "a\0"])
    def test_a_key_that_is_none(self, name: str) -> None:
        with pytest.raises(ValueError, match="is no key"):
            StateDoor(MemoryRows(), "sms").get(name)

    def test_it_stays_small(self) -> None:
        state = StateDoor(MemoryRows(), "sms")
        with pytest.raises(ValueError, match="more than 8192 bytes"):
            state.swap("token", "è" * (LARGEST // 2) + "x", seen=None)
        for number in range(MOST_KEYS):
            assert state.swap(f"key.{number}", "è" * (LARGEST // 2), seen=None)
        with pytest.raises(ValueError, match="32 keys already"):
            state.swap("one.more", "", seen=None)


class TestEncryption:
    def test_a_copy_of_the_database_tells_nothing(
        self, rows: StateRows, store: Store, key: HubKey, clock: Clock, tmp_path: Path
    ) -> None:
        assert rows.swap("sms", "token", TOKEN, None)
        with store.read() as connection:
            (found,) = connection.execute(sa.select(plugin_state)).all()
        assert TOKEN.encode() not in found.value and found.changed_at == clock()
        again = EncryptedRows(store, HubKey(key.path), clock).read("sms", "token")
        assert again == (TOKEN, found.stamp), "another process reads it"
        other = HubKey(tmp_path / "other.key")
        other.create()
        with pytest.raises(TemporaryError, match="another key of the hub"):
            EncryptedRows(store, other, clock).read("sms", "token")
        with pytest.raises(TemporaryError, match=r"missing\.key is missing"):
            EncryptedRows(store, HubKey(tmp_path / "missing.key"), clock).read("sms", "token")

    def test_a_value_moved_to_another_instance_does_not_open(
        self, rows: StateRows, store: Store
    ) -> None:
        rows.swap("sms", "token", TOKEN, None)
        with store.write() as connection:
            connection.execute(sa.update(plugin_state).values(instance="mail"))
        with pytest.raises(TemporaryError):
            rows.read("mail", "token")

    def test_a_hub_without_tables_yet(self, rows: StateRows, store: Store) -> None:
        with store.write() as connection:
            connection.execute(sa.text("ALTER TABLE plugin_state RENAME TO elsewhere"))
        with pytest.raises(TemporaryError, match="database does not answer"):
            rows.read("sms", "token")


class Numbered(FakeChannel):
    """A gateway that wants messages numbered without a gap."""

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """The number is the reference."""
        seen = ctx.state.get("number")
        number = str(int(seen.value) + 1 if seen else 1)
        if not ctx.state.swap("number", number, seen=seen):
            raise TemporaryError("another process sends too")
        return Receipt(ref=f"n{number}", at=ctx.now())


Process = Callable[..., Registry]


@pytest.fixture
def process(rows: StateRows, clock: Clock) -> Process:
    """Start another process of the same hub."""

    def begin(mail: FakeChannel, limits: Limits | None = None) -> Registry:
        return build_registry(
            config_of({"mail": mail}),
            now=clock,
            discovery=discovery_of({"mail": mail}, limits),
            state=rows,
        )

    return begin


def test_a_plugin_goes_on_where_another_process_stopped(process: Process) -> None:
    refs = []
    for _ in range(2):
        registry = process(Numbered())
        refs += [send(registry), send(registry)]
        registry.close()
    assert [receipt.ref for receipt in refs if isinstance(receipt, Receipt)] == [
        "n1",
        "n2",
        "n3",
        "n4",
    ]


def test_a_wrong_key_is_the_plugins_crash(process: Process) -> None:
    class Wrong(Numbered):
        @hookimpl
        def channel_send(self, ctx: CallContext) -> Receipt:  # type: ignore[override]
            ctx.state.get("No Key")
            raise AssertionError

    registry = process(Wrong())
    with pytest.raises(PluginCrashError, match="is no key"):
        send(registry)
    registry.close()


def test_processes_share_the_pace(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("incasso.plugins.guard.time.sleep", waits.append)
    limits = Limits(calls_per_second=Decimal(2))
    first, second = (process(FakeChannel(), limits) for _ in range(2))
    for registry in (first, second, first, second):
        send(registry)
    assert waits == [0.5, 1.0, 1.5]
    first.close()
    second.close()


def test_processes_share_the_limits(process: Process, clock: Clock) -> None:
    """Forty a minute, taken two at a time: what one has not used when it ends the other may."""
    limits = Limits(calls_per_minute=40, calls_per_day=41)
    first, second = (process(FakeChannel(), limits) for _ in range(2))
    for _ in range(19):
        send(first)
        send(second)
    first.close()
    send(second)
    send(second)
    with pytest.raises(RateLimitedError, match="40 calls a minute") as raised:
        send(second)
    assert raised.value.retry_after == timedelta(minutes=1)
    second.close()
    clock.pass_by(minutes=20)
    third = process(FakeChannel(), limits)
    send(third)
    with pytest.raises(RateLimitedError, match="41 calls a day") as raised:
        send(third)
    assert raised.value.retry_after == timedelta(hours=23, minutes=40)
    third.close()


class CountedRows(MemoryRows):
    """How often something was written."""

    writes = 0

    def swap(self, instance: str, key: str, value: str | None, seen: int | None) -> bool:
        self.writes += 1
        return super().swap(instance, key, value, seen)


def test_a_limit_costs_few_writes_and_a_killed_process_at_most_a_block(clock: Clock) -> None:
    rows = CountedRows()
    killed = rate_of(Limits(calls_per_day=2000), "pec", rows)
    for _ in range(1000):
        killed.claim(clock())
    assert rows.writes <= 20, "blocks of 1, 2, 4 … 64, then of 100"
    left, made = rate_of(Limits(calls_per_day=2000), "pec", rows), 0
    with pytest.raises(RateLimitedError):
        while True:
            left.claim(clock())
            made += 1
    assert 900 <= made <= 1000


def test_a_block_that_is_not_used_in_time_is_given_back(clock: Clock) -> None:
    """A slow process takes no calls for itself alone that it will not make."""
    rows, limits = MemoryRows(), Limits(calls_per_minute=60)
    slow, other = (rate_of(limits, "pec", rows) for _ in range(2))
    for _ in range(6):  # in blocks of 1, 2 and 3
        slow.claim(clock())
    slow.claim(clock())  # the first of three
    clock.pass_by(seconds=2)
    slow.claim(clock())
    for _ in range(52):
        other.claim(clock())
    with pytest.raises(RateLimitedError):
        other.claim(clock())
