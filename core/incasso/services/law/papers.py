"""The files that a dossier encloses: invoices, messages with proofs, answers, attachments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from incasso.contract.text import text
from incasso.domain.documents.matching import Form
from incasso.locale import localize
from incasso.locale.labels import DOCUMENT_KINDS, MEDIA
from incasso.locale.language import ITALIAN
from incasso.locale.news_labels import DELIVERY_STATES
from incasso.locale.sentences import label
from incasso.services.documents.content import ArchivedFile, Found
from incasso.services.documents.exchange_receipts import receipts_of
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.hub.hub import Hub
from incasso.services.law import names
from incasso.services.law.facts import Facts
from incasso.services.law.records import Exhibit
from incasso.services.sending.show_delivery import proven
from incasso.store.engine import Store
from incasso.store.law.credits import CreditRow
from incasso.store.law.papers import SentRow

_FORMS: Final = (Form.PDF, Form.COURTESY, Form.FATTURAPA)


class LostError(Exception):
    """A file cannot be enclosed; says why."""


@dataclass(frozen=True)
class Enclosed:
    """One file, read when its turn comes."""

    path: str
    load: Callable[[], bytes]
    """Raises LostError."""
    archived: bool = True


@dataclass(frozen=True)
class Invoice:
    """What was found of one document."""

    row: CreditRow
    found: Found
    receipts: Sequence[tuple[str, bytes]] = ()
    """Of the exchange system: name and content."""

    @property
    def is_electronic(self) -> bool:
        """Whether the electronic invoice is there."""
        return Form.FATTURAPA in self.found.papers


@dataclass
class Papers:
    """The exhibits of a dossier and their files, in order."""

    store: Store
    exhibits: list[Exhibit] = field(default_factory=list)
    files: list[Enclosed] = field(default_factory=list)
    of_installment: dict[str, int] = field(default_factory=dict)
    """The exhibit of each installment's document, by the installment's key."""
    of_message: dict[str, Exhibit] = field(default_factory=dict)
    statement: int = 0

    @property
    def next_number(self) -> int:
        """Of the exhibit to come."""
        return len(self.exhibits) + 1

    def produce(self, title: str, files: Sequence[Enclosed]) -> Exhibit:
        """One more exhibit."""
        made = Exhibit(
            number=self.next_number,
            title=localize(title, ITALIAN),
            paths=tuple(each.path for each in files),
        )
        self.exhibits.append(made)
        self.files.extend(files)
        return made

    def kept(self, path: str, sha256: str) -> Enclosed:
        """A file of the archive, held against its digest when it is read."""

        def load() -> bytes:
            content, missing = proven(self.store, sha256)
            if missing:
                raise LostError(missing)
            return content

        return Enclosed(path, load)


def invoices_of(hub: Hub, facts: Facts) -> list[Invoice]:
    """The documents of what is claimed and of what is set off, each once; fetches them."""
    desk = DocumentFetcher(hub, facts.on)
    source, found = facts.debtor.source, {}
    for row in (*facts.claimed, *facts.set_off):
        wanted = desk.wanted(row, source, facts.debtor)
        if wanted.reference in found:
            continue
        papers = desk.fetch(wanted, row.client_id)
        electronic = papers.papers.get(Form.FATTURAPA)
        receipts = receipts_of(hub, source, electronic.origin) if electronic else ()
        found[wanted.reference] = Invoice(row, papers, tuple(receipts))
    return list(found.values())


def gather(store: Store, facts: Facts, invoices: Sequence[Invoice]) -> Papers:
    """Number everything: documents, the statement, messages, answers, attachments."""
    made = Papers(store)
    for each in invoices:
        _produce_invoice(made, facts, each)
    made.statement = made.produce(
        text("Statement of account with interest"), [_to_come(names.STATEMENT)]
    ).number
    for sent in facts.messages:
        made.of_message[sent.id] = _produce_message(made, facts, sent)
    _produce_answers(made, facts)
    _produce_attachments(made, facts)
    return made


def _to_come(path: str) -> Enclosed:
    """A page that is printed later, and written by whoever prints it."""

    def load() -> bytes:
        raise AssertionError(path)

    return Enclosed(path, load, archived=False)


def _produce_invoice(made: Papers, facts: Facts, invoice: Invoice) -> None:
    row, number = invoice.row, made.next_number
    files = list(_of_invoice(made, invoice, number))
    if not files:
        return
    kind = label(DOCUMENT_KINDS, row.document_kind, ITALIAN)
    title = text("{kind} {number}", kind=kind.capitalize(), number=row.document_number or row.key)
    if row.document_date is not None:
        title = text("{document} of {day}", document=title, day=row.document_date)
    if invoice.receipts:
        title = text("{document} with receipts of the exchange system", document=title)
    exhibit = made.produce(title, files)
    for each in facts.credits:
        if (each.document, each.document_kind, each.document_number, each.document_date) == (
            row.document, row.document_kind, row.document_number, row.document_date,
        ):  # fmt: skip
            made.of_installment[each.key] = exhibit.number


def _of_invoice(made: Papers, invoice: Invoice, number: int) -> Iterator[Enclosed]:
    kind = label(DOCUMENT_KINDS, invoice.row.document_kind, ITALIAN)
    called = [kind, invoice.row.document_number or invoice.row.key]
    for form in _FORMS:
        paper: ArchivedFile | None = invoice.found.papers.get(form)
        if paper is None or (form is Form.COURTESY and Form.PDF in invoice.found.papers):
            continue
        parts = [*called, "copia-di-cortesia"] if form is Form.COURTESY else called
        end = names.ending(paper.filename, ".pdf")
        yield made.kept(names.numbered(names.DOCUMENTS, number, *parts, end=end), paper.sha256)
    for place, (name, content) in enumerate(invoice.receipts, 1):
        parts = [*called, f"ricevuta-{place}", name.rpartition(".")[0][-6:]]
        path = names.numbered(names.DOCUMENTS, number, *parts, end=names.ending(name, ".xml"))
        yield Enclosed(path, lambda content=content: content, archived=False)  # type: ignore[misc]


def _produce_message(made: Papers, facts: Facts, sent: SentRow) -> Exhibit:
    number, stage = made.next_number, facts.stages.get(sent.stage, sent.stage)
    medium = label(MEDIA, sent.medium, ITALIAN)
    called = (f"{sent.on_date}", medium, stage)
    files = []
    if sent.sha256:
        end = names.ending(sent.filename or "")
        path = names.numbered(names.MESSAGES, number, *called, end=end)
        files.append(made.kept(path, sent.sha256))
    seen = {sent.sha256}
    for each in facts.proofs.get(sent.id, ()):
        if not each.sha256 or each.sha256 in seen:
            continue
        seen.add(each.sha256)
        state = label(DELIVERY_STATES, each.state, ITALIAN)
        parts = (f"ricevuta-{len(seen) - 1:02}", state)
        end = names.ending(each.filename or "")
        path = names.numbered(names.MESSAGES, number, *parts, end=end)
        files.append(made.kept(path, each.sha256))
    title = text(
        "{stage} of {day} by {medium} to {to}",
        stage=stage,
        day=sent.on_date,
        medium=medium,
        to=sent.to,
    )
    if len(files) > 1:
        title = text("{message}, with receipts", message=title)
    return made.produce(title, files)


def _produce_answers(made: Papers, facts: Facts) -> None:
    for each in facts.answers:
        number = made.next_number
        path = names.numbered(
            names.ANSWERS, number, f"{each.on_date}", each.subject or each.sender, end=".eml"
        )
        title = text(
            "Message of the client of {day}: {subject}", day=each.on_date, subject=each.subject
        )
        made.produce(title, [made.kept(path, each.sha256)])


def _produce_attachments(made: Papers, facts: Facts) -> None:
    for each in facts.attachments:
        number, stem = made.next_number, each.name.rpartition(".")[0] or each.name
        path = names.numbered(names.ATTACHED, number, stem, end=names.ending(each.name))
        title = text("{name}, enclosed on {day}", name=each.name, day=each.on_date)
        made.produce(title, [made.kept(path, each.sha256)])


def digest(content: bytes) -> str:
    """As the index has it."""
    return hashlib.sha256(content).hexdigest()


def by_path(files: Sequence[Enclosed]) -> Mapping[str, Enclosed]:
    """Sorted, as they stand in the file."""
    return {each.path: each for each in sorted(files, key=lambda one: one.path)}
