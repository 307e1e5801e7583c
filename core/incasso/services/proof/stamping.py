"""A time stamp (RFC 3161) per day over the signed anchor: an outsider says when it was there."""

from __future__ import annotations

import logging
import time
from datetime import UTC
from typing import Final

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.plugins.http.door import Door
from incasso.services.office.office import Office
from incasso.services.proof.stamp_answers import answer_of
from incasso.store.proof import anchor, stamps
from incasso.store.proof.anchor import UnreadableAnchorError
from incasso.store.proof.stamps import Stamp

PATIENCE_S: Final = 20.0
"""For the whole answer; messages have left by then."""

_log = logging.getLogger(__name__)


class StampError(IncassoError):
    """The authority's answer is no stamp of what was asked."""


def stamp_day(office: Office) -> Text | None:
    """Have today's anchor stamped, unless it is or no authority is configured.

    Returns why it could not be had; the next dispatch asks again. Raises nothing.
    """
    archive, day = office.store.archive, office.now().astimezone(UTC).date()
    if not office.config.timestamp or stamps.is_there(archive, day):
        return None
    try:
        kept = anchor.of(office.store).read()
        if kept is not None:
            content = anchor.encode(kept)
            stamps.keep(archive, Stamp(day, content, _stamped(office, content)))
    except (IncassoError, OSError, UnreadableAnchorError) as error:
        reason = str(error) or type(error).__name__
        return text(
            "No time stamp of {url} today: {reason}", url=office.config.timestamp, reason=reason
        )
    return None


def _stamped(office: Office, content: bytes) -> bytes:
    """The authority's answer over the content. Raises StampError, PluginError."""
    from rfc3161_client import PKIStatus, TimestampRequestBuilder

    request = TimestampRequestBuilder().data(content).nonce(nonce=True).build()
    answer = _ask(office, request.as_bytes())
    try:
        response = answer_of(answer)
        granted = response.status == PKIStatus.GRANTED
        info = response.tst_info if granted else None
    except ValueError as error:
        raise StampError(text("the answer is no time stamp: {error}", error=str(error))) from None
    if info is None:
        said = "; ".join(response.status_string) or str(response.status)
        raise StampError(text("the authority refused: {said}", said=said))
    asked = request.message_imprint.message
    if info.nonce != request.nonce or info.message_imprint.message != asked:
        raise StampError(text("the answer is not about what was asked"))
    return answer


def _ask(office: Office, request: bytes) -> bytes:
    """One question; the address is the administrator's, so it may be in the private network."""
    door = Door(log=_log, now=office.now, allow_private=True)
    try:
        answer = door.until(time.monotonic() + PATIENCE_S).request(
            "POST",
            office.config.timestamp,
            headers={"content-type": "application/timestamp-query"},
            content=request,
        )
    finally:
        door.close()
    return answer.content
