"""The current state of a few instalments, asked just before a message leaves."""

from __future__ import annotations

from datetime import date

from incasso.api import Gone, InstallmentRecord, TemporaryError, in_a_row, text
from incasso_mexal.cells import CellError
from incasso_mexal.web.archive import Archive, Groups, group_of
from incasso_mexal.web.identity import returned_of
from incasso_mexal.web.instalments import Reader
from incasso_mexal.web.ledger import Ledger, ReadPostings
from incasso_mexal.web.postings import Instalment

CLIENTS_AT_ONCE = 40


def refreshed(
    keys: tuple[str, ...], archive: Archive, reader: Reader, on: date
) -> tuple[InstallmentRecord | Gone, ...]:
    """One answer per key, in the order asked; what Mexal no longer has is gone.

    Two searches per forty clients and year. Raises TemporaryError for an instalment that cannot be
    read any more: nothing may be sent about an unreadable one.
    """
    codes = list(dict.fromkeys(key.partition("|")[0] for key in keys if key.count("|") == 4))
    found: dict[str, Instalment] = {}
    groups = Groups(group_of(code) for code in codes)
    for start in range(0, len(codes), CLIENTS_AT_ONCE):
        part = tuple(codes[start : start + CLIENTS_AT_ONCE])
        ledger = Ledger(archive, groups, reader, returned_of(archive, part), on)
        harvest = ledger.of_clients(part)
        _refuse_unreadable(harvest)
        found.update((each.key, each) for each in harvest.positions)
    return tuple(_answer(key, found.get(key), reader) for key in keys)


def _answer(key: str, instalment: Instalment | None, reader: Reader) -> InstallmentRecord | Gone:
    if instalment is None:
        return Gone(external_id=key)
    try:
        return reader.record(instalment, reader.payment_state(instalment))
    except CellError as error:
        raise TemporaryError(
            text("{key} can no longer be read in Mexal: {error}", key=key, error=str(error))
        ) from None


def _refuse_unreadable(harvest: ReadPostings) -> None:
    for suspect in (*harvest.suspects, *(posting for _, posting in harvest.broken)):
        why = in_a_row(problem.message for problem in suspect.problems)
        raise TemporaryError(
            text("a posting of the client can no longer be read in Mexal: {why}", why=why)
        )
