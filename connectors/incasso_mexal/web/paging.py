"""Lists of the WebAPI as streams: by `next` until there is none, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from incasso.api import (
    ConfigurationError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
    text,
)
from incasso_mexal.web import webapi
from incasso_mexal.web.answers import BusyError, RefusedError, TooSlowError
from incasso_mexal.web.login import Coordinates
from incasso_mexal.web.webapi import Ask, WebApi

SMALLEST_PAGE: Final = 10
RETRY_S: Final = (1.0, 5.0)
"""Pauses before a page is asked for again after the line broke."""


@dataclass(frozen=True)
class Filter:
    """One condition of a search; several values mean any of them."""

    field: str
    condition: str
    value: str | int | tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As Mexal wants it; capital letters would silently disable the filter."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"campo": self.field, "condizione": self.condition, "valore": value}


@dataclass(frozen=True)
class Listing:
    """What to read: a resource, the wanted fields, and conditions if it is a search."""

    what: str
    resource: str
    where: Coordinates | None
    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    """Fields without which the records mean nothing."""
    filters: tuple[Filter, ...] = ()
    most: int = 0
    """Records at once, where that is less than the settings say."""
    optional: bool = False
    """As of `Ask`."""


@dataclass(frozen=True)
class Batch:
    """One answer of the server."""

    records: Sequence[Any]
    elaborated: str
    """The server's own time (`data_ric_elab`), the mark from which changes are read next time."""


class Stream:
    """The batches of one listing.

    The server cuts pages as it likes, so only the absence of `next` ends a listing. `next` expires
    with the server's session: the listing then restarts, once, and the reader has to recognise
    records. A listing that cannot be read to its end raises; it never just stops.
    """

    def __init__(self, api: WebApi, listing: Listing) -> None:
        self._api = api
        self._listing = listing
        self._fields = list(listing.fields)
        self._size = min(listing.most or api.settings.page_size, api.settings.page_size)
        self.beginnings = 1
        """How often the listing was begun; records come again after the first."""
        self.elaborated = ""
        """The server's time of the first batch: what changed since is in no later reading lost."""

    def __iter__(self) -> Iterator[Batch]:
        following = ""
        seen: set[str] = set()
        while True:
            try:
                envelope = self._answer(following)
            except _StaleError as stale:
                if self.beginnings > 1:
                    raise TemporaryError(
                        text(
                            "{what}: Mexal lost its place twice; the next run reads again",
                            what=self._listing.what,
                        )
                    ) from stale
                self.beginnings, following = 2, ""
                seen.clear()
                continue
            batch, following = self._batch(envelope)
            self.elaborated = self.elaborated or batch.elaborated
            yield batch
            if not following:
                return
            if following in seen:
                raise TemporaryError(
                    text("{what}: Mexal keeps giving the same page", what=self._listing.what)
                )
            seen.add(following)

    def _answer(self, following: str) -> Any:
        """One page. A slow one is asked for smaller, a broken line is tried again."""
        waits = iter(RETRY_S if self._api.streaming else ())
        while True:
            try:
                return self._api.json(self._ask(following))
            except TooSlowError as slow:
                self._ask_for_less(slow)
            except RejectedError as refused:
                self._without_unknown_field(refused, following)
            except (BusyError, RateLimitedError):
                raise
            except TemporaryError:
                if (wait := next(waits, None)) is None:
                    raise
                webapi.pause(wait)

    def _ask_for_less(self, slow: TooSlowError) -> None:
        if self._size <= SMALLEST_PAGE or not self._api.streaming:
            raise slow
        self._size = max(self._size // 2, SMALLEST_PAGE)
        self._api.ctx.log.info("%s; asking for %d at once", slow, self._size)

    def _without_unknown_field(self, refused: RejectedError, following: str) -> None:
        """Forget an optional field that this version of Mexal does not have."""
        if following:
            raise _StaleError from refused
        if not isinstance(refused, RefusedError):
            raise refused
        unknown = [name for name in self._fields if _names(refused.detail, name)]
        if not unknown or set(unknown) & set(self._listing.needed):
            raise _in_words(self._listing, refused)
        self._fields = [name for name in self._fields if name not in unknown]
        self._api.ctx.log.info("%s: no field %s here", self._listing.what, ", ".join(unknown))

    def _ask(self, following: str) -> Ask:
        listing = self._listing
        params = {"max": str(self._size)}
        if self._fields:
            params["fields"] = ",".join(self._fields)
        if following:
            params["next"] = following
        search = bool(listing.filters)
        return Ask(
            what=listing.what,
            path=f"risorse/{listing.resource}" + ("/ricerca" if search else ""),
            method="POST" if search else "GET",
            where=listing.where,
            params=params,
            body={"filtri": [each.plain() for each in listing.filters]} if search else None,
            optional=listing.optional,
        )

    def _batch(self, envelope: Any) -> tuple[Batch, str]:
        records, following, elaborated = _opened(envelope, self._listing.what)
        return Batch(records, elaborated), following


class _StaleError(Exception):
    """The server no longer knows the place where the reading stood."""


def _opened(envelope: Any, what: str) -> tuple[Sequence[Any], str, str]:
    """Records, next and time of an answer. Some small tables come under a name of their own."""
    if not isinstance(envelope, Mapping):
        raise TemporaryError(
            text("{what}: Mexal answered without data; nothing was changed", what=what)
        )
    records = envelope.get("dati", [] if "data_ric_elab" in envelope else None)
    if records is None and "dati" in envelope:
        records = []
    if records is None:
        lists = [value for value in envelope.values() if isinstance(value, list)]
        records = lists[0] if len(lists) == 1 else None
    if not isinstance(records, list):
        raise TemporaryError(
            text("{what}: Mexal answered without data; nothing was changed", what=what)
        )
    following, elaborated = envelope.get("next"), envelope.get("data_ric_elab")
    return records, str(following or ""), str(elaborated or "")


def _names(detail: str, field: str) -> bool:
    return field in "".join(c if c.isalnum() or c == "_" else " " for c in detail).split()


def _in_words(listing: Listing, refused: RefusedError) -> PluginError:
    needed = [name for name in listing.needed if _names(refused.detail, name)]
    if needed:
        return ConfigurationError(
            text(
                "{what}: this version of Mexal has no field {needed}; the WebAPI must be updated",
                what=listing.what,
                needed=list(needed),
            )
        )
    return RejectedError(str(refused), code=refused.code)


def everything(api: WebApi, listing: Listing) -> list[dict[str, Any]]:
    """All records of a small table, read in one go."""
    return [
        record
        for batch in Stream(api, listing)
        for record in batch.records
        if isinstance(record, dict)
    ]
