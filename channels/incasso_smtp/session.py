"""One line to the relay, driven stage by stage: only the stage tells "surely not" from "perhaps".

`smtplib.sendmail` raises the same SMTPServerDisconnected whether the line broke before the
message or after the relay had taken it. So MAIL, RCPT, DATA and the body go out one by one here.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from typing import Any, Final

from incasso.api import (
    AuthenticationError,
    OutcomeUnknownError,
    Problem,
    RejectedError,
    TemporaryError,
)
from incasso_smtp.replies import refusal
from incasso_smtp.settings import Security, SmtpSettings

# The strongest first; over TLS all three are as good.
_MECHANISMS: Final = ("CRAM-MD5", "PLAIN", "LOGIN")


class LineLostError(Exception):
    """The relay closed the line before it heard of the message; a new line may serve."""


class Session:
    """An open line, logged in. Not for two threads at a time."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self.used = False
        """Whether a message has gone over it: an old line may have been closed meanwhile."""

    @property
    def alive(self) -> bool:
        """Whether nothing has gone wrong with the line so far as we know."""
        return self._smtp.sock is not None

    @property
    def size_limit(self) -> int:
        """The most bytes the relay takes, by its own word; 0 if it does not say."""
        told = self._smtp.esmtp_features.get("size", "")
        return int(told) if told.isdecimal() else 0

    @property
    def tls_version(self) -> str:
        """E.g. TLSv1.3; empty on an open line."""
        sock = self._smtp.sock
        return (sock.version() or "") if isinstance(sock, ssl.SSLSocket) else ""

    def wait_at_most(self, seconds: float) -> None:
        """The longest wait for each answer from now on."""
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def offer(self, sender: str, recipients: tuple[str, ...], size: int) -> tuple[str, ...]:
        """MAIL and RCPT. Returns what the relay said to refused copies; only the first must pass.

        Raises LineLostError, or what a refusal means. Nothing is handed over yet.
        """
        if 0 < self.size_limit < size:
            text = f"{size} bytes are more than the relay takes ({self.size_limit})"
            raise RejectedError(text, code="too_large", problems=(_too_large(text),))
        try:
            code, text = self._ask(f"MAIL FROM:<{sender}>{self._parameters(sender, recipients)}")
        except smtplib.SMTPException as error:
            raise LineLostError(str(error)) from None
        if code == 421:
            self.close()
            raise LineLostError(f"{code} {text}")
        if not _good(code):
            raise refusal("MAIL", code, text)
        self.used = True
        to, *copies = recipients
        self._name(to)
        return tuple(filter(None, map(self._name_copy, copies)))

    def hand_over(self, content: bytes, ref: str) -> str:
        """DATA and the body. Returns the relay's last word, which holds its queue id.

        Raises OutcomeUnknownError with `ref` if the last word never came. All other errors mean
        that the relay does not have the message.
        """
        code, text = self._ask_or_fail("DATA")
        if code != 354:
            raise refusal("DATA", code, text)
        try:
            # One call with the final dot in it: if it fails, the dot surely did not leave.
            self._smtp.send(_transparent(content))
        except smtplib.SMTPException as error:
            raise TemporaryError(f"the line broke within the message: {error}") from None
        try:
            code, text = self._reply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise OutcomeUnknownError(
                f"the whole message left and the relay did not confirm it: {error}", ref=ref
            ) from None
        if _good(code):
            return f"{code} {text}"
        if 400 <= code < 600:
            raise refusal("message", code, text)
        self.close()
        raise OutcomeUnknownError(f"the relay answered {code} {text}", ref=ref)

    def reset(self) -> None:
        """Forget a begun message, so that the line can serve again; else it is closed."""
        try:
            code, _ = self._ask("RSET")
        except smtplib.SMTPException:
            code = 0
        if not _good(code):
            self.close()

    def close(self) -> None:
        """Say good-bye without waiting for an answer."""
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.putcmd("QUIT")
        self._smtp.close()

    def abandon(self) -> None:
        """Drop the line at once, without a word."""
        self._smtp.close()

    def _parameters(self, sender: str, recipients: tuple[str, ...]) -> str:
        """What MAIL must say beside the sender."""
        if sender.isascii() and all(map(str.isascii, recipients)):
            return ""
        if not self._smtp.has_extn("smtputf8"):
            text = "the relay does not know SMTPUTF8, which this address needs"
            problem = Problem(code="smtputf8", message=text, field="to")
            raise RejectedError(text, code="smtputf8", problems=(problem,))
        return " BODY=8BITMIME SMTPUTF8"

    def _name(self, recipient: str) -> None:
        code, text = self._ask_or_fail(f"RCPT TO:<{recipient}>")
        if not _good(code):
            raise refusal("RCPT", code, text)

    def _name_copy(self, recipient: str) -> str:
        """A refused copy to one of our own people must not cost the debtor's message."""
        code, text = self._ask_or_fail(f"RCPT TO:<{recipient}>")
        return "" if _good(code) else f"no copy to {recipient}: {code} {text}"

    def _ask_or_fail(self, command: str) -> tuple[int, str]:
        """Ask before anything is handed over, so that a broken line may simply be tried again."""
        try:
            return self._ask(command)
        except smtplib.SMTPException as error:
            verb = command.partition(" ")[0]
            raise TemporaryError(f"the line broke at {verb}: {error}") from None

    def _ask(self, command: str) -> tuple[int, str]:
        self._smtp.putcmd(command)
        return self._reply()

    def _reply(self) -> tuple[int, str]:
        code, text = self._smtp.getreply()
        return code, " ".join(text.decode("utf-8", "replace").split())


