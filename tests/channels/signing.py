"""What the tests of modern sign-in share: servers that take tokens, and an office on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from incasso.testing.signin import Directory, ImapGate, SignInServer, SignInSmtp
from tests.channels.servers import ImapServer
from tests.cli.command import CONFIG, Ended, inside, make_office, well

MAILBOX = "crediti@example.it"


@dataclass
class Signing:
    """The servers of one provider of mail, and what its administrator has set up."""

    directory: Directory
    tokens: SignInServer
    smtp: SignInSmtp
    imap: ImapGate

    def microsoft(self, **more: str) -> str:
        """The table inside a channel."""
        keys = {
            "with": "microsoft",
            "tenant": self.directory.tenant,
            "client": self.directory.application.client,
            "server": self.tokens.url,
            "ca_file": str(self.tokens.ca_file),
            **more,
        }
        lines = [f'{key} = "{value}"' for key, value in keys.items()]
        return "\n".join((*lines, 'secret = { file = "client-secret" }'))

    def google(self) -> str:
        """The same for a service account."""
        return (
            f'with = "google"\nkey = {{ file = "google.json" }}\n'
            f'server = "{self.tokens.google_url}"\nca_file = "{self.tokens.ca_file}"\n'
        )


@contextmanager
def signing(folder: Path, behind: ImapServer) -> Iterator[Signing]:
    """All of them, on this machine."""
    directory = Directory()
    with ExitStack() as stack:
        yield Signing(
            directory,
            stack.enter_context(SignInServer(folder, directory)),
            stack.enter_context(SignInSmtp(directory)),
            stack.enter_context(ImapGate(directory, behind.port, behind.user, behind.password)),
        )


class SignInOffice:
    """An office whose mail signs in with tokens; the real commands."""

    def __init__(self, folder: Path, servers: Signing) -> None:
        self.folder = make_office(folder)
        self.servers = servers
        self._file("client-secret", servers.directory.application.secret)
        self._file("google.json", servers.directory.account.key_file(servers.tokens.google_url))

    def channel(self, table: str, sign_in: str) -> None:
        """The channel of mail; the folder keeps the other media."""
        mail = CONFIG.replace('media = ["email", "pec", "letter"]', 'media = ["pec", "letter"]')
        mail = mail.replace("[hub]\n", '[hub]\nlanguage = "en"\n')
        mail += f"\n[channels.mail]\nallow_private_addresses = true\n{table}\n"
        mail += f"[channels.mail.sign_in]\n{sign_in}\n"
        (self.folder / "plugins.toml").write_text(mail, encoding="utf-8")

    def smtp(self, sign_in: str) -> None:
        """Its mail leaves by SMTP, bounces are read by IMAP."""
        smtp, imap = self.servers.smtp, self.servers.imap
        self.channel(
            f'plugin = "smtp"\nhost = "{smtp.host}"\nport = {smtp.port}\nsecurity = "none"\n'
            f'sender = "Crediti <{MAILBOX}>"\nimap_host = "{imap.host}"\n'
            f'imap_port = {imap.port}\nimap_security = "none"',
            sign_in,
        )

    def open(self) -> None:
        """The database, and the iters."""
        well(self.folder, "init")
        well(self.folder, "iters", "import", "iters.toml")

    def tries(self, *words: str, language: str = "en") -> Ended:
        """One command, however it ends."""
        return inside(self.folder, *words, language=language)

    def checked(self) -> Ended:
        """`check mail`, with every sentence whole."""
        return self.tries("check", "mail", "--format", "json")

    def _file(self, name: str, content: str) -> None:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        path.chmod(0o600)


def everything(folder: Path) -> bytes:
    """Every byte that a run leaves, but for what the office itself wrote."""
    own = {"plugins.toml", "client-secret", "google.json"}
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in own]
    return b"".join(path.read_bytes() for path in files)


def expect_no_secret(office: SignInOffice, *ended: Ended, caplog: Any = None) -> None:
    """Neither a token nor a secret is anywhere."""
    kept = everything(office.folder)
    said = "".join(each.out + each.err for each in ended)
    said += caplog.text if isinstance(caplog, pytest.LogCaptureFixture) else ""
    directory = office.servers.directory
    assert directory.tokens or directory.application.secret
    for secret in (*directory.tokens, directory.application.secret):
        parts = [secret] if len(secret) < 100 else [secret, secret[-40:], secret[60:120]]
        for part in parts:
            assert part.encode() not in kept and part not in said
