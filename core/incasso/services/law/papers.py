"""The files that a dossier encloses: invoices, messages with proofs, answers, attachments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from incasso.contract.text import Text, text
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

MOST_APART: Final = 60
"""Messages that are an exhibit each: no court reads hundreds of reminders one by one."""

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
    of_message: dict[str, int] = field(default_factory=dict)
    paths_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The files of each message."""
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
    _produce_messages(made, facts)
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


def _produce_messages(made: Papers, facts: Facts) -> None:
    """One by one; of very many only the formal notices, and all others as one exhibit."""
    apart = list(facts.messages)
    together: list[SentRow] = []
    if len(apart) > MOST_APART:
        together = [each for each in apart if not facts.is_formal(each)]
        apart = [each for each in apart if facts.is_formal(each)]
    for sent in apart:
        files = list(_of_message(made, facts, sent, ()))
        made.of_message[sent.id] = made.produce(_message_title(facts, sent, files), files).number
    if together:
        _produce_together(made, facts, together)


def _produce_together(made: Papers, facts: Facts, together: Sequence[SentRow]) -> None:
    number = made.next_number
    files: list[Enclosed] = []
    for place, sent in enumerate(together, 1):
        files += _of_message(made, facts, sent, (f"{place:04}",))
        made.of_message[sent.id] = number
    title = text(
        "Correspondence from {first} to {last}: {n} messages, with receipts",
        first=together[0].on_date,
        last=together[-1].on_date,
        n=len(together),
    )
    made.produce(title, files)


def _of_message(
    made: Papers, facts: Facts, sent: SentRow, before: tuple[str, ...]
) -> Iterator[Enclosed]:
    """Its exact bytes, and each receipt once."""
    number, stage = made.next_number, facts.stages.get(sent.stage, sent.stage)
    called = (*before, f"{sent.on_date}", label(MEDIA, sent.medium, ITALIAN), stage)
    wanted = [(called, sent.sha256, sent.filename)] if sent.sha256 else []
    for each in facts.proofs.get(sent.id, ()):
        if each.sha256 and each.sha256 not in [sha256 for _, sha256, _ in wanted]:
            state = label(DELIVERY_STATES, each.state, ITALIAN)
            named = (*before, f"ricevuta-{len(wanted):02}", state)
            wanted.append((named, each.sha256, each.filename))
    paths = [
        names.numbered(names.MESSAGES, number, *parts, end=names.ending(filename or ""))
        for parts, _, filename in wanted
    ]
    made.paths_of[sent.id] = tuple(paths)
    for path, (_, sha256, _) in zip(paths, wanted, strict=True):
        yield made.kept(path, sha256)


def _message_title(facts: Facts, sent: SentRow, files: Sequence[Enclosed]) -> Text:
    title = text(
        "{stage} of {day} by {medium} to {to}",
        stage=facts.stages.get(sent.stage, sent.stage),
        day=sent.on_date,
        medium=label(MEDIA, sent.medium, ITALIAN),
        to=sent.to,
    )
    return text("{message}, with receipts", message=title) if len(files) > 1 else title


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
