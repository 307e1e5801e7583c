"""The guard keeps its promises about time, workers, the breaker, the rate, records and secrets."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from incasso.contract.capabilities import ChannelCapability, Family, Limits
from incasso.contract.channel import Prepared
from incasso.contract.context import CallContext
from incasso.contract.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    PluginCrashError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.hooks import hookimpl
from incasso.contract.media import Medium
from incasso.contract.values import CheckReport, Page, Secret
from incasso.plugins.calls import CallRecord
from incasso.plugins.masking import InstanceLog, masking
from incasso.plugins.registry import Registry
from incasso.plugins.states import InstanceView, State
from incasso.testing import samples
from incasso.testing.connector import Remembered
from incasso.testing.fakes import FakeChannel, FakeConnector, after, signed, sleeps
from incasso.testing.hostile import hostile
from tests.plugins.conftest import ON, Clock, Start, view

MESSAGE = samples.message(Medium.EMAIL)
HUNDREDTH = 0.01
HEARS = (ChannelCapability.CALLBACKS,)


PREPARED = Prepared(content=b"Gentile cliente", media_type="text/plain", filename="d.txt")


def send(hub: Registry, *, dry_run: bool = False, channel: str = "mail") -> object:
    return hub.channel(channel).send(MESSAGE, PREPARED, attempt=2, dry_run=dry_run, on=ON)


class Counting(FakeConnector):
    """Its check is at something that takes too long."""

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        ctx.step("the tables")
        ctx.step("the sums of the open items")
        time.sleep(2)
        return super().instance_check(ctx)


class TestStrangers:
    """Anybody may send a request to the address of a channel's callbacks."""

    @pytest.mark.parametrize(
        "error",
        [
            ValueError("no JSON"),
            AuthenticationError("x"),
            RateLimitedError("x"),
            TemporaryError("x"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_they_do_not_stop_a_channel(self, start: Start, clock: Clock, error: Exception) -> None:
        mail = FakeChannel(("email",), {"channel_parse_callback": [error] * 6}, capabilities=HEARS)
        hub = start(mail=mail)
        for _ in range(6):
            with pytest.raises(PluginError):
                hub.channel("mail").parse_callback(signed([], clock()), ON)
        assert view(hub, "mail").state is State.READY
        send(hub)

    def test_they_do_not_start_it_again(self, start: Start, clock: Clock) -> None:
        script: dict[str, list[Any]] = {
            "channel_send": [TemporaryError("no route")] * 5,
            "channel_parse_callback": [RejectedError("wrong", code="signature")],
        }
        hub = start(mail=FakeChannel(("email",), script, capabilities=HEARS))
        for _ in range(5):
            with pytest.raises(TemporaryError):
                send(hub)
        clock.pass_by(minutes=1)
        with pytest.raises(RejectedError):
            hub.channel("mail").parse_callback(signed([], clock()), ON)
        assert view(hub, "mail").state is State.UNREACHABLE


class TestTime:
    def test_a_late_effect_is_unknown(self, start: Start) -> None:
        hub = start(HUNDREDTH, mail=FakeChannel(script=[sleeps(0.6)]))
        with pytest.raises(OutcomeUnknownError, match="did not answer within 30 s"):
            send(hub)

    def test_a_late_dry_run_changed_nothing(self, start: Start) -> None:
        hub = start(HUNDREDTH, mail=FakeChannel(script=[sleeps(0.6)]))
        with pytest.raises(TemporaryError):
            send(hub, dry_run=True)

    def test_a_late_read_may_be_repeated(self, start: Start) -> None:
        hub = start(HUNDREDTH, mail=FakeChannel(script={"channel_poll": [sleeps(0.6)]}))
        with pytest.raises(TemporaryError):
            hub.channel("mail").poll(("a",), ON)

    def test_a_late_check_says_where_it_was(self, start: Start) -> None:
        hub = start(HUNDREDTH, acme=Counting())
        checked = hub.check("acme", ON)
        assert checked.report is None
        assert checked.view.reason == (
            "instance_check did not answer within 60 s: it was at “the sums of the open items”"
        )

    def test_the_caller_goes_on_at_the_deadline(self, start: Start) -> None:
        hub = start(HUNDREDTH, mail=FakeChannel(script={"channel_prepare": [sleeps(4)]}))
        began = time.monotonic()
        with pytest.raises(TemporaryError):
            hub.channel("mail").prepare(MESSAGE, ON)
        assert time.monotonic() - began < 4, "it waited for the call that hangs"

    def test_a_late_page_ends_the_stream_and_the_generator(self, start: Start) -> None:
        ended = threading.Event()

        def pages() -> Iterator[Page[Any]]:
            try:
                yield Page()
                time.sleep(1)
                yield Page()
            finally:
                ended.set()

        erp = hostile(Family.CONNECTOR, erp_pull_clients=lambda honest: pages())
        stream = start(HUNDREDTH, erp=erp).connector("erp").pull_clients(None, ON)
        next(stream)
        with pytest.raises(TemporaryError):
            next(stream)
        assert ended.wait(5), "left behind, it is closed when it lets go"

    def test_a_page_may_take_as_long_as_the_kind_says(self, start: Start) -> None:
        def pages() -> Iterator[Page[Any]]:
            time.sleep(1)  # a hundredth of a minute would be over by now
            yield Page(complete=True)

        erp = hostile(Family.CONNECTOR, erp_pull_clients=lambda honest: pages())
        hub = start(HUNDREDTH, Limits(page_seconds=300), erp=erp)
        [page] = hub.connector("erp").pull_clients(None, ON)
        assert page.complete

    def test_a_stream_left_in_the_middle_is_closed_on_its_own_thread(self, start: Start) -> None:
        threads: list[str] = []

        def pages() -> Iterator[Page[Any]]:
            try:
                while True:
                    threads.append(threading.current_thread().name)
                    yield Page()
            finally:
                threads.append(threading.current_thread().name)

        erp = hostile(Family.CONNECTOR, erp_pull_clients=lambda honest: pages())
        stream = start(erp=erp).connector("erp").pull_clients(None, ON)
        next(stream)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert len(threads) == 3 and len(set(threads)) == 1, threads

    def test_slow_closing_does_not_hold_the_hub(self, start: Start) -> None:
        hub = start(HUNDREDTH, mail=hostile(Family.CHANNEL, instance_close=sleeps(5)))
        began = time.monotonic()
        hub.close()
        assert time.monotonic() - began < 2

    def test_an_instance_is_closed_beside_a_call_that_hangs(self, start: Start) -> None:
        """Else a session of the other side would stay open for good."""
        closed = threading.Event()
        acts = {"channel_prepare": sleeps(3), "instance_close": lambda honest: closed.set()}
        hub = start(HUNDREDTH, Limits(max_parallel=1), mail=hostile(Family.CHANNEL, **acts))
        with pytest.raises(TemporaryError):
            hub.channel("mail").prepare(MESSAGE, ON)
        hub.close()
        assert closed.is_set()


class TestSeats:
    def test_when_all_hang_the_instance_is_busy_at_once_and_others_work(
        self, start: Start, states: list[InstanceView]
    ) -> None:
        mail = FakeChannel(script=[sleeps(3), sleeps(3)])
        hub = start(HUNDREDTH, Limits(max_parallel=2), mail=mail, other=FakeChannel())
        for _ in range(2):
            with pytest.raises(OutcomeUnknownError):
                send(hub)
        assert view(hub, "mail").state is State.UNREACHABLE
        with pytest.raises(TemporaryError, match="every call of it hangs"):
            send(hub)
        send(hub, channel="other")
        assert [(each.id, each.state) for each in states] == [("mail", State.UNREACHABLE)]

    def test_a_hung_call_gives_its_seat_back_when_it_ends(self, start: Start) -> None:
        mail = FakeChannel(script=[sleeps(0.5)])
        hub = start(HUNDREDTH, Limits(max_parallel=1), mail=mail)
        with pytest.raises(OutcomeUnknownError):
            send(hub)
        time.sleep(0.5)
        assert hub.check("mail", ON).view.state is State.READY
        send(hub)

    def test_no_more_calls_at_once_than_seats(self, start: Start) -> None:
        now, most = 0, 0
        lock = threading.Lock()

        def counted(honest: Any) -> Any:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1
            return honest()

        hub = start(1.0, Limits(max_parallel=3), mail=hostile(Family.CHANNEL, channel_send=counted))
        threads = [threading.Thread(target=send, args=(hub,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == 3

    def test_other_hooks_work_while_a_stream_is_open(self, start: Start) -> None:
        hub = start(1.0, Limits(max_parallel=1), erp=FakeConnector())
        erp = hub.connector("erp")
        clients = erp.pull_clients(None, ON)
        installments = erp.pull_installments(None, Remembered(), ON)
        assert next(clients).complete and next(installments).complete
        assert erp.totals(ON).open_items == 0


class TestBreaker:
    def test_five_in_a_row_open_it_and_one_probe_closes_it(
        self, start: Start, clock: Clock, states: list[InstanceView]
    ) -> None:
        mail = FakeChannel(script=[TemporaryError("no route")] * 5)
        hub = start(mail=mail)
        for _ in range(5):
            assert view(hub, "mail").state is State.READY
            with pytest.raises(TemporaryError):
                send(hub)
        unwell = view(hub, "mail")
        assert (unwell.state, unwell.reason) == (State.UNREACHABLE, "no route")
        assert unwell.since == clock.instant and unwell.hint
        with pytest.raises(TemporaryError) as raised:
            send(hub)
        assert raised.value.retry_after == timedelta(seconds=30)
        assert mail.calls.count("channel_send") == 5, "nothing burns"
        clock.pass_by(seconds=30)
        send(hub)
        assert view(hub, "mail").state is State.READY
        assert [each.state for each in states] == [State.UNREACHABLE, State.READY], "told once each"

    def test_pauses_grow_up_to_an_hour(self, start: Start, clock: Clock) -> None:
        hub = start(mail=FakeChannel(script=[TemporaryError("no route")] * 50))
        pauses: list[timedelta] = []
        for _ in range(14):
            with pytest.raises(TemporaryError) as raised:
                send(hub)
            if raised.value.retry_after is None:
                with pytest.raises(TemporaryError) as raised:
                    send(hub)
            if (pause := raised.value.retry_after) and view(hub, "mail").state is not State.READY:
                pauses.append(pause)
                clock.instant += pause
        assert pauses[0] == timedelta(seconds=30)
        assert pauses == sorted(pauses) and pauses[-1] == timedelta(hours=1)

    def test_success_between_failures_keeps_it_closed(self, start: Start) -> None:
        script = [TemporaryError("now and then")] * 4 + [None]
        hub = start(mail=FakeChannel(script=script * 3))
        for turn in range(15):
            if turn % 5 == 4:
                send(hub)
            else:
                with pytest.raises(TemporaryError):
                    send(hub)
        assert view(hub, "mail").state is State.READY

    @pytest.mark.parametrize(
        "error", [KeyError("crash"), OutcomeUnknownError("silence")], ids=["crash", "silence"]
    )
    def test_crashes_and_silence_count_too(self, start: Start, error: Exception) -> None:
        hub = start(mail=FakeChannel(script=[after(error)] * 5))
        for _ in range(5):
            with pytest.raises(PluginError):
                send(hub)
        assert view(hub, "mail").state is State.UNREACHABLE


class TestRate:
    def test_a_limit_refuses_and_says_when(self, start: Start, clock: Clock) -> None:
        mail = FakeChannel()
        hub = start(1.0, Limits(calls_per_minute=3), mail=mail)
        for _ in range(3):
            send(hub)
            clock.pass_by(seconds=10)
        with pytest.raises(RateLimitedError) as raised:
            send(hub)
        assert raised.value.retry_after == timedelta(seconds=30)
        assert mail.calls.count("channel_send") == 3
        assert view(hub, "mail").state is State.READY, "the instance is well"
        clock.pass_by(seconds=30)
        send(hub)

    def test_a_days_limit(self, start: Start, clock: Clock) -> None:
        hub = start(1.0, Limits(calls_per_day=2), mail=FakeChannel())
        for _ in range(2):
            send(hub)
            clock.pass_by(hours=2)
        with pytest.raises(RateLimitedError) as raised:
            send(hub)
        assert raised.value.retry_after == timedelta(hours=20)

    def test_an_even_pace_with_a_burst(
        self, start: Start, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two a second and three at once: the fourth call waits half a second for its turn."""
        waits: list[float] = []
        monkeypatch.setattr("incasso.plugins.guard.time.sleep", waits.append)
        hub = start(1.0, Limits(calls_per_second=Decimal(2), burst=3), mail=FakeChannel())
        for _ in range(5):
            send(hub)
        assert waits == [0.5, 1.0], "the clock stands still, so each waits for its own turn"
        clock.pass_by(seconds=2.5)
        for _ in range(4):
            send(hub)
        assert waits == [0.5, 1.0, 0.5], "after a quiet time three may go at once again"

    def test_a_slow_pace_refuses_who_would_wait_long(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waits: list[float] = []
        monkeypatch.setattr("incasso.plugins.guard.time.sleep", waits.append)
        mail = FakeChannel()
        hub = start(1.0, Limits(calls_per_second=Decimal("0.2")), mail=mail)
        for _ in range(3):
            send(hub)
        with pytest.raises(RateLimitedError, match=r"0\.2 calls a second; again in 15 s") as raised:
            send(hub)
        assert raised.value.retry_after == timedelta(seconds=15)
        assert waits == [5, 10] and mail.calls.count("channel_send") == 3

    def test_preparing_and_dry_runs_are_free(self, start: Start) -> None:
        hub = start(1.0, Limits(calls_per_minute=1), mail=FakeChannel())
        for _ in range(5):
            hub.channel("mail").prepare(MESSAGE, ON)
            send(hub, dry_run=True)


class TestRecords:
    def test_a_record_says_who_what_and_how_it_ended(
        self, start: Start, records: list[CallRecord], clock: Clock
    ) -> None:
        hub = start(mail=FakeChannel(script=[KeyError("x")]))
        hub.channel("mail").prepare(MESSAGE, ON)
        with pytest.raises(PluginCrashError):
            send(hub)
        prepare, sent = records
        assert (prepare.hook, prepare.outcome) == ("channel_prepare", "ok")
        assert (sent.instance, sent.hook, sent.key, sent.attempt, sent.at) == (
            "mail",
            "channel_send",
            MESSAGE.delivery,
            2,
            clock.instant,
        )
        assert (sent.outcome, sent.error) == (
            "PluginCrashError",
            "channel_send raised KeyError: 'x'",
        )
        assert MESSAGE.text not in repr(records), "never what was said"


class TestSecrets:
    def test_they_are_starred_in_every_form(self) -> None:
        mask = masking([Secret("p&ss wörd")])
        for told in ("p&ss wörd", "p%26ss%20w%C3%B6rd", "p%26ss+w%C3%B6rd"):
            assert mask(f"a {told} b") == "a ******** b"

    def test_a_plugins_log_is_masked_and_does_not_flood(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        logger = logging.getLogger("incasso.plugin.flood")
        logger.addFilter(InstanceLog(masking([Secret("hunter22")])))
        with caplog.at_level(logging.INFO):
            logger.info("the password is %s", "hunter22")
            logger.info("%d arguments too few", *())
            try:
                raise ValueError("hunter22")
            except ValueError:
                logger.exception("oh")
            for _ in range(5000):
                logger.info("noise")
        assert "hunter22" not in caplog.text and "********" in caplog.text
        assert len(caplog.records) <= 1202, "at most 600 a minute, and one word about the rest"
        assert "the rest is dropped" in caplog.text
