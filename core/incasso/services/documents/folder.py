"""Keep the index of a source's folder of invoices up to date: only files that changed are read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from glob import has_magic
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.documents.file_names import read_name
from incasso.domain.documents.matching import Form
from incasso.domain.documents.numbers import sorted_digits
from incasso.fatturapa import MOST_BYTES, FatturaError, Invoice, NoInvoiceError
from incasso.locale.system_words import system_words
from incasso.services.documents.electronic import read_each
from incasso.services.hub.hub import Hub
from incasso.store.documents import fetched_files, folder_index
from incasso.store.documents.folder_index import IndexedFile

_AT_ONCE: Final = 200
_BYTES_AT_ONCE: Final = 4 << 20
"""After so many the child that reads is asked."""
_READ: Final = frozenset({".pdf", ".xml", ".p7m"})
_READER: Final = "2"
"""Changes when the same XML would be read differently, so that every file is read again."""


class FolderError(IncassoError):
    """The folder of documents cannot be read."""


class FolderReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one look into the folder of a source found."""

    source: str
    folder: str = ""
    files: int = 0
    read: int = 0
    """New or changed since the last look."""
    gone: int = 0
    unusable: int = 0
    """Of those read: damaged, or a PDF whose name says nothing."""
    problem: str = ""
    """Why nothing could be looked at."""


def refresh(hub: Hub, source: str) -> FolderReport:
    """Look into the folder of a source and bring the index up to it. Idempotent; safe to kill.

    A folder that is not there empties nothing: a share may only be disconnected.
    """
    connector = hub.registry.connector(source)
    if connector.documents is None:
        return FolderReport(source=source)
    named = FolderReport(source=source, folder=str(connector.documents))
    with hub.store.read() as connection:
        number = fetched_files.source_id(connection, source)
        known = {} if number is None else folder_index.marks(connection, number)
    if number is None:
        return replace(named, problem=text("nothing was synced yet: run `incasso sync` first"))
    look = _FolderScan(connector.documents, connector.document_names)
    try:
        present = look.marks()
    except FolderError as error:
        return replace(named, problem=str(error))
    changed = sorted(path for path, mark in present.items() if known.get(path) != mark)
    gone = known.keys() - present.keys()
    with hub.store.write() as connection:
        folder_index.forget(connection, number, gone)
    unusable = 0
    for start in range(0, len(changed), _AT_ONCE):
        some = changed[start : start + _AT_ONCE]
        files = list(look.read({path: present[path] for path in some}))
        unusable += sum(bool(file.problem) for file in files)
        with hub.store.write() as connection:
            folder_index.replace(connection, number, some, files)
    return replace(named, files=len(present), read=len(changed), gone=len(gone), unusable=unusable)


def check_folder(hub: Hub, source: str) -> FolderReport:
    """Whether the folder is there, for a trial: nothing is read, nothing written."""
    connector = hub.registry.connector(source)
    if connector.documents is None or root_of(connector.documents).is_dir():
        return FolderReport(source=source)
    return FolderReport(source=source, problem=_no_folder(root_of(connector.documents)))


def _no_folder(root: Path) -> str:
    return text("{root} is no folder: make it, or connect its share", root=root)


def root_of(documents: Path) -> Path:
    """The folder to which paths are relative: the part of a pattern without `*`."""
    root = Path(documents.anchor)
    for part in documents.relative_to(root).parts:
        if has_magic(part) and not (root / part).exists():  # a folder may be called "[2026]"
            return root
        root /= part
    return root


def content_of(documents: Path, path: str) -> bytes:
    """The bytes of an indexed file. Raises FolderError if it cannot be read or is too large."""
    place = root_of(documents) / path
    try:
        with place.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        why = system_words(error)
        raise FolderError(text("{path} cannot be read: {why}", path=str(path), why=why)) from None
    if len(content) > MOST_BYTES:
        raise FolderError(
            text("{path} is larger than {most_bytes} bytes", path=str(path), most_bytes=MOST_BYTES)
        )
    return content


