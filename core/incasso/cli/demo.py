"""`incasso demo`: a ready office to try."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from incasso.cli.options import day
from incasso.cli.output import complain, console

app = typer.Typer()


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the office is made.")
    ] = Path("demo-office"),
    seed: Annotated[int, typer.Option("--seed", help="Another number, another office.")] = 2026,
    start: Annotated[
        date | None,
        typer.Option("--start", parser=day, metavar="DATE", help="Its first day."),
    ] = None,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=26, help="How many it lives.")] = 6,
) -> None:
    """Make a ready office and live through some weeks of it."""
    from incasso.demo.play import START, play

    summary = play(folder, seed=seed, start=start or START, weeks=weeks, echo=complain)
    console().print(summary)
