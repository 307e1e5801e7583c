"""How the command line tells of a lot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from incasso.cli.language import language
from incasso.cli.options import Format
from incasso.cli.output import say, show
from incasso.cli.words import Words
from incasso.contract.text import Text, counted, text
from incasso.domain.money import from_minor
from incasso.locale.labels import SERVICES
from incasso.locale.placement_labels import BATCH_STATES, LEFT_OUT, LOT_STATES

if TYPE_CHECKING:
    from incasso.services.placement.showing import ShownLot
    from incasso.store.placement.lots import Lot

Code: TypeAlias = Annotated[str, typer.Argument(metavar="LOT", help="Its code, e.g. L-2026-0007.")]


def tell_lot(lot: Lot, format: Format) -> None:
    """Print a lot as it stands now."""
    from incasso.services.placement.showing import lot_fields

    if format is not Format.TABLE:
        show([lot_fields(lot)], format)
        return
    for line in lot_lines(lot):
        say(line)


def lot_lines(lot: Lot) -> list[Text]:
    """Its head, its totals, its digest."""
    lines = [
        text(
            "{lot}, {state}: {provider}, {service}.",
            lot=lot.code,
            state=LOT_STATES[lot.state],
            provider=lot.provider,
            service=SERVICES[lot.service],
        ),
        text(
            "{placements}, {rows}: {sums}.",
            placements=counted("{n} client", "{n} clients", n=lot.placements),
            rows=counted("{n} credit", "{n} credits", n=lot.rows),
            sums=sums_told(lot.sums),
        ),
    ]
    if lot.until is not None:
        lines.append(text("until {day}", day=lot.until))
    if lot.digest:
        lines.append(text("digest {digest}", digest=lot.digest))
    return lines


def more_lines(found: ShownLot) -> Iterator[Text]:
    """What was left out, what left, and the account."""
    for reason, (number, sums) in found.left_out.items():
        yield text(
            "left out, {reason}: {n} ({amounts})",
            reason=LEFT_OUT[reason],
            n=number,
            amounts=sums_told(sums),
        )
    for batch in found.batches:
        said = {"batch": batch.name, "state": BATCH_STATES[batch.state], "file": batch.filename}
        if batch.reason:
            yield text("{batch}, {state}: {file} ({why})", **said, why=batch.reason)
        else:
            yield text("{batch}, {state}: {file}", **said)
    for account in found.account:
        amounts = {
            name: sums_told({account.currency: getattr(account, name)})
            for name in ("placed", "collected", "direct", "reduced", "withdrawn", "ended", "open")
        }
        yield text(
            "placed {placed}: collected {collected}, paid to us {direct}, reduced {reduced}, taken "
            "back {withdrawn}, ended {ended}, still out {open}",
            **amounts,
        )


def sums_told(sums: Mapping[str, int]) -> list[str]:
    """Amounts as the reader writes them."""
    in_words = Words(language(), UTC)
    return [
        f"{in_words.amount(from_minor(minor, currency))} {currency}"
        for currency, minor in sums.items()
    ] or ["0"]