def connect(settings: SmtpSettings, seconds: float) -> Session:
    """Open a line, protect it, log in. Nothing is handed over, whatever fails.

    Raises AuthenticationError, TemporaryError, RateLimitedError.
    """
    try:
        return Session(_open(settings, seconds))
    except smtplib.SMTPResponseException as error:
        text = _text(error.smtp_error)
        told = refusal("connection", error.smtp_code, text)
        if isinstance(told, RejectedError):  # 554 "no service today" says nothing about a message
            raise TemporaryError(str(told)) from None
        raise told from None
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryError(f"{settings.host}:{settings.port}: {_reason(error)}") from None


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Which certificates are believed."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _open(settings: SmtpSettings, seconds: float) -> smtplib.SMTP:
    # Left to itself smtplib asks the name server for our own name, which can take many seconds.
    name = settings.sender_domain
    if settings.security is Security.TLS:
        context = tls_context(settings)
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, name, timeout=seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(settings.host, settings.port, name, timeout=seconds)
    try:
        _greet(smtp, settings)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _greet(smtp: smtplib.SMTP, settings: SmtpSettings) -> None:
    smtp.command_encoding = "utf-8"
    smtp.ehlo_or_helo_if_needed()
    if settings.security is Security.STARTTLS:
        # smtplib raises where the relay does not offer it; going on in clear is never an answer.
        smtp.starttls(context=tls_context(settings))
        smtp.ehlo_or_helo_if_needed()
    if settings.user:
        _log_in(smtp, settings)


def _log_in(smtp: smtplib.SMTP, settings: SmtpSettings) -> None:
    """One attempt by one mechanism: `smtplib.login` tries them all, and mailboxes get locked."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    mechanism = next((each for each in _MECHANISMS if each in offered), None)
    if mechanism is None:
        raise AuthenticationError(f"{settings.host} offers no login by password on this line")
    smtp.user, smtp.password = settings.user, settings.password.reveal()
    how: dict[str, Any] = {
        "CRAM-MD5": smtp.auth_cram_md5,
        "PLAIN": smtp.auth_plain,
        "LOGIN": smtp.auth_login,
    }
    try:
        smtp.auth(mechanism, how[mechanism])
    except smtplib.SMTPAuthenticationError as error:
        text = _text(error.smtp_error)
        if 400 <= error.smtp_code < 500:
            raise
        raise AuthenticationError(
            f"{settings.host} refused the login of {settings.user}: {error.smtp_code} {text}"
        ) from None


def _transparent(content: bytes) -> bytes:
    """The body as it goes over the line: leading dots doubled, the final dot behind."""
    return content.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _good(code: int) -> bool:
    return 200 <= code < 300


def _text(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")


def _too_large(text: str) -> Problem:
    return Problem(code="too_large", message=text, field="attachments")


def _reason(error: Exception) -> str:
    """The error in words: a bare TimeoutError has none of its own."""
    return str(error) or type(error).__name__
