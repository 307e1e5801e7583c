"""The channel "fax_mail": a mail with the pages to an address that holds the number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import msgspec

from incasso.api import (
    CallContext,
    CheckReport,
    Cursor,
    DeliveryUpdate,
    OutboundMessage,
    Page,
    Prepared,
    Problem,
    Receipt,
    Recipient,
    WatchedFolder,
    hookimpl,
    mail,
    text,
)
from incasso_fax.by_mail.results import HEADERS, may_be_result, read_result
from incasso_fax.by_mail.settings import FaxMailSettings
from incasso_fax.pages import fax_number, prepared, rejected


class FaxMailChannel:
    """One gateway."""

    def __init__(self, settings: FaxMailSettings) -> None:
        self._settings = settings

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Greet, protect, log in, on both servers. Only a fax shows if the gateway knows us."""
        settings = self._settings
        relay = ctx.mail.smtp(settings.relay).check()
        if settings.results is not None:
            ctx.mail.mailbox(settings.results).check((settings.imap_folder,))
        return CheckReport(
            remote_identity=f"{settings.user or settings.mailbox}@{settings.host}:{settings.port}",
            facts={
                text("server"): f"{settings.host}:{settings.port}",
                text("encryption"): relay.tls or text("none, everybody on the way can read it"),
                text("gateway"): settings.address,
                **_signs_in(settings),
            },
            warnings=tuple(self._warnings()),
        )

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """The mail that leaves, with the pages in it."""
        pages = prepared(message, most_pages=self._settings.most_pages, ref="")
        letter, who = self._mail(message)
        try:
            content = mail.compose(letter, who, ctx.now())
        except mail.UnfitError as error:
            raise rejected("unfit", error.field, error.message) from None
        return msgspec.structs.replace(
            pages,
            content=content,
            media_type="message/rfc822",
            filename=f"{message.delivery}.eml",
            ref=mail.message_id(message.delivery, self._settings.domain),
        )

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand the mail over; in a dry run the relay is asked about the addresses, no more."""
        _, who = self._mail(message)
        relay = ctx.mail.smtp(self._settings.relay)
        with relay.offer(who.sender, who.recipients, len(prepared.content)) as offered:
            if ctx.dry_run:
                said: str = text("dry run: addresses accepted, nothing sent")
            else:
                said = offered.hand_over(prepared.content, prepared.ref)
        return Receipt(ref=prepared.ref, at=ctx.now(), note=said)

    @hookimpl
    def channel_collect(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DeliveryUpdate]]:
        """What the gateway wrote after the cursor. Mail is never marked, moved or deleted."""
        settings = self._settings
        if settings.results is None:
            return
        pages = ctx.mail.mailbox(settings.results).read(
            settings.imap_folder,
            since,
            first_day=ctx.now().date() - timedelta(days=settings.imap_days),
            headers=HEADERS,
            wanted=partial(may_be_result, settings=settings),
        )
        for page in pages:
            news = (
                update
                for each in page.mails
                for update in read_result(each.content, each.at, settings)
            )
            yield Page(items=tuple(news), cursor=page.cursor)

    @hookimpl
    def channel_watches(self, ctx: CallContext) -> WatchedFolder | None:
        """The folder of results, if one is read."""
        if (results := self._settings.results) is None:
            return None
        return WatchedFolder(login=results, folder=self._settings.imap_folder)

    def _mail(self, message: OutboundMessage) -> tuple[OutboundMessage, mail.Envelope]:
        """The mail to the gateway. Its subject names the fax: most gateways give it back."""
        settings = self._settings
        ref = mail.message_id(message.delivery, settings.domain).strip("<>")
        letter = msgspec.structs.replace(
            message,
            to=Recipient(address=settings.gateway(fax_number(message.to))),
            subject=ref,
            text=settings.body,
            html="",
            attachments=(message.letter,) if message.letter else (),
            cc=(),
            thread=(),
            sender_name="",
            reply_to="",
        )
        who, _ = mail.addressed(letter, sender=settings.mailbox, sender_name="", reply_to="")
        return letter, who

    def _warnings(self) -> Iterator[Problem]:
        if not self._settings.imap_host:
            yield Problem(
                code="no_results",
                field="imap_host",
                message=text("no results are read: a fax counts as sent, never as arrived"),
            )
        elif not self._settings.imap_authserv:
            yield Problem(
                code="unproven_results",
                field="imap_authserv",
                message=text("nothing shows who a result comes from: each waits for a person"),
                hint=text("name the server that writes Authentication-Results into this mailbox"),
            )


def _signs_in(settings: FaxMailSettings) -> dict[str, str]:
    return {text("signs in as"): settings.sign_in.account} if settings.sign_in else {}
