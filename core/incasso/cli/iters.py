"""`iters`: the procedures in and out as files, and what publishing them would bring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.listing import list_command
from incasso.cli.options import By, Format, Listed, On, ReadableFile
from incasso.cli.output import complain, pour, say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import acting
from incasso.contract.text import Text, text
from incasso.store.lists.recovery import ITERS

if TYPE_CHECKING:
    from incasso.services.recovery.iters import ImportReport
    from incasso.services.recovery.preview import Group, Preview

app = typer.Typer()
iters = typer.Typer(help="The procedures: import, export, list.", no_args_is_help=True)
app.add_typer(iters, name="iters")


@iters.command("import")
def import_iters(
    context: typer.Context,
    file: ReadableFile,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what publishing would bring only.")
    ] = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Publish the iters of a file; running cases keep their version."""
    from incasso.services.recovery.iters import publish, read_file, would_publish
    from incasso.services.recovery.preview import preview

    with office_of(context) as office:
        day = business_day(office.config, on)
        actor, read = acting(office, by), read_file(office, file)
        report = would_publish(office, actor, read)
        brings = preview(office, read, day) if report.changed or dry_run else None
        if not dry_run:
            report = publish(office, actor, read, on=day)
    if format is not Format.TABLE:
        show([_fields(report, brings, dry_run)], format, columns=())
        return
    for line in _published(report, dry_run):
        say(line)
    for line in () if brings is None else _brings(brings):
        say(line)
    if report.looking_again:
        say(
            text(
                "The next plan looks at {looking_again} installments.",
                looking_again=report.looking_again,
            )
        )
    if dry_run:
        say(text("Nothing was published."))


@iters.command("export")
def export_iters(
    context: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]", help="Only these; else everything.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Write the published iters as an iter file."""
    from incasso.services.recovery.iters import export

    with office_of(context) as office:
        try:
            written = export(office, keys or ())
        except LookupError as error:
            complain(text("{problem}: see `incasso iters list`.", problem=str(error.args[0])))
            raise typer.Exit(PROBLEM) from None
    if into is None:
        pour(written)
    else:
        into.write_text(written, encoding="utf-8")
        say(text("Written to {into}.", into=into))


list_command(iters, ITERS, "list")


def _published(report: ImportReport, dry_run: bool) -> Iterator[Text]:
    for key, version in report.published:
        if dry_run:
            yield text("{key}: version {version} would be published.", key=key, version=version)
        else:
            yield text("{key}: version {version} published.", key=key, version=version)
    for key in report.unchanged:
        yield text("{key}: unchanged.", key=key)
    if report.exclusions:
        yield text("The exclusions change.") if dry_run else text("Exclusions published.")
    if report.contact_policy:
        yield text("The contact policy changes.") if dry_run else text("Contact policy published.")
    if report.outcomes:
        yield (
            text("The outcomes of contacts change.")
            if dry_run
            else text("Outcomes of contacts published.")
        )


def _brings(found: Preview) -> Iterator[Text]:
    from incasso.locale import entering as words

    if found.running:
        yield words.running_text(found.running)
    for place, number in sorted(found.places.items(), key=lambda item: -item[1]):
        yield words.place_text(place, number)
    for group, said in (
        (found.lost, words.lost_text),
        (found.stopped, words.stopped_text),
        (found.unwanted, words.unwanted_text),
    ):
        if group.installments:
            yield said(group)
    for cold, group in found.cold_starts.items():
        yield words.cold_start_text(cold, group)


def _fields(report: ImportReport, brings: Preview | None, dry_run: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "dry_run": dry_run,
        "published": dict(report.published),
        "unchanged": report.unchanged,
        "exclusions": report.exclusions,
        "contact_policy": report.contact_policy,
        "outcomes": report.outcomes,
        "looking_again": report.looking_again,
        "brings": None,
    }
    if brings is not None:
        fields["brings"] = _preview_fields(brings)
    return fields


def _preview_fields(found: Preview) -> dict[str, Any]:
    return {
        "on": found.on,
        "installments": found.installments,
        "running": found.running,
        "places": [
            {
                "iter": place.iter or None,
                "stage": place.stage or None,
                "today": place.today,
                "blocked_by": place.blocked_by or None,
                "installments": number,
            }
            for place, number in sorted(found.places.items(), key=lambda item: -item[1])
        ],
        "lost": _group_fields(found.lost),
        "stopped": _group_fields(found.stopped),
        "unwanted": _group_fields(found.unwanted),
        "cold_starts": [
            {"iter": cold.iter, "stage": cold.stage, **_group_fields(group)}
            for cold, group in found.cold_starts.items()
        ],
    }


def _group_fields(group: Group) -> dict[str, Any]:
    return {
        "installments": group.installments,
        "clients": group.clients,
        "examples": group.names,
    }
