"""A message that came in: its words, its files, its exact bytes out of the archive."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec

from incasso.contract.text import text
from incasso.domain.office.actor import Scope
from incasso.domain.sending.replies import ReplyKind, ReplyState
from incasso.mail import MailFile, mail_inside
from incasso.services.office.office import Office
from incasso.services.office.subjects import reply as named_reply
from incasso.services.sending.archived import MAIL
from incasso.services.sending.show_delivery import proven
from incasso.services.sending.shown import ShownFile
from incasso.store.proof import archive
from incasso.store.sending import replies
from incasso.store.sending.replies import ReplyHead


class ReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """The message, whose it is, and how far the office is with it."""

    reply: int
    source: str
    """Empty, as `client`: nobody knows yet whose it is."""
    client: str
    client_name: str
    step: int | None
    delivery: str | None
    channel: str
    at: datetime
    on: date
    sender: str
    sender_name: str
    subject: str
    kind: ReplyKind
    state: ReplyState
    state_on: date | None
    state_by: str
    assigned: str
    text: str
    """All of it, what it quotes included; the beginning if its bytes are lost."""
    attachments: tuple[ShownFile, ...] = ()
    file: ShownFile | None = None
    """The exact bytes; None if it came without any, or they are lost."""
    missing: str = ""
    """Why the bytes cannot be shown."""
    note: str = ""
    """What else a reader should know of it."""


def show_reply(office: Office, scope: Scope, typed: str) -> ReplyView:
    """The message of that number. Needs no plugin. Raises SubjectError."""
    with office.store.read() as connection:
        name, _ = named_reply(connection, typed, scope)
        head = replies.head(connection, int(name))
        kept = archive.entry(connection, head.sha256) if head.sha256 else None
    bare = _bare(head)
    if not head.sha256:
        return bare
    content, missing = proven(office.store, head.sha256)
    if missing:
        return msgspec.structs.replace(bare, missing=missing)
    if kept is not None and kept.media_type != MAIL:
        suffix = Path(kept.filename).suffix
        file = ShownFile(
            filename=f"reply-{head.id}{suffix}",
            media_type=kept.media_type,
            size=len(content),
            sha256=head.sha256,
            content=content,
        )
        return msgspec.structs.replace(bare, file=file)
    inside = mail_inside(content)
    file = ShownFile(
        filename=f"reply-{head.id}.eml",
        media_type=MAIL,
        size=len(content),
        sha256=head.sha256,
        content=content,
    )
    return msgspec.structs.replace(
        bare,
        text=inside.text.strip() or bare.text,
        attachments=tuple(map(_attached, inside.files)),
        file=file,
        note=text("It is larger than the hub fetches: the rest is in the mailbox.")
        if head.is_cut
        else "",
    )


def _attached(file: MailFile) -> ShownFile:
    return ShownFile(
        filename=file.name, media_type=file.media_type, size=len(file.content), content=file.content
    )


def _bare(head: ReplyHead) -> ReplyView:
    """What the list knows, its beginning as the text."""
    return ReplyView(
        reply=head.id,
        source=head.source or "",
        client=head.client or "",
        client_name=head.client_name or "",
        step=head.step_id,
        delivery=head.delivery_id,
        channel=head.channel,
        at=head.at,
        on=head.on_date,
        sender=head.sender,
        sender_name=head.sender_name,
        subject=head.subject,
        kind=head.kind,
        state=head.state,
        state_on=head.state_on,
        state_by=head.state_by,
        assigned=head.assigned or "",
        text=head.preview,
    )
