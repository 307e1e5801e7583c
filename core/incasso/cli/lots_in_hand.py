"""`incasso lots …`: look, freeze, approve, give up."""

from __future__ import annotations

from typing import Annotated

import typer

from incasso.cli.lot_words import Code, lot_lines, more_lines, tell_lot
from incasso.cli.options import By, Format, Listed, On, Why
from incasso.cli.output import say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import acting, reading_scope
from incasso.contract.exchange import Service
from incasso.contract.text import text
from incasso.locale.placement_labels import LEFT_OUT as REASONS

app = typer.Typer()


@app.command("show")
def show_lot(context: typer.Context, lot: Code, by: By = "", format: Listed = Format.TABLE) -> None:
    """Show a lot: what it holds, what left, and where each euro of it is."""
    _show(context, lot, by, format)


@app.command()
def preview(context: typer.Context, lot: Code, by: By = "", format: Listed = Format.TABLE) -> None:
    """Show what a lot holds, what was left out and why."""
    _show(context, lot, by, format)


def _show(context: typer.Context, lot: str, by: str, format: Format) -> None:
    from incasso.services.placement.showing import show_lot

    with office_of(context, level=True) as office:
        found = show_lot(office, reading_scope(office, by), lot)
    if format is not Format.TABLE:
        show([found.fields], format)
        return
    for line in (*lot_lines(found.lot), *more_lines(found)):
        say(line)


@app.command()
def freeze(
    context: typer.Context, lot: Code, by: By = "", on: On = None, format: Listed = Format.TABLE
) -> None:
    """Fix rows, totals and digest of a lot, after one more look at every credit."""
    from incasso.services.placement.in_hand import freeze
    from incasso.services.placement.showing import provider_of
    from incasso.services.placement.takers import takers

    with office_of(context, level=True) as office:
        day = business_day(office.config, on)
        actor = acting(office, by)
        against = takers(office, [provider_of(office, actor.scope, lot)])
        done = freeze(office, actor, lot, day, against=against)
    tell_lot(done.lot, format)
    if format is Format.TABLE:
        for reason, number in done.left_out.items():
            say(text("fell out, {reason}: {n}", reason=REASONS[reason], n=number))


@app.command()
def approve(
    context: typer.Context,
    lot: Code,
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Let a frozen lot leave."""
    from incasso.services.placement.in_hand import approve

    with office_of(context, level=True) as office:
        day = business_day(office.config, on)
        done = approve(office, acting(office, by), lot, day, why=why)
    tell_lot(done, format)


@app.command()
def drop(
    context: typer.Context,
    lot: Code,
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Give up a lot that has not left; its credits are free for another."""
    from incasso.services.placement.in_hand import drop

    with office_of(context, level=True) as office:
        day = business_day(office.config, on)
        done = drop(office, acting(office, by), lot, day, why=why)
    tell_lot(done, format)


@app.command()
def place(
    context: typer.Context,
    client: Annotated[
        str, typer.Argument(metavar="CLIENT", help="CODE or SOURCE/CODE of a client.")
    ],
    provider: Annotated[str, typer.Option("--provider", metavar="KEY", help="Who gets it.")],
    service: Annotated[Service, typer.Option("--service", help="What it is to do.")],
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Put what is past due of one client into a lot of its own, frozen and ready to send."""
    from incasso.services.placement.compose import Order
    from incasso.services.placement.place import place

    with office_of(context, level=True) as office:
        day = business_day(office.config, on)
        order = Order(service=service, among=(provider.strip(),))
        done = place(office, acting(office, by), client, order, day, why=why)
    tell_lot(done, format)
