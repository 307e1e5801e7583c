"""One SMTP connection, driven stage by stage: the stage decides "not sent" or "unknown".

`smtplib.sendmail` raises the same SMTPServerDisconnected whether the connection broke before the
message or after the relay had taken it. So MAIL, RCPT, DATA and the body go out one by one here.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress

from incasso.contract.errors import OutcomeUnknownError, RejectedError, TemporaryError
from incasso.contract.text import Text, text
from incasso.contract.values import Problem
from incasso.mail.replies import refusal


class LineLostError(Exception):
    """The relay closed the connection before it heard of the message; a new one may work."""


class Session:
    """An open connection, logged in. Not thread-safe."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self._alone = False
        self.used = False
        """Whether it has carried a message: the relay may have closed it meanwhile."""

    @property
    def alive(self) -> bool:
        """Whether no failure of the connection is known."""
        return self._smtp.sock is not None

    @property
    def size_limit(self) -> int:
        """The largest message the relay announces, in bytes; 0 if it does not say."""
        offered = self._smtp.esmtp_features.get("size", "")
        return int(offered) if offered.isdecimal() else 0

    @property
    def tls_version(self) -> str:
        """E.g. TLSv1.3; empty without TLS."""
        sock = self._smtp.sock
        return (sock.version() or "") if isinstance(sock, ssl.SSLSocket) else ""

    def wait_at_most(self, seconds: float) -> None:
        """The longest wait for each answer from now on."""
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    @property
    def reports(self) -> bool:
        """Whether it takes an envelope id and gives it back in its reports (RFC 3461)."""
        return self._smtp.has_extn("dsn")

    def offer(
        self, sender: str, recipients: Sequence[str], size: int, envelope_id: str = ""
    ) -> tuple[str, ...]:
        """MAIL and RCPT. Returns what the relay said to refused copies; only the first must pass.

        Raises LineLostError, or what a refusal means. Nothing is handed over yet.
        """
        if 0 < self.size_limit < size:
            raise _unfit(
                "too_large",
                "attachments",
                text(
                    "{size} bytes are more than the relay takes ({limit})",
                    size=str(size),
                    limit=str(self.size_limit),
                ),
            )
        try:
            code, said = self._ask(
                f"MAIL FROM:<{sender}>{self._parameters(sender, recipients, envelope_id)}"
            )
        except smtplib.SMTPException as error:
            raise LineLostError(str(error)) from None
        if code == 421:
            self.close()
            raise LineLostError(f"{code} {said}")
        if not _good(code):
            raise refusal("MAIL", code, said)
        self.used = True
        to, *copies = recipients
        self._alone = not copies
        self._name(to)
        return tuple(filter(None, map(self._name_copy, copies)))

    def hand_over(self, content: bytes, ref: str) -> str:
        """DATA and the body. Returns the relay's final reply, which holds its queue id.

        Raises OutcomeUnknownError with `ref` if the final reply never came. All other errors mean
        that the relay does not have the message.
        """
        code, said = self._ask_or_fail("DATA")
        if code != 354:
            raise refusal("DATA", code, said, alone=self._alone)
        try:
            # One call with the final dot in it: if it fails, the dot was certainly not sent.
            self._smtp.send(_transparent(content))
        except smtplib.SMTPException as error:
            raise TemporaryError(
                text("the line broke within the message: {error}", error=str(error))
            ) from None
        try:
            code, said = self._reply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise OutcomeUnknownError(
                text(
                    "the whole message left and the relay did not confirm it: {error}",
                    error=str(error),
                ),
                ref=ref,
            ) from None
        if _good(code):
            return f"{code} {said}"
        if 400 <= code < 600:
            raise refusal("message", code, said, alone=self._alone)
        self.close()
        raise OutcomeUnknownError(
            text("the relay answered {code} {said}", code=str(code), said=said), ref=ref
        )

    def reset(self) -> None:
        """Drops a message that was begun to reuse the connection; closes it if that fails."""
        try:
            code, _ = self._ask("RSET")
        except smtplib.SMTPException:
            code = 0
        if not _good(code):
            self.close()

    def close(self) -> None:
        """Sends QUIT without waiting for an answer."""
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.putcmd("QUIT")
        self._smtp.close()

    def abandon(self) -> None:
        """Drops the connection at once, without QUIT."""
        self._smtp.close()

    def _parameters(self, sender: str, recipients: Sequence[str], envelope_id: str) -> str:
        """The options of MAIL beside the sender."""
        asked = f" RET=HDRS ENVID={xtext(envelope_id)}" if self.reports and envelope_id else ""
        return self._utf8(sender, recipients) + asked

    def _utf8(self, sender: str, recipients: Sequence[str]) -> str:
        if sender.isascii() and all(map(str.isascii, recipients)):
            return ""
        if not self._smtp.has_extn("smtputf8"):
            words = text("the relay does not know SMTPUTF8, which this address needs")
            raise _unfit("smtputf8", "to", words)
        return " BODY=8BITMIME SMTPUTF8"

    def _name(self, recipient: str) -> None:
        code, said = self._ask_or_fail(self._to(recipient))
        if not _good(code):
            raise refusal("RCPT", code, said)

    def _name_copy(self, recipient: str) -> str:
        """Offers a copy to our own people; its refusal must not stop the debtor's message."""
        code, said = self._ask_or_fail(self._to(recipient))
        return "" if _good(code) else f"{recipient}: {code} {said}"

    def _to(self, recipient: str) -> str:
        """RCPT; failures and delays are reported under this address, wherever it is passed on."""
        if not self.reports:
            return f"RCPT TO:<{recipient}>"
        return f"RCPT TO:<{recipient}> NOTIFY=FAILURE,DELAY ORCPT={original(recipient)}"

    def _ask_or_fail(self, command: str) -> tuple[int, str]:
        """Asks before the hand-over, so that a broken connection can safely be retried."""
        try:
            return self._ask(command)
        except smtplib.SMTPException as error:
            raise broken_at(command.partition(" ")[0], error) from None

    def _ask(self, command: str) -> tuple[int, str]:
        self._smtp.putcmd(command)
        return self._reply()

    def _reply(self) -> tuple[int, str]:
        code, said = self._smtp.getreply()
        return code, " ".join(said.decode("utf-8", "replace").split())


def broken_at(verb: str, error: object) -> TemporaryError:
    """The connection broke before anything was handed over."""
    return TemporaryError(text("the line broke at {verb}: {error}", verb=verb, error=str(error)))


def _unfit(code: str, field: str, words: Text) -> RejectedError:
    problem = Problem(code=code, message=words, field=field)
    return RejectedError(words, code=code, problems=(problem,))


def xtext(given: str) -> str:
    """A value of an SMTP parameter as RFC 3461 (4) writes it, in ASCII."""
    return "".join(
        each if "!" <= each <= "~" and each not in "+=" else f"+{ord(each):02X}" for each in given
    )


def original(recipient: str) -> str:
    """The recipient as ORCPT names it; beyond ASCII by RFC 6533 (3)."""
    if recipient.isascii():
        return f"rfc822;{xtext(recipient)}"
    return "utf-8;" + "".join(
        f"\\x{{{ord(each):X}}}" if each in "\\+=" or not "!" <= each <= "~" else each
        for each in recipient
    )


def _transparent(content: bytes) -> bytes:
    """The body as it is transmitted: leading dots doubled, the final dot behind."""
    return content.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _good(code: int) -> bool:
    return 200 <= code < 300
