"""The channel "smtp": the hooks, each a few lines over the hub's door to mail servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from incasso.api import (
    ArrivedMail,
    AuthenticationError,
    CallContext,
    CheckReport,
    ConfigurationError,
    Cursor,
    DeliveryUpdate,
    LineSecurity,
    OutboundMessage,
    OutcomeUnknownError,
    Page,
    Prepared,
    Problem,
    Receipt,
    RejectedError,
    SmtpClient,
    TemporaryError,
    Text,
    hookimpl,
    in_a_row,
    mail,
    text,
)
from incasso_smtp.settings import SmtpSettings


class SmtpChannel:
    """One mailbox that sends, and reads what came back."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._sender = settings.sender_address
        self._relay = settings.relay
        self._mailbox = settings.mailbox

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
        if self._mailbox is not None:
            mail.load_readers()
            folders = tuple(filter(None, (settings.imap_sent, settings.imap_folder)))
            ctx.mail.mailbox(self._mailbox).check(folders)
            facts[text("bounces")] = text(
                "folder {folder} on {host}", folder=settings.imap_folder, host=settings.imap_host
            )
        return CheckReport(
            remote_identity=settings.account,
            facts=facts,
            warnings=(*refused, *self._warnings(reports=relay.reports), *settings.warnings(ctx.on)),
        )

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """Check everything that can be checked here, and build the mail.

        Its Date is the instant of preparing: the hub prepares once and sends these bytes.
        """
        who, problems = self._addressed(message)
        if not message.text.strip():
            raise _rejected("empty", "text", text("the text is empty"))
        if not message.subject.strip():
            raise _rejected("empty", "subject", text("the subject is empty"))
        # Asked before and after: encoding a file that cannot go takes longer than refusing it.
        self._fits(message, sum(len(each.content) for each in message.attachments))
        try:
            content = mail.compose(message, who, ctx.now())
        except mail.UnfitError as error:
            raise _rejected("unfit", error.field, error.message) from None
        self._fits(message, len(content))
        return Prepared(
            content=content,
            media_type="message/rfc822",
            filename=f"{message.delivery}.eml",
            ref=mail.message_id(message.delivery, who.domain),
            warnings=problems,
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

    @hookimpl
    def channel_collect(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DeliveryUpdate]]:
        """Bounces that came in after the cursor. Mail is never marked, moved or deleted.

        The first page says what ends soon, also where no mailbox is read.
        """
        if warnings := tuple(self._settings.warnings(ctx.on)):
            yield Page(warnings=warnings)
        if self._mailbox is None:
            return
        pages = ctx.mail.mailbox(self._mailbox).read(
            self._settings.imap_folder,
            since,
            first_day=ctx.now().date() - timedelta(days=self._settings.imap_days),
            headers=mail.REPORT_HEADERS,
            wanted=mail.may_be_report,
        )
        for page in pages:
            updates = tuple(update for each in page.mails for update in self._news(each))
            yield Page(items=updates, cursor=page.cursor)

    def _news(self, arrived: ArrivedMail) -> tuple[DeliveryUpdate, ...]:
        """The news in one mail. Damage is read round; an error of ours fails the collection, and
        the mail is read again once it is mended."""
        return mail.read_report(
            arrived.content,
            arrived.at,
            authserv=self._settings.imap_authserv,
            trusted=self._settings.reporting_domains,
        )

    def _fits(self, message: OutboundMessage, size: int) -> None:
        if size > (most := self._settings.max_message_bytes):
            field = "attachments" if message.attachments else "text"
            why = text("{size} bytes are too many, {most} at most", size=str(size), most=str(most))
            raise _rejected("too_large", field, why)

    def _addressed(self, message: OutboundMessage) -> tuple[mail.Envelope, tuple[Problem, ...]]:
        return mail.addressed(
            message,
            sender=self._sender,
            sender_name=self._settings.sender_name,
            reply_to=self._settings.reply_to,
        )

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

    def _warnings(self, *, reports: bool) -> Iterator[Problem]:
        settings = self._settings
        if settings.imap_host and not (reports or settings.imap_authserv):
            yield Problem(
                code="unproven_bounces",
                field="imap_authserv",
                message=text("nothing shows who a bounce comes from: each waits for a person"),
                hint=text("name the server that writes Authentication-Results into this mailbox"),
            )
        yield from mail.password_outdated(settings.host, settings.password)
        if settings.login and settings.security is LineSecurity.NONE:
            yield Problem(
                code="open_line",
                field="security",
                message=text("the password, or the token, and all mail travel in clear"),
                hint=text("use starttls or tls unless the relay is on this machine"),
            )


def _rejected(code: str, field: str, words: Text) -> RejectedError:
    return RejectedError(
        text("{field}: {problem}", field=field, problem=words),
        code=code,
        problems=(Problem(code=code, message=words, field=field),),
    )
