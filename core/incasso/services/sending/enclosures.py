"""What a message carries beside its text: the documents its stage asks for, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.media import Carries, Medium
from incasso.contract.text import text
from incasso.contract.values import Attachment
from incasso.domain.documents.matching import Form
from incasso.domain.recovery.iters import Enclosure, Stage
from incasso.messages.pages import MOST_PAGES, UnfitPagesError, page_count
from incasso.plugins.handles import ChannelHandle
from incasso.services.documents.content import ArchivedFile, Found
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.sending.enclosed import NOTHING, Enclosed
from incasso.services.sending.page_facts import PageFacts
from incasso.store.sending.outbox_queue import ReadyStep

MOST_BYTES: Final = 7_500_000
"""Of all files of one message: as a mail they grow to 10 MB, which most mailboxes still take."""

_WORDS_OF_MAIL: Final = 200_000
"""Bytes left for the words, where a channel has a ceiling of its own."""


class Enclosures:
    """The documents of one run of dispatch."""

    def __init__(self, desk: DocumentFetcher) -> None:
        self._desk = desk

    def gather(self, steps: Sequence[ReadyStep], facts: PageFacts) -> None:
        """Fetch what the messages of a page need: files are read, ERPs asked, letters waited for.

        Call it outside any transaction. What was fetched is kept, so a crash loses nothing.
        """
        for step in steps:
            if facts.stage(step).attach:
                for _ in self._documents(step, facts):
                    pass

    def of(self, step: ReadyStep, facts: PageFacts, channel: ChannelHandle) -> Enclosed:
        """What goes with the message of a step through a channel."""
        stage, medium = facts.stage(step), Medium(facts.medium(step))
        if not stage.attach:
            return NOTHING
        wrap = _Bundle(self._desk, _room(channel), medium)
        unable = _unable(medium, channel)
        for number, found in self._documents(step, facts):
            if unable:
                wrap.missing.append((number, unable))
            else:
                wrap.add(number, found, stage)
        return wrap.made()

    def _documents(self, step: ReadyStep, facts: PageFacts) -> Iterator[tuple[str, Found]]:
        """Every document of a step once, in the order of its installments."""
        client = facts.client(step)
        wanted = [self._desk.wanted(line, step.source, client) for line in facts.lines(step)]
        for each in {one.reference: one for one in wanted}.values():
            found = self._desk.fetch(each, client.id)
            if found.page or not self._desk.might_come(each):
                yield str(each) or text("without number"), found


class _Bundle:
    """One message's files, as long as there is room."""

    def __init__(self, desk: DocumentFetcher, room: int, medium: Medium) -> None:
        self._desk, self._room, self._medium = desk, room, medium
        self._files: dict[str, tuple[Attachment, dict[str, str]]] = {}
        self._pages = 0
        self.missing: list[tuple[str, str]] = []

    def add(self, number: str, found: Found, stage: Stage) -> None:
        """The files of one document that the stage asks for."""
        paper = self._medium.carries(Carries.PAGES)
        for word in stage.attach:
            if word is Enclosure.INVOICE:
                self._put(number, found.page, found.why)
            elif not paper:
                why = (
                    found.why if not found.papers else text("there is no electronic invoice of it")
                )
                self._put(number, found.papers.get(Form.FATTURAPA), why)
            elif Enclosure.INVOICE not in stage.attach:
                self.missing.append((number, text("an electronic invoice cannot be printed")))

    def _put(self, number: str, paper: ArchivedFile | None, why: str) -> None:
        if paper is None:
            self.missing.append((number, why))
        elif paper.sha256 not in self._files and (problem := self._file(number, paper)):
            self.missing.append((number, problem))

    def _file(self, number: str, paper: ArchivedFile) -> str:
        """Adds the file; returns why it cannot be added, if so."""
        if paper.size > self._room:
            return text(
                "{filename} is too large for this message ({size} bytes)",
                filename=paper.filename,
                size=paper.size,
            )
        try:
            content = self._desk.load(paper)
            if self._medium.carries(Carries.PAGES):
                self._pages += (pages := page_count(content))
                if self._pages > MOST_PAGES:
                    self._pages -= pages
                    return text(
                        "more than {most_pages} pages are too many behind a letter",
                        most_pages=MOST_PAGES,
                    )
        except FileNotFoundError:
            return text("the archive has lost it: run `incasso verify`")
        except UnfitPagesError as error:
            return str(error)
        self._room -= paper.size
        name = _free_name(paper.filename, {each.filename for each, _ in self._files.values()})
        file = Attachment(filename=name, media_type=paper.media_type, content=content)
        facts = {"document": number, "filename": name, "sha256": paper.sha256}
        self._files[paper.sha256] = file, {**facts, "form": paper.form.value}
        return ""

    def made(self) -> Enclosed:
        return Enclosed(
            files=tuple(file for file, _ in self._files.values()),
            facts=tuple(facts for _, facts in self._files.values()),
            missing=tuple(dict.fromkeys(self.missing)),
        )


def _room(channel: ChannelHandle) -> int:
    """Bytes for files: base64 makes three into four, and a line break every 76."""
    most = channel.limits.max_message_bytes
    if most is None:
        return MOST_BYTES
    return min(MOST_BYTES, max(0, (most - _WORDS_OF_MAIL) * 73 // 100))


def _unable(medium: Medium, channel: ChannelHandle) -> str:
    if not medium.carries_documents:
        return text("{medium} carries words only", medium=medium)
    if medium.carries(Carries.FILES) and not channel.can(ChannelCapability.ATTACHMENTS):
        return text("{id} carries no files", id=channel.id)
    return ""


def _free_name(name: str, taken: set[str]) -> str:
    """A unique name among the files of one message."""
    stem, ending = PurePath(name).stem, PurePath(name).suffix
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}{ending}"
    return name
