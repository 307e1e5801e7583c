"""The cover of a dossier: whom it is about, what to beware of, and the digest of every file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from incasso.contract.text import counted, term, text
from incasso.locale.forms import moment_text
from incasso.locale.language import ITALIAN
from incasso.messages.paper import Facts, Grid, Heading, Note, Paper, Piece, Title, row, words
from incasso.services.law import names
from incasso.services.law.container import Index
from incasso.services.law.italian import day, said
from incasso.services.law.pages import paper, parties, sums_lines
from incasso.services.law.records import Dossier, FileOf

MOST_LISTED: Final = 300
"""Rows of the index on paper; the digest of the whole index stands on the cover anyway."""

KEYWORD: Final = "indice-sha256:"
"""Before the digest of the index among the cover's keywords."""


def cover(dossier: Dossier, index: Index, digest: str, key: str) -> Paper:
    """The first page and the index; `digest` is that of `indice.json`."""
    pieces: list[Piece] = [
        Title(
            said(text("Dossier for the lawyer")),
            said(
                text(
                    "{creditor} against {debtor}, as of {day}",
                    creditor=dossier.creditor.name,
                    debtor=dossier.debtor.name,
                    day=dossier.on,
                )
            ),
        ),
        Facts(tuple(parties(dossier))),
        Heading(said(text("What is claimed"))),
        Facts(tuple(sums_lines(dossier.sums))),
        *_cautions(dossier),
        Heading(said(term("dossier", "Exhibits"))),
        _exhibits(dossier),
        Heading(said(text("Index of the files"))),
        _files(index.files),
        *_left_out(index.files),
        Heading(said(term("dossier", "Integrity"))),
        Facts(tuple(_integrity(index, digest, key))),
        words(said(_how_to_check()), size=9, faint=True),
    ]
    return paper(dossier, text("Dossier for the lawyer"), pieces, keywords=(f"{KEYWORD}{digest}",))


def _cautions(dossier: Dossier) -> list[Piece]:
    found: list[Piece] = []
    for grave, title in ((True, text("Before filing")), (False, text("To know"))):
        lines = tuple(said(each.text) for each in dossier.cautions if each.grave is grave)
        if lines:
            found.append(Note(lines, said(title), grave))
    return found


def _exhibits(dossier: Dossier) -> Grid:
    rows = [row([str(each.number), each.title, str(len(each.paths))]) for each in dossier.exhibits]
    headings = (term("dossier", "Doc."), term("dossier", "What"), term("dossier", "Files"))
    return Grid(
        headings=tuple(map(said, headings)),
        rows=tuple(rows[:MOST_LISTED]),
        widths=(0, 1, 0),
        right_from=2,
    )


def _files(files: Sequence[FileOf]) -> Grid:
    headings = (
        term("dossier", "File"),
        term("dossier", "Pages"),
        term("dossier", "Bytes"),
        term("dossier", "Archive"),
        term("dossier", "SHA-256"),
    )
    yes = said(term("dossier", "yes"))
    rows = [
        row(
            [
                each.path,
                str(each.pages or ""),
                f"{each.size:,}".replace(",", "."),
                yes if each.archived else "",
                f"{each.sha256[:32]} {each.sha256[32:]}",
            ]
        )
        for each in files[:MOST_LISTED]
    ]
    return Grid(
        headings=tuple(map(said, headings)),
        rows=tuple(rows),
        widths=(1, 0, 0, 0, -56),
        right_from=9,
        size=8,
        mono=(4,),
        paths=(0,),
    )


def _left_out(files: Sequence[FileOf]) -> list[Piece]:
    more = len(files) - MOST_LISTED
    if more <= 0:
        return []
    told = counted(
        "{n} more file stands in {index} alone.",
        "{n} more files stand in {index} alone.",
        n=more,
        index=names.INDEX,
    )
    return [words(said(told))]


def _integrity(index: Index, digest: str, key: str) -> list[tuple[str, str]]:
    archived = sum(each.archived for each in index.files)
    pages = sum(each.pages for each in index.files)
    found = [
        (text("Made for the day"), day(index.on)),
        (term("dossier", "Files"), str(len(index.files))),
        (text("Pages of its PDFs"), str(pages)),
        (text("Files kept in the archive"), str(archived)),
        (text("SHA-256 of {file}", file=names.INDEX), digest),
    ]
    if index.journal is not None:
        at = moment_text(index.journal.at, ITALIAN)
        found += [
            (
                term("dossier", "Journal"),
                said(text("batch {n} of {at} UTC", n=index.journal.batch, at=at)),
            ),
            (text("Head of the journal's chain"), index.journal.hash),
        ]
    if key:
        found.append((text("Key of the hub (Ed25519)"), key))
    return [(said(label), value) for label, value in found]


def _how_to_check() -> str:
    return text(
        "Whoever has a file can compare its SHA-256 with the index. `incasso dossier "
        "--check` does it "
        "for all of them, holds the index against this cover and the cover against "
        "{seal}, which the "
        "hub has signed.",
        seal=names.SEAL,
    )
