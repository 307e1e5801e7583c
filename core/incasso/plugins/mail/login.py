"""Logs in on an open SMTP connection: one attempt by one mechanism, with a password or a token."""

from __future__ import annotations

import base64
import hmac
import smtplib
from typing import Final

from incasso.contract.errors import AuthenticationError
from incasso.contract.mail import MailLogin, SmtpLogin
from incasso.contract.text import text
from incasso.plugins.sign_in.tokens import TokenRefusedError

# The strongest first; over TLS all three are equally safe.
_MECHANISMS: Final = ("CRAM-MD5", "PLAIN", "LOGIN")

_GO_ON: Final = 334
_IN: Final = (235, 503)
"""503: it knows us already."""


def log_in(smtp: smtplib.SMTP, login: SmtpLogin, token: str) -> None:
    """One attempt by one mechanism: `smtplib.login` tries them all, which locks mailboxes.

    `token`: of modern sign-in, instead of the password. Raises TokenRefusedError for it.
    """
    if token:
        _sign_in(smtp, login, token)
        return
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    mechanism = next((each for each in _MECHANISMS if each in offered), None)
    if mechanism is None:
        raise AuthenticationError(
            text("{host} offers no login by password on this line", host=login.host)
        )
    code, reply = _asked(smtp, mechanism, login)
    if 400 <= code < 500:
        raise smtplib.SMTPAuthenticationError(code, reply)
    if code not in _IN:
        raise login_refused(login, f"{code} {words(reply)}")


def _sign_in(smtp: smtplib.SMTP, login: SmtpLogin, token: str) -> None:
    """XOAUTH2: the mailbox and the token in one line; a refusal is explained before it is said."""
    if "XOAUTH2" not in smtp.esmtp_features.get("auth", "").upper().split():
        raise AuthenticationError(
            text("{host} offers no modern sign-in (XOAUTH2) on this line", host=login.host)
        )
    code, reply = smtp.docmd("AUTH", f"XOAUTH2 {_as_line(bearer(login.user, token))}")
    if code == _GO_ON:  # the explanation, which an empty line acknowledges
        code, reply = smtp.docmd("")
    if 400 <= code < 500:
        raise smtplib.SMTPAuthenticationError(code, reply)
    if code not in _IN:
        raise TokenRefusedError(f"{code} {words(reply)}")


def bearer(user: str, token: str) -> bytes:
    """What XOAUTH2 sends, before it is written in base64."""
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def _asked(smtp: smtplib.SMTP, mechanism: str, login: SmtpLogin) -> tuple[int, bytes]:
    """The last answer to a login. `smtplib.auth` knows ASCII only, and passwords have accents."""
    user, password = login.user.encode(), login.password.reveal().encode()
    if mechanism == "PLAIN":
        both = b"\0" + user + b"\0" + password
        return smtp.docmd("AUTH", f"PLAIN {_as_line(both)}")
    if mechanism == "LOGIN":
        code, reply = smtp.docmd("AUTH", f"LOGIN {_as_line(user)}")
        return smtp.docmd(_as_line(password)) if code == _GO_ON else (code, reply)
    code, reply = smtp.docmd("AUTH", mechanism)
    if code != _GO_ON:
        return code, reply
    try:
        challenge = base64.b64decode(reply)
    except ValueError:
        return 535, reply
    proof = hmac.new(password, challenge, "md5").hexdigest()
    return smtp.docmd(_as_line(user + b" " + proof.encode()))


def _as_line(given: bytes) -> str:
    return base64.b64encode(given).decode("ascii")


def login_refused(login: MailLogin, reply: object) -> AuthenticationError:
    """The server does not know this user with this password."""
    if not login.password.reveal().isascii():
        return AuthenticationError(
            text(
                "{host} refused the login of {user}: {reply}; the password has letters with "
                "accents or other signs outside ASCII, which many servers do not understand: if "
                "it is right, choose one without them",
                host=login.host,
                user=login.user,
                reply=str(reply),
            )
        )
    return AuthenticationError(
        text(
            "{host} refused the login of {user}: {reply}",
            host=login.host,
            user=login.user,
            reply=str(reply),
        )
    )


def words(raw: bytes | str) -> str:
    """What a server said."""
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
