"""The same credit under two keys: posted again by a year's opening, or by a returned bill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b

from incasso_mexal.cells import CellError, amount, day, text
from incasso_mexal.states import PaymentState, meaning
from incasso_mexal.web.archive import Archive
from incasso_mexal.web.arrays import by_index
from incasso_mexal.web.paging import Filter
from incasso_mexal.web.postings import Instalment, Posting, instalments_of, posting_of
from incasso_mexal.web.settings import MexalSettings


def is_reposting(posting: Posting, archive: int) -> bool:
    """Whether a record of a year's archive may be a credit carried over from a year before."""
    older = posting.document_date is None or posting.document_date.year < archive
    return older or posting.year < archive


class Doubles:
    """Credits that a newer archive holds: their older records are the same debt.

    Matched by client, document, amount and original due date; kept as digests of eight bytes.
    """

    def __init__(self, states: Mapping[str, str]) -> None:
        self._states = states
        self._postings: set[bytes] = set()
        self._newer: set[bytes] = set()
        self._here: set[bytes] = set()

    def next_archive(self) -> None:
        """What follows is of an older year: only now does what was kept count as newer.

        Two equal records of one archive are two credits: an invoice and the posting of its return.
        """
        self._newer |= self._here
        self._here.clear()

    def seen_before(self, posting: Posting) -> bool:
        """Whether this very record was read before, from a newer archive or an earlier page."""
        digest = _digest(posting.key)
        if digest in self._postings:
            return True
        self._postings.add(digest)
        return False

    def keep(self, posting: Posting) -> None:
        """Remember the credits of a newer record that may be a re-posting."""
        self._here.update(_credit(each) for each in _readable(posting))

    def holds(self, instalment: Instalment) -> bool:
        """Whether a newer archive holds the same credit under another key."""
        if meaning(instalment.letter, self._states) is PaymentState.PAID:
            return False
        try:
            return _credit(instalment) in self._newer
        except CellError:
            return False


class Returned:
    """Bills that came back and were posted again with a reason of their own (insoluto)."""

    def __init__(self, postings: Iterable[Posting], settings: MexalSettings) -> None:
        self._reasons = settings.unpaid_reasons
        self._keys: dict[bytes, str] = {}
        for posting in postings:
            for each in _readable(posting) if posting.document_no else ():
                for trait in _traits(each):
                    self._keys[trait] = "" if trait in self._keys else each.key

    def new_key(self, instalment: Instalment) -> str | None:
        """Under which key this collected or issued bill lives on: that of its return's posting.

        None: it did not come back; empty: it did, and nothing says which of two postings it is.

        The debt stands there; the old position stays paid or issued, which is wrong. It is the same
        by document and amount, and by the bill or by the due date; by document and amount alone
        only if the posting has no other position of that amount.
        """
        posting = instalment.posting
        if posting.reason in self._reasons or not instalment.letter or not posting.document_no:
            return None
        try:
            *sure, alone = _traits(instalment)
            if (trait := next((each for each in sure if each in self._keys), None)) is not None:
                return self._keys[trait]
            return self._keys.get(alone) if _is_alone(instalment) else None
        except CellError:
            return None


def _traits(instalment: Instalment) -> tuple[bytes, ...]:
    """The identifiers of a bill, the most reliable first."""
    bill = text(instalment.fields.get("id_effetto"), "id_effetto")
    by_bill = (_digest("bill", _document(instalment), bill),) if bill else ()
    return (*by_bill, _credit(instalment), _digest(_document(instalment)))


def _is_alone(instalment: Instalment) -> bool:
    """Whether no other position of the posting has the same amount."""
    amounts = by_index(instalment.posting.raw.get("imp_scadenza"), "imp_scadenza")
    mine = amount(amounts.get(instalment.index), "imp_scadenza")
    same = [each for each in amounts.values() if amount(each, "imp_scadenza") == mine]
    return len(same) == 1


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
    """Positions that can be compared; whoever reads the others reports them."""
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


def _digest(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=8).digest()
