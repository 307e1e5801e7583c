"""The pull of open items: whole or what changed, several years as one, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from incasso.api import Gone, GoneReason, InstallmentItem, Known, Page, Unreadable, in_a_row, text
from incasso_mexal.cells import CellError, day
from incasso_mexal.states import PaymentState, is_known, meaning
from incasso_mexal.web.archive import Archive, Groups
from incasso_mexal.web.arrays import MOST_POSITIONS
from incasso_mexal.web.cursor import changed_since, cursor
from incasso_mexal.web.identity import Doubles, Returned, is_reposting
from incasso_mexal.web.instalments import Reader
from incasso_mexal.web.paging import Filter
from incasso_mexal.web.postings import Instalment, Posting, instalments_of, key_of, posting_of

PAGE: Final = 1000
FILE: Final = "scadenzario"
_CLIENTS_AT_ONCE: Final = 40


@dataclass
class ReadPostings:
    """What some postings came to, before the hub's knowledge is asked."""

    positions: list[Instalment] = field(default_factory=list)
    suspects: list[Unreadable] = field(default_factory=list)
    broken: list[tuple[str, Unreadable]] = field(default_factory=list)
    """Postings whose arrays cannot be read, by what the keys of their positions begin with."""
    gone: dict[str, str] = field(default_factory=dict)
    """Keys that must not be open: left their posting, or continue under another key (the value)."""


