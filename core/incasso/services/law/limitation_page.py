"""The limitation of each credit, and what interrupts it."""

from __future__ import annotations

from collections.abc import Iterator

from incasso.contract.text import Text, term, text
from incasso.locale.labels import MEDIA
from incasso.locale.law_labels import CREDIT_CLASSES, DOUBTS, INTERRUPTIONS, URGENCIES
from incasso.messages.paper import Grid, Heading, Paper, Piece, Title, items, row, words
from incasso.services.law.italian import day, said, word
from incasso.services.law.pages import named, paper
from incasso.services.law.records import Dossier, Message


def limitation(dossier: Dossier) -> Paper:
    """Until when each credit can be claimed, and why."""
    headings = (
        term("dossier", "Document"),
        text("Due on"),
        term("dossier", "Term"),
        text("Runs from"),
        text("Ends on"),
        text("If what is doubtful counts"),
        term("dossier", "State"),
    )
    rows = []
    for credit in dossier.credits:
        limit = credit.limitation
        kind = word(CREDIT_CLASSES, limit.credit)
        rows.append(
            row(
                [
                    named(credit),
                    day(credit.due_date),
                    f"{kind}, {limit.basis}",
                    day(limit.runs_from),
                    day(limit.last_day),
                    day(limit.if_claimed),
                    word(URGENCIES, limit.urgency),
                ]
            )
        )
    grid = Grid(
        headings=tuple(map(said, headings)),
        rows=tuple(rows),
        widths=(1.4, 0, 1, 0, 0, -24, 0.7),
        right_from=9,
        size=8.5,
    )
    return paper(
        dossier,
        term("dossier", "Limitation"),
        [
            Title(
                said(text("Limitation of each credit")), said(text("as of {day}", day=dossier.on))
            ),
            grid,
            Heading(said(text("What interrupts it"))),
            _interruptions(dossier),
            Heading(said(text("How it is counted"))),
            items(map(said, _limitation_notes(dossier))),
        ],
        wide=True,
    )


def _interruptions(dossier: Dossier) -> Piece:
    rows, proofs = [], {f"delivery {each.delivery}": _exhibit(each) for each in dossier.messages}
    for credit in dossier.credits:
        for each in credit.limitation.interruptions:
            standing = word(DOUBTS, each.doubt) if each.doubt else said(term("dossier", "proven"))
            rows.append(
                row(
                    [
                        named(credit),
                        day(each.on),
                        word(INTERRUPTIONS, each.kind),
                        proofs.get(each.about, ""),
                        standing,
                    ]
                )
            )
    if not rows:
        return words(said(text("The hub knows of nothing that interrupted it.")))
    headings = (
        term("dossier", "Document"),
        term("dossier", "Day"),
        term("dossier", "What"),
        term("dossier", "Proof"),
        term("dossier", "Standing"),
    )
    return Grid(
        headings=tuple(map(said, headings)),
        rows=tuple(rows),
        widths=(1.2, 0, 0, 1, 1.2),
        right_from=9,
        size=8.5,
    )


def _exhibit(message: Message) -> str:
    return said(text("doc. {n}, {medium}", n=message.exhibit, medium=word(MEDIA, message.medium)))


def _limitation_notes(dossier: Dossier) -> Iterator[Text]:
    yield text(
        "The first day is not counted; a term that ends on a holiday ends on the next "
        "day that is none (art. 2963 c.c.)."
    )
    yield text(
        "Only what is proven moves the end: a written and signed demand with proof of "
        "its arrival (art. 2943 c.c.; Cass. 2335/2024)."
    )
    yield text(
        "Filing a petition for an injunction interrupts nothing: its service does (Cass. "
        "27944/2022)."
    )
    yield text("Interest has five years of its own, day by day (art. 2948 no. 4 c.c.).")