class _FolderScan:
    """One look into one folder."""

    def __init__(self, documents: Path, names: Sequence[str]) -> None:
        self._documents = documents
        self._root = root_of(documents)
        self._names = names
        digest = blake2b("\0".join(names).encode(), digest_size=4).hexdigest()
        self._readers = {".pdf": digest, ".xml": _READER, ".p7m": _READER}

    def marks(self) -> dict[str, str]:
        """Every file by its path below the root, with its mark."""
        if not self._root.is_dir():
            raise FolderError(_no_folder(self._root))
        found = {}
        try:
            for file, status in self._files():
                reader = self._readers[Path(file).suffix.lower()]
                path = _writable(Path(file).relative_to(self._root).as_posix())
                found[path] = f"{status.st_size}:{status.st_mtime_ns}:{reader}"
        except OSError as error:
            place = error.filename or self._root
            why = system_words(error)
            raise FolderError(
                text("{path} cannot be read: {why}", path=str(place), why=why)
            ) from None
        return found

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        """Documents by their endings; hidden files and what links lead to are left alone."""
        if self._root != self._documents:
            pattern = str(self._documents.relative_to(self._root))
            for place in self._root.glob(pattern):
                if _is_document(place.name) and place.is_file():
                    with suppress(FileNotFoundError):
                        yield str(place), place.stat()
            return
        waiting = [str(self._root)]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                        waiting.append(entry.path)
                    elif _is_document(entry.name) and entry.is_file():
                        with suppress(FileNotFoundError):  # it went while we looked
                            yield entry.path, entry.stat()

    def read(self, marks: Mapping[str, str]) -> Iterator[IndexedFile]:
        """What each file says: a row per invoice, else one that says why there is none."""
        waiting: dict[str, bytes] = {}
        for path, mark in marks.items():
            if path.lower().endswith(".pdf"):
                yield self._named(path, mark)
                continue
            try:
                waiting[path] = content_of(self._documents, path)
            except FolderError as error:  # without a mark: tried again next time
                yield IndexedFile(path=path, mark="", problem=str(error))
            if sum(map(len, waiting.values())) > _BYTES_AT_ONCE:
                yield from _read(waiting, marks)
                waiting = {}
        yield from _read(waiting, marks)

    def _named(self, path: str, mark: str) -> IndexedFile:
        named = read_name(path, self._names)
        if named is None or not sorted_digits(named.number):
            names = ", ".join(self._names)
            return IndexedFile(
                path=path,
                mark=mark,
                problem=text("its name fits none of document_names: {names}", names=names),
            )
        return IndexedFile(
            path=path,
            mark=mark,
            form=Form.PDF,
            number=named.number,
            number_key=sorted_digits(named.number),
            day=named.day,
            year=named.year,
            client=named.client,
            customer_vat=named.vat,
        )


def _read(waiting: Mapping[str, bytes], marks: Mapping[str, str]) -> Iterator[IndexedFile]:
    for path, found in zip(waiting, read_each(list(waiting.values())), strict=True):
        if not isinstance(found, FatturaError):
            yield from (_invoice(path, marks[path], invoice) for invoice in found)
        elif isinstance(found, NoInvoiceError):  # receipts of the exchange system lie there too
            yield IndexedFile(path=path, mark=marks[path])
        else:
            yield IndexedFile(path=path, mark=marks[path], problem=str(found))


def _invoice(path: str, mark: str, invoice: Invoice) -> IndexedFile:
    return IndexedFile(
        path=path,
        mark=mark,
        place=invoice.place,
        form=Form.FATTURAPA,
        number=invoice.number,
        number_key=sorted_digits(invoice.number),
        day=invoice.date,
        year=invoice.date.year,
        kind=invoice.kind,
        customer_vat=invoice.customer.vat,
        customer_tax_code=invoice.customer.tax_code,
        supplier_vat=invoice.supplier.vat,
    )


def _is_document(name: str) -> bool:
    return not name.startswith((".", "~$")) and Path(name).suffix.lower() in _READ


def _writable(path: str) -> str:
    """A name that a database can hold; one that is no UTF-8 shows so, and is not found again."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
