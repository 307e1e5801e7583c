"""The statement of account: what is claimed, with interest row by row."""

from __future__ import annotations

from collections.abc import Iterator

from incasso.contract.text import term, text
from incasso.locale.law_labels import INTEREST_RULES
from incasso.messages.paper import Facts, Grid, Heading, Note, Paper, Piece, Title, items, row
from incasso.services.law.italian import day, money, percent, said, word
from incasso.services.law.pages import named, paper, parties, sums_lines
from incasso.services.law.records import Counting, Credit, Dossier, InterestRow, Paid


def statement(dossier: Dossier) -> Paper:
    """What is claimed, row by row."""
    pieces: list[Piece] = [
        Title(
            said(text("Statement of account with interest")),
            said(text("counted up to {day}", day=dossier.counting.until)),
        ),
        Facts(tuple(parties(dossier))),
        Heading(said(text("What is claimed"))),
        Facts(tuple(sums_lines(dossier.sums))),
        Heading(said(text("Row by row"))),
        _interest_grid(dossier),
    ]
    if any(each.provisional for each in dossier.sums):
        pieces.append(
            Note(
                (
                    said(
                        text(
                            "Rates marked with * are not published yet: the last known one is kept."
                        )
                    ),
                ),
                grave=True,
            )
        )
    if dossier.set_off or dossier.not_due:
        pieces += _other_items(dossier)
    pieces += [Heading(said(text("How it is counted"))), items(counting_lines(dossier.counting))]
    return paper(dossier, text("Statement of account with interest"), pieces, wide=True)


def _interest_grid(dossier: Dossier) -> Grid:
    headings = (
        term("dossier", "Document"),
        text("Due on"),
        term("dossier", "From"),
        term("dossier", "To"),
        term("dossier", "Days"),
        term("dossier", "Capital"),
        term("dossier", "Rate"),
        term("dossier", "Interest"),
    )
    rows = [each for credit in dossier.credits for each in _credit_rows(credit)]
    for sums in dossier.sums:
        total = ["", "", "", "", "", money(sums.capital, sums.currency), ""]
        total[0] = said(term("dossier", "Total"))
        rows.append(row([*total, money(sums.interest, sums.currency)], bold=True))
    return Grid(
        headings=tuple(map(said, headings)),
        rows=tuple(rows),
        widths=(1, 0, 0, 0, 0, 0, 0, 0),
        right_from=4,
        size=8.5,
    )


def _credit_rows(credit: Credit) -> Iterator[tuple[str, ...]]:
    """A document's name and its rows; what came in stands where it did."""
    yield row([_opening(credit)])
    waiting = list(credit.payments)
    for each in credit.rows:
        while waiting and waiting[0].on < each.first:
            yield _payment_row(waiting.pop(0), credit.currency)
        yield _interest_row(each, credit)
    for paid in waiting:
        yield _payment_row(paid, credit.currency)
    if len(credit.rows) == 1 and not credit.payments:
        return
    left = money(credit.interest, credit.currency) or said(text("not counted"))
    capital = money(credit.capital, credit.currency)
    yield row([said(term("dossier", "left")), "", "", "", "", capital, "", left], bold=True)


def _payment_row(paid: Paid, currency: str) -> tuple[str, ...]:
    label = said(term("dossier", "payment"))
    return row([label, "", "", day(paid.on), "", money(-paid.amount, currency), "", ""])


def _interest_row(each: InterestRow, credit: Credit) -> tuple[str, ...]:
    rate = percent(each.percent) + ("*" if each.provisional else "")
    return row(
        [
            "",
            day(credit.payable_by),
            day(each.first),
            day(each.last),
            str(each.days),
            money(each.capital, credit.currency),
            rate,
            money(each.amount, credit.currency),
        ]
    )


def _opening(credit: Credit) -> str:
    parts = [
        named(credit),
        said(text("amount {amount}", amount=money(credit.amount, credit.currency))),
    ]
    if credit.credited:
        taken = text("credits taken off {amount}", amount=money(credit.credited, credit.currency))
        parts.append(said(taken))
    if credit.costs:
        parts.append(said(text("costs {amount}", amount=money(credit.costs))))
    if credit.disputed is not None:
        parts.append(said(term("dossier", "contested")))
    return ", ".join(parts)


def _other_items(dossier: Dossier) -> list[Piece]:
    headings = (
        term("dossier", "Document"),
        term("dossier", "Date"),
        text("Due on"),
        term("dossier", "Left"),
    )
    found: list[Piece] = []
    for title, open_items in (
        (text("Credits of the client, taken off the oldest debts"), dossier.set_off),
        (text("Not due yet, and not claimed"), dossier.not_due),
    ):
        if open_items:
            rows = tuple(
                row(
                    [
                        each.document_number or each.installment,
                        day(each.document_date),
                        day(each.due_date),
                        money(each.residual, each.currency),
                    ]
                )
                for each in open_items
            )
            grid = Grid(
                headings=tuple(map(said, headings)), rows=rows, widths=(1, 0, 0, 0), right_from=3
            )
            found += [Heading(said(title)), grid]
    return found


def counting_lines(counting: Counting) -> list[str]:
    """By which rules interest was counted."""
    rule = word(INTEREST_RULES, counting.rule)
    lines = [text("What runs is {rule}, from the day after each due date.", rule=rule)]
    if counting.percent is not None:
        lines.append(text("Agreed rate: {percent} a year.", percent=percent(counting.percent)))
    if counting.concluded_on is not None:
        lines.append(text("Contract concluded on {day}.", day=counting.concluded_on))
    lines.append(
        text("A year has 365 days, in leap years too.")
        if counting.day_count == "365"
        else text("A year has 366 days in leap years.")
    )
    lines.append(
        text("Payments pay capital first, as they are booked.")
        if counting.payments_pay == "capital"
        else text("Payments pay interest first, then capital (art. 1194 c.c.).")
    )
    lines.append(
        text(
            "The due date is not counted, the day of payment and the last day are; each "
            "row is rounded to a cent."
        )
    )
    return list(map(said, lines))
