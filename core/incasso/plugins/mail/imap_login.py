"""Opens an IMAP connection, protects it and logs in, with a password or a token."""

from __future__ import annotations

from contextlib import suppress

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from incasso.contract.mail import LineSecurity, MailLogin
from incasso.contract.text import text
from incasso.plugins.mail.connecting import tls_context
from incasso.plugins.mail.login import bearer, login_refused
from incasso.plugins.sign_in.tokens import TokenRefusedError


def connected(login: MailLogin, seconds: float, token: str) -> IMAPClient:
    """A logged-in connection. `token`: of modern sign-in, instead of the password.

    Raises AuthenticationError, TokenRefusedError, and what IMAPClient raises.
    """
    client = IMAPClient(
        login.host,
        login.port,
        ssl=login.security is LineSecurity.TLS,
        ssl_context=tls_context(login),
        timeout=seconds,
    )
    try:
        client.normalise_times = False
        if login.security is LineSecurity.STARTTLS:
            client.starttls(tls_context(login))
        _log_in(client, login, token)
    except BaseException:
        with suppress(IMAPClientError, OSError):
            client.shutdown()
        raise
    return client


def _log_in(client: IMAPClient, login: MailLogin, token: str) -> None:
    user, password = login.user, login.password.reveal()
    try:
        if token:
            _sign_in(client, user, token)
        elif (user + password).isascii():
            client.login(user, password)
        elif b"AUTH=PLAIN" in client.capabilities():
            client.plain_login(user, password)  # in UTF-8, which LOGIN does not know
        else:
            raise login_refused(login, text("it takes ASCII only"))
    except LoginError as error:
        # imaplib raises the same class for a broken connection and for a server under repair.
        broken = isinstance(error.__context__, IMAPClientAbortError)
        if broken or "UNAVAILABLE" in str(error):
            raise
        if token:
            raise TokenRefusedError(_said(error)) from None
        raise login_refused(login, _said(error)) from None


def _sign_in(client: IMAPClient, user: str, token: str) -> None:
    """XOAUTH2; a refusal is explained in a second challenge, which an empty line acknowledges."""
    answers = iter((bearer(user, token), b""))
    client.sasl_login("XOAUTH2", lambda _: next(answers, b""))


def _said(error: LoginError) -> str:
    """The server's own words: imaplib raises bytes, which imapclient writes as Python does."""
    raised = error.__context__
    told = raised.args[0] if raised is not None and raised.args else None
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(error)
