"""Settings of certified mail, what `check` tells of a mailbox, and the list of who is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from incasso.api import AuthenticationError, ConfigurationError, Secret
from incasso.testing.pec import PecAuthority
from incasso_pec.providers import PROVIDERS
from incasso_pec.settings import PecSettings, limits_of
from incasso_pec.trust.list import trust_list
from tests.channels.mail import NOW
from tests.channels.pec import MAILBOX
from tests.channels.pec_office import channel_on
from tests.channels.servers import ImapServer, SmtpServer


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as imap:
        yield imap


@pytest.fixture
def relay() -> Iterator[SmtpServer]:
    with SmtpServer(users={ImapServer.user: "segreta"}) as relay:
        yield relay


def made(**given: object) -> PecSettings:
    return PecSettings(**({"mailbox": MAILBOX, "password": Secret("x")} | given))  # type: ignore[arg-type]


# Settings.


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_providers_name_fills_in_its_servers(name: str) -> None:
    settings = made(provider=name, user="M1")
    assert settings.smtp_host and settings.receipts_host
    assert (settings.port, settings.imap_port) == (465, 993)
    own = made(
        provider=name, user="M1", host="smtp.example.it", imap_host="imap.example.it", imap_sent=""
    )
    assert (own.smtp_host, own.receipts_host) == ("smtp.example.it", "imap.example.it")
    assert own.sent_folder == ""


def test_legalmail_takes_six_messages_a_minute() -> None:
    assert limits_of(made(provider="legalmail", user="M1")).calls_per_minute == 6
    assert limits_of(made(provider="aruba")).calls_per_minute is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"provider": "arruba"}, "provider"),
        ({}, "host"),
        ({"provider": "legalmail"}, "user"),
        ({"host": "smtp.example.it"}, "imap_host"),
        ({"provider": "aruba", "mailbox": "crediti"}, "mailbox"),
        ({"provider": "aruba", "password": Secret("")}, "password"),
        ({"provider": "aruba", "imap_folder": " "}, "imap_folder"),
        ({"provider": "aruba", "port": 0}, "port"),
        ({"provider": "aruba", "trust_file": Path("/nowhere")}, "trust_file"),
    ],
)
def test_a_wrong_setting_is_named(given: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        made(**given)
    assert [each.field for each in raised.value.problems] == [field]


# Check.


def test_check_says_where_receipts_come_and_who_proves_them(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path
) -> None:
    with channel_on(imap, tmp_path, relay) as over:
        report = over.instance_check(over.context())
    assert report.remote_identity.startswith(MAILBOX)
    assert report.facts["receipts"] == f"folder INBOX on {imap.host}"
    assert report.facts["receipts are proven by"] == "Test CA1; list of 2026-01-01 (trust.toml)"
    assert report.warnings == () and relay.messages == ()


@pytest.mark.parametrize(
    ("days", "said"), [(15, ""), (14, "ends on"), (0, "ends on"), (-1, "ended on")]
)
def test_check_warns_from_a_fortnight_before_the_password_ends(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path, days: int, said: str
) -> None:
    with channel_on(
        imap, tmp_path, relay, password_expires=NOW.date() + timedelta(days=days)
    ) as over:
        warnings = over.instance_check(over.context()).warnings
    assert [said in each.message for each in warnings] == ([True] if said else [])


def test_a_refused_login_names_the_password_that_ended(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path
) -> None:
    ended = NOW.date() - timedelta(days=1)
    changes = {"password": Secret("old"), "password_expires": ended}
    with (
        channel_on(imap, tmp_path, relay, **changes) as over,
        pytest.raises(AuthenticationError, match=f"ended on {ended}"),
    ):
        over.instance_check(over.context())
    assert relay.commands.count("AUTH") == 1, "mailboxes are locked after a few wrong logins"


def test_a_mailbox_that_is_not_the_logins_is_told(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path
) -> None:
    relay.script("mail", "550 5.7.1 sender address rejected: not owned by user")
    with channel_on(imap, tmp_path, relay) as over, pytest.raises(ConfigurationError) as raised:
        over.instance_check(over.context())
    assert [each.field for each in raised.value.problems] == ["mailbox"]


# The trust list.


def test_the_shipped_list_names_italys_authority_with_its_date() -> None:
    """Its certificate holds the domains of the providers, so that no other sender passes."""
    from cryptography import x509

    shipped = trust_list(None)
    [agid] = shipped.authorities
    assert shipped.as_of == date(2026, 11, 30) and agid.name == "AgID CA1"
    limits = agid.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    domains = {
        each.value for each in limits.permitted_subtrees or () if isinstance(each, x509.RFC822Name)
    }
    assert {"pec.aruba.it", "legalmail.it", "postecert.it", "sicurezzapostale.it"} <= domains
    assert agid.certificate.not_valid_after_utc.year == 2030


def test_the_list_says_when_it_is_old_or_ends(tmp_path: Path) -> None:
    file = tmp_path / "trust.toml"
    file.write_text(
        PecAuthority(ends=datetime(2026, 4, 1, tzinfo=UTC)).trust_list(date(2026, 1, 1))
    )
    given = trust_list(file)
    assert list(given.warnings(datetime(2026, 1, 31, tzinfo=UTC))) == []
    assert [each.code for each in given.warnings(NOW)] == ["authority_ends"]
    late = datetime(2026, 7, 1, tzinfo=UTC)
    assert [each.code for each in given.warnings(late)] == ["old_trust_list", "authority_ends"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "as_of = 2026-01-01",
        "as_of = 2026-01-01\nauthority = []",
        'as_of = 2026-01-01\n[[authority]]\nname = "x"',
        'as_of = 2026-01-01\n[[authority]]\nname = "x"\ncertificate = "no"',
        "no toml",
        PecAuthority().trust_list(date(2026, 1, 1)).replace('sha256 = "', 'sha256 = "00'),
        PecAuthority().trust_list(date(2026, 1, 1)).replace("2026-01-01", '"yesterday"'),
    ],
)
def test_a_wrong_list_is_refused_as_a_whole(tmp_path: Path, content: str) -> None:
    file = tmp_path / "trust.toml"
    file.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        trust_list(file)
    assert [each.field for each in raised.value.problems] == ["trust_file"]
