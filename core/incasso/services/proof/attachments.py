"""Files beside acts, taken out of the archive again."""

from __future__ import annotations

import re
from typing import Final

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.office.actor import Scope
from incasso.services.office.office import Office
from incasso.store.lists.attached import Attached, called
from incasso.store.proof import archive

_DIGEST: Final = re.compile("[0-9a-f]{8,64}")


class AttachmentError(IncassoError):
    """There is no such file, or the archive has lost it."""


def attachment(office: Office, scope: Scope, digest: str) -> tuple[Attached, bytes]:
    """The file whose SHA-256 begins so (eight digits at least) and its bytes.

    Raises AttachmentError if there is none in the scope, or several.
    """
    begins = digest.strip().lower()
    found = []
    if _DIGEST.fullmatch(begins):
        with office.store.read() as connection:
            found = called(connection, scope, begins)
    if not found:
        raise AttachmentError(
            text("No attachment begins with {digest}: see `incasso attachments`.", digest=digest)
        )
    if len({one.sha256 for one in found}) > 1:
        raise AttachmentError(
            text("Several attachments begin with {digest}: give more of it.", digest=digest)
        )
    try:
        return found[0], archive.get(office.store, found[0].sha256)
    except FileNotFoundError:
        raise AttachmentError(
            text("The archive has lost {name}: run `incasso verify`.", name=found[0].name)
        ) from None
