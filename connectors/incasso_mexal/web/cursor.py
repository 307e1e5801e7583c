"""The cursor of changes: the server's own time, bound to the archive it read."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from incasso.api import CursorExpiredError
from incasso.api import text as sentence
from incasso_mexal.web.settings import MexalSettings

_VERSION: Final = "mexal1"
_FORMAT: Final = "%Y%m%d %H%M%S"


def cursor(settings: MexalSettings, elaborated: str) -> str | None:
    """The cursor after a read that the server began at this time; None if it gave no time."""
    at = _instant(elaborated)
    return None if at is None else f"{_VERSION}|{_archive(settings)}|{at.strftime(_FORMAT)}"


def changed_since(settings: MexalSettings, since: str) -> str:
    """`data_ult_mod` from which to read: some minutes before, for postings are saved in pieces.

    Raises CursorExpiredError for a cursor of another archive, or one nobody here made.
    """
    parts = since.split("|")
    at = _instant(parts[-1])
    if len(parts) != 3 or parts[0] != _VERSION or at is None:
        raise CursorExpiredError(sentence("the cursor is not one of Mexal's"))
    if parts[1] != _archive(settings):
        raise CursorExpiredError(sentence("the settings changed since the last reading"))
    return (at - timedelta(minutes=settings.overlap_minutes)).strftime(_FORMAT)


def _archive(settings: MexalSettings) -> str:
    """Address, company and everything that decides what a record becomes, in a few characters."""
    settled = (
        settings.base_url,
        settings.domain,
        settings.company,
        settings.sub_company,
        settings.years,
        sorted(settings.coordinates.items()),
        mapping_of(settings),
    )
    return blake2b(repr(settled).encode(), digest_size=8).hexdigest()


def mapping_of(settings: MexalSettings) -> str:
    """The settings that decide what an instalment becomes; part of every fingerprint."""
    return repr(
        (
            settings.customer_groups,
            sorted(settings.payment_letters.items()),
            sorted(settings.states.items()),
            sorted(settings.grace_days.items()),
            settings.due_date,
            settings.unpaid_reasons,
            settings.credit_note_reasons,
            settings.advance_reasons,
            settings.negate_credits,
            settings.currency,
            sorted(settings.currencies.items()),
            sorted(settings.document_types.items()),
        )
    )


def _instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), _FORMAT)  # noqa: DTZ007  the server's own clock
    except ValueError:
        return None
