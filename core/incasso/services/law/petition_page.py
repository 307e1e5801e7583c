"""What a lawyer types into a petition for an injunction: parties, sums, court, fees, exhibits."""

from __future__ import annotations

from collections.abc import Iterator

from incasso.contract.text import Text, term, text
from incasso.locale.law_labels import COURTS
from incasso.messages.paper import Facts, Grid, Heading, Paper, Piece, Title, items, row, words
from incasso.services.law.italian import money, said, word
from incasso.services.law.pages import paper, parties, sums_lines
from incasso.services.law.records import Dossier, Injunction


def petition(dossier: Dossier, injunction: Injunction) -> Paper:
    """What the lawyer types into the petition."""
    exhibits = tuple(row([str(each.number), each.title]) for each in dossier.exhibits)
    pieces: list[Piece] = [
        Title(
            said(text("Data for the petition for an injunction")),
            said(text("as of {day}", day=dossier.on)),
        ),
        Heading(said(term("dossier", "Parties"))),
        Facts(tuple(parties(dossier))),
        Heading(said(term("dossier", "Sums"))),
        Facts(tuple(sums_lines([each for each in dossier.sums if each.currency == "EUR"]))),
        Heading(said(text("Court and court fee"))),
        Facts(tuple(_court_lines(injunction))),
        Heading(said(text("Estimate of the costs"))),
        Facts(tuple(_cost_lines(injunction))),
        words(
            said(
                text(
                    "Fee: median of D.M. 147/2022, monitory phase; VAT and social fund "
                    "of the lawyer are not in it."
                )
            ),
            size=8.5,
            faint=True,
        ),
        Heading(said(term("dossier", "Exhibits"))),
        Grid(
            headings=(said(term("dossier", "Doc.")), said(term("dossier", "What"))),
            rows=exhibits,
            widths=(0, 1),
            right_from=2,
        ),
        Heading(said(text("Terms after the injunction"))),
        items(map(said, _terms())),
    ]
    return paper(dossier, text("Data for the petition for an injunction"), pieces)


def _court_lines(found: Injunction) -> Iterator[tuple[str, str]]:
    yield said(text("Court by value")), word(COURTS, found.court).capitalize()
    place = said(text("{town} (check the district)", town=found.place or "?"))
    label = (
        text("Binding place: residence of the consumer")
        if found.place_is_binding
        else text("Place: seat of the debtor (art. 19 c.p.c.)")
    )
    yield said(label), place
    yield said(text("Value of the claim (art. 10 c.p.c.)")), money(found.value)
    yield said(text("Value for the court fee, without interest")), money(found.fee_value)
    yield said(text("Court fee, halved for injunctions")), money(found.court_fee)
    yield said(text("Flat advance (stamp)")), money(found.stamp)


def _cost_lines(found: Injunction) -> Iterator[tuple[str, str]]:
    if found.whole is None:
        yield said(text("Lawyer's fee")), said(text("the tables end below this value"))
        return
    yield said(text("Lawyer's fee")), money(found.lawyer)
    yield said(text("General expenses, 15%")), money(found.overhead)
    yield said(text("All in all, with court fee and stamp")), money(found.whole)
    for label, amount in (
        (text("For comparison: fee and expenses, Verona"), found.verona),
        (text("For comparison: all of it, Milan 2024"), found.milan),
    ):
        if amount is not None:
            yield said(label), money(amount)


def _terms() -> Iterator[Text]:
    yield text(
        "To be served within 60 days of its issue, 90 abroad, or it lapses (art. 644 c.p.c.)."
    )
    yield text(
        "Opposition within 40 days of service; then it becomes enforceable (art. 641 and "
        "647 c.p.c.)."
    )
    yield text(
        "The order to pay (precetto) leaves ten days at least and lapses after 90 (art. "
        "480 and 481 c.p.c.)."
    )
    yield text("No assisted negotiation and no mediation is needed before.")
