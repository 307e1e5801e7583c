"""One certified mailbox: receipts and answers since last time, and the receipts of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from incasso.api import (
    ArrivedMail,
    CallContext,
    Cursor,
    CursorExpiredError,
    DeliveryUpdate,
    IncomingMessage,
    IncomingNews,
    MailboxClient,
    Page,
    mail,
    text,
)
from incasso_pec.news import about, update_of
from incasso_pec.receipts.notice import Event, Notice
from incasso_pec.receipts.parts import HEADERS, head_of, is_of_machines, may_be_receipt
from incasso_pec.receipts.reading import Reading, read_receipt
from incasso_pec.settings import PecSettings
from incasso_pec.trust.list import TrustList

REFERENCE: Final = "X-Riferimento-Message-ID"

VERDICT_AFTER: Final = timedelta(hours=20)
"""The warning comes after 12 hours, the verdict between 22 and 24 (RFC 6109, 3.3.3)."""
_BETWEEN: Final = timedelta(hours=6)
_GIVEN_UP: Final = "5.4.1"
"""The status code that Aruba and Namirial write into the verdict."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One receipt that its provider signed."""

    mail: ArrivedMail
    notice: Notice


class Receipts:
    """The folder of receipts during one call. Nothing in it is marked, moved or deleted."""

    def __init__(self, settings: PecSettings, trust: TrustList, ctx: CallContext) -> None:
        self._settings = settings
        self._trust = trust
        self._ctx = ctx
        self._box: MailboxClient = ctx.mail.mailbox(settings.inbox())
        self._ours = re.compile(rf"<hub\.[^<>@\s]+@{re.escape(settings.domain)}>", re.IGNORECASE)

    def news(self, since: Cursor | None) -> Iterator[Page[IncomingNews]]:
        """What came after the cursor. Raises CursorExpiredError also if the trust list is another
        one: what was not proven then may be proven now."""
        pages = self._box.read(
            self._settings.imap_folder,
            self._place(since),
            first_day=self._ctx.now().date() - timedelta(days=self._settings.imap_days),
            headers=(*HEADERS, "From"),
            wanted=self._wanted,
        )
        for page in pages:
            # The same receipt may lie there twice, e.g. copied by a person.
            found = {each.update_id: each for each in map(self._news_in, page.mails) if each}
            yield Page(items=tuple(found.values()), cursor=f"{self._mark} {page.cursor}")

    def of(self, message_id: str) -> list[Proof]:
        """The proven receipts of one message, oldest first."""
        found = []
        for each in self._box.with_header(self._settings.imap_folder, REFERENCE, message_id):
            if may_be_receipt(each.content):
                reading = self._read(each)
                if reading.proven and reading.notice and reading.notice.about == message_id:
                    found.append(Proof(mail=each, notice=reading.notice))
        return sorted(found, key=lambda each: each.mail.at)

    @property
    def _mark(self) -> str:
        return self._trust.digest[:16]

    def _place(self, since: Cursor | None) -> Cursor | None:
        if since is None:
            return None
        mark, _, place = since.partition(" ")
        if mark != self._mark:
            words = text("receipts are looked at again: the list of trusted authorities is new")
            raise CursorExpiredError(words)
        return place

    def _wanted(self, headers: bytes) -> bool:
        """A receipt, and by its header not one of somebody else's message; or an answer."""
        if not may_be_receipt(headers):
            return self._settings.replies is not mail.Replies.NONE and not is_of_machines(headers)
        told = head_of(headers).about
        return not told or self._ours.search(told) is not None

    def _read(self, arrived: ArrivedMail) -> Reading:
        return read_receipt(arrived.content, arrived.at, self._trust, self._settings.address)

    def _news_in(self, arrived: ArrivedMail) -> IncomingNews | None:
        if may_be_receipt(arrived.content):
            return self._update(arrived)
        return self._message(arrived)

    def _message(self, arrived: ArrivedMail) -> IncomingMessage | None:
        """What somebody wrote: it lies in an envelope, whether its sender is certified or not."""
        return mail.read_incoming(
            arrived.content,
            arrived.at,
            own=(self._settings.address.lower(),),
            keep_unknown=self._settings.replies is mail.Replies.ALL,
            is_cut=arrived.is_cut,
        )

    def _update(self, arrived: ArrivedMail) -> DeliveryUpdate | None:
        reading = self._read(arrived)
        if not self._ours.fullmatch(about(reading)):
            return None
        return update_of(reading, arrived, self._is_verdict)

    def _is_verdict(self, late: Notice) -> bool:
        """Whether a notice of delay is the last word: by the time since our provider accepted the
        message, else by an earlier notice, else by its code. Warning and verdict look alike."""
        others = [each.notice for each in self.of(late.about)]
        accepted = [n.at for n in others if n.event is Event.ACCEPTED and n.at]
        if late.at and accepted:
            return late.at - min(accepted) >= VERDICT_AFTER
        warned = [
            n.at
            for n in others
            if n.event is Event.LATE and n.recipient == late.recipient and n.at and late.at
        ]
        if late.at and any(late.at - each >= _BETWEEN for each in warned):
            return True
        return late.detail.startswith(_GIVEN_UP)
