"""Whatever a plugin raises or gives, the hub sees a class that says what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest

from incasso.contract.capabilities import Family
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    CursorExpiredError,
    IncassoError,
    OutcomeUnknownError,
    PluginCrashError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
    UnsupportedError,
)
from incasso.contract.ledger import ClientRecord
from incasso.contract.media import Medium
from incasso.contract.values import Page
from incasso.plugins.calls import CallRecord
from incasso.plugins.registry import Registry
from incasso.plugins.states import State
from incasso.testing import samples
from incasso.testing.connector import Remembered
from incasso.testing.fakes import FakeChannel, FakeConnector, raises
from incasso.testing.hostile import MISDEEDS, breaks_after, hostile, streams
from tests.plugins.conftest import ON, Clock, Start, view

MESSAGE = samples.message(Medium.EMAIL)


def send(registry: Registry, *, dry_run: bool = False) -> object:
    channel = registry.channel("mail")
    prepared = channel.prepare(MESSAGE, ON)
    return channel.send(MESSAGE, prepared, attempt=1, dry_run=dry_run, on=ON)


CALLS: dict[str, tuple[Family, Callable[[Registry], object]]] = {
    "instance_check": (Family.CHANNEL, lambda hub: hub.channel("mail").check(ON)),
    "channel_prepare": (Family.CHANNEL, lambda hub: hub.channel("mail").prepare(MESSAGE, ON)),
    "channel_send": (Family.CHANNEL, send),
    "channel_poll": (Family.CHANNEL, lambda hub: hub.channel("mail").poll(("a",), ON)),
    "channel_collect": (Family.CHANNEL, lambda hub: list(hub.channel("mail").collect(None, ON))),
    "erp_pull_clients": (
        Family.CONNECTOR,
        lambda hub: list(hub.connector("mail").pull_clients(None, ON)),
    ),
    "erp_pull_installments": (
        Family.CONNECTOR,
        lambda hub: list(hub.connector("mail").pull_installments(None, Remembered(), ON)),
    ),
    "erp_totals": (Family.CONNECTOR, lambda hub: hub.connector("mail").totals(ON)),
    "erp_refresh_installments": (
        Family.CONNECTOR,
        lambda hub: hub.connector("mail").refresh(("a",), ON),
    ),
    "provider_submit": (
        Family.PROVIDER,
        lambda hub: hub.provider("mail").submit(
            samples.batch(), BytesIO(), attempt=1, dry_run=False, on=ON
        ),
    ),
    "provider_quote": (
        Family.PROVIDER,
        lambda hub: hub.provider("mail").quote(samples.dossier(), ON),
    ),
    "provider_pull_updates": (
        Family.PROVIDER,
        lambda hub: list(hub.provider("mail").pull_updates(None, ON)),
    ),
}


@pytest.mark.parametrize("misdeed", MISDEEDS)
@pytest.mark.parametrize("hook", CALLS)
def test_every_misdeed_is_a_crash_and_nothing_worse(start: Start, hook: str, misdeed: str) -> None:
    family, call = CALLS[hook]
    fake = hostile(family, **{hook: MISDEEDS[misdeed]})
    hub = start(mail=fake, other=FakeChannel())
    with pytest.raises(PluginCrashError):
        call(hub)
    assert view(hub, "other").state is State.READY, "one broken plugin never stops another"
    fake.then(hook)
    if hook == "instance_check":
        assert view(hub, "mail").state is State.BROKEN
    call(hub)  # and the same instance works again when the plugin does


@pytest.mark.parametrize(
    "error",
    [
        TemporaryError("no route"),
        RateLimitedError("too fast", retry_after=timedelta(seconds=7)),
        RejectedError("no such number", bad_address=True),
        OutcomeUnknownError("silence"),
        AuthenticationError("wrong password"),
        ConfigurationError("no such folder"),
        UnsupportedError("not today"),
        CursorExpiredError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_the_contract_pass_unchanged(
    start: Start, records: list[CallRecord], error: PluginError
) -> None:
    hub = start(mail=FakeChannel(script=[error]))
    with pytest.raises(type(error)) as raised:
        send(hub)
    assert raised.value is error
    assert records[-1].outcome == type(error).__name__


@pytest.mark.parametrize("error", [IncassoError("mine"), PluginCrashError("no longer yours")])
def test_only_plugin_errors_are_a_plugins_words(start: Start, error: IncassoError) -> None:
    hub = start(mail=FakeChannel(script=[error]))
    with pytest.raises(PluginCrashError):
        send(hub)


class TestWhatTheHubDoesNext:
    def test_a_wrong_password_pauses_until_somebody_checks(
        self, start: Start, clock: Clock
    ) -> None:
        mail = FakeChannel(script=[AuthenticationError("wrong password")])
        hub = start(mail=mail)
        with pytest.raises(AuthenticationError):
            send(hub)
        clock.pass_by(days=3)
        calls = len(mail.calls)
        with pytest.raises(AuthenticationError, match="paused"):
            send(hub)
        assert len(mail.calls) == calls, "a paused instance is not called"
        paused = view(hub, "mail")
        assert (paused.state, paused.reason) == (State.PAUSED, "wrong password")
        assert "credentials" in paused.hint
        assert hub.check("mail", ON).view.state is State.READY
        send(hub)

    def test_wrong_settings_are_not_tried_again(self, start: Start) -> None:
        mail = FakeChannel(script=[ConfigurationError("no such folder")])
        hub = start(mail=mail)
        for _ in range(2):
            with pytest.raises(ConfigurationError):
                send(hub)
        assert view(hub, "mail").state is State.MISCONFIGURED
        assert mail.calls.count("channel_send") == 1

    def test_too_fast_waits_as_long_as_asked(self, start: Start, clock: Clock) -> None:
        slow = RateLimitedError("too fast", retry_after=timedelta(seconds=7))
        mail = FakeChannel(script=[slow])
        hub = start(mail=mail)
        for _ in range(2):
            with pytest.raises(RateLimitedError) as raised:
                send(hub)
            assert raised.value.retry_after == timedelta(seconds=7)
        assert mail.calls.count("channel_send") == 1, "it is left in peace"
        assert view(hub, "mail").state is State.READY
        clock.pass_by(seconds=7)
        send(hub)

    def test_a_refused_item_says_nothing_about_the_instance(self, start: Start) -> None:
        hub = start(mail=FakeChannel(script=[RejectedError("no")] * 20))
        for _ in range(20):
            with pytest.raises(RejectedError):
                send(hub)
        assert view(hub, "mail").state is State.READY

    def test_what_is_not_offered_is_not_called(self, start: Start) -> None:
        mail = FakeChannel(capabilities=())
        hub = start(mail=mail)
        for call in (
            lambda: hub.channel("mail").find("d", ON),
            lambda: hub.channel("mail").poll(("d",), ON),
            lambda: hub.channel("mail").collect(None, ON),
        ):
            with pytest.raises(UnsupportedError):
                call()
        assert not mail.calls


class TestStreams:
    @pytest.mark.parametrize("page", [None, 7, [Page()]], ids=repr)
    def test_what_is_no_page_is_a_crash(self, start: Start, page: object) -> None:
        hub = start(erp=hostile(Family.CONNECTOR, erp_pull_clients=streams(page)))
        with pytest.raises(PluginCrashError, match="erp_pull_clients gave"):
            list(hub.connector("erp").pull_clients(None, ON))

    def test_a_page_longer_than_declared_is_a_crash(self, start: Start) -> None:
        client = ClientRecord(code="C1", name="Bianchi")
        page = Page(items=(client,) * 1001)
        hub = start(erp=hostile(Family.CONNECTOR, erp_pull_clients=streams(page)))
        with pytest.raises(PluginCrashError, match="1001"):
            list(hub.connector("erp").pull_clients(None, ON))

    def test_pages_before_the_failure_have_arrived(self, start: Start) -> None:
        act = breaks_after(2, TemporaryError("cut"))
        hub = start(erp=hostile(Family.CONNECTOR, erp_pull_clients=act))
        pages = hub.connector("erp").pull_clients(None, ON)
        assert [next(pages), next(pages)] == [Page(), Page()]
        with pytest.raises(TemporaryError, match="cut"):
            next(pages)
        assert list(pages) == [], "a failed stream is over"

    def test_each_page_is_one_call(self, start: Start, records: list[CallRecord]) -> None:
        hub = start(erp=FakeConnector())
        list(hub.connector("erp").pull_clients(None, ON))
        assert [record.outcome for record in records] == ["ok", "ok"], "the page and the end"

    def test_a_connector_without_depots_has_none(self, start: Start) -> None:
        erp = FakeConnector()
        hub = start(erp=erp)
        assert [page.items for page in hub.connector("erp").pull_depots(ON)] == [()]


def test_an_expired_cursor_is_told(start: Start) -> None:
    hub = start(erp=FakeConnector())
    with pytest.raises(CursorExpiredError):
        list(hub.connector("erp").pull_clients("from another life", ON))


def test_a_foreign_error_in_a_stream_says_where(start: Start) -> None:
    act = raises(KeyError("residuo"))
    hub = start(erp=hostile(Family.CONNECTOR, erp_pull_installments=act))
    with pytest.raises(PluginCrashError, match="erp_pull_installments raised KeyError"):
        list(hub.connector("erp").pull_installments(None, Remembered(), ON))
