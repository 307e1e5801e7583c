"""What all pages of a dossier have in common: their foot, the parties, the sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incasso.contract.text import Text, term, text
from incasso.locale.labels import DOCUMENT_KINDS
from incasso.messages.paper import Grid, Paper, Piece, Title, row
from incasso.services.law.italian import day, money, said, word
from incasso.services.law.records import Credit, Dossier, Party, Sums


def paper(
    dossier: Dossier,
    title: str,
    pieces: Sequence[Piece],
    *,
    banner: str = "",
    keywords: tuple[str, ...] = (),
    wide: bool = False,
    justified: bool = False,
) -> Paper:
    """A file of pages with the foot that all of them have."""
    foot = text(
        "Dossier {source}/{client}: {creditor} against {debtor}",
        source=dossier.source,
        client=dossier.client,
        creditor=dossier.creditor.name,
        debtor=dossier.debtor.name,
    )
    return Paper(
        title=said(title),
        author=said(dossier.creditor.name),
        pieces=tuple(pieces),
        foot=said(foot),
        page=said(text("Page {page} of {pages}", page="{page}", pages="{pages}")),
        banner=said(banner),
        keywords=keywords,
        wide=wide,
        justified=justified,
    )


def named(credit: Credit) -> str:
    """ "Fattura 123/A del 01/09/2026, rata 2"."""
    kind = word(DOCUMENT_KINDS, credit.document_kind).capitalize()
    found: Text = text(
        "{kind} {number}", kind=kind, number=credit.document_number or credit.installment
    )
    if credit.document_date is not None:
        found = text("{document} of {day}", document=found, day=credit.document_date)
    if credit.installment_number > 1:
        found = text("{document}, installment {n}", document=found, n=credit.installment_number)
    return said(found)


def sums_lines(sums: Sequence[Sums]) -> Iterator[tuple[str, str]]:
    """What is claimed, by currency."""
    for each in sums:
        currency = each.currency
        yield said(term("dossier", "Capital")), money(each.capital, currency)
        if each.interest:
            yield said(term("dossier", "Interest")), money(each.interest, currency)
        if each.costs:
            label = text(
                "Costs of recovery, {n} × 40 euro (art. 6 D.Lgs. 231/2002)", n=each.invoices
            )
            yield said(label), money(each.costs, currency)
        yield said(term("dossier", "Total")), money(each.total, currency)


def parties(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Creditor and debtor, as a court names them."""
    for label, party in (
        (term("dossier", "Creditor"), dossier.creditor),
        (term("dossier", "Debtor"), dossier.debtor),
    ):
        yield said(label), said(party.name)
        yield from _identity(party)


def _identity(party: Party) -> Iterator[tuple[str, str]]:
    for label, value in (
        (term("dossier", "Address"), ", ".join(party.address)),
        (text("VAT number"), party.vat),
        (text("Tax code"), party.tax_code),
        (text("Certified mail"), party.pec),
    ):
        if value:
            yield said(label), said(value)


def timeline(dossier: Dossier) -> Paper:
    """What happened, a line each."""
    rows = tuple(row([day(each.on), each.text]) for each in dossier.timeline)
    headings = (said(term("dossier", "Day")), said(text("What happened")))
    pieces: list[Piece] = [
        Title(said(text("History of the position")), said(dossier.debtor.name)),
        Grid(headings=headings, rows=rows, widths=(0, 1), right_from=2),
    ]
    return paper(dossier, text("History of the position"), pieces)