class Ledger:
    """Reads the ledger of one company on one day."""

    def __init__(
        self, archive: Archive, groups: Groups, reader: Reader, returned: Returned, on: date
    ) -> None:
        self._archive = archive
        self._settings = archive.settings
        self._groups = groups
        self._reader = reader
        self._returned = returned
        self._oldest = on - timedelta(days=self._settings.lookback_days)
        self.strange_letters: set[str] = set()
        """Status letters that are not configured; they count as open."""

    def everything(self, known: Known) -> Iterator[Page[InstallmentItem]]:
        """All that is open, and what is settled as far as the hub knows it or it is recent."""
        doubles = Doubles(self._settings.states)
        elaborated: list[str] = []
        for year in self._archive.years:
            stream = self._archive.postings(year)
            for batch in stream:
                harvest = ReadPostings()
                for raw in batch.records:
                    self._take(raw, year, doubles, harvest)
                yield from self._pages(harvest, known)
            doubles.next_archive()
            elaborated.append(stream.elaborated)
        yield Page(file=FILE, complete=True, cursor=cursor(self._settings, min(elaborated)))

    def changes(self, since: str, known: Known) -> Iterator[Page[InstallmentItem]]:
        """What changed since a cursor. A position that left its posting is reported as gone.

        Raises CursorExpiredError for a cursor nobody here made.
        """
        mark = Filter("data_ult_mod", ">=", changed_since(self._settings, since))
        elaborated: list[str] = []
        done: set[str] = set()
        across: dict[str, None] = {}
        for year in self._archive.years:
            stream = self._archive.postings(year, (mark,))
            for batch in stream:
                harvest = ReadPostings()
                for posting in self._postings(batch.records, harvest):
                    if self._reaches_across(posting, year):
                        across[posting.code] = None
                    elif posting.key not in done:
                        done.add(posting.key)
                        self._expand(posting, None, harvest, known)
                yield from self._pages(harvest, known)
            elaborated.append(stream.elaborated)
        for codes in _portions(list(across)):
            yield from self._pages(self.of_clients(codes, done), known)
        yield Page(file=FILE, cursor=cursor(self._settings, min(elaborated)))

    def _reaches_across(self, posting: Posting, year: int) -> bool:
        """Whether other records must be looked at to know what this one means: those of another
        year's archive, or the bill that it says came back."""
        if posting.reason in self._settings.unpaid_reasons:
            return True
        years = self._archive.years
        return len(years) > 1 and (year != years[0] or is_reposting(posting, year))

    def of_clients(self, codes: Iterable[str], done: Iterable[str] = ()) -> ReadPostings:
        """Every position of some clients, all years set against each other, but for the postings
        that are done already."""
        doubles, harvest = Doubles(self._settings.states), ReadPostings()
        wanted = Filter("codice", "=", tuple(codes))
        for year in self._archive.years:
            for batch in self._archive.postings(year, (wanted,)):
                for raw in batch.records:
                    self._take(raw, year, doubles, harvest)
            doubles.next_archive()
        passed = set(done)
        harvest.positions = [p for p in harvest.positions if p.posting.key not in passed]
        harvest.gone = {
            key: lives_on
            for key, lives_on in harvest.gone.items()
            if key.rpartition("|")[0] not in passed
        }
        return harvest

    def _take(self, raw: Any, year: int, doubles: Doubles, harvest: ReadPostings) -> None:
        """One record of a full reading; the newest archive comes first and takes precedence."""
        several = len(self._archive.years) > 1
        for posting in self._postings([raw], harvest):
            if doubles.seen_before(posting):
                return
            self._expand(posting, doubles if several else None, harvest)
            if several and is_reposting(posting, year):
                doubles.keep(posting)

    def _postings(self, records: Iterable[Any], harvest: ReadPostings) -> Iterator[Posting]:
        for raw in records:
            key = ""
            try:
                if not isinstance(raw, Mapping):
                    raise CellError(
                        "", text("it is no record"), text("look at the posting in Mexal")
                    )
                key = key_of(raw)
                if self._groups.has(key.partition("|")[0]):
                    yield posting_of(raw)
            except CellError as error:
                found = _unreadable("", error, raw)
                if key:
                    harvest.broken.append((key, found))
                else:
                    harvest.suspects.append(found)

    def _expand(
        self,
        posting: Posting,
        doubles: Doubles | None,
        harvest: ReadPostings,
        known: Known | None = None,
    ) -> None:
        """The positions of a posting. With `known`, those that it no longer has are gone."""
        try:
            positions = list(instalments_of(posting))
        except CellError as error:
            harvest.broken.append((posting.key, _unreadable("", error, posting.raw)))
            return
        for each in positions:
            if (lives_on := self._returned.new_key(each)) is not None:
                harvest.gone[each.key] = lives_on
            elif doubles is not None and doubles.holds(each):
                harvest.gone[each.key] = ""
            else:
                harvest.positions.append(each)
        if known is not None:
            there = {each.index for each in positions}
            left = (n for n in range(1, MOST_POSITIONS + 1) if n not in there)
            harvest.gone |= {f"{posting.key}|{n}": "" for n in left}

    def _pages(self, harvest: ReadPostings, known: Known) -> Iterator[Page[InstallmentItem]]:
        """Unchanged positions by name, the others built; then what is gone or cannot be read.

        At least one page, be it empty: a page has five minutes, and a ledger full of suppliers and
        of invoices paid long ago would otherwise take longer than that without one.
        """
        yield Page(file=FILE)
        for part in _portions(harvest.positions, PAGE):
            prints = known.fingerprints([each.key for each in part])
            unchanged: list[str] = []
            items: list[InstallmentItem] = []
            for each in part:
                self._judge(each, prints.get(each.key), items, unchanged)
            if items or unchanged:
                yield Page(file=FILE, items=tuple(items), unchanged=tuple(unchanged))
        for keys in _portions(list(harvest.gone), PAGE):
            held = known.fingerprints(keys)
            if parts := tuple(_gone(key, harvest.gone[key]) for key in keys if key in held):
                yield Page(file=FILE, items=parts)
        for key, posting in harvest.broken:
            harvest.suspects += _named(posting, key, known)
        for suspects in _portions(harvest.suspects, PAGE):
            yield Page(file=FILE, items=tuple(suspects))

    def _judge(
        self,
        instalment: Instalment,
        held: bytes | None,
        items: list[InstallmentItem],
        unchanged: list[str],
    ) -> None:
        """Names it, builds it, refuses it, or skips what was settled long ago."""
        letter, states = instalment.letter, self._settings.states
        if not is_known(letter, states):
            self.strange_letters.add(letter)
        try:
            stands = self._reader.payment_state(instalment)
            if held is not None and held == self._reader.fingerprint(instalment, stands):
                unchanged.append(instalment.key)
            elif held is not None or not stands.settled or self._is_recent(instalment):
                items.append(self._reader.record(instalment, stands))
        except CellError as error:
            if held is not None or meaning(letter, states) is not PaymentState.PAID:
                items.append(_unreadable(instalment.key, error, instalment.fields))

    def _is_recent(self, instalment: Instalment) -> bool:
        """Whether something settled belongs to the time that the office still talks about."""
        days = (
            day(instalment.fields.get("dt_sca_pg"), "dt_sca_pg"),
            self._reader.due_date(instalment),
            instalment.posting.registered,
        )
        return max(each for each in days if each is not None) >= self._oldest


def _named(posting: Unreadable, key: str, known: Known) -> list[Unreadable]:
    """A broken posting, once for each of its positions that the hub holds: these stay as are."""
    keys = [f"{key}|{index}" for index in range(1, MOST_POSITIONS + 1)]
    held = known.fingerprints(keys)
    named = [msgspec.structs.replace(posting, external_id=each) for each in keys if each in held]
    return named or [posting]


def _gone(key: str, lives_on: str) -> Gone:
    if not lives_on:
        return Gone(external_id=key)
    return Gone(external_id=key, why=GoneReason.MERGED, merged_into=lives_on)


def _portions(values: list[Any], size: int = _CLIENTS_AT_ONCE) -> Iterator[list[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _unreadable(key: str, error: CellError, raw: Any) -> Unreadable:
    shown = raw
    if isinstance(raw, Mapping):
        parts = (f"{name}={value}" for name, value in raw.items() if value not in ("", [], None))
        shown = in_a_row(parts)
    problems = (error.problem,)
    return Unreadable(external_id=key[:128], file=FILE, problems=problems, raw=str(shown)[:2000])
