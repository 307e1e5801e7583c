"""Where documents come from: the folder beside a connector, and the ERP behind it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Final

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.connector import DocumentRef
from incasso.contract.errors import PluginError, RejectedError
from incasso.contract.text import in_a_row, text
from incasso.domain.documents.matching import Candidate, Choice, Wanted, choose
from incasso.domain.documents.numbers import sorted_digits
from incasso.locale.problems import sentence
from incasso.services.documents.content import File, UnfitDocumentError, accepted_file
from incasso.services.documents.folder import FolderError, check_folder, content_of, refresh
from incasso.services.hub.hub import Hub
from incasso.store.documents import fetched_files, folder_index

ERP: Final = "erp"
_NO_FILE: Final = text("no file of the folder of documents has its number")
_PATIENCE: Final = 3
"""After so many failures in a row an ERP is not asked for documents again in this run."""


class DocumentSources:
    """Folders and ERPs, in one run: a folder is looked into once."""

    def __init__(self, hub: Hub, on: date, *, trial: bool) -> None:
        self._hub, self._on, self._trial = hub, on, trial
        self._folders: dict[str, str] = {}
        self._failures: Counter[str] = Counter()

    def choice(self, wanted: Wanted) -> tuple[Choice, str]:
        """What the folder of the source has, and why it is nothing. Looks into it once per run."""
        hub, source = self._hub, wanted.source
        if hub.registry.connector(source).documents is None:
            return Choice(), ""
        if source not in self._folders:
            look = check_folder if self._trial else refresh
            self._folders[source] = look(hub, source).problem
        with hub.store.read() as connection:
            number = fetched_files.source_id(connection, source)
            candidates = (
                []
                if number is None
                else folder_index.numbered(connection, number, sorted_digits(wanted.number))
            )
        found = choose(wanted, candidates)
        if found.pdfs or found.fatture:
            return found, ""
        why = in_a_row(map(sentence, found.why))
        return found, why or self._folders[source] or _NO_FILE

    def read(self, wanted: Wanted, found: Candidate) -> bytes:
        """The bytes of a file of the folder. Raises FolderError."""
        documents = self._hub.registry.connector(wanted.source).documents
        if documents is None:
            raise FolderError(text("there is no folder of documents any more"))
        return content_of(documents, found.path)

    def ask_erp(self, wanted: Wanted) -> File | str:
        """The ERP's own print, or why there is none. Empty: it does not offer any."""
        connector = self._hub.registry.connector(wanted.source)
        if not connector.can(ConnectorCapability.DOCUMENTS):
            return ""
        if self._trial:
            return text("a trial does not ask the ERP")
        if self._failures[wanted.source] >= _PATIENCE:
            return text(
                "{source} failed {n} times and is not asked again in this run",
                source=wanted.source,
                n=_PATIENCE,
            )
        ref = DocumentRef(
            client=wanted.client,
            kind=wanted.kind,
            number=wanted.number,
            date=wanted.day,
            key=wanted.key,
        )
        try:
            given = connector.fetch_document(ref, self._on)
        except PluginError as error:
            if not isinstance(error, RejectedError):  # it answered: there is none
                self._failures[wanted.source] += 1
            return f"{wanted.source}: {error}"
        self._failures[wanted.source] = 0
        try:
            return accepted_file(wanted, given, ERP)
        except UnfitDocumentError as error:
            return str(error)
