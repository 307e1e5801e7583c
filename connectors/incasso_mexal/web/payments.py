"""Receipts out of the journal (`prima-nota/righe`): its `ps_*` arrays link money to invoices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from incasso.api import Page, PaymentItem, PaymentKind, PaymentRecord, Unreadable
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, amount, day, text, whole
from incasso_mexal.web.archive import Archive, Groups
from incasso_mexal.web.arrays import by_index
from incasso_mexal.web.cursor import changed_since, cursor
from incasso_mexal.web.doc_keys import number_of
from incasso_mexal.web.paging import Filter, Listing, Stream

RESOURCE: Final = "prima-nota/righe"
NEEDED: Final = ("data_registr", "progressivo", "codice_conto", "importo_riga")
FIELDS: Final = (
    *NEEDED,
    "cau_contabile",
    "descr_riga",
    "ps_cod_conto",
    "ps_serie_doc",
    "ps_nr_documento",
    "ps_dt_documento",
)


class Payments:
    """The receipts of one company's clients, as far as the journal links them to documents."""

    def __init__(self, archive: Archive, groups: Groups, on: date) -> None:
        self._archive = archive
        self._settings = archive.settings
        self._groups = groups
        self._oldest = on - timedelta(days=self._settings.lookback_days)

    def pull(self, since: str | None) -> Iterator[Page[PaymentItem]]:
        """Receipts of the look-back, or those that changed. Raises CursorExpiredError."""
        filters = [Filter("data_registr", ">=", self._oldest.strftime("%Y%m%d"))]
        if len(self._groups.names) == 1:
            [group] = self._groups.names
            filters.append(Filter("codice_conto", "inizia_per", f"{group}."))
        if since is not None:
            filters.append(Filter("data_ult_mod", ">=", changed_since(self._settings, since)))
        elaborated: list[str] = []
        for year in self._archive.years:
            where = self._archive.where("payments", year)
            what = sentence("journal (prima-nota) of {where}", where=str(where))
            listing = Listing(what, RESOURCE, where, FIELDS, NEEDED, tuple(filters))
            stream = Stream(self._archive.api, listing)
            yield from self._of_year(stream, year)
            elaborated.append(stream.elaborated)
        yield Page(file=RESOURCE, cursor=cursor(self._settings, min(elaborated)))

    def _of_year(self, stream: Stream, year: int) -> Iterator[Page[PaymentItem]]:
        """Rows have no number of their own: the nth row of a posting on an account is its key."""
        rows: Counter[str] = Counter()
        given: set[str] = set()
        beginning = 0
        for batch in stream:
            if stream.beginnings != beginning:
                beginning = stream.beginnings
                rows.clear()
            items = [item for raw in batch.records if (item := self._item(raw, year, rows))]
            fresh = [each for each in items if _key(each) not in given]
            given.update(_key(each) for each in fresh)
            yield Page(file=RESOURCE)  # a page has five minutes; most rows are no receipts
            for start in range(0, len(fresh), 1000):
                yield Page(file=RESOURCE, items=tuple(fresh[start : start + 1000]))

    def _item(self, raw: Any, year: int, rows: Counter[str]) -> PaymentItem | None:
        key = ""
        try:
            if not isinstance(raw, Mapping):
                raise CellError(
                    "", sentence("it is no record"), sentence("look at the journal in Mexal")
                )
            client = text(raw.get("codice_conto"), "codice_conto")
            if not self._groups.has(client):
                return None
            on = day(raw.get("data_registr"), "data_registr")
            if on is None:
                raise CellError("data_registr", sentence("the row has no date"), code="missing")
            number = whole(raw.get("progressivo"), "progressivo")
            place = f"{client}|{year}|{on:%Y%m%d}|{number}"
            rows[place] += 1
            key = f"{place}|{rows[place]}"
            return self._record(raw, key, client, on)
        except CellError as error:
            shortened = str(raw)[:2000]
            problems = (error.problem,)
            return Unreadable(external_id=key, file=RESOURCE, problems=problems, raw=shortened)

    def _record(
        self, raw: Mapping[str, Any], key: str, client: str, on: date
    ) -> PaymentRecord | None:
        """The row as a receipt; None if it settles no document."""
        settled = _paid_keys(raw, client)
        if not settled:
            return None
        found = amount(raw.get("importo_riga"), "importo_riga")
        if found is None:
            raise CellError("importo_riga", sentence("the amount is not there"), code="missing")
        paid = -found if self._settings.payment_sign == "negative" else found
        reason = text(raw.get("cau_contabile"), "cau_contabile").upper()
        back = paid < 0 or reason in self._settings.unpaid_reasons
        notes = [reason, text(raw.get("descr_riga"), "descr_riga")]
        if len(settled) > 1:
            notes.append(f"also {', '.join(settled[1:])}")
        return PaymentRecord(
            key=key,
            client=client,
            paid_on=on,
            amount=paid,
            document_number=settled[0],
            currency=self._settings.currency,
            kind=PaymentKind.REVERSAL if back else PaymentKind.MONEY,
            notes="; ".join(each for each in notes if each),
        )


def _key(item: PaymentItem) -> str:
    return item.key if isinstance(item, PaymentRecord) else str(item)


def _paid_keys(raw: Mapping[str, Any], client: str) -> list[str]:
    """Numbers of the client's documents that a row settles, at most four."""
    numbers = by_index(raw.get("ps_nr_documento"), "ps_nr_documento", 4)
    series = by_index(raw.get("ps_serie_doc"), "ps_serie_doc", 4)
    accounts = by_index(raw.get("ps_cod_conto"), "ps_cod_conto", 4)
    return [
        number_of(whole(series.get(n), "ps_serie_doc"), whole(numbers[n], "ps_nr_documento"))
        for n in sorted(numbers)
        if whole(numbers[n], "ps_nr_documento")
        and text(accounts.get(n), "ps_cod_conto") in ("", client)
    ]
