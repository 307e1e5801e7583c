"""The mailbox that keeps copies of the journal's anchor: the table `[hub.anchor_mailbox]`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from incasso.contract.mail import LineSecurity
from incasso.contract.settings import Between, setting
from incasso.contract.values import Secret


@dataclass(frozen=True, kw_only=True)
class AnchorMailbox:
    """How to reach it by IMAP."""

    host: str = setting(help="IMAP server of the mailbox")
    port: Annotated[int, Between(1, 65_535)] = setting(help="Its port", default=993)
    security: LineSecurity = setting(
        help="How the line is protected: tls, starttls or none", default=LineSecurity.TLS
    )
    user: str = setting(help="Login of the mailbox")
    password: Secret = setting(help="Password of the mailbox")
    folder: str = setting(help="Folder of the copies, made if it is missing", default="Incasso")
    ca_file: Path | None = setting(
        help="Certificates to trust instead of the system's (PEM)", default=None
    )

    @property
    def where(self) -> str:
        """How people name it; without the password."""
        return f"imap://{self.user}@{self.host}/{self.folder}"
