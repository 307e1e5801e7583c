"""`providers`: agencies, lawyers and their price lists in and out as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.listing import list_command
from incasso.cli.options import By, Format, Listed, On, ReadableFile
from incasso.cli.output import complain, pour, say, show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import acting, reading_scope
from incasso.contract.text import Text, text
from incasso.locale.labels import SERVICES
from incasso.store.lists.listing import Column, Kind
from incasso.store.lists.parties import PROVIDERS

if TYPE_CHECKING:
    from incasso.domain.placement.providers import Provider
    from incasso.services.placement.providers import OfferedService, Published

app = typer.Typer()
providers = typer.Typer(
    help="Agencies and lawyers with their price lists: import, export, list, show.",
    no_args_is_help=True,
)
app.add_typer(providers, name="providers")


@providers.command("import")
def import_providers(
    context: typer.Context,
    file: ReadableFile,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change only.")] = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Publish the providers and price lists of a file; those it does not name stay."""
    from incasso.services.placement.providers import publish, read_file, would_publish

    with office_of(context) as office:
        day = business_day(office.config, on)
        actor, read = acting(office, by), read_file(office, file)
        if dry_run:
            report = would_publish(office, actor, read, on=day)
        else:
            report = publish(office, actor, read, on=day)
    if format is not Format.TABLE:
        fields = {
            "dry_run": dry_run,
            "providers": report.providers,
            "price_lists": report.price_lists,
            "unchanged": report.unchanged,
            "altered": [{"price_list": key, "from": day} for key, day in report.altered],
        }
        show([fields], format)
        return
    for line in _published(report, dry_run):
        say(line)
    for key, day in report.altered:
        complain(
            text(
                "Price list {key}: the version of {day} holds already, and its prices change: so "
                "do the fees of what was handed over since. New prices are a new version.",
                key=key,
                day=day,
            )
        )


def _published(report: Published, dry_run: bool) -> Iterator[Text]:
    for key in report.providers:
        if dry_run:
            yield text("Provider {key} would be published.", key=key)
        else:
            yield text("Provider {key} published.", key=key)
    for key in report.price_lists:
        if dry_run:
            yield text("Price list {key} would be published.", key=key)
        else:
            yield text("Price list {key} published.", key=key)
    for key in report.unchanged:
        yield text("{key}: unchanged.", key=key)
    if dry_run:
        yield text("Nothing was published.")


@providers.command("export")
def export_providers(
    context: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]", help="Only these; else everything.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Write the providers and their price lists as a provider file."""
    from incasso.services.placement.providers import export

    with office_of(context) as office:
        reading_scope(office, hidden_from=PROVIDERS.hidden_from)
        try:
            written = export(office, keys or ())
        except LookupError as error:
            complain(error.args[0])
            raise typer.Exit(PROBLEM) from None
    if into is None:
        pour(written)
    else:
        into.write_text(written, encoding="utf-8")
        say(text("Written to {into}.", into=into))


list_command(providers, PROVIDERS, "list")


@providers.command("show")
def show_one(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its key.")],
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Show a provider: its papers, what each service is told, and what keeps lots from leaving."""
    from incasso.services.placement.providers import carrier_of, show_provider

    with office_of(context) as office:
        reading_scope(office, hidden_from=PROVIDERS.hidden_from)
        try:
            found, services = show_provider(office, key, business_day(office.config, on))
            carrier = carrier_of(office, found)
        except LookupError as error:
            complain(error.args[0])
            raise typer.Exit(PROBLEM) from None
    if format is not Format.TABLE:
        show([_fields(found, services)], format)
        return
    _tell(found, carrier, services)


def _fields(provider: Provider, services: list[OfferedService]) -> dict[str, Any]:
    from incasso.domain.placement.provider_export import as_table
    from incasso.locale.providers import obstacle_text

    fields = as_table(provider, whole=True)
    fields["services"] = [
        {
            "service": each.service,
            "price_list": each.price_list,
            "told": each.told,
            "may_leave": not each.obstacles,
            "obstacles": [
                {"code": one.code, "message": obstacle_text(one)} for one in each.obstacles
            ],
        }
        for each in services
    ]
    return fields


_SERVICES: Final = (
    Column("service", Kind.CODE),
    Column("price_list"),
    Column("may_leave", Kind.PROSE),
    Column("told", Kind.PROSE),
)


def _tell(provider: Provider, carrier: str, services: list[OfferedService]) -> None:
    from incasso.locale.providers import standing_text
    from incasso.locale.showing_providers import described, told_text

    for line in described(provider, carrier):
        say(line)
    rows = [
        {
            "service": each.service,
            "price_list": each.price_list or text("none"),
            "may_leave": standing_text(each.obstacles),
            "told": told_text(each.told),
        }
        for each in services
    ]
    show(rows, Format.TABLE, columns=_SERVICES, labels={"service": SERVICES})
