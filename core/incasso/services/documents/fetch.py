"""Find the document of a credit, keep it in the archive, and ask an ERP for it only once.

The folder of documents comes first, because it costs nothing; then the ERP, if it can print; and
an electronic invoice without a page gets a courtesy copy. What is not certain is left out.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Final, Protocol

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.ledger import DocumentKind
from incasso.contract.text import in_a_row, text
from incasso.domain.documents.matching import MatchFault, Wanted
from incasso.domain.documents.numbers import without_kind
from incasso.domain.fault import fault
from incasso.locale.problems import sentence
from incasso.services.documents.content import ArchivedFile, File, Found
from incasso.services.documents.search import DocumentSearch
from incasso.services.documents.sources import DocumentSources
from incasso.services.hub.hub import Hub
from incasso.store.documents import fetched_files
from incasso.store.documents.fetched_files import FetchedFile, KnownFile
from incasso.store.proof import archive, journal
from incasso.store.proof.journal import Event

_NOWHERE: Final = text('no documents = "FOLDER" is configured, and the connector prints none')


class NamesDocument(Protocol):
    """An installment, as far as it says which document it is of."""

    @property
    def source_id(self) -> int: ...

    @property
    def document(self) -> str: ...

    @property
    def document_kind(self) -> str: ...

    @property
    def document_number(self) -> str: ...

    @property
    def document_date(self) -> date | None: ...


class Customer(Protocol):
    """Whose document it is."""

    @property
    def code(self) -> str: ...

    @property
    def vat(self) -> str: ...

    @property
    def tax_code(self) -> str: ...


class DocumentFetcher:
    """Fetches documents in one run. Never inside a database transaction of the caller."""

    def __init__(self, hub: Hub, on: date, *, trial: bool = False) -> None:
        """In a trial nothing is written and no ERP is asked."""
        self._hub, self._on, self._trial = hub, on, trial
        self._sources = DocumentSources(hub, on, trial=trial)
        self._found: dict[tuple[int, str], Found] = {}

    def wanted(self, item: NamesDocument, source: str, client: Customer) -> Wanted:
        """The document of an installment.

        What the installment does not say of it, the ERP's list of documents may.
        """
        number, day = item.document_number, item.document_date
        if item.document and not (number and day):
            with self._hub.store.read() as connection:
                listed = fetched_files.listed(connection, item.source_id, item.document)
            if listed is not None:
                number, day = number or listed.number, day or listed.date
        return Wanted(
            source=source,
            client=client.code,
            number=number,
            kind=DocumentKind(item.document_kind),
            day=day,
            key=item.document,
            vat=client.vat,
            tax_code=client.tax_code,
            company_vat=self._hub.config.company(source).vat,
        )

    def fetch(self, wanted: Wanted, client_id: int, *, again: bool = False) -> Found:
        """The files of one document. Raises nothing of a plugin's.

        `again` asks the ERP even if it gave the document before.
        """
        if not without_kind(wanted.number) and not wanted.key:
            return Found(why=text("the ledger gives no document number"))
        if wanted.day is None and not wanted.key:
            return Found(why=sentence(fault(MatchFault.NO_DAY)))
        key = (client_id, wanted.reference)
        if key not in self._found or again:
            self._found[key] = self._fetch(wanted, client_id, again)
        return self._found[key]

    def might_come(self, wanted: Wanted) -> bool:
        """Whether this is a trial, in which an ERP that prints is not asked, but believed."""
        connector = self._hub.registry.connector(wanted.source)
        return self._trial and connector.can(ConnectorCapability.DOCUMENTS)

    def load(self, paper: ArchivedFile) -> bytes:
        """The bytes. Raises FileNotFoundError if the archive lost them."""
        if paper.content is not None:
            return paper.content
        return archive.get(self._hub.store, paper.sha256)

    def _fetch(self, wanted: Wanted, client_id: int, again: bool) -> Found:
        with self._hub.store.read() as connection:
            files = fetched_files.remembered(connection, client_id, wanted.reference)
        known = {form: _archived_file(file) for form, file in files.items()}
        marks = {form: file.mark for form, file in files.items()}
        search = DocumentSearch(self._sources, wanted, known, marks, self.load)
        search.run(again=again)
        papers = dict(search.known)
        if (stale := known.keys() - papers.keys()) and not self._trial:
            with self._hub.store.write() as connection:
                fetched_files.forget(connection, client_id, wanted.reference, stale)
        for file in search.files:
            papers[file.form] = self._keep(wanted, client_id, file)
        return Found(papers=papers, why=in_a_row(search.reasons) or _NOWHERE)

    def _keep(self, wanted: Wanted, client_id: int, file: File) -> ArchivedFile:
        """Put it into the archive and remember whose it is, in one transaction."""
        content, store = file.content, self._hub.store
        paper = ArchivedFile(
            form=file.form,
            sha256=sha256(content).hexdigest(),
            size=len(content),
            filename=file.filename,
            media_type=file.media_type,
            origin=file.origin,
            place=file.place,
            content=content if self._trial else None,
        )
        if self._trial:
            return paper
        entry = archive.keep(store, content, file.media_type, file.filename)
        now = self._hub.now()
        with store.write() as connection:
            source = fetched_files.source_id(connection, wanted.source)
            assert source is not None  # its client came from there
            archive.note(connection, [entry], at=now)
            fetched = FetchedFile(
                source_id=source,
                client_id=client_id,
                reference=wanted.reference,
                form=file.form,
                kind=wanted.kind,
                number=wanted.number,
                day=wanted.day,
                place=file.place,
                sha256=entry.sha256,
                size=entry.size,
                filename=entry.filename,
                media_type=entry.media_type,
                origin=file.origin,
                mark=file.mark,
                fetched_at=now,
            )
            fetched_files.remember(connection, fetched)
            journal.record(connection, [_event(wanted, paper, self._on)], at=now)
        return paper


def _archived_file(file: KnownFile) -> ArchivedFile:
    return ArchivedFile(
        form=file.form,
        sha256=file.sha256,
        size=file.size,
        filename=file.filename,
        media_type=file.media_type,
        origin=file.origin,
        place=file.place,
    )


def _event(wanted: Wanted, paper: ArchivedFile, on: date) -> Event:
    return Event(
        kind="document.fetched",
        actor="documents",
        on=on,
        source=wanted.source,
        client=wanted.client,
        subject=f"document {wanted.number}",
        facts={
            "form": paper.form.value,
            "origin": paper.origin,
            "filename": paper.filename,
            "sha256": paper.sha256,
        },
    )
