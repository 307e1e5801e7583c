"""The channel "smtp": the hooks, each a few lines over composing, session and mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.utils import parseaddr
from functools import lru_cache

from incasso.api import (
    CallContext,
    CheckReport,
    Cursor,
    DeliveryUpdate,
    OutboundMessage,
    OutcomeUnknownError,
    Page,
    Prepared,
    Problem,
    RateLimitedError,
    Receipt,
    RejectedError,
    TemporaryError,
    hookimpl,
)
from incasso_smtp.addresses import BadAddressError, mailable
from incasso_smtp.composing import Addressed, UnfitError, compose, message_id
from incasso_smtp.lines import Lines
from incasso_smtp.mailbox import Mailbox
from incasso_smtp.session import LineLostError, Session, connect
from incasso_smtp.settings import Security, SmtpSettings

_MARGIN_S = 2.0
"""Give up this long before the hub does: our own words say more than its deadline."""


class SmtpChannel:
    """One mailbox that sends, and reads what came back."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._lines = Lines(lambda seconds: connect(settings, seconds), settings.idle_close_s)
        self._mailbox = Mailbox(settings) if settings.imap_host else None
        self._sender = Addressed(
            sender=settings.sender_address,
            sender_name=settings.sender_name,
            to="",
            to_name="",
        )

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Greet, protect, log in, on both servers."""
        session = connect(self._settings, self._patience(ctx))
        facts = {
            "smtp": f"{self._settings.host}:{self._settings.port}",
            "tls": session.tls_version or "none",
            "size_limit": str(session.size_limit or "not told"),
        }
        session.close()
        if self._mailbox is not None:
            facts["bounces"] = self._mailbox.check(self._patience(ctx))
        return CheckReport(
            remote_identity=self._settings.account,
            facts=facts,
            warnings=tuple(self._warnings()),
        )

    @hookimpl
    def instance_close(self) -> None:
        """Close the idle lines."""
        self._lines.close()

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """Check everything that can be checked here, and build the mail.

        Its Date is the instant of preparing: the hub prepares once and sends these bytes.
        """
        who, problems = self._addressed(message)
        if not message.text.strip():
            raise _rejected("empty", "text", "the text is empty")
        if not message.subject.strip():
            raise _rejected("empty", "subject", "the subject is empty")
        # Asked before and after: encoding a file that cannot go takes longer than refusing it.
        self._fits(message, sum(len(each.content) for each in message.attachments))
        try:
            content = compose(message, who, ctx.now())
        except UnfitError as error:
            raise _rejected("unfit", error.field, str(error)) from None
        self._fits(message, len(content))
        return Prepared(
            content=content,
            media_type="message/rfc822",
            filename=f"{message.delivery}.eml",
            ref=message_id(message.delivery, who.domain),
            warnings=problems,
        )

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand the bytes over; in a dry run the relay is asked about the addresses, no more."""
        who, problems = self._addressed(message)
        session, notes = self._offered(who, len(prepared.content), ctx)
        try:
            if ctx.dry_run:
                session.reset()
                said = "dry run: addresses accepted, nothing sent"
            else:
                said = session.hand_over(prepared.content, prepared.ref)
        except (RejectedError, TemporaryError):
            self._give_back(session)
            raise
        except BaseException:
            session.abandon()
            raise
        self._lines.give_back(session)
        words = (said, *notes, *(problem.message for problem in problems))
        return Receipt(ref=prepared.ref, at=ctx.now(), note="; ".join(words))

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Look among the mail that the provider files as sent. Never says "certainly not"."""
        ref = message_id(delivery, self._sender.domain)
        if self._mailbox is None or not self._settings.imap_sent:
            raise OutcomeUnknownError("no folder of sent mail is configured (imap_sent)", ref=ref)
        at = self._mailbox.sent_at(ref, self._patience(ctx))
        if at is None:
            folder = self._settings.imap_sent
            raise OutcomeUnknownError(f"not in {folder}, which proves nothing", ref=ref)
        return Receipt(ref=ref, at=at, note=f"found in {self._settings.imap_sent}")

    @hookimpl
    def channel_collect(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DeliveryUpdate]]:
        """Bounces that came in after the cursor. Mail is never marked, moved or deleted."""
        if self._mailbox is None:
            return iter(())
        return self._mailbox.bounces(since, ctx.now().date(), self._patience(ctx), ctx.log)

    def _fits(self, message: OutboundMessage, size: int) -> None:
        if size > (most := self._settings.max_message_bytes):
            field = "attachments" if message.attachments else "text"
            raise _rejected("too_large", field, f"{size} bytes are too many, {most} at most")

    def _addressed(self, message: OutboundMessage) -> tuple[Addressed, tuple[Problem, ...]]:
        """Who writes to whom. A wrong copy is left out with a warning, a wrong debtor refused."""
        try:
            to = mailable(message.to.address)
        except BadAddressError as error:
            raise _rejected(
                "bad_address", "to", f"{message.to.address!r}: {error}", bad_address=True
            ) from None
        copies: dict[str, str] = {}
        problems: list[Problem] = []
        for each in message.cc:
            try:
                copies.setdefault(mailable(each.address), each.name)
            except BadAddressError as error:
                text = f"no copy to {each.address!r}: {error}"
                problems.append(Problem(code="bad_address", message=text, field="cc"))
        copies.pop(to, None)
        who = replace(
            self._sender,
            sender_name=message.sender_name or self._sender.sender_name,
            to=to,
            to_name=message.to.name,
            cc=tuple((name, address) for address, name in copies.items()),
            reply_to=self._reply_to(message),
        )
        return who, tuple(problems)

    def _reply_to(self, message: OutboundMessage) -> str:
        given = message.reply_to or self._settings.reply_to
        if not given:
            return ""
        try:
            return mailable(_bare(given))
        except BadAddressError as error:
            raise _rejected("bad_address", "reply_to", f"{given!r}: {error}") from None

    def _offered(
        self, who: Addressed, size: int, ctx: CallContext
    ) -> tuple[Session, tuple[str, ...]]:
        """A line on which the relay has accepted sender and debtor.

        A relay may close a line after so many messages or seconds; that shows at MAIL, before
        it heard of this message, so one new line is tried without asking anybody.
        """
        session = self._lines.take(self._patience(ctx))
        while True:
            try:
                return session, session.offer(who.sender, who.recipients, size)
            except LineLostError as error:
                session.abandon()
                if not session.used:
                    raise _lost(error) from None
                session = connect(self._settings, self._patience(ctx))
            except (RejectedError, TemporaryError):
                self._give_back(session)
                raise
            except BaseException:
                session.abandon()
                raise

    def _give_back(self, session: Session) -> None:
        """After a refusal: the relay must forget what was begun."""
        if session.alive:
            session.reset()
        self._lines.give_back(session)

    def _patience(self, ctx: CallContext) -> float:
        left = (ctx.deadline - ctx.now()).total_seconds() - _MARGIN_S
        return max(1.0, min(float(self._settings.timeout_s), left))

    def _warnings(self) -> Iterator[Problem]:
        if self._settings.user and self._settings.security is Security.NONE:
            yield Problem(
                code="open_line",
                field="security",
                message="the password and all mail travel in clear",
                hint="use starttls or tls unless the relay is on this machine",
            )


@lru_cache(maxsize=64)
def _bare(mailbox: str) -> str:
    """The address in `Name <address>`: an office has few, and every message names one."""
    return parseaddr(mailbox)[1]


def _lost(error: LineLostError) -> TemporaryError:
    said = str(error)
    if said.startswith("421"):
        return RateLimitedError(f"MAIL refused: {said}")
    return TemporaryError(f"the line broke at MAIL: {said}")


def _rejected(code: str, field: str, text: str, *, bad_address: bool = False) -> RejectedError:
    problem = Problem(code=code, message=text, field=field)
    return RejectedError(
        f"{field}: {text}", code=code, problems=(problem,), bad_address=bad_address
    )
