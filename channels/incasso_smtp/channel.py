"""The channel "smtp": the hooks, each a few lines over the hub's door to mail servers."""

from __future__ import annotations

from collections.abc import Iterator

from incasso.api import (
    AuthenticationError,
    CallContext,
    CheckReport,
    ConfigurationError,
    LineSecurity,
    OutboundMessage,
    OutcomeUnknownError,
    Prepared,
    Problem,
    Receipt,
    RejectedError,
    SmtpClient,
    TemporaryError,
    hookimpl,
    in_a_row,
    mail,
    text,
)
from incasso_smtp.mailing import MailingChannel
from incasso_smtp.settings import SmtpSettings


class SmtpChannel(MailingChannel):
    """One mailbox that sends through a relay, and reads what came back."""

    def __init__(self, settings: SmtpSettings) -> None:
        super().__init__(
            settings,
            largest=settings.max_message_bytes,
            inbox=settings.mailbox,
            relays=(settings.host,),
        )
        self._settings = settings
        self._relay = settings.relay

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Greet, protect, log in, on both servers."""
        settings = self._settings
        client = ctx.mail.smtp(self._relay)
        try:
            relay = client.check()
        except AuthenticationError as error:
            raise mail.password_ended(error, settings.password_expires, ctx.on) from None
        refused = self._refused(client)
        facts: dict[str, str] = {
            text("server"): f"{settings.host}:{settings.port}",
            text("encryption"): relay.tls or text("none, everybody on the way can read it"),
            text("largest message, bytes"): (
                str(relay.size_limit) if relay.size_limit else text("not told")
            ),
            text("delivery reports"): (
                text("with envelope id") if relay.reports else text("not offered")
            ),
        }
        if settings.sign_in is not None:
            facts[text("signs in as")] = settings.sign_in.account
        facts |= self._inbox_checked(ctx, settings.imap_sent)
        return CheckReport(
            remote_identity=settings.account,
            facts=facts,
            warnings=(*refused, *self._warnings(reports=relay.reports), *self._ending(ctx)),
        )

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand the bytes over; in a dry run the relay is asked about the addresses, no more."""
        who, problems = self._addressed(message)
        relay = ctx.mail.smtp(self._relay)
        with relay.offer(
            who.sender, who.recipients, len(prepared.content), message.envelope_id
        ) as offered:
            if ctx.dry_run:
                said: str = text("dry run: addresses accepted, nothing sent")
            else:
                said = offered.hand_over(prepared.content, prepared.ref)
        refused = (text("no copy to {each}", each=each) for each in offered.refused_copies)
        words = (said, *refused, *(problem.message for problem in problems))
        return Receipt(ref=prepared.ref, at=ctx.now(), note=in_a_row(words))

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Look among the mail that the provider files as sent. Never says "certainly not"."""
        ref = mail.message_id(delivery, self._settings.sender_domain)
        folder = self._settings.imap_sent
        if self._mailbox is None or not folder:
            raise OutcomeUnknownError(
                text("no folder of sent mail is configured (imap_sent)"), ref=ref
            )
        at = ctx.mail.mailbox(self._mailbox).arrived_at(folder, ref)
        if at is None:
            why = text("not in {folder}, which proves nothing", folder=folder)
            raise OutcomeUnknownError(why, ref=ref)
        return Receipt(ref=ref, at=at, note=text("found in {folder}", folder=str(folder)))

    def _refused(self, relay: SmtpClient) -> tuple[Problem, ...]:
        """Ask whether the relay would take a mail from the sender, to the sender; none is sent.

        A login alone says nothing about a sender that is blocked.
        """
        try:
            with relay.offer(self._sender, (self._sender,), 0):
                return ()
        except RejectedError as error:
            told = Problem(
                code="sender_refused" if error.sender_refused else "own_address_refused",
                field="sender",
                message=text("the server takes no mail of this sender: {said}", said=str(error))
                if error.sender_refused
                else text("the sender's own address takes no mail: {said}", said=str(error)),
                hint=text("bounces and replies go there; ask your mail provider"),
            )
            if error.sender_refused:
                raise ConfigurationError((told,)) from None
            return (told,)
        except TemporaryError:
            return ()  # greylisting, and whatever else passes

    def _ending(self, ctx: CallContext) -> Iterator[Problem]:
        yield from self._settings.warnings(ctx.on)

    def _warnings(self, *, reports: bool) -> Iterator[Problem]:
        settings = self._settings
        yield from settings.unproven_bounces(reports=reports)
        yield from mail.password_outdated(settings.host, settings.password)
        if settings.login and settings.security is LineSecurity.NONE:
            yield Problem(
                code="open_line",
                field="security",
                message=text("the password, or the token, and all mail travel in clear"),
                hint=text("use starttls or tls unless the relay is on this machine"),
            )
