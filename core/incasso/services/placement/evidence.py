"""Files that come with reports: on disk before anything is written about them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from incasso.contract.exchange import PlacementUpdate, UpdateItem
from incasso.contract.ledger import Unreadable
from incasso.contract.values import Attachment
from incasso.services.office.office import Office
from incasso.store.proof import archive


class Evidence:
    """The files of one page of reports, in the archive; without an office only their digests."""

    def __init__(self, office: Office | None, page: Iterable[UpdateItem]) -> None:
        self._kept: dict[int, list[archive.Entry]] = {}
        for each in page:
            if not isinstance(each, Unreadable) and each.evidence:
                self._kept[id(each)] = [_kept(office, file) for file in each.evidence]

    def of(self, update: PlacementUpdate) -> Sequence[archive.Entry]:
        """Those of one report."""
        return self._kept.get(id(update), ())


def _kept(office: Office | None, file: Attachment) -> archive.Entry:
    if office is not None:
        return archive.keep(office.store, file.content, file.media_type, file.filename)
    digest = hashlib.sha256(file.content).hexdigest()
    return archive.Entry(digest, len(file.content), file.media_type, file.filename)
