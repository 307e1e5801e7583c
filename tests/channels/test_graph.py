"""The channel "graph": exact bytes, errors by what they leave open, doubtful messages looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incasso.api import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    Receipt,
    RejectedError,
    Secret,
    SignIn,
    SignInWith,
    TemporaryError,
)
from incasso.testing.network import Answer, closed_port
from incasso.testing.signin import SignInServer, SignInSmtp
from incasso_smtp.graph.channel import GraphChannel
from incasso_smtp.graph.settings import GraphSettings
from tests.channels.mail import context, message
from tests.channels.servers import ImapServer
from tests.channels.signing import MAILBOX, SignInOffice, expect_no_secret, signing
from tests.channels.test_tokens import World
from tests.cli.command import DAY

REF = "<hub.d-0001@example.it>"


@dataclass
class Graphed:
    """The channel, over the servers of the tests."""

    world: World
    channel: GraphChannel

    def send(self, *, dry_run: bool = False, **changes: Any) -> Receipt:
        outbound, ctx = message(**changes), self.context(dry_run=dry_run)
        return self.channel.channel_send(outbound, self.channel.channel_prepare(outbound, ctx), ctx)

    def context(self, *, dry_run: bool = False) -> Any:
        call = self.world.call()
        return msgspec.structs.replace(context(dry_run=dry_run), mail=call, http=call._access._http)

    @property
    def sent(self) -> list[bytes]:
        return [each.content for each in self.world.tokens.graph.sent]


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graphed]:
    with SignInServer(tmp_path) as server:
        world = World.around(server, SignInSmtp(server.directory))
        yield Graphed(world, GraphChannel(settings(server)))
        world.close()


def settings(server: SignInServer, **changes: Any) -> GraphSettings:
    given: dict[str, Any] = {
        "sender": f"Ufficio crediti <{MAILBOX}>",
        "api": f"{server.url}/v1.0",
        "ca_file": server.ca_file,
        "timeout_s": 5,
        "sign_in": SignIn(
            service=SignInWith.MICROSOFT,
            tenant=server.directory.tenant,
            client=server.directory.application.client,
            secret=Secret(server.directory.application.secret),
            server=server.url,
            ca_file=server.ca_file,
        ),
    }
    return GraphSettings(**(given | changes))


def test_graph_gets_exactly_the_prepared_bytes(graph: Graphed) -> None:
    outbound = message(text="Perché no?\n.\n" + "x" * 3000)
    prepared = graph.channel.channel_prepare(outbound, graph.context())
    receipt = graph.channel.channel_send(outbound, prepared, graph.context())
    assert graph.sent == [prepared.content] and receipt.ref == prepared.ref == REF


def test_a_dry_run_sends_nothing(graph: Graphed) -> None:
    assert graph.send(dry_run=True).ref == REF
    assert graph.sent == [] and graph.world.tokens.asked == 1


def error(status: int, code: str) -> Answer:
    return Answer.of({"error": {"code": code, "message": "no"}}, status)


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (error(400, "ErrorInvalidRecipients"), RejectedError),
        (error(413, "RequestEntityTooLarge"), RejectedError),
        (error(403, "ErrorAccessDenied"), AuthenticationError),
        (error(403, "ErrorSendAsDenied"), AuthenticationError),
        (error(404, "ErrorInvalidUser"), AuthenticationError),
        (Answer(status=429, headers={"retry-after": "7"}), RateLimitedError),
        (error(500, "ErrorInternalServerError"), OutcomeUnknownError),
        (Answer(status=503, headers={"retry-after": "7"}), OutcomeUnknownError),
        (Answer(status=504, body=b"<html>"), OutcomeUnknownError),
        (Answer(silent=True), OutcomeUnknownError),
    ],
    ids=lambda value: str(getattr(value, "status", getattr(value, "__name__", value))),
)
def test_each_answer_says_what_is_known(
    graph: Graphed, fault: Answer, wanted: type[PluginError]
) -> None:
    graph.world.tokens.graph.fault = fault
    with pytest.raises(PluginError) as raised:
        graph.send()
    assert type(raised.value) is wanted and graph.sent == []
    if isinstance(raised.value, OutcomeUnknownError):
        assert raised.value.ref == REF
    if isinstance(raised.value, RateLimitedError):
        assert raised.value.retry_after == timedelta(seconds=7)
    if isinstance(raised.value, RejectedError):
        assert raised.value.bad_address is (fault.status == 400)
    assert graph.send(delivery="d-0002").ref == "<hub.d-0002@example.it>"


def test_an_api_that_cannot_be_reached_has_nothing(graph: Graphed) -> None:
    nowhere = f"https://127.0.0.1:{closed_port()}/v1.0"
    graph.channel = GraphChannel(settings(graph.world.tokens, api=nowhere))
    with pytest.raises(TemporaryError):
        graph.send()


@pytest.mark.parametrize("fault", [Answer(status=500), Answer(silent=True)])
def test_a_doubtful_message_is_found_among_sent_mail(graph: Graphed, fault: Answer) -> None:
    server = graph.world.tokens.graph
    server.fault, server.takes = fault, True
    with pytest.raises(OutcomeUnknownError):
        graph.send()
    found = graph.channel.channel_find("d-0001", graph.context())
    assert found is not None and found.ref == REF and found.at.year == 2026
    with pytest.raises(OutcomeUnknownError, match="proves nothing"):
        graph.channel.channel_find("d-0002", graph.context())


def test_a_token_that_was_revoked_is_renewed_and_the_mail_leaves_once(graph: Graphed) -> None:
    graph.send()
    graph.world.directory.revoke()
    graph.send(delivery="d-0002")
    assert len(graph.sent) == 2 and graph.world.tokens.asked == 2


def test_check_asks_for_the_right_to_send_and_sends_nothing(graph: Graphed) -> None:
    report = graph.channel.instance_check(graph.context())
    assert report.warnings == () and graph.sent == []
    graph.world.directory.application.roles = ("Mail.Send",)
    graph.world.directory.revoke()
    report = graph.channel.instance_check(graph.context())
    assert [each.code for each in report.warnings] == ["sent_mail_closed"]
    graph.world.directory.application.roles = ("Mail.ReadBasic.All",)
    graph.world.directory.revoke()
    with pytest.raises(AuthenticationError, match=r"Mail\.Send"):
        graph.channel.instance_check(graph.context())


def test_more_than_graph_takes_is_refused_before_it_leaves(graph: Graphed) -> None:
    with pytest.raises(RejectedError) as raised:
        graph.send(text="x" * 3_000_000)
    assert raised.value.code == "too_large" and graph.world.tokens.asked == 0
    with pytest.raises(ConfigurationError, match="at most"):
        settings(graph.world.tokens, max_message_bytes=4_000_000)


def test_a_day_of_an_office_leaves_through_graph(tmp_path: Path) -> None:
    with ImapServer() as imap, signing(tmp_path, imap) as servers:
        office = SignInOffice(tmp_path / "office", servers)
        office.channel(
            f'plugin = "graph"\nsender = "Crediti <{MAILBOX}>"\n'
            f'api = "{servers.tokens.url}/v1.0"\nca_file = "{servers.tokens.ca_file}"',
            servers.microsoft(),
        )
        office.open()
        checked = office.checked()
        assert checked.code == 0, checked
        # Graph takes the first mail and says nothing: it is found among sent mail, never repeated.
        servers.tokens.graph.fault = Answer(silent=True)
        servers.tokens.graph.takes = True
        ran = office.tries("run", "--on", DAY, "--really-send")
        again = office.tries("dispatch", "--on", DAY, "--really-send")
        sent = [each.message_id for each in servers.tokens.graph.sent]
        assert len(sent) == len(set(sent)) == 2, (ran, again)
        shown = office.tries("deliveries", "--format", "json").rows()
        assert {row["status"] for row in shown if row["channel"] == "mail"} == {"accepted"}
        expect_no_secret(office, checked, ran, again)
