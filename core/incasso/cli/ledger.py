"""`sync`: the ledger in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.options import By, Format, Listed, On
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of
from incasso.cli.progress import watched
from incasso.cli.who import acting, started_by
from incasso.contract.errors import ConfigurationError

if TYPE_CHECKING:
    from incasso.services.ledger.sync import SyncReport
    from incasso.services.running.hub import Hub

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
    raise ConfigurationError("No company is configured: add a [connectors.…] table to the file.")


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
    """A report for people: what came in, or why nothing did."""
    counts = report.counts
    if not report.good:
        complain(f"{report.source}: {report.status}: {'; '.join(report.reasons)}{_cure(report)}")
        return
    changed = _said(
        (counts.new, "new"),
        (counts.changed, "changed"),
        (counts.paid, "paid"),
        (counts.unpaid, "unpaid"),
        (counts.reopened, "reopened"),
        (counts.renumbered, "renumbered"),
        (counts.merged, "clients merged"),
        (counts.vanished, "vanished"),
        (counts.gone, "deleted"),
        (counts.documents_new + counts.documents_changed, "documents"),
        (counts.payments_new + counts.payments_changed, "payments"),
        (counts.quarantined + counts.history_refused, "in quarantine"),
    )
    say(f"{report.source}: {counts.read} read, {changed or 'nothing changed'}.")
    for warning in report.warnings:
        complain(f"{report.source}: {warning}")
    if counts.quarantined or counts.history_refused:
        complain(f"{report.source}: see `incasso quarantine --source {report.source}`.")


def _cure(report: SyncReport) -> str:
    return f" ({report.hint})" if report.hint else ""


def _said(*parts: tuple[int, str]) -> str:
    return ", ".join(f"{count} {what}" for count, what in parts if count)


def counted(counts: Iterable[tuple[str, int]]) -> str:
    """`3 email, 1 pec`, for a sentence."""
    return _said(*((count, what) for what, count in counts))
