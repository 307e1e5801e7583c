"""What every mailbox that sends does alike: build the mail, and read what came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from incasso.api import (
    ArrivedMail,
    CallContext,
    Cursor,
    IncomingNews,
    MailLogin,
    OutboundMessage,
    Page,
    Prepared,
    Problem,
    RejectedError,
    Text,
    WatchedFolder,
    hookimpl,
    mail,
    text,
)
from incasso_smtp.account import BounceSettings


class MailingChannel:
    """One mailbox. How its mail leaves is up to the kind."""

    def __init__(
        self,
        settings: BounceSettings,
        *,
        largest: int,
        inbox: MailLogin | None,
        relays: tuple[str, ...],
    ) -> None:
        """`largest`: bytes of a mail; `relays`: servers that may report about ours."""
        self._account = settings
        self._sender = settings.sender_address
        self._largest = largest
        self._mailbox = inbox
        self._reporting = settings.reporting_domains(*relays)

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
    def channel_collect(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[IncomingNews]]:
        """Bounces and answers after the cursor. Mail is never marked, moved or deleted.

        The first page says what ends soon, also where no mailbox is read.
        """
        if warnings := tuple(self._ending(ctx)):
            yield Page(warnings=warnings)
        if self._mailbox is None:
            return
        pages = ctx.mail.mailbox(self._mailbox).read(
            self._account.imap_folder,
            since,
            first_day=ctx.now().date() - timedelta(days=self._account.imap_days),
            headers=tuple({*mail.REPORT_HEADERS, *mail.INCOMING_HEADERS}),
            wanted=self._wanted,
        )
        for page in pages:
            updates = tuple(update for each in page.mails for update in self._news(each))
            yield Page(items=updates, cursor=page.cursor)

    @hookimpl
    def channel_watches(self, ctx: CallContext) -> WatchedFolder | None:
        """The folder of bounces and answers, if one is read."""
        if self._mailbox is None:
            return None
        return WatchedFolder(login=self._mailbox, folder=self._account.imap_folder)

    def _ending(self, ctx: CallContext) -> Iterator[Problem]:
        """What will stop the account soon."""
        yield from ()

    def _wanted(self, headers: bytes) -> bool:
        if mail.may_be_report(headers):
            return True
        return self._account.replies is not mail.Replies.NONE and mail.may_be_incoming(headers)

    def _news(self, arrived: ArrivedMail) -> tuple[IncomingNews, ...]:
        """The news in one mail. Damage is read round; an error of ours fails the collection, and
        the mail is read again once it is mended."""
        reports = mail.read_report(
            arrived.content,
            arrived.at,
            authserv=self._account.imap_authserv,
            trusted=self._reporting,
        )
        if reports or self._account.replies is mail.Replies.NONE:
            return reports
        message = mail.read_incoming(
            arrived.content,
            arrived.at,
            own=(self._sender.lower(),),
            keep_unknown=self._account.replies is mail.Replies.ALL,
            is_cut=arrived.is_cut,
        )
        return (message,) if message else ()

    def _inbox_checked(self, ctx: CallContext, *folders: str) -> dict[str, str]:
        """Log in and open the folders; what `check` shows of it."""
        if self._mailbox is None:
            return {}
        mail.load_readers()
        settings = self._account
        opened = tuple(filter(None, (*folders, settings.imap_folder)))
        ctx.mail.mailbox(self._mailbox).check(opened)
        where = text(
            "folder {folder} on {host}", folder=settings.imap_folder, host=settings.imap_host
        )
        return {text("bounces"): where}

    def _fits(self, message: OutboundMessage, size: int) -> None:
        if size > (most := self._largest):
            field = "attachments" if message.attachments else "text"
            why = text("{size} bytes are too many, {most} at most", size=str(size), most=str(most))
            raise _rejected("too_large", field, why)

    def _addressed(self, message: OutboundMessage) -> tuple[mail.Envelope, tuple[Problem, ...]]:
        return mail.addressed(
            message,
            sender=self._sender,
            sender_name=self._account.sender_name,
            reply_to=self._account.reply_to,
        )


def _rejected(code: str, field: str, words: Text) -> RejectedError:
    return RejectedError(
        words,
        code=code,
        problems=(Problem(code=code, message=words, field=field),),
    )
