"""Opens an SMTP connection, protects it and logs in. Hands nothing over, so failing is safe."""

from __future__ import annotations

import base64
import hmac
import smtplib
import ssl
from typing import Final

from incasso.contract.errors import AuthenticationError, RejectedError, TemporaryError
from incasso.contract.mail import LineSecurity, MailLogin, SmtpLogin
from incasso.contract.text import text
from incasso.mail.replies import refusal
from incasso.plugins.mail.session import Session

# The strongest first; over TLS all three are equally safe.
_MECHANISMS: Final = ("CRAM-MD5", "PLAIN", "LOGIN")

_GO_ON: Final = 334

_EXPIRED: Final = 10  # OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED


def connect(login: SmtpLogin, seconds: float) -> Session:
    """A connection to the relay, logged in. `seconds`: the longest wait for each of its answers.

    Raises AuthenticationError, TemporaryError, RateLimitedError.
    """
    try:
        return Session(_open(login, seconds))
    except smtplib.SMTPResponseException as error:
        refused = refusal("connection", error.smtp_code, _words(error.smtp_error))
        if isinstance(refused, RejectedError):  # 554 "no service" says nothing about a message
            raise TemporaryError(str(refused)) from None
        raise refused from None
    except (smtplib.SMTPException, OSError) as error:
        raise unreachable(login, error) from None


def unreachable(login: MailLogin, error: Exception) -> TemporaryError:
    """What went wrong with a server, in one sentence: a bare TimeoutError has no text."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_refused(login, error)
    reason = str(error) or type(error).__name__
    return TemporaryError(
        text("{host}:{port}: {reason}", host=login.host, port=str(login.port), reason=reason)
    )


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


def _open(login: SmtpLogin, seconds: float) -> smtplib.SMTP:
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
        _greet(smtp, login)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _greet(smtp: smtplib.SMTP, login: SmtpLogin) -> None:
    smtp.command_encoding = "utf-8"
    smtp.ehlo_or_helo_if_needed()
    if login.security is LineSecurity.STARTTLS:
        # smtplib raises where the relay does not offer it; we never continue unencrypted.
        smtp.starttls(context=tls_context(login))
        smtp.ehlo_or_helo_if_needed()
    if login.user:
        _log_in(smtp, login)


def _log_in(smtp: smtplib.SMTP, login: SmtpLogin) -> None:
    """One attempt by one mechanism: `smtplib.login` tries them all, which locks mailboxes."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    mechanism = next((each for each in _MECHANISMS if each in offered), None)
    if mechanism is None:
        raise AuthenticationError(
            text("{host} offers no login by password on this line", host=login.host)
        )
    code, reply = _asked(smtp, mechanism, login)
    if 400 <= code < 500:
        raise smtplib.SMTPAuthenticationError(code, reply)
    if code not in (235, 503):  # 503: it knows us already
        raise login_refused(login, f"{code} {_words(reply)}")


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


def _words(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
