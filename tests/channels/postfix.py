"""Start a private Postfix and Dovecot in a temporary folder, where Debian's packages are installed.

Postfix is the office's own server: it takes the hub's mail, passes it on to the next hop, and puts
the bounces that it writes into the mailbox that Dovecot serves. Nothing reaches the outside: every
other domain goes to the next hop that the test names.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from imapclient import IMAPClient

from incasso.contract.mail import LineSecurity, MailLogin
from incasso.contract.values import Secret
from incasso.testing.network import closed_port

DOMAIN: Final = "acme.example.it"
MAILBOX: Final = f"crediti@{DOMAIN}"
PASSWORD: Final = "segreta"
REFUSED: Final = f"554 5.7.1 Sender address rejected: {DOMAIN} is on our block list"
"""What the second port says to everybody who sends."""

NOBODY: Final = 65_534
"""Debian's number of the user and group that own the mailbox."""

MAIN: Final = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.{domain}
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
mydestination =
alias_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:crediti/
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
relayhost = [127.0.0.1]:{next_hop}
smtp_tls_security_level = none
smtpd_tls_security_level = none
"""
DOVECOT: Final = """\
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_location = maildir:{folder}/mail/crediti
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={nobody} gid={nobody} home={folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass(frozen=True)
class MailServers:
    """The office's relay and its mailbox."""

    smtp: int
    refusing: int
    """Another port of the relay: there it refuses whoever sends (`REFUSED`)."""
    imap: int
    folder: Path

    def wait_for_bounces(self, number: int) -> None:
        """Until so many mails are in the mailbox; they come within a second."""
        arrived = self.folder / "mail/crediti/new", self.folder / "mail/crediti/cur"

        def there() -> bool:
            return sum(len(list(each.glob("*"))) for each in arrived if each.exists()) >= number

        _until(there, f"{number} bounces: {self.log()}")

    def client(self) -> IMAPClient:
        """A logged-in client; a context manager."""
        client = IMAPClient("127.0.0.1", self.imap, ssl=False, timeout=10)
        client.login("crediti", PASSWORD)
        return client

    @property
    def login(self) -> MailLogin:
        """How the hub reaches the mailbox."""
        return MailLogin(
            host="127.0.0.1",
            port=self.imap,
            security=LineSecurity.NONE,
            user="crediti",
            password=Secret(PASSWORD),
        )

    def log(self) -> str:
        """The last lines of what both say of themselves."""
        logs = (self.folder / name for name in ("log", "dovecot.log"))
        return "\n".join(each.read_text("utf-8")[-3000:] for each in logs if each.exists())


def absent() -> str:
    """Why there are none, or nothing."""
    missing = [name for name in ("postfix", "dovecot") if not _path(name)]
    if missing:
        return f"no {' and no '.join(missing)}: apt-get install postfix dovecot-imapd"
    if os.getuid() != 0:
        return "Postfix can be started by root only"
    said = subprocess.run(
        [_path("dovecot"), "--version"], capture_output=True, text=True, check=True
    )
    if not said.stdout.startswith("2.3."):
        return f"Dovecot {said.stdout.split()[0]}: only the settings of 2.3 are known here"
    return ""


@contextmanager
def private_servers(next_hop: int) -> Iterator[MailServers]:
    """Both servers on free ports, gone at the end; all other mail goes to the port `next_hop`."""
    with TemporaryDirectory(prefix="mail") as name:
        folder = Path(name)
        folder.chmod(0o755)  # both work as other users than the one who starts them
        servers = MailServers(closed_port(), closed_port(), closed_port(), folder)
        with _postfix(servers, next_hop), _dovecot(servers):
            yield servers


@contextmanager
def _postfix(servers: MailServers, next_hop: int) -> Iterator[None]:
    folder, etc = servers.folder, servers.folder / "etc"
    for each in (etc, folder / "spool", folder / "data", folder / "mail"):
        each.mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", NOBODY, NOBODY)
    main = MAIN.format(folder=folder, domain=DOMAIN, nobody=NOBODY, next_hop=next_hop)
    (etc / "main.cf").write_text(main, "utf-8")
    (etc / "master.cf").write_text(_services(servers), "utf-8")
    command = [_path("postfix"), "-c", str(etc), "start-fg"]
    with _running(command, servers.smtp, servers):
        try:
            yield
        finally:
            # Postfix's own master leaves the group of the command that started it.
            os.kill(int((folder / "spool/pid/master.pid").read_text("ascii")), signal.SIGTERM)


def _services(servers: MailServers) -> str:
    """Debian's own list, outside a chroot and on our ports."""
    told = Path("/usr/share/postfix/master.cf.dist").read_text("utf-8")
    free = re.sub(r"(?m)^(\w+ +(?:unix|inet) +[-yn] +[-yn] +)[-y]( +)", r"\1n\2", told)
    smtpd = f"127.0.0.1:{servers.smtp} inet n - n - - smtpd"
    refusing = (
        f"127.0.0.1:{servers.refusing} inet n - n - - smtpd\n"
        f"  -o {{smtpd_sender_restrictions = check_sender_access static:{{{REFUSED}}}}}"
    )
    ours, found = re.subn(r"(?m)^smtp +inet .*$", f"{smtpd}\n{refusing}", free)
    assert found == 1, told
    return f"{ours}\npostlog unix-dgram n - n - 1 postlogd\n" if "postlogd" not in ours else ours


@contextmanager
def _dovecot(servers: MailServers) -> Iterator[None]:
    config = servers.folder / "dovecot.conf"
    config.write_text(
        DOVECOT.format(folder=servers.folder, nobody=NOBODY, password=PASSWORD, port=servers.imap),
        "utf-8",
    )
    with _running([_path("dovecot"), "-F", "-c", str(config)], servers.imap, servers):
        yield


@contextmanager
def _running(command: list[str], port: int, servers: MailServers) -> Iterator[None]:
    """The server and all its children, in a group of their own, once it greets."""
    with (servers.folder / "starting.log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _until(lambda: _greets(port), f"{command[0]}: {servers.log()}")
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            return bool(line.recv(1))
    except OSError:
        return False


def _until(holds: Callable[[], bool], what: str) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"in vain: {what}")


def _path(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
