"""`incasso post …`: the list and labels of letters that people post, and their numbers back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import here
from incasso.cli.options import By, On, day
from incasso.cli.output import complain, say
from incasso.cli.place import business_day, hub_of
from incasso.cli.who import acting, reading_scope
from incasso.contract.text import counted, text

if TYPE_CHECKING:
    from incasso.services.hub.hub import Hub

app = typer.Typer(
    name="post",
    help="Letters that people post: the day's list, labels, and their numbers back.",
    no_args_is_help=True,
)

Channel = Annotated[
    list[str] | None,
    typer.Option(
        "--channel",
        metavar="NAME",
        help="Only this channel; may be repeated. Left out: those that carry letters and bring no "
        "proof.",
    ),
]


@app.command()
def sheet(
    context: typer.Context,
    channel: Channel = None,
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Written there.")] = Path(
        "distinte"
    ),
    labels: Annotated[
        str, typer.Option("--labels", metavar="FORM", help="3x8 (70 × 37 mm) or 2x7 (99 × 38 mm).")
    ] = "3x8",
    skip: Annotated[
        int, typer.Option("--skip", min=0, help="So many labels of the first page are used.")
    ] = 0,
    on: On = None,
) -> None:
    """Write the list of the day's letters (PDF and CSV) and labels for their envelopes."""
    from incasso.services.sending.post_sheet import write_post_sheets

    with hub_of(context) as hub:
        on_day = business_day(hub.config, on)
        found = write_post_sheets(
            hub,
            reading_scope(hub),
            on_day,
            _by_hand(hub, channel),
            into,
            labels=labels,
            skip=skip,
        )
    if not found:
        say(text("No letter was given to the post room on {day}.", day=on_day))
    for each in found:
        say(
            counted(
                "{source}: {n} letter, {files}.",
                "{source}: {n} letters, {files}.",
                n=each.letters,
                source=each.source,
                files=[str(file) for file in each.files],
            )
        )


@app.command()
def numbers(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help="The list with its numbers (CSV or Excel), or numbers alone, one a line.",
        ),
    ],
    list_day: Annotated[
        date | None,
        typer.Option(
            "--day", metavar="DATE", parser=day, help="Numbers alone: they follow this day's list."
        ),
    ] = None,
    source: Annotated[
        str, typer.Option("--source", help="Numbers alone: the list of this company.")
    ] = "",
    channel: Channel = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Numbers that stand there already were wrong.")
    ] = False,
    by: By = "",
    on: On = None,
) -> None:
    """Take in the numbers that the post gave to registered letters."""
    from incasso.services.sending.post_numbers import take_numbers

    with hub_of(context) as hub:
        report = take_numbers(
            hub,
            acting(hub, by),
            file,
            business_day(hub.config, on),
            day=list_day,
            source=source,
            channels=_by_hand(hub, channel),
            replace=replace,
        )
    for each in report.refused:
        complain(text("row {row}: {problem}.", row=str(each.row), problem=here(each.problem)))
    say(counted("{n} number taken.", "{n} numbers taken.", n=report.taken))
    if report.known:
        say(counted("{n} was known already.", "{n} were known already.", n=report.known))
    if report.open:
        say(counted("{n} letter has none yet.", "{n} letters have none yet.", n=report.open))
    if report.refused:
        raise typer.Exit(PROBLEM)


def _by_hand(hub: Hub, named: list[str] | None) -> list[str]:
    """The channels whose letters people post: those that bring no proof themselves."""
    from incasso.contract.capabilities import ChannelCapability
    from incasso.contract.media import Medium

    known = hub.registry.channels()
    if unknown := [name for name in named or () if name not in {each.id for each in known}]:
        raise typer.BadParameter(
            text(
                "there is no channel “{name}”: {known}",
                name=unknown[0],
                known=[each.id for each in known],
            ),
            param_hint="--channel",
        )
    return list(named or ()) or [
        each.id
        for each in known
        if any(Medium(medium).by_post for medium in each.media)
        and not each.can(ChannelCapability.LEGAL_PROOF)
    ]
