"""The channel "pec": the hooks, each a few lines over the door to mail servers."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from incasso.api import (
    Attachment,
    AuthenticationError,
    CallContext,
    CheckReport,
    ConfigurationError,
    Cursor,
    IncomingNews,
    OutboundMessage,
    OutcomeUnknownError,
    Page,
    Prepared,
    Problem,
    Receipt,
    RejectedError,
    SmtpClient,
    TemporaryError,
    WatchedFolder,
    hookimpl,
    in_a_row,
    mail,
    text,
)
from incasso_pec.composing import envelope, prepared
from incasso_pec.copies import SentCopies
from incasso_pec.mailbox import Proof, Receipts
from incasso_pec.receipts.notice import Event
from incasso_pec.searching import Patience
from incasso_pec.settings import PecSettings
from incasso_pec.trust.list import TrustList, trust_list


class PecChannel:
    """One certified mailbox."""

    def __init__(self, settings: PecSettings) -> None:
        self._settings = settings
        self._relay = settings.relay
        self._patience = Patience()
        self._copies = SentCopies(settings)

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Greet, protect, log in, on both servers; the trust list and what ends soon."""
        settings = self._settings
        trust = trust_list(settings.trust_file)
        ctx.step(text("SMTP server"))
        client = ctx.mail.smtp(self._relay)
        try:
            relay = client.check()
            refused = self._refused(client)
            ctx.step(text("mailbox"))
            folders = tuple(filter(None, (settings.imap_folder, settings.sent_folder)))
            ctx.mail.mailbox(settings.inbox()).check(folders)
        except AuthenticationError as error:
            raise mail.password_ended(error, settings.password_expires, ctx.on) from None
        return CheckReport(
            remote_identity=settings.account,
            facts={
                text("server"): f"{settings.smtp_host}:{settings.port}",
                text("encryption"): relay.tls or text("none, everybody on the way can read it"),
                text("largest message, bytes"): (
                    str(relay.size_limit) if relay.size_limit else text("not told")
                ),
                text("receipts"): text(
                    "folder {folder} on {host}",
                    folder=settings.imap_folder,
                    host=settings.receipts_host,
                ),
                text("copies of sent messages"): settings.sent_folder or text("none"),
                text("receipts are proven by"): self._authorities(trust),
                **_signs_in(settings),
            },
            warnings=(*refused, *self._advice(), *self._warnings(trust, ctx)),
        )

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """Check everything that can be checked here, and build the mail."""
        return prepared(message, self._settings, ctx.now())

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand the bytes over, then file a copy: its failure never touches the message."""
        who, _ = envelope(message, self._settings)
        relay = ctx.mail.smtp(self._relay)
        with relay.offer(who.sender, who.recipients, len(prepared.content)) as offered:
            if ctx.dry_run:
                nothing = text("dry run: addresses accepted, nothing sent")
                return Receipt(ref=prepared.ref, at=ctx.now(), note=nothing)
            said = offered.hand_over(prepared.content, prepared.ref)
        words = filter(None, (said, self._copies.file(prepared.content, ctx)))
        return Receipt(ref=prepared.ref, at=ctx.now(), note=in_a_row(words))

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Look for a receipt of the message, for a while. Never says "certainly not"."""
        ref = mail.message_id(delivery, self._settings.domain)
        receipts = Receipts(self._settings, trust_list(self._settings.trust_file), ctx)
        for _ in self._patience.looks(delivery, ctx):
            if found := self._found(receipts, ref, ctx):
                return found
        raise OutcomeUnknownError(text("no receipt is there, which proves nothing"), ref=ref)

    @hookimpl
    def channel_collect(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[IncomingNews]]:
        """Receipts and answers after the cursor; the first page says what ends soon."""
        trust = trust_list(self._settings.trust_file)
        warnings = tuple(self._warnings(trust, ctx))
        for page in Receipts(self._settings, trust, ctx).news(since):
            yield msgspec.structs.replace(page, warnings=warnings)
            warnings = ()

    @hookimpl
    def channel_watches(self, ctx: CallContext) -> WatchedFolder | None:
        """The folder of receipts."""
        inbox = self._settings.inbox()
        return WatchedFolder(login=inbox, folder=self._settings.imap_folder)

    def _found(self, receipts: Receipts, ref: str, ctx: CallContext) -> Receipt | None:
        """A receipt of the provider, the acceptance first; else our own copy, which is filed only
        after the message has left."""
        proofs = receipts.of(ref)
        accepted = [each for each in proofs if each.notice.event is Event.ACCEPTED]
        for each in (*accepted, *proofs):
            return _receipt_by(each, ref)
        if not (folder := self._settings.sent_folder):
            return None
        at = ctx.mail.mailbox(self._settings.inbox()).arrived_at(folder, ref)
        return (
            Receipt(ref=ref, at=at, note=text("found in {folder}", folder=folder)) if at else None
        )

    def _refused(self, relay: SmtpClient) -> tuple[Problem, ...]:
        """Ask whether the provider takes a message from the mailbox, to itself; none is sent."""
        address = self._settings.address
        try:
            with relay.offer(address, (address,), 0):
                return ()
        except RejectedError as error:
            told = Problem(
                code="mailbox_refused",
                field="mailbox",
                message=text(
                    "the server takes no message of this mailbox: {said}", said=str(error)
                ),
                hint=text("mailbox must be the address of exactly this login"),
            )
            raise ConfigurationError((told,)) from None
        except TemporaryError:
            return ()  # too fast at the moment, and whatever else passes

    def _warnings(self, trust: TrustList, ctx: CallContext) -> Iterator[Problem]:
        yield from self._settings.warnings(ctx.on)
        yield from trust.warnings(ctx.now())

    def _advice(self) -> Iterator[Problem]:
        preset = self._settings.preset
        if preset is None or not preset.advice or self._settings.password_expires:
            return
        yield Problem(code="provider", field="provider", message=preset.advice)

    def _authorities(self, trust: TrustList) -> str:
        return text(
            "{names}; list of {day} ({file})",
            names=[each.name for each in trust.authorities],
            day=trust.as_of,
            file=self._settings.trust_file.name
            if self._settings.trust_file
            else text("shipped with Incasso"),
        )


def _signs_in(settings: PecSettings) -> dict[str, str]:
    return {text("signs in as"): settings.sign_in.account} if settings.sign_in else {}


def _receipt_by(proof: Proof, ref: str) -> Receipt:
    """What a provider's receipt says of a message that was in doubt, with the proof."""
    return Receipt(
        ref=ref,
        at=proof.notice.at or proof.mail.at,
        note=text("found by its receipt: {kind}", kind=proof.notice.kind),
        evidence=(
            Attachment(
                filename=f"{proof.notice.kind}.eml",
                media_type="message/rfc822",
                content=proof.mail.content,
            ),
        ),
    )
