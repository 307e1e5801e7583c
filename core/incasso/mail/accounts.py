"""What the settings of every mail account have in common: checks of keys, passwords that end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final

from incasso.contract.errors import AuthenticationError
from incasso.contract.settings import wrong_key
from incasso.contract.sign_in import SignIn
from incasso.contract.text import Text, text
from incasso.contract.values import Problem, Secret
from incasso.mail.addresses import BadAddressError, mailable

SOON: Final = timedelta(days=14)
"""So long before a password ends the office is told, every day."""

_BY_TOKEN_ONLY: Final = frozenset({"smtp.office365.com", "outlook.office365.com"})
"""Microsoft turns passwords off for SMTP by default at the end of December 2026."""


def wrong_addresses(settings: Any, *keys: str, optional: Sequence[str] = ()) -> Iterator[Problem]:
    """Settings that should be mail addresses, with a name or without."""
    for key in (*keys, *optional):
        given = getattr(settings, key)
        if not given and key in optional:
            continue
        try:
            mailable(parseaddr(given)[1])
        except BadAddressError as error:
            words = text(
                "{address!r} is no mail address: {reason}", address=given, reason=str(error)
            )
            yield wrong_key(key, words, text("write Name <name@example.it>"))


def wrong_numbers(
    settings: Any, *, ports: Sequence[str] = (), counts: Sequence[str] = ()
) -> Iterator[Problem]:
    """Ports that are none, and counts below one."""
    for key in ports:
        if not 0 < getattr(settings, key) < 65_536:
            yield wrong_key(key, text("is no port"), text("465, 587, 993 are usual"))
    for key in counts:
        if getattr(settings, key) < 1:
            yield wrong_key(key, text("must be at least 1"))


def wrong_files(settings: Any, *keys: str) -> Iterator[Problem]:
    """Files that are named and not there."""
    for key in keys:
        file: Path | None = getattr(settings, key)
        if file is not None and not file.is_file():
            yield wrong_key(key, text("{file} is no file", file=str(file)))


def wrong_password(
    password: Secret, sign_in: SignIn | None, missing: Text, cure: Text | str
) -> Iterator[Problem]:
    """Neither a password nor modern sign-in, or both."""
    if password.reveal() and sign_in is not None:
        words = text("there is `sign_in` too: one of them says how the account logs in")
        yield wrong_key("password", words, text("delete the password"))
    if not password.reveal() and sign_in is None:
        yield wrong_key("password", missing, cure)


def password_ends(mailbox: str, ends: date | None, on: date) -> Iterator[Problem]:
    """From a fortnight before the last day of a password on, and after it."""
    if ends is None or ends - on > SOON:
        return
    yield Problem(
        code="password_expires",
        field="password_expires",
        message=text("the password of {mailbox} ended on {day}", mailbox=mailbox, day=ends)
        if ends < on
        else text("the password of {mailbox} ends on {day}", mailbox=mailbox, day=ends),
        hint=text("make a new one at your provider, then write its last day here"),
    )


def password_ended(error: AuthenticationError, ends: date | None, on: date) -> AuthenticationError:
    """A refused login whose password has ended says so: else people look for another cause."""
    if ends is None or ends >= on:
        return error
    return AuthenticationError(
        text("{said}; its password ended on {day}", said=str(error), day=ends)
    )


def password_outdated(host: str, password: Secret) -> Iterator[Problem]:
    """A password where only modern sign-in has a future."""
    if password.reveal() and host.strip().lower() in _BY_TOKEN_ONLY:
        yield Problem(
            code="password_outdated",
            field="password",
            message=text(
                "Microsoft turns sign-in by password off for SMTP at the end of December 2026"
            ),
            hint=text("use `sign_in`: docs/howto/mail-signin.md"),
        )
