"""Invoices and credit notes (`documenti/movimenti-magazzino`), and each as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from email.message import Message
from email.parser import BytesParser
from typing import Any, Final

from incasso.api import (
    Attachment,
    DocumentItem,
    DocumentKind,
    DocumentRecord,
    DocumentRef,
    HttpResponse,
    Page,
    RejectedError,
    Unreadable,
)
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, amount, day, text, whole
from incasso_mexal.web.answers import RefusedError, data_of
from incasso_mexal.web.archive import Archive
from incasso_mexal.web.cursor import changed_since, cursor
from incasso_mexal.web.doc_keys import DocKey, key_of, number_of, words
from incasso_mexal.web.paging import Filter, Listing, Stream
from incasso_mexal.web.tables import Currencies

RESOURCE: Final = "documenti/movimenti-magazzino"
NEEDED: Final = ("sigla", "serie", "numero", "cod_conto", "data_documento")
FIELDS: Final = (
    *NEEDED,
    "id_causale",
    "id_magazzino",
    "codice_agente",
    "id_valuta",
    "codice_cig",
    "codice_cup",
    "nota",
)
_TOTALS: Final = ("tot_documento", "totale_documento", "tot_doc")
_CREDITS: Final = (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE)
_STORED: Final = 1400
"""Class of stored files (Docuvision) that belong to these documents."""
_LARGEST: Final = 10 * 1024 * 1024


class Documents:
    """The documents of one company."""

    def __init__(self, archive: Archive, currencies: Currencies, on: date) -> None:
        self._archive = archive
        self._settings = archive.settings
        self._currencies = currencies
        self._oldest = on - timedelta(days=self._settings.document_days)

    def pull(self, since: str | None) -> Iterator[Page[DocumentItem]]:
        """Documents of the types and the time that the settings name, or those that changed.

        Never complete: older ones exist and are not listed. Raises CursorExpiredError.
        """
        filters = [
            Filter("sigla", "=", tuple(self._settings.document_types)),
            Filter("data_documento", ">=", self._oldest.strftime("%Y%m%d")),
        ]
        if since is not None:
            filters.append(Filter("data_ult_mod", ">=", changed_since(self._settings, since)))
        elaborated: list[str] = []
        seen: set[str] = set()
        for year in self._archive.years:
            where = self._archive.where("documents", year)
            what = sentence("documents of {where}", where=str(where))
            listing = Listing(what, RESOURCE, where, FIELDS, NEEDED, tuple(filters))
            stream = Stream(self._archive.api, listing)
            for batch in stream:
                items = [self._item(raw, seen, year) for raw in batch.records]
                for start in range(0, len(items), 1000):
                    found = tuple(each for each in items[start : start + 1000] if each is not None)
                    yield Page(file=RESOURCE, items=found)
            elaborated.append(stream.elaborated)
        yield Page(file=RESOURCE, cursor=cursor(self._settings, min(elaborated)))

    def _item(self, raw: Any, seen: set[str], year: int) -> DocumentItem | None:
        try:
            if not isinstance(raw, Mapping):
                raise CellError(
                    "", sentence("it is no record"), sentence("look at the document in Mexal")
                )
            record = self._record(raw, year)
        except CellError as error:
            problems = (error.problem,)
            return Unreadable(file=RESOURCE, problems=problems, raw=str(raw)[:2000])
        if record.key in seen:
            return None
        seen.add(record.key)
        return record

    def _record(self, raw: Mapping[str, Any], year: int) -> DocumentRecord:
        sigla, client = text(raw.get("sigla"), "sigla"), text(raw.get("cod_conto"), "cod_conto")
        dated = day(raw.get("data_documento"), "data_documento")
        if not (sigla and client and dated):
            raise CellError(
                "sigla", sentence("the key of the document is not there"), code="missing"
            )
        serie, number = whole(raw.get("serie"), "serie"), whole(raw.get("numero"), "numero")
        key = DocKey(sigla, serie, number, client, dated.year)
        kind = DocumentKind(self._settings.document_types.get(sigla, DocumentKind.OTHER))
        total = self._total(key, year) if self._settings.document_totals else None
        return DocumentRecord(
            key=str(key),
            client=client,
            number=number_of(serie, number),
            date=dated,
            kind=kind,
            total=-abs(total) if total is not None and kind in _CREDITS else total,
            currency=self._currencies.of(whole(raw.get("id_valuta"), "id_valuta")),
            agent=text(raw.get("codice_agente"), "codice_agente"),
            depot=_code(raw, "id_magazzino"),
            reason=sigla,
            cig=text(raw.get("codice_cig"), "codice_cig"),
            cup=text(raw.get("codice_cup"), "codice_cup"),
            notes=words(raw, "nota"),
        )

    def _total(self, key: DocKey, year: int) -> Decimal | None:
        """The total that Mexal computes; None where it does not tell one."""
        given = {
            "in_sigla": key.sigla,
            "in_serie": key.serie,
            "in_numero": key.number,
            "in_cod_conto": key.account,
        }
        where = self._archive.where("documents", year)
        what = sentence("total of document {key}", key=key.plain)
        try:
            found = data_of(self._archive.api.service(what, "totali_documento", given, where), what)
        except RefusedError as error:
            self._archive.api.ctx.log.info("%s", error)
            return None
        fields = found if isinstance(found, Mapping) else {}
        return next((amount(fields[name], name) for name in _TOTALS if name in fields), None)


def _code(raw: Mapping[str, Any], field: str) -> str:
    code = text(raw.get(field), field)
    return "" if code == "0" else code


def fetched(archive: Archive, ref: DocumentRef) -> Attachment:
    """The document as a file: printed by Mexal, or as it was stored beside it.

    Raises RejectedError if it does not exist.
    """
    key = key_of(ref, archive.settings.document_types, archive.years[0])
    where = archive.where("documents", key.year)
    what = sentence("document {key} of {where}", key=key.plain, where=str(where))
    try:
        if archive.settings.invoice_file == "stored":
            filed = {"tipo": "docuvision", "classe_dv": _STORED, "codice": key.plain}
            return _stored(archive.api.service(what, "get_allegato_archivio", filed, where), what)
        answer = archive.api.service(
            what, "stampa_movimento_magazzino", _asked(archive, key), where
        )
    except RefusedError as error:
        raise RejectedError(str(error), code="no_document") from None
    return _printed(answer, key, what)


def _asked(archive: Archive, key: DocKey) -> dict[str, Any]:
    given: dict[str, Any] = {
        "sigla": key.sigla,
        "serie": key.serie,
        "numero": key.number,
        "cod_conto": key.account,
    }
    if archive.settings.print_form:
        given["cod_modulo"] = archive.settings.print_form
    return given


def _printed(answer: HttpResponse, key: DocKey, what: str) -> Attachment:
    content = answer.content
    if not content.startswith(b"%PDF-"):
        raise RejectedError(sentence("{what}: Mexal printed no PDF", what=what), code="no_pdf")
    name = f"{key.sigla}_{key.serie}_{key.number}.pdf"
    return _bounded(Attachment(filename=name, media_type="application/pdf", content=content), what)


def _stored(answer: HttpResponse, what: str) -> Attachment:
    """The first PDF of the stored files, else the first file: they come as one multipart."""
    head = f"Content-Type: {answer.headers.get('content-type', '')}\r\n\r\n".encode()
    parsed = BytesParser().parsebytes(head + answer.content)
    parts: list[Message] = [part for part in parsed.walk() if not part.is_multipart()]
    files = [each for part in parts if (each := _file(part)) is not None]
    if not files:
        raise RejectedError(sentence("{what}: no stored file", what=what), code="no_document")
    best = next((each for each in files if each.media_type == "application/pdf"), files[0])
    return _bounded(best, what)


def _file(part: Message) -> Attachment | None:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return None
    name = part.get_filename() or "documento"
    return Attachment(filename=name, media_type=part.get_content_type(), content=content)


def _bounded(file: Attachment, what: str) -> Attachment:
    if len(file.content) > _LARGEST:
        raise RejectedError(
            sentence("{what}: the file is larger than 10 MiB", what=what), code="too_large"
        )
    return file
