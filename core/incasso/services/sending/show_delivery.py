"""A message as it left: the bytes of the archive, what they say, and the proof that came back."""

from __future__ import annotations

import hashlib

from incasso.contract.text import text
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.sending.post import tracking_page
from incasso.services.office.office import Office
from incasso.services.office.subjects import delivery as named_delivery
from incasso.services.sending.archived import message_in
from incasso.services.sending.shown import DeliveryView, ShownFile, ShownMessage, ShownReceipt
from incasso.store.engine import Store
from incasso.store.proof import archive
from incasso.store.sending import showing
from incasso.store.sending.showing import DeliveryHead, ReceiptRow


def show_delivery(office: Office, scope: Scope, typed: str) -> DeliveryView:
    """The delivery with that id. Needs no plugin. Raises SubjectError."""
    with office.store.read() as connection:
        name, subject = named_delivery(connection, typed, scope)
        head = showing.delivery_head(connection, name)
        news = showing.receipts(connection, name)
        message, missing = archived_message(office.store, head)
    return DeliveryView(
        delivery=head.id,
        step=head.step_id,
        source=subject.source,
        client=subject.client,
        stage=head.stage,
        status=head.status.value,
        on=head.on_date,
        attempts=head.attempts,
        accepted_at=head.accepted_at,
        final_at=head.final_at,
        ref=head.ref,
        tracking=head.tracking,
        tracking_url=tracking_page(head.tracking),
        reason=head.reason,
        total=from_minor(head.total, head.currency),
        currency=head.currency,
        message=message,
        missing=missing,
        enclosed=head.enclosed,
        receipts=tuple(_receipt(office.store, each) for each in news),
    )


def archived_message(store: Store, head: DeliveryHead) -> tuple[ShownMessage, str]:
    """The message out of the archive; with it, why its bytes cannot be shown, if they cannot."""
    bare = ShownMessage(to=head.to, medium=head.medium, channel=head.channel)
    if not head.sha256:
        return bare, text("nothing was handed to the channel yet")
    content, missing = proven(store, head.sha256)
    if missing:
        return bare, missing
    file = ShownFile(
        filename=head.filename or head.id,
        media_type=head.media_type or "",
        size=len(content),
        sha256=head.sha256,
        content=content,
    )
    return message_in(bare, file), ""


def _receipt(store: Store, row: ReceiptRow) -> ShownReceipt:
    file = None
    if row.sha256:
        content, missing = proven(store, row.sha256)
        file = ShownFile(
            filename=row.filename or row.sha256[:16],
            media_type=row.media_type or "",
            size=row.size or 0,
            sha256=row.sha256,
            content=content if not missing else b"",
        )
    return ShownReceipt(at=row.at, state=row.state.value, note=row.note, file=file)


def proven(store: Store, sha256: str) -> tuple[bytes, str]:
    """The bytes of an archived file if they are the ones of that digest; else why not."""
    try:
        content = archive.get(store, sha256)
    except OSError:
        return b"", text("the archive has lost it: run `incasso verify`")
    if hashlib.sha256(content).hexdigest() != sha256:
        return b"", text("the archive holds other bytes than those sent: run `incasso verify`")
    return content, ""
