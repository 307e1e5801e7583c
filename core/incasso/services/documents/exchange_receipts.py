"""Receipts of the exchange system (SdI) that lie in the folder beside an electronic invoice.

They are called like the invoice, with the kind of receipt and a number behind:
`IT01234567890_00001_RC_001.xml` says that `IT01234567890_00001.xml` was delivered. With them an
invoice is proven to have passed through the system (art. 634 c.p.c.).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from incasso.services.documents.folder import FolderError, content_of
from incasso.services.documents.sources import ERP
from incasso.services.hub.hub import Hub
from incasso.store.documents import fetched_files, folder_index

KINDS: Final = ("RC", "MC", "AT", "NE", "EC", "DT", "NS", "SE", "MT")
"""Delivered, not delivered, attested, answered, time expired, refused."""

_ENDINGS: Final = re.compile(r"(\.xml)?(\.p7m)?$", re.IGNORECASE)


def receipts_of(hub: Hub, source: str, origin: str) -> list[tuple[str, bytes]]:
    """Name and bytes of the receipts of an invoice that came from the folder, by name.

    `origin` is the invoice's path below the folder. None for an invoice of the ERP's own, and none
    that cannot be read or does not name its invoice.
    """
    documents = hub.registry.connector(source).documents
    if documents is None or origin in ("", ERP):
        return []
    stem = _ENDINGS.sub("", PurePosixPath(origin).name)
    is_receipt = re.compile(
        rf"{re.escape(stem)}_({'|'.join(KINDS)})_[0-9A-Za-z]{{1,3}}\.xml(\.p7m)?"
    )
    with hub.store.read() as connection:
        number = fetched_files.source_id(connection, source)
        paths = [] if number is None else folder_index.no_documents_called(connection, number, stem)
    found = []
    for path in paths:
        name = PurePosixPath(path).name
        if not is_receipt.fullmatch(name):
            continue
        try:
            content = content_of(documents, path)
        except FolderError:  # as `incasso invoices` says
            continue
        if stem.encode() in content:
            found.append((name, content))
    return sorted(found)
