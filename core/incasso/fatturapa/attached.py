"""The files inside an invoice (Allegati)."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64

from incasso.fatturapa.elements import Element
from incasso.fatturapa.records import EmbeddedFile


def files_of(body: Element) -> tuple[EmbeddedFile, ...]:
    """All of them. One that is not base64 is an empty one: the invoice is sound without it."""
    return tuple(map(_file, body.all("Allegati")))


def _file(entry: Element) -> EmbeddedFile:
    try:
        content = b64decode("".join(entry.raw("Attachment").split()), validate=True)
    except (NotBase64, ValueError):
        content = b""
    return EmbeddedFile(
        filename=entry.text("NomeAttachment"),
        content=content,
        format=entry.text("FormatoAttachment").upper(),
        compression=entry.text("AlgoritmoCompressione"),
        description=entry.text("DescrizioneAttachment"),
    )
