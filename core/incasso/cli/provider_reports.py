"""`report fees` and `report providers`: what providers ask, and what they brought in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import language
from incasso.cli.options import Format, Limit, Listed, On, month_named, one_of
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import reading_scope
from incasso.contract.text import counted, in_a_row, text
from incasso.domain.sending.budget import month_of
from incasso.locale.labels import SERVICES
from incasso.store.lists.listing import Column, Kind
from incasso.store.lists.parties import PROVIDERS

if TYPE_CHECKING:
    from incasso.domain.placement.scores import By
    from incasso.services.placement.fees import FeeLine
    from incasso.services.placement.scorecards import ScoreCard

commands = typer.Typer()
"""Commands of the group `report`."""

_FEES: Final = (
    Column("on", Kind.DAY, words="date"),
    Column("lot"),
    Column("client_name", Kind.PROSE),
    Column("payment"),
    Column("base", Kind.AMOUNT),
    Column("due", Kind.AMOUNT, words="fee_due"),
    Column("asked", Kind.AMOUNT, words="fee_asked"),
    Column("difference", Kind.AMOUNT),
    Column("explanation", Kind.PROSE),
)


@commands.command()
def fees(
    context: typer.Context,
    provider: Annotated[str, typer.Option("--provider", metavar="KEY", help="Whose fees.")],
    month: Annotated[
        str,
        typer.Option(
            "--month", metavar="YYYY-MM", help="Payments of this month only; else all so far."
        ),
    ] = "",
    differences: Annotated[
        bool, typer.Option("--differences", help="Only where something else was asked than is due.")
    ] = False,
    on: On = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """Compare what a provider asks with its price list, payment by payment."""
    from incasso.services.placement.fees import fee_report

    of = month_named(month)
    with office_of(context) as office:
        scope = reading_scope(office, hidden_from=PROVIDERS.hidden_from)
        first, last = month_of(of) if of else (date.min, business_day(office.config, on))
        try:
            lines = fee_report(office, scope, provider, first, last)
        except LookupError as error:
            complain(error.args[0])
            raise typer.Exit(PROBLEM) from None
        if differences:
            lines = (line for line in lines if line.finding.is_difference)
        if format is not Format.TABLE:
            show(map(_fields, lines), format, limit=limit)
            return
        sums = _FeeSums()
        rows = (_fee_row(line) for line in sums.watched(lines))
        show(rows, format, columns=_FEES, office=office.config, limit=limit)
    sums.say()


def _fields(line: FeeLine | ScoreCard) -> dict[str, Any]:
    import msgspec

    return msgspec.structs.asdict(line)


def _fee_row(line: FeeLine) -> dict[str, Any]:
    told = [line.explanation] if line.rule is None else [line.rule, line.explanation]
    return {**_fields(line), "explanation": in_a_row(told)}


class _FeeSums:
    """What is below the table: in each currency what is due and what was asked."""

    def __init__(self) -> None:
        self._due: dict[str, Decimal] = defaultdict(Decimal)
        self._asked: dict[str, Decimal] = defaultdict(Decimal)
        self._differences = 0

    def watched(self, lines: Iterable[FeeLine]) -> Iterator[FeeLine]:
        """The same lines, added up as they pass."""
        for line in lines:
            self._due[line.currency] += line.due
            self._asked[line.currency] += line.due * 0 if line.asked is None else line.asked
            self._differences += line.finding.is_difference
            yield line

    def say(self) -> None:
        """Tell it; all amounts are without VAT."""
        for currency, due in sorted(self._due.items()):
            asked = self._asked[currency]
            say(
                text(
                    "Due {due} {currency}, asked {asked} {currency}, without VAT.",
                    due=due,
                    asked=asked,
                    currency=currency,
                )
            )
        if self._differences:
            say(
                counted(
                    "{n} payment is asked otherwise than agreed.",
                    "{n} payments are asked otherwise than agreed.",
                    n=self._differences,
                )
            )


_CARDS: Final = (
    Column("label", Kind.PROSE, words="provider"),
    Column("service", Kind.PROSE),
    Column("lot"),
    Column("band"),
    Column("placed", Kind.AMOUNT),
    Column("currency"),
    Column("recovered_percent", Kind.AMOUNT, words="recovered_brief"),
    Column("after_30", Kind.AMOUNT, words="brief_30"),
    Column("after_90", Kind.AMOUNT, words="brief_90"),
    Column("first_action_days", Kind.AMOUNT, words="first_action"),
    Column("kept", words="promises"),
    Column("complaints", Kind.NUMBER),
    Column("cost_per_euro", Kind.AMOUNT, words="per_euro"),
)


@commands.command()
def providers(
    context: typer.Context,
    provider: Annotated[
        str, typer.Option("--provider", metavar="KEY", help="Only this provider.")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", help="provider, lot, age (how late the debts were).")
    ] = "provider",
    excel: Annotated[
        Path | None,
        typer.Option("--excel", metavar="FILE", dir_okay=False, help="Write a workbook too."),
    ] = None,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Compare providers: what they recovered at the same age of their lots, and at what cost."""
    from incasso.domain.placement.scores import By
    from incasso.services.placement.scorecards import score_cards

    wanted = By(one_of([by], list(By))[0])
    with office_of(context) as office:
        scope = reading_scope(office, hidden_from=PROVIDERS.hidden_from)
        day = business_day(office.config, on)
        try:
            cards = score_cards(office, scope, day, provider=provider, by=wanted)
        except LookupError as error:
            complain(error.args[0])
            raise typer.Exit(PROBLEM) from None
    if excel is not None:
        from incasso.services.placement.score_workbook import write_cards

        write_cards(excel, cards, day, language())
        complain(text("Written to {into}.", into=excel))
    if format is not Format.TABLE:
        show(map(_fields, cards), format)
        return
    show(map(_card_row, cards), format, columns=_columns(cards, wanted), labels=_LABELS)


_LABELS: Final = {"service": SERVICES}


def _columns(cards: list[ScoreCard], by: By) -> list[Column]:
    """What has room on a usual screen: the currency only where there are several."""
    left_out = set(_LEFT_OUT[by])
    if len({card.currency for card in cards}) < 2:
        left_out.add("currency")
    return [column for column in _CARDS if column.key not in left_out]


_LEFT_OUT: Final[Mapping[str, tuple[str, ...]]] = {
    "provider": ("lot", "band"),
    "lot": ("service", "band"),
    "age": ("lot", "first_action_days", "kept", "complaints", "cost_per_euro"),
}


def _card_row(card: ScoreCard) -> dict[str, Any]:
    ages = {f"after_{days}": percent for days, percent in card.after.items()}
    return {**_fields(card), **ages, "kept": _kept(card)}


def _kept(card: ScoreCard) -> str:
    return "" if card.promises is None else f"{card.promises_kept}/{card.promises}"
