"""Modern sign-in with the real commands: mail goes out and bounces are read by token; what an
administrator forgot is said in one sentence; the account stops at the first refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from incasso.testing.signin import Directory
from tests.channels.servers import ImapServer
from tests.channels.signing import MAILBOX, Signing, SignInOffice, expect_no_secret, signing
from tests.cli.command import DAY


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as imap:
        yield imap


@pytest.fixture
def servers(tmp_path: Path, imap: ImapServer) -> Iterator[Signing]:
    with signing(tmp_path, imap) as servers:
        yield servers


@pytest.fixture
def office(tmp_path: Path, servers: Signing) -> SignInOffice:
    office = SignInOffice(tmp_path / "office", servers)
    office.smtp(servers.microsoft())
    return office


@pytest.mark.parametrize("service", ["microsoft", "google"])
def test_a_day_leaves_by_token(
    office: SignInOffice, servers: Signing, service: str, caplog: pytest.LogCaptureFixture
) -> None:
    office.smtp(servers.microsoft() if service == "microsoft" else servers.google())
    office.open()
    checked = office.checked()
    assert checked.code == 0, checked
    ran = office.tries("run", "--on", DAY, "--really-send")
    assert ran.code == 0, ran
    assert len(servers.smtp.messages) > 0
    assert {mailbox for mailbox, _ in servers.smtp.logins + servers.imap.logins} == {MAILBOX}
    # One token a command serves SMTP and IMAP, and all messages.
    assert servers.tokens.asked == 2
    expect_no_secret(office, checked, ran, caplog=caplog)


def test_a_mailbox_behind_a_fax_gateway_signs_in_too(
    office: SignInOffice, servers: Signing
) -> None:
    smtp = servers.smtp
    office.channel(
        f'plugin = "fax_mail"\nmedia = ["fax"]\nhost = "{smtp.host}"\nport = {smtp.port}\n'
        f'security = "none"\nsender = "{MAILBOX}"\naddress = "{{digits}}@fax.example"\n',
        servers.microsoft(),
    )
    checked = office.checked()
    assert checked.code == 0 and servers.directory.application.client in checked.out, checked
    assert [mailbox for mailbox, _ in smtp.logins] == [MAILBOX]


Forget = Callable[[Directory], None]


def forgot(**changes: object) -> Forget:
    def do(directory: Directory) -> None:
        for name, value in changes.items():
            of = directory.application if hasattr(directory.application, name) else directory
            setattr(of, name, value)

    return do


@pytest.mark.parametrize(
    ("forget", "said"),
    [
        (forgot(client="9" * 8), "is not known in this tenant"),
        (forgot(secret="another"), "write the secret's value"),
        (forgot(expired=True), "has expired"),
        (forgot(conditional_access=True), "conditional access"),
        (forgot(roles=["IMAP.AccessAsApp"]), "lacks the permission SMTP.SendAsApp"),
        (forgot(roles=["SMTP.SendAsApp"]), "lacks the permission IMAP.AccessAsApp"),
        (forgot(mailboxes=()), "New-ServicePrincipal"),
        (forgot(smtp_off="Tenant"), "switched off for the whole tenant"),
        (forgot(smtp_off="Mailbox"), "switched off for this mailbox"),
    ],
)
def test_check_names_what_microsofts_administrator_forgot(
    office: SignInOffice, servers: Signing, forget: Forget, said: str
) -> None:
    servers.smtp.echoes = True
    forget(servers.directory)
    checked = office.checked()
    assert checked.code == 1 and not checked.has_traceback
    assert said in checked.out, checked
    expect_no_secret(office, checked)


def test_a_tenant_that_does_not_exist_is_named(office: SignInOffice, servers: Signing) -> None:
    office.smtp(servers.microsoft(tenant="nobody.example"))
    checked = office.checked()
    assert checked.code == 1 and "there is no tenant nobody.example" in checked.out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"delegated": False}, "Domain-wide delegation"),
        ({"mailboxes": ()}, f"{MAILBOX} is no mailbox of the domain"),
        ({"email": "somebody@else"}, "make a new key"),
    ],
)
def test_check_names_what_googles_administrator_forgot(
    office: SignInOffice, servers: Signing, change: dict[str, object], said: str
) -> None:
    office.smtp(servers.google())
    for name, value in change.items():
        setattr(servers.directory.account, name, value)
    checked = office.checked()
    assert checked.code == 1 and said in checked.out, checked


def test_the_account_stops_at_the_first_refusal(office: SignInOffice, servers: Signing) -> None:
    office.open()
    servers.directory.application.mailboxes = ()
    ran = office.tries("run", "--on", DAY, "--really-send")
    # Bounces are read before mail is sent: the mailbox refuses first.
    assert len(servers.smtp.logins + servers.imap.logins) == 1, ran
    assert "New-ServicePrincipal" in ran.err and "2 wait: mail is paused" in ran.err
    again = office.tries("run", "--on", DAY, "--really-send")
    assert len(servers.smtp.logins + servers.imap.logins) == 1, again
    # Mended, and named by a person: it goes on, and nothing was lost.
    servers.directory.application.mailboxes = (MAILBOX,)
    assert office.checked().code == 0
    assert office.tries("run", "--on", DAY, "--really-send").code == 0
    assert servers.smtp.messages
    expect_no_secret(office, ran, again)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('client = "acme"', "is no application (client) id"),
        ('tenant = ""', "Entra admin centre"),
        ('server = "http://login.example"', "must begin with https://"),
        ('with = "yahoo"', "is not possible"),
        ('tennant = "acme"', "did you mean 'tenant'?"),
        ('certificate = { file = "client-secret" }', "give either a secret or a certificate"),
    ],
)
def test_a_wrong_table_is_told_with_its_key(
    office: SignInOffice, servers: Signing, line: str, said: str
) -> None:
    key = line.partition(" ")[0]
    kept = [each for each in servers.microsoft().splitlines() if not each.startswith(key)]
    office.smtp("\n".join((*kept, line)))
    checked = office.checked()
    assert checked.code in (1, 2)
    assert said in checked.out, checked
    assert key in checked.out


def test_a_password_beside_it_is_one_too_many(
    office: SignInOffice, servers: Signing, tmp_path: Path
) -> None:
    table = office.folder / "plugins.toml"
    table.write_text(
        table.read_text("utf-8").replace(
            'plugin = "smtp"', 'plugin = "smtp"\npassword = { file = "client-secret" }'
        ),
        "utf-8",
    )
    checked = office.checked()
    assert checked.code != 0 and "one of them says how the account logs in" in checked.out
