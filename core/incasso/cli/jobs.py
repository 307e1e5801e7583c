"""`worker` and `jobs`: what works in the background, and what it does."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from incasso.cli.listing import printing
from incasso.cli.options import By, one_of
from incasso.cli.output import say
from incasso.cli.place import hub_of, office_of
from incasso.cli.who import started_by
from incasso.contract.text import text
from incasso.domain.office.jobs import QUEUES, STAGES
from incasso.store.lists.jobs import JOBS

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

app = typer.Typer()
jobs = typer.Typer(invoke_without_command=True)
app.add_typer(jobs, name="jobs", help="What is done in the background, and what came of it.")

PARENT: Final = "INCASSO_ENDS_WITH_INPUT"
"""In the environment of a process that another has started, and that ends with it."""

jobs.callback()(printing(JOBS))


@app.command()
def worker(
    context: typer.Context,
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=64, help="So many at once, on PostgreSQL.")
    ] = 1,
    queue: Annotated[
        list[str] | None,
        typer.Option("--queue", help="Only these jobs: ledger, plan, channels; may be repeated."),
    ] = None,
) -> None:
    """Run the daily schedule until stopped."""
    from incasso.cli.log import speak_up
    from incasso.cli.stopping import set_by_signals
    from incasso.services.running.scheduler import work

    queues = one_of(queue, sorted(set(QUEUES.values())))
    speak_up()
    stop = set_by_signals()
    if child := PARENT in os.environ:
        _stop_at_end_of_input(stop)
    with hub_of(context, level=True) as hub:
        alone = hub.store.is_sqlite
        if alone and (processes > 1 or queues):
            raise typer.BadParameter(
                text("a database of SQLite is one process's; several work on PostgreSQL")
            )
        if not child:
            say(text("The schedule runs; stop it with Ctrl-C, what has begun is finished first."))
        if processes == 1:
            work(hub, stop, queues)
    if processes > 1:
        _several(context.obj.config, processes, queues, stop)
    if not child:
        say(text("Stopped."))


def _several(config: Path, processes: int, queues: tuple[str, ...], stop: Event) -> None:
    from incasso.services.running.processes import keep_running

    command = [sys.executable, "-m", "incasso.cli.main", "--config", str(config), "worker"]
    for name in queues:
        command += ["--queue", name]
    os.environ[PARENT] = "yes"
    keep_running(command, processes, stop)


def _stop_at_end_of_input(stop: Event) -> None:
    """A parent that was killed cannot say so; the pipe that it held is closed then."""
    from threading import Thread

    # Straight from the descriptor: a thread that reads sys.stdin holds its lock, and Python, which
    # closes it at the end, then aborts.
    source = sys.stdin.fileno()

    def follow() -> None:
        while os.read(source, 1):
            pass
        stop.set()

    Thread(target=follow, name="parent", daemon=True).start()


@jobs.command()
def start(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="run, sync, collect, plan or dispatch.")
    ] = "run",
    by: By = "",
) -> None:
    """Have it done now by whoever works in the background; messages leave."""
    from incasso.services.running.scheduler import start as begin

    (known,) = one_of([name], list(STAGES))
    with hub_of(context, level=True) as hub:
        number = begin(hub, started_by(hub, by), known, hub.today())
    say(text("Job {number} begins as soon as a worker is there.", number=number))


@jobs.command()
def again(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="As `jobs` shows it.")],
    by: By = "",
) -> None:
    """Have a job that failed tried once more."""
    from incasso.services.running.scheduler import again as try_again

    with office_of(context, level=True) as office:
        try_again(office, started_by(office, by), number)
    say(text("Job {number} begins as soon as a worker is there.", number=number))
