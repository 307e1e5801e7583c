"""`incasso lots compose`: what goes into a lot, and how it is shared out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.listing import FILTERS, filtering
from incasso.cli.lot_words import sums_told
from incasso.cli.options import By, Format, Listed, amount
from incasso.cli.output import say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import acting
from incasso.contract.exchange import Service
from incasso.contract.text import Text, counted, text
from incasso.domain.money import from_minor
from incasso.locale.placement_labels import LEFT_OUT as REASONS
from incasso.store.lists.placeable import PLACEABLE

if TYPE_CHECKING:
    from incasso.services.placement.compose import Composition, Order

app = typer.Typer()


def _compose(context: typer.Context, given: Mapping[str, Any]) -> None:
    """Compose lots of what the filters let through; nothing leaves before they are sent."""
    from incasso.services.placement.compose import compose
    from incasso.services.placement.takers import takers

    with office_of(context, level=True) as office:
        day = business_day(office.config, given["on"])
        order = _order(given)
        against = takers(office, order.among)
        actor = acting(office, given["by"])
        made = compose(office, actor, order, day, against=against, until={})
    if given["format"] is not Format.TABLE:
        show([_composition_fields(made)], given["format"])
        return
    for line in _composition_lines(made, order.among):
        say(line)


def _order(given: Mapping[str, Any]) -> Order:
    from incasso.domain.placement.splitting import Way
    from incasso.services.placement.compose import Order

    among = tuple(each.strip() for each in given["among"].split(",") if each.strip())
    way = Way.AMOUNT
    for name, other in (("random", Way.RANDOM), ("by_count", Way.COUNT)):
        way = other if given[name] else way
    rules = tuple(_rule(each) for each in given["rule"] or ())
    return Order(
        service=given["service"],
        among=among,
        wanted=given[FILTERS],
        way=Way.RULE if rules else way,
        shares=tuple(given["share"] or ()),
        seed=given["seed"],
        split_by=given["split_by"],
        rules=rules,
        least=_minor(given["least"]),
        most=_minor(given["most"]),
        name=given["name"],
    )


def _minor(given: Decimal | None) -> int | None:
    return None if given is None else int(given * 100)


def _rule(words: str) -> tuple[str, str]:
    value, equals, provider = words.partition("=")
    if not equals or not provider.strip():
        raise typer.BadParameter(
            text("'{words}' is not VALUE=PROVIDER; write it as TO=alfa", words=words)
        )
    return value.strip(), provider.strip()


app.command("compose")(
    filtering(
        PLACEABLE,
        _compose,
        among=(
            Annotated[
                str,
                typer.Option(
                    "--provider",
                    metavar="KEY[,KEY]",
                    help="The provider; several share the clients.",
                ),
            ],
            ...,
        ),
        service=(Annotated[Service, typer.Option("--service", help="What it is to do.")], ...),
        share=(
            Annotated[
                list[int] | None,
                typer.Option("--share", min=1, help="The share of each provider, in their order."),
            ],
            None,
        ),
        by_count=(
            Annotated[
                bool, typer.Option("--by-count", help="Share by number of clients, not by money.")
            ],
            False,
        ),
        random=(
            Annotated[
                bool,
                typer.Option("--random", help="Share by chance, among clients of like amounts."),
            ],
            False,
        ),
        seed=(
            Annotated[int, typer.Option("--seed", help="The same seed shares the same way again.")],
            1,
        ),
        rule=(
            Annotated[
                list[str] | None,
                typer.Option(
                    "--rule",
                    metavar="VALUE=KEY",
                    help="Who gets what, the first that fits; '*' fits all; may be repeated.",
                ),
            ],
            None,
        ),
        split_by=(
            Annotated[
                str,
                typer.Option(
                    "--rule-by", metavar="FIELD", help="What the rules look at: province, area, …"
                ),
            ],
            "province",
        ),
        least=(
            Annotated[
                Decimal | None,
                typer.Option(
                    "--least", parser=amount, metavar="AMOUNT", help="At least so much of a client."
                ),
            ],
            None,
        ),
        most=(
            Annotated[
                Decimal | None,
                typer.Option(
                    "--most", parser=amount, metavar="AMOUNT", help="At most so much of a client."
                ),
            ],
            None,
        ),
        name=(Annotated[str, typer.Option("--name", help="A name of your own for it.")], ""),
        by=(By, ""),
        format=(Listed, Format.TABLE),
    )
)


def _composition_lines(made: Composition, among: tuple[str, ...]) -> list[Text]:
    lines = [
        text(
            "{lot} for {provider}: {placements}, {rows}, {sums}.",
            lot=one.lot,
            provider=one.provider,
            placements=counted("{n} client", "{n} clients", n=one.placements),
            rows=counted("{n} credit", "{n} credits", n=one.rows),
            sums=sums_told(one.sums),
        )
        for one in made.lots
    ]
    if not lines:
        lines = [text("Nothing fits: no lot was composed.")]
    return [
        *lines,
        *(
            text("left out, {reason}: {n}", reason=REASONS[reason], n=number)
            for reason, number in made.left_out.items()
        ),
    ]


def _composition_fields(made: Composition) -> dict[str, Any]:
    return {
        "lots": [
            {
                "lot": one.lot,
                "source": one.source,
                "provider": one.provider,
                "placements": one.placements,
                "rows": one.rows,
                "sums": {each: str(from_minor(n, each)) for each, n in one.sums.items()},
            }
            for one in made.lots
        ],
        "left_out": {reason.value: number for reason, number in made.left_out.items()},
    }
