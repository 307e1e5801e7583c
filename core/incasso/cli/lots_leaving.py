"""`incasso lots …`: hand over, and what follows from that."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.lot_words import Code, tell_lot
from incasso.cli.options import By, Format, Listed, On, Why, day
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.recovery import ReallySend, may_leave
from incasso.cli.who import acting
from incasso.contract.text import counted, text

app = typer.Typer()


@app.command()
def send(
    context: typer.Context,
    lot: Code,
    really_send: ReallySend = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Hand an approved lot over to its provider; with --on only say whether it could leave."""
    from incasso.services.placement.deliver import Fate
    from incasso.services.placement.send import send
    from incasso.services.placement.showing import lot_fields

    leaves = may_leave(on, really_send)
    with hub_of(context, level=True, warned=not leaves) as hub:
        on_day = business_day(hub.config, on)
        done = send(hub, acting(hub, by), lot, on_day, really_send=leaves)
    if format is not Format.TABLE:
        fields = {"became": done.became, "why": done.reason, "fell_out": done.fell_out}
        show([lot_fields(done.lot) | fields], format)
    else:
        tell_lot(done.lot, format)
        if done.fell_out:
            fell = counted("{n} credit fell out", "{n} credits fell out", n=done.fell_out)
            say(text("{fell}: paid or blocked since it was frozen.", fell=fell))
        if done.reason:
            complain(text("{lot}: {why}.", lot=done.lot.code, why=done.reason))
    if done.became is not Fate.SENT and leaves:
        raise typer.Exit(PROBLEM)


@app.command()
def settle(
    context: typer.Context,
    lot: Code,
    arrived: Annotated[bool, typer.Option("--arrived/--lost", help="Whether the provider has it.")],
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Say whether a lot arrived of which nobody knows; a lost one may be sent again."""
    from incasso.services.placement.settle import settle

    with hub_of(context, level=True) as hub:
        on_day = business_day(hub.config, on)
        done = settle(hub, acting(hub, by), lot, on_day, arrived=arrived, why=why)
    tell_lot(done, format)


_Client = Annotated[str, typer.Option("--client", metavar="CODE", help="Only this client.")]


@app.command()
def recall(
    context: typer.Context,
    lot: Code,
    client: _Client = "",
    installment: Annotated[
        str, typer.Option("--installment", metavar="KEY", help="Only this installment.")
    ] = "",
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Take back a lot, one client's credits or one of them; the provider is told next time."""
    from incasso.services.placement.give_back import What, recall

    with office_of(context, level=True) as office:
        on_day = business_day(office.config, on)
        what = What(client=client, installment=installment)
        back = recall(office, acting(office, by), lot, what, on_day, why=why)
    tell_lot(back.lot, format)
    if format is Format.TABLE:
        say(
            text(
                "Taken back: {clients}, {credits}.",
                clients=counted("{n} client", "{n} clients", n=back.placements),
                credits=counted("{n} credit", "{n} credits", n=back.rows),
            )
        )


@app.command()
def extend(
    context: typer.Context,
    lot: Code,
    until: Annotated[
        date, typer.Option("--until", parser=day, metavar="DATE", help="Its new last day.")
    ],
    client: _Client = "",
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Let a provider keep what it has up to another day."""
    from incasso.services.placement.give_back import extend

    with office_of(context, level=True) as office:
        on_day = business_day(office.config, on)
        done = extend(office, acting(office, by), lot, until, on_day, client=client, why=why)
    tell_lot(done, format)


@app.command()
def close(
    context: typer.Context,
    lot: Code,
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Close a lot whose every euro is accounted for; the provider is asked to delete its data."""
    from incasso.services.placement.close import close

    with office_of(context, level=True) as office:
        on_day = business_day(office.config, on)
        done = close(office, acting(office, by), lot, on_day, why=why)
    tell_lot(done, format)
