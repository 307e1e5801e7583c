"""Opens an SMTP connection, protects it and logs in. Hands nothing over, so failing is safe."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from typing import Final

from incasso.contract.errors import RejectedError, TemporaryError
from incasso.contract.mail import LineSecurity, MailLogin, SmtpLogin
from incasso.contract.text import text
from incasso.mail.replies import refusal
from incasso.plugins import reaching
from incasso.plugins.mail.login import log_in, words
from incasso.plugins.mail.session import Session
from incasso.plugins.sign_in.tokens import Access

_EXPIRED: Final = 10  # OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED


def connect(login: SmtpLogin, patience: Callable[[], float], access: Access) -> Session:
    """A connection to the relay, logged in. `patience`: the longest wait for each of its answers.

    Raises AuthenticationError, TemporaryError, RateLimitedError.
    """
    return access.with_token(login, lambda token: _connected(login, patience(), token))


def _connected(login: SmtpLogin, seconds: float, token: str) -> Session:
    try:
        return Session(_open(login, seconds, token))
    except smtplib.SMTPResponseException as error:
        refused = refusal("connection", error.smtp_code, words(error.smtp_error))
        if isinstance(refused, RejectedError):  # 554 "no service" says nothing about a message
            raise TemporaryError(str(refused)) from None
        raise refused from None
    except (smtplib.SMTPException, OSError) as error:
        raise unreachable(login, error) from None


def unreachable(login: MailLogin, error: Exception) -> TemporaryError:
    """What went wrong with a server, in one sentence."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_refused(login, error)
    return reaching.unreachable(login.host, login.port, error)


def _certificate_refused(login: MailLogin, error: ssl.SSLCertVerificationError) -> TemporaryError:
    server = f"{login.host}:{login.port}"
    if error.verify_code == _EXPIRED:
        return TemporaryError(
            text("{server}: its certificate has expired; have it renewed there", server=server)
        )
    return TemporaryError(
        text(
            "{server}: its certificate is refused ({words}); use the name it was made for as "
            "`host`, or name the file of its authority as `ca_file`",
            server=server,
            words=error.verify_message,
        )
    )


def tls_context(login: MailLogin) -> ssl.SSLContext:
    """Which certificates are trusted."""
    context = ssl.create_default_context(cafile=login.ca_file)
    if not login.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _open(login: SmtpLogin, seconds: float, token: str) -> smtplib.SMTP:
    # Without a name smtplib asks the name server for our own, which can take many seconds.
    name = login.greeting
    if login.security is LineSecurity.TLS:
        context = tls_context(login)
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            login.host, login.port, name, timeout=seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(login.host, login.port, name, timeout=seconds)
    try:
        _greet(smtp, login, token)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _greet(smtp: smtplib.SMTP, login: SmtpLogin, token: str) -> None:
    smtp.command_encoding = "utf-8"
    smtp.ehlo_or_helo_if_needed()
    if login.security is LineSecurity.STARTTLS:
        # smtplib raises where the relay does not offer it; we never continue unencrypted.
        smtp.starttls(context=tls_context(login))
        smtp.ehlo_or_helo_if_needed()
    if login.user:
        log_in(smtp, login, token)
