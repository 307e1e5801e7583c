"""`sync`: read the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.options import By, Format, Listed, On
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of
from incasso.cli.progress import watched
from incasso.cli.who import acting, started_by
from incasso.contract.errors import ConfigurationError
from incasso.contract.text import Text, counted, in_a_row, text
from incasso.domain.ledger.states import RunStatus

if TYPE_CHECKING:
    from incasso.services.hub.hub import Hub
    from incasso.services.ledger.sync import SyncReport
    from incasso.services.ledger.sync_report import SyncCounts

app = typer.Typer()


@app.command()
def sync(
    context: typer.Context,
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="One company; else every one.")
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Accept a drop that the guard stopped.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Read everything, even if only changes are due.")
    ] = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Read the ledger: all sources, or one."""
    from incasso.services.ledger.sync import sync as read_source

    with hub_of(context, level=True) as hub, watched() as progress:
        day = business_day(hub.config, on)
        names = [source] if source else every_source(hub)
        actor = acting(hub, by) if confirm else started_by(hub, by)
        reports = [
            read_source(hub, actor, name, day, confirm, progress, full=full) for name in names
        ]
    if format is not Format.TABLE:
        show([as_fields(report) for report in reports], format, columns=())
    else:
        for report in reports:
            tell(report)
    if not all(report.good for report in reports):
        raise typer.Exit(PROBLEM)


def every_source(hub: Hub) -> list[str]:
    """The configured sources in the order of the file. Raises ConfigurationError for none."""
    if names := [connector.id for connector in hub.registry.connectors()]:
        return names
    raise ConfigurationError(
        text("No company is configured: add a [connectors.…] table to the file.")
    )


def as_fields(report: SyncReport) -> dict[str, Any]:
    """A report for programs; totals in the currency's own decimals."""
    from dataclasses import asdict

    from incasso.domain.money import from_minor

    totals = {
        currency: {"open_items": total.items, "residual": from_minor(total.residual, currency)}
        for currency, total in sorted(report.after.items())
    }
    fields = ("source", "run", "status", "reasons", "hint", "confirmed", "warnings")
    return {
        **{name: getattr(report, name) for name in fields},
        "counts": asdict(report.counts),
        "totals": totals,
    }


def tell(report: SyncReport) -> None:
    """A report for people: what was read, or why nothing was."""
    counts = report.counts
    if not report.good:
        complain(_failure(report))
        return
    changed = list(_changes(counts)) or text("nothing changed")
    say(
        counted(
            "{source}: 1 read, {changed}.",
            "{source}: {n} read, {changed}.",
            n=counts.read,
            source=report.source,
            changed=changed,
        )
    )
    for warning in report.warnings:
        complain(text("{source}: {problem}", source=report.source, problem=warning))
    if counts.clients_doubtful:
        complain(
            counted(
                "{source}: {n} new or changed client has an address or number that cannot be "
                "right: see `incasso client-problems`.",
                "{source}: {n} new or changed clients have an address or number that cannot be "
                "right: see `incasso client-problems`.",
                n=counts.clients_doubtful,
                source=report.source,
            )
        )
    if counts.quarantined or counts.history_refused:
        complain(
            text("{source}: see `incasso quarantine --source {source}`.", source=report.source)
        )


def _failure(report: SyncReport) -> Text:
    why = in_a_row(report.reasons)
    if report.hint:
        why = text("{problem} ({cure})", problem=why, cure=report.hint)
    if report.status is RunStatus.STOPPED:
        return text("{source}: stopped: {problem}", source=report.source, problem=why)
    return text("{source}: failed: {problem}", source=report.source, problem=why)


def _changes(counts: SyncCounts) -> Iterator[Text]:
    documents = counts.documents_new + counts.documents_changed
    payments = counts.payments_new + counts.payments_changed
    refused = counts.quarantined + counts.history_refused
    for n, words in (
        (counts.new, counted("{n} new", "{n} new", n=counts.new)),
        (counts.changed, counted("{n} changed", "{n} changed", n=counts.changed)),
        (counts.paid, counted("1 paid", "{n} paid", n=counts.paid)),
        (counts.unpaid, counted("1 unpaid", "{n} unpaid", n=counts.unpaid)),
        (counts.reopened, counted("1 reopened", "{n} reopened", n=counts.reopened)),
        (counts.renumbered, counted("1 renumbered", "{n} renumbered", n=counts.renumbered)),
        (counts.merged, counted("{n} client merged", "{n} clients merged", n=counts.merged)),
        (counts.vanished, counted("1 vanished", "{n} vanished", n=counts.vanished)),
        (counts.gone, counted("1 deleted", "{n} deleted", n=counts.gone)),
        (documents, counted("{n} document", "{n} documents", n=documents)),
        (payments, counted("{n} payment", "{n} payments", n=payments)),
        (refused, text("{n} in quarantine", n=refused)),
    ):
        if n:
            yield words
