"""Write one dossier: describe it, print its pages, enclose its files, seal it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from incasso.contract.text import Text, text
from incasso.locale import localize
from incasso.locale.language import ITALIAN
from incasso.messages import Template, TemplateError, builtin_templates
from incasso.messages.acts import ActError, acts_of, written_act
from incasso.messages.paper import paper_pdf
from incasso.services.hub.hub import Hub
from incasso.services.law import describing, names
from incasso.services.law.caution_words import grave, note
from incasso.services.law.cautions import cautions_of
from incasso.services.law.container import Container, Index, Seal
from incasso.services.law.counting import Wishes, count, counting_of
from incasso.services.law.cover import cover
from incasso.services.law.drafts import BANNER, NOTICE, act_facts, act_table, notice_pdf
from incasso.services.law.facts import Facts
from incasso.services.law.injunction import injunction_of
from incasso.services.law.limitation_page import limitation
from incasso.services.law.limiting import Limiting
from incasso.services.law.pages import paper, timeline
from incasso.services.law.papers import Enclosed, Invoice, LostError, Papers, by_path
from incasso.services.law.petition_page import petition
from incasso.services.law.records import FORMAT, Caution, CautionCode, Dossier, Happened
from incasso.services.law.statement_page import statement
from incasso.services.sending.letterheads import letterhead_of
from incasso.services.sending.message_context import creditor
from incasso.store.proof.hub_key import HubKey, HubKeyError

_INDEX_FORMAT: Final = "incasso.dossier.index/1"


@dataclass
class Maker:
    """One dossier while it is made."""

    hub: Hub
    facts: Facts
    invoices: list[Invoice]
    papers: Papers
    notice: Template
    wishes: Wishes

    def __post_init__(self) -> None:
        self.lost: list[Caution] = []
        self.final: Dossier

    def described(self, told: tuple[Happened, ...]) -> Dossier:
        """Everything but what is found out while files are written."""
        facts, company = self.facts, self.hub.config.company(self.facts.debtor.source)
        table = company.legal
        counting = counting_of(table, self.wishes, facts.debtor, facts.on)
        limiting = Limiting(
            facts,
            self.wishes.credit or table.credits,
            self.hub.config.timezone,
            is_signed=bool(letterhead_of(company).signature),
        )
        credits = describing.credits_of(facts, count(facts, counting), limiting)
        sums = describing.sums_of(credits)
        debtor = describing.debtor_of(facts.debtor)
        bare = Dossier(
            format=FORMAT,
            on=facts.on,
            source=facts.debtor.source,
            client=facts.debtor.code,
            creditor=describing.creditor_of(company),
            debtor=debtor,
            counting=counting,
            sums=sums,
            credits=tuple(credits),
            not_due=describing.open_items(facts.not_due),
            set_off=describing.open_items(facts.set_off),
            injunction=injunction_of(sums, debtor, table, facts.on),
            exhibits=tuple(self.papers.exhibits),
            messages=describing.messages_of(facts, self.papers),
            timeline=told,
            cautions=(),
        )
        found = tuple(cautions_of(bare, facts, self.invoices))
        return msgspec.structs.replace(bare, cautions=found)

    def write(self, dossier: Dossier, container: Container) -> Seal:
        """All files in the order of their names, then what depends on them all."""
        printed = dict(self._printed(dossier))
        enclosed: Mapping[str, Enclosed | bytes] = {**by_path(self.papers.files), **printed}
        for path in sorted(enclosed):
            given = enclosed[path]
            try:
                content = given if isinstance(given, bytes) else given.load()
            except LostError as error:
                self._lose(CautionCode.LOST, text("{path}: {why}", path=path, why=str(error)))
                continue
            container.add(path, content, archived=isinstance(given, Enclosed) and given.archived)
        self.final = self._completed(dossier)
        facts = msgspec.json.encode(self.final, enc_hook=_written)
        container.add(names.FACTS, msgspec.json.format(facts, indent=1))
        container.files.sort(key=lambda each: each.path)
        return self._sealed(container)

    def _sealed(self, container: Container) -> Seal:
        dossier = self.final
        index = Index(
            format=_INDEX_FORMAT,
            on=dossier.on,
            source=dossier.source,
            client=dossier.client,
            journal=self.facts.journal,
            files=tuple(container.files),
        )
        key = _key(self.hub)

        def cover_of(digest: str) -> bytes:
            return paper_pdf(cover(dossier, index, digest, key.public() if key else ""), dossier.on)

        def sign(content: bytes) -> tuple[str, str]:
            return (key.public(), key.sign(content)) if key else ("", "")

        return container.seal(index, cover_of, sign)

    def _completed(self, dossier: Dossier) -> Dossier:
        """With what went wrong on the way, and without the exhibits' lost files."""
        more = list(self.lost)
        if _key(self.hub) is None:
            words = text("The hub has no key: the dossier bears no signature.")
            more.append(note(CautionCode.NO_KEY, words))
        both = sorted([*more, *dossier.cautions], key=lambda each: not each.grave)
        return msgspec.structs.replace(dossier, cautions=tuple(both))

    def _printed(self, dossier: Dossier) -> Iterator[tuple[str, bytes]]:
        """The pages that the hub writes itself."""
        yield names.STATEMENT, paper_pdf(statement(dossier), dossier.on)
        yield names.TIMELINE, paper_pdf(timeline(dossier), dossier.on)
        yield names.LIMITATION, paper_pdf(limitation(dossier), dossier.on)
        yield from self._notice(dossier)
        if dossier.injunction is None:
            return
        yield names.PETITION, paper_pdf(petition(dossier, dossier.injunction), dossier.on)
        yield from self._acts(dossier)

    def _notice(self, dossier: Dossier) -> Iterator[tuple[str, bytes]]:
        company = self.hub.config.company(dossier.source)
        head = letterhead_of(company)
        try:
            made = notice_pdf(
                self.notice, self.facts, dossier, creditor(company, self.notice.language), head
            )
        except TemplateError as error:
            self._lose(CautionCode.ACT, text("Draft not written: {why}", why=str(error)))
            return
        if made is not None:
            yield f"{names.ACTS}/{NOTICE}.pdf", made

    def _acts(self, dossier: Dossier) -> Iterator[tuple[str, bytes]]:
        assert dossier.injunction is not None
        claimed = [each for each in self.invoices if each.row.residual > 0]
        electronic = bool(claimed) and all(each.is_electronic for each in claimed)
        numbers = self.papers.of_installment
        facts = act_facts(
            dossier, dossier.injunction, numbers, self.papers.statement, electronic=electronic
        )
        table = act_table(dossier, numbers)
        folder = self.hub.config.company(dossier.source).legal.acts
        for act in acts_of(folder):
            try:
                if isinstance(act, ActError):
                    raise act
                pieces = written_act(act, facts, table)
            except ActError as error:
                self._lose(CautionCode.ACT, text("Draft not written: {why}", why=str(error)))
                continue
            page = paper(dossier, act.title, pieces, banner=BANNER, justified=True)
            yield f"{names.ACTS}/{names.safe(act.key)}.pdf", paper_pdf(page, dossier.on)

    def _lose(self, code: CautionCode, words: Text) -> None:
        self.lost.append(grave(code, words))


def _key(hub: Hub) -> HubKey | None:
    """The hub's key; None if there is none that can sign."""
    key = HubKey(hub.config.key_file, hub.config.key)
    try:
        key.public()
    except HubKeyError:
        return None
    return key


def shipped_notice() -> Template:
    return next(
        each for each in builtin_templates() if (each.key, each.language) == (NOTICE, ITALIAN)
    )


def _written(value: object) -> str:
    """Sentences in the JSON are in Italian, as on the pages."""
    if isinstance(value, str):
        return localize(value, ITALIAN)
    raise NotImplementedError(type(value).__name__)
