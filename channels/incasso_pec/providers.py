"""What is known of the providers, so that an office writes one word instead of five addresses.

Everything here is a default: a key in the table goes before it. Where each line comes from, and how
sure it is, stands in docs/howto/pec.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from incasso.api import Text, text


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One provider's servers and rules; SMTP on 465 and IMAP on 993 by TLS, as all have it."""

    name: str
    smtp: str
    imap: str
    sent: str = ""
    """The folder of sent mail, where it is known."""
    calls_per_minute: int | None = None
    login: Text | str = ""
    """What the login is, where it is not the address: then `user` must be given."""
    advice: Text | str = ""
    """What `check` tells an office that uses it."""


PROVIDERS: Final[Mapping[str, Provider]] = {
    "aruba": Provider(
        name="Aruba",
        smtp="smtps.pec.aruba.it",
        imap="imaps.pec.aruba.it",
        sent="INBOX.Inviata",
        advice=text(
            "with two-step sign-in a password made for mail programs is needed, which ends after "
            "three months: write its last day as password_expires"
        ),
    ),
    "legalmail": Provider(
        name="InfoCert Legalmail",
        smtp="sendm.cert.legalmail.it",
        imap="mbox.cert.legalmail.it",
        sent="INBOX/Spedite",
        calls_per_minute=6,
        login=text("the user id that begins with M, not the address"),
        advice=text("its standard contract forbids sending by a program: agree on it first"),
    ),
    "poste": Provider(
        name="Poste Italiane (postecert.it)",
        smtp="mail.postecert.it",
        imap="mail.postecert.it",
    ),
    "postel": Provider(
        name="Postel (postecertifica.it)",
        smtp="mail.postecertifica.it",
        imap="mail.postecertifica.it",
        advice=text(
            "its password for mail programs ends after 90 days: write its last day as "
            "password_expires"
        ),
    ),
    "register": Provider(name="Register.it", smtp="smtp.pec-email.com", imap="imap.pec-email.com"),
    "namirial": Provider(
        name="Namirial",
        smtp="smtps.sicurezzapostale.it",
        imap="imaps.sicurezzapostale.it",
    ),
}
"""By the word for `provider`."""
