"""`recover`: account for what left after a copy of the database was put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import asdict

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.options import By, Format, Listed, On, Why
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of
from incasso.cli.who import acting, started_by
from incasso.contract.text import counted, text

if TYPE_CHECKING:
    from incasso.services.running.recover import RecoverReport

app = typer.Typer()


@app.command()
def recover(
    context: typer.Context,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make a new key of the hub: the old one is lost.")
    ] = False,
    accept_unknown: Annotated[
        bool,
        typer.Option(
            "--accept-unknown",
            help="Go on though what left is not known: what may have left waits for approval. "
            "Needs --why.",
        ),
    ] = False,
    why: Why = "",
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """After a copy of the database was put back: account for what left, send nothing."""
    from incasso.services.running.recover import recover as account_for

    if accept_unknown and not why.strip():
        raise typer.BadParameter(text('Say why: `--accept-unknown --why "…"`'))
    with hub_of(context, level=True, warned=False) as hub:
        day = business_day(hub.config, on)
        actor = acting(hub, by) if accept_unknown else started_by(hub, by)
        accepted = why.strip() if accept_unknown else ""
        report = account_for(hub, actor, day, new_key=new_key, accept_unknown=accepted)
    if format is Format.TABLE:
        _tell(report)
    else:
        show([asdict(report)], format, columns=())
    if report.in_doubt or report.problems or report.unknown:
        raise typer.Exit(PROBLEM)


def _tell(report: RecoverReport) -> None:
    if not report.anchored and not report.unknown:
        say(text("The database knows everything that left: there was nothing to recover."))
    if report.lost_batches:
        say(
            counted(
                "{n} batch of the journal is lost with the database that was replaced.",
                "{n} batches of the journal are lost with the database that was replaced.",
                n=report.lost_batches,
            )
        )
    if report.since is not None and report.anchored and report.put_back is None:
        say(
            text(
                "If a copy was put back, what people did after {since} (UTC) is lost: look whether "
                "holds, promises, agreements and users of that time are there.",
                since=f"{report.since:%Y-%m-%d %H:%M}",
            )
        )
    if report.since is not None and report.anchored and report.put_back:
        say(
            text(
                "What people did after {since} (UTC) is lost: holds, promises, agreements and "
                "users of that time must be entered again.",
                since=f"{report.since:%Y-%m-%d %H:%M}",
            )
        )
    if report.left:
        say(
            counted(
                "{n} message had left: it is written down, its stage counts, and it does not leave "
                "again.",
                "{n} messages had left: they are written down, their stages count, and they do not "
                "leave again.",
                n=report.left,
            )
        )
    if report.written:
        say(
            counted(
                "{n} order block or release is in its ERP: it is written down, and is not written "
                "again.",
                "{n} order blocks or releases are in their ERPs: they are written down, and are "
                "not written again.",
                n=report.written,
            )
        )
    if report.not_left:
        say(
            counted(
                "{n} message certainly had not left.",
                "{n} messages certainly had not left.",
                n=report.not_left,
            )
        )
    if report.in_doubt:
        say(
            counted(
                "{n} message is in doubt: look at `incasso deliveries --status uncertain`.",
                "{n} messages are in doubt: look at `incasso deliveries --status uncertain`.",
                n=report.in_doubt,
            )
        )
    if report.held:
        say(
            counted(
                "{n} step may have left already: it waits for approval, see `incasso steps`.",
                "{n} steps may have left already: they wait for approval, see `incasso steps`.",
                n=report.held,
            )
        )
    if report.traced:
        say(
            counted(
                "{n} of them is of a client to whom a mail is known to have left: its reason says "
                "so.",
                "{n} of them are of clients to whom a mail is known to have left: their reason "
                "says so.",
                n=report.traced,
            )
        )
    for problem in report.problems:
        complain(problem)
    if report.unseen:
        complain(report.unseen)
    elif report.unknown:
        complain(
            text(
                "The proof of what left is missing or not whole: what left since is not known, and "
                "nothing may leave. Put the newest archive back and call `incasso recover` again; "
                'if it is lost, `incasso recover --accept-unknown --why "…"` goes on, and '
                "whatever may have left waits for approval."
            )
        )
    if report.anchored:
        say(text("The journal is anchored again: messages may leave."))
