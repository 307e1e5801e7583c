"""`report`: what is owed, what messages cost, what providers brought in and ask, summed up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from incasso.cli import limitation_report, provider_reports
from incasso.cli.language import here
from incasso.cli.listing import list_command, print_list, printing
from incasso.cli.options import Format, month_named
from incasso.cli.output import say
from incasso.cli.place import hub_of
from incasso.contract.text import text
from incasso.domain.sending.budget import month_of
from incasso.store.lists.costs import COSTS_BY
from incasso.store.lists.credits import DUE, OVERDUE_BY

app = typer.Typer()
report = typer.Typer(
    help="What is owed, what messages cost, what agencies brought in, summed up.",
    no_args_is_help=True,
)
app.add_typer(report, name="report")


def _overdue(context: typer.Context, given: Mapping[str, Any]) -> None:
    """Print the report that was asked for. Raises BadParameter."""
    by = given["by"]
    if by not in OVERDUE_BY:
        raise typer.BadParameter(
            text("{by!r} is none of {overdue_by}", by=by, overdue_by=list(OVERDUE_BY))
        )
    print_list(OVERDUE_BY[by])(context, given)


_By = Annotated[
    str,
    typer.Option(
        "--by", help="band, client, agent, area, depot, category, operator, rating, method, source."
    ),
]
report.command("overdue")(printing(OVERDUE_BY["band"], _overdue, by=(_By, "band")))
list_command(report, DUE)


def _costs(context: typer.Context, given: Mapping[str, Any]) -> None:
    """Print the costs of a month, or of the days that were given. Raises BadParameter."""
    from incasso.services.sending.budgets import budgets_of

    by, month = given["by"], given["month"]
    if by not in COSTS_BY:
        raise typer.BadParameter(
            text("{by!r} is none of {overdue_by}", by=by, overdue_by=list(COSTS_BY))
        )
    days = {"sent_from": given["sent_from"], "sent_to": given["sent_to"]}
    if month and any(days.values()):
        raise typer.BadParameter(text("give --month, or --from and --to, not both"))
    with hub_of(context) as hub:
        on = month_named(month) or hub.today()
        standing = budgets_of(hub, on)
    if not any(days.values()):
        days["sent_from"], days["sent_to"] = month_of(on)
    print_list(COSTS_BY[by])(context, {**given, **days})
    if given["format"] is Format.TABLE:
        for line in standing:
            say(here(line))


_CostsBy = Annotated[
    str, typer.Option("--by", help="channel, company, iter, stage, client, medium.")
]
_Month = Annotated[
    str, typer.Option("--month", metavar="YYYY-MM", help="Else the month that it is.")
]
report.registered_commands += provider_reports.commands.registered_commands
report.registered_commands += limitation_report.commands.registered_commands
report.command("costs")(
    printing(COSTS_BY["channel"], _costs, by=(_CostsBy, "channel"), month=(_Month, ""))
)
