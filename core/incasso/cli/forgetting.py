"""`plugins forget`: what is kept of instances that are no longer configured."""

from __future__ import annotations

from typing import Annotated

import typer

from incasso.cli.options import By, Format, Listed
from incasso.cli.output import say, show
from incasso.cli.place import office_of
from incasso.cli.who import acting
from incasso.contract.text import text
from incasso.locale.labels import FAMILIES, PLUGIN_STATES
from incasso.store.lists.listing import Column, Kind

app = typer.Typer()

_KEPT = (
    Column("instance"),
    Column("family", Kind.CODE),
    Column("plugin"),
    Column("state", Kind.CODE),
    Column("remembered", Kind.NUMBER),
    Column("cursors", Kind.NUMBER),
    Column("calls", Kind.NUMBER),
)


@app.command()
def forget(
    context: typer.Context,
    instance: Annotated[
        str, typer.Argument(metavar="[INSTANCE]", help="Left out: list what can be forgotten.")
    ] = "",
    by: By = "",
    format: Listed = Format.TABLE,
) -> None:
    """Forget what is kept of an instance that is no longer in plugins.toml."""
    from msgspec.structs import asdict

    from incasso.services.office.forgetting import forget_instance, forgettable

    with office_of(context, level=True) as office:
        if not instance:
            rows = [asdict(each) for each in forgettable(office)]
            labels = {"family": FAMILIES, "state": PLUGIN_STATES}
            show(rows, format, columns=_KEPT, labels=labels)
            return
        gone = forget_instance(office, acting(office, by), instance, on=office.today())
    if format is not Format.TABLE:
        show([asdict(gone)], format, columns=())
        return
    say(
        text(
            "Forgotten of {instance}: {remembered} remembered values, {cursors} cursors, {calls} "
            "logged calls and its state.",
            instance=instance,
            remembered=gone.remembered,
            cursors=gone.cursors,
            calls=gone.calls,
        )
    )
