"""The same credit under two keys: posted again by a year's opening, or by a returned bill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b

from incasso_mexal.archive import Archive
from incasso_mexal.cells import CellError, amount, day
from incasso_mexal.paging import Filter
from incasso_mexal.postings import Instalment, Posting, instalments_of, posting_of
from incasso_mexal.settings import MexalSettings
from incasso_mexal.states import Standing, meaning


def is_reposting(posting: Posting, archive: int) -> bool:
    """Whether a record of a year's archive may be a credit carried over from a year before."""
    older = posting.document_date is None or posting.document_date.year < archive
    return older or posting.year < archive


class Doubles:
    """Credits that a newer archive holds: their older records are the same money once more.

    Matched by client, document, amount and original due date; kept as digests of eight bytes.
    """

    def __init__(self, states: Mapping[str, str]) -> None:
        self._states = states
        self._postings: set[bytes] = set()
        self._credits: set[bytes] = set()

    def seen_before(self, posting: Posting) -> bool:
        """Whether this very record was read before, from a newer archive or an earlier page."""
        digest = _digest(posting.key)
        if digest in self._postings:
            return True
        self._postings.add(digest)
        return False

    def keep(self, posting: Posting) -> None:
        """Remember the credits of a newer record that may be a re-posting."""
        self._credits.update(_credit(each) for each in _readable(posting))

    def holds(self, instalment: Instalment) -> bool:
        """Whether a newer archive holds the same credit under another key."""
        if meaning(instalment.letter, self._states) is Standing.PAID:
            return False
        try:
            return _credit(instalment) in self._credits
        except CellError:
            return False


class Returned:
    """Bills that came back and were posted again with a reason of their own (insoluto)."""

    def __init__(self, postings: Iterable[Posting], settings: MexalSettings) -> None:
        self._reasons = settings.unpaid_reasons
        self._bills = {
            _bill(each)
            for posting in postings
            if posting.document_no
            for each in _readable(posting)
        }

    def replaces(self, instalment: Instalment) -> bool:
        """Whether this collected or issued bill lives on in the posting of its return.

        The debt stands there; the old position says paid or issued for ever, which is not true.
        """
        if instalment.posting.reason in self._reasons or not instalment.letter:
            return False
        try:
            return bool(instalment.posting.document_no) and _bill(instalment) in self._bills
        except CellError:
            return False


def returned_of(archive: Archive, codes: tuple[str, ...] = ()) -> Returned:
    """The bills of all years that were posted back as unpaid: few, and asked by their reason.

    With `codes` those of some clients.
    """
    reasons = archive.settings.unpaid_reasons
    found: list[Posting] = []
    filters = (Filter("causale", "=", reasons), *((Filter("codice", "=", codes),) if codes else ()))
    for year in archive.years if reasons else ():
        for batch in archive.postings(year, filters):
            for raw in batch.records:
                with suppress(CellError):
                    if isinstance(raw, Mapping):
                        found.append(posting_of(raw))
    return Returned((each for each in found if each.reason in reasons), archive.settings)


def _readable(posting: Posting) -> list[Instalment]:
    """Positions that can be compared; the others are told by whoever reads them."""
    try:
        return [each for each in instalments_of(posting) if _comparable(each)]
    except CellError:
        return []


def _comparable(instalment: Instalment) -> bool:
    try:
        _credit(instalment)
    except CellError:
        return False
    return True


def _credit(instalment: Instalment) -> bytes:
    fields = instalment.fields
    due = day(fields.get("dt_sca_origine"), "dt_sca_origine")
    due = due or day(fields.get("dt_sca_pg"), "dt_sca_pg")
    return _digest(_document(instalment), due)


def _bill(instalment: Instalment) -> bytes:
    return _digest(_document(instalment))


def _document(instalment: Instalment) -> tuple[object, ...]:
    posting = instalment.posting
    return (
        posting.code,
        posting.document_serie,
        posting.document_no,
        posting.document,
        posting.document_date,
        amount(instalment.fields.get("imp_scadenza"), "imp_scadenza"),
    )


def _digest(*told: object) -> bytes:
    return blake2b(repr(told).encode(), digest_size=8).digest()
