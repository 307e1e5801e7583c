"""The channel "folder": send is writing two files, find is looking for the second."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec

from incasso.api import (
    CallContext,
    CheckReport,
    DeliveryState,
    DeliveryUpdate,
    ExternalId,
    OutboundMessage,
    Prepared,
    Receipt,
    TemporaryError,
    hookimpl,
    setting,
    text,
)
from incasso_folder import files
from incasso_folder.contents import prepare, refused


@dataclass(frozen=True, kw_only=True)
class FolderSettings:
    """Where the files go."""

    folder: Path = setting(help="Folder for the messages; it is made if it does not exist")
    counts_as_delivered: bool = setting(
        help="For demos and trials: a written file is taken as delivered", default=False
    )


class FolderChannel:
    """`folder/2026-11-23/<delivery id>.eml` (or .pdf, .txt) with a .json beside it.

    A file in a folder has reached nobody: it is *accepted*, like a letter in the post room, and
    never *delivered* unless the settings say that here this shall count.
    """

    def __init__(self, settings: FolderSettings) -> None:
        self._folder = settings.folder
        self._final = settings.counts_as_delivered

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """See that the folder, or the place where it will be, can be written to."""
        place = self._folder
        while not place.exists() and place != place.parent:
            place = place.parent
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            raise TemporaryError(
                text(
                    "{folder} cannot be written to: look at {place}",
                    folder=self._folder,
                    place=str(place),
                )
            )
        return CheckReport(remote_identity=str(self._folder.resolve()))

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """The file as it will be written."""
        if not files.is_safe(message.delivery):
            raise refused(
                "delivery", text("{delivery!r} cannot be a file name", delivery=message.delivery)
            )
        return prepare(message, ctx.now())

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Write the file and its note. Once only: a second time finds the first."""
        if self._folder.exists() and (earlier := self.channel_find(message.delivery, ctx)):
            return earlier
        if ctx.dry_run:
            return Receipt(
                ref=message.delivery, at=ctx.now(), note=text("dry run: nothing written")
            )
        note = (f"{message.delivery}.json", _note(message, prepared, ctx.now()))
        try:
            path = files.put(self._folder, ctx.on, prepared.filename, prepared.content, note)
            return _receipt(message.delivery, path)
        except OSError as error:  # no space, no permission, no disk: nothing that counts was left
            raise self._failed(error) from None

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Whether it was written; the note beside it is the proof."""
        try:
            note = files.note_of(self._folder, delivery)
            return None if note is None else _receipt(delivery, note)
        except OSError as error:
            raise self._failed(error) from None

    @hookimpl
    def channel_poll(
        self, refs: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[DeliveryUpdate, ...]:
        """With `counts_as_delivered`, what was written is delivered; else nothing is known."""
        if not self._final:
            return ()
        found = (self.channel_find(ref, ctx) for ref in refs)
        return tuple(_delivered(receipt) for receipt in found if receipt is not None)

    def _failed(self, error: OSError) -> TemporaryError:
        return TemporaryError(f"{self._folder}: {error.strerror or error}")


class _Note(msgspec.Struct):
    """What is read again of a note."""

    delivery: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]


def _receipt(delivery: str, note: Path) -> Receipt:
    """What the note says of its delivery. Raises TemporaryError for one that is damaged."""
    place = f"{note.parent.name}/{note.name}"
    try:
        read = msgspec.json.decode(note.read_bytes(), type=_Note)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        read = None
    if read is None or read.delivery != delivery:
        raise TemporaryError(
            text(
                "{note} is damaged: put it back as it was, or say with `incasso act resolve` "
                "whether the message left",
                note=place,
            )
        )
    return Receipt(ref=delivery, at=read.at, note=place)


def _delivered(receipt: Receipt) -> DeliveryUpdate:
    return DeliveryUpdate(
        ref=receipt.ref,
        update_id=f"folder:{receipt.ref}",
        state=DeliveryState.DELIVERED,
        at=receipt.at,
        note=text("{note}: counts as delivered", note=receipt.note),
    )


def _note(message: OutboundMessage, prepared: Prepared, at: datetime) -> bytes:
    """What the file is about, for programs; the names are promised, more may be added."""
    about = message.about
    fields = {
        "delivery": message.delivery,
        "step": about.step,
        "source": about.source,
        "client": about.client,
        "medium": message.medium.value,
        "to": message.to.address or ", ".join(message.to.postal),
        "subject": message.subject,
        "installments": sorted(each.key for each in about.installments),
        "credits": sorted(each.key for each in about.credits),
        "total": f"{about.total:f}",
        "currency": about.currency,
        "language": message.language,
        "sha256": sha256(prepared.content).hexdigest(),
        "file": prepared.filename,
        "at": at.isoformat(),
    }
    return (json.dumps(fields, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
