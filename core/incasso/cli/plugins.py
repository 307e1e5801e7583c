"""`incasso plugins …`: what is installed, what a kind wants, and a project for a new one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from incasso.cli import forgetting
from incasso.cli.language import here, language
from incasso.cli.options import Format, Listed
from incasso.cli.output import complain, failure_line, say, show
from incasso.contract.text import text
from incasso.locale.labels import FAMILIES, PLUGIN_STATES, SUPPORT
from incasso.locale.sentences import translated
from incasso.store.lists.listing import Column, Kind

if TYPE_CHECKING:
    from incasso.contract.capabilities import Family, PluginKind
    from incasso.contract.settings import Field
    from incasso.plugins.discovery import Discovery, Failure, Origin

app = typer.Typer(name="plugins", help="For integrators and partners.", no_args_is_help=True)


class FamilyWord(StrEnum):
    """The families as people say them."""

    CONNECTOR = "connector"
    CHANNEL = "channel"
    PROVIDER = "provider"


_FAMILIES = {word.removesuffix("s"): label for word, label in FAMILIES.items()}

_KINDS = (
    Column("family", Kind.CODE),
    Column("kind"),
    Column("package"),
    Column("version"),
    Column("state"),
    Column("summary", Kind.PROSE),
)
_SETTINGS = (
    Column("name", Kind.PROSE),
    Column("type", Kind.PROSE),
    Column("required", Kind.FLAG),
    Column("default", Kind.PROSE),
    Column("unit"),
    Column("help", Kind.PROSE),
)
_CAPABILITIES = (
    Column("name", Kind.PROSE),
    Column("support"),
    Column("note", Kind.PROSE),
)


@app.command("list")
def list_plugins(format: Listed = Format.TABLE) -> None:
    """List the kinds that are installed, and packages that cannot be used."""
    from incasso.plugins.discovery import discover

    found = discover()
    rows = [_kind_row(found, *key) for key in sorted(found.kinds) if key[1] == _named(found, key)]
    rows += [_failure_row(failure) for failure in found.failures]
    show(rows, format, columns=_KINDS, labels={"state": PLUGIN_STATES, "family": _FAMILIES})
    for failure in found.failures:
        complain(failure_line(failure))


def _named(found: Discovery, key: tuple[Family, str]) -> str:
    return found.kinds[key].name


def _kind_row(found: Discovery, family: Family, name: str) -> dict[str, Any]:
    kind = found.kinds[family, name]
    return {
        "family": _word(kind),
        "kind": name,
        "summary": kind.summary,
        "api": kind.api,
        **_origin(found.brought_by[family, name].origin),
        "state": "ready",
        "reason": "",
        "hint": "",
    }


def _failure_row(failure: Failure) -> dict[str, Any]:
    """A package, or one kind of it, that cannot be used: why, since when, and what to do."""
    from incasso.plugins.states import CURES

    return {
        "family": "",
        "kind": failure.kind or failure.package,
        "summary": failure.reason,
        "api": None,
        **_origin(failure.origin),
        "state": failure.state,
        "reason": failure.reason,
        "hint": failure.hint or CURES[failure.state],
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "package": origin.distribution,
        "version": origin.version,
        "installed_at": origin.installed,
    }


@app.command()
def describe(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="E.g. csv, or connector csv.")],
    family: Annotated[
        FamilyWord | None, typer.Option("--family", help="If two families have that kind.")
    ] = None,
    format: Listed = Format.TABLE,
) -> None:
    """Show settings, limits and capabilities of a kind."""
    from incasso.contract.settings import nearest
    from incasso.plugins.discovery import discover

    kinds = discover().kinds.values()
    wanted = {
        each.family: each
        for each in kinds
        if kind in (each.name, *each.formerly) and (family is None or _word(each) == family.value)
    }
    if len(wanted) != 1:
        names = [each.name for each in kinds]
        doubt = (
            text("“{kind}” is in {n} families: add --family", kind=kind, n=len(wanted))
            if wanted
            else text(
                "no kind “{kind}” is installed; {near}",
                kind=kind,
                near=nearest(kind, names) or text("none is"),
            )
        )
        raise typer.BadParameter(doubt)
    fields = describing(next(iter(wanted.values())))
    if format is Format.TABLE:
        _tell(fields)
    else:
        show([fields], format, columns=())


@app.command()
def new(
    family: Annotated[FamilyWord, typer.Argument(metavar="FAMILY")],
    name: Annotated[str, typer.Argument(metavar="NAME")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="Else incasso-NAME here.")
    ] = None,
) -> None:
    """Write the project of a new plugin; its tests say what is left to do."""
    from incasso.contract.capabilities import Family
    from incasso.plugins.scaffold import create

    folder = into or Path(f"incasso-{name.replace('_', '-')}")
    files = create(Family[family.name], name, folder)
    say(text("{n} files written to {folder}. Next:", n=len(files), folder=str(folder)))
    say(text("  cd {folder} && pip install -e '.[dev]' && pytest", folder=str(folder)))


app.add_typer(forgetting.app)


def describing(kind: PluginKind) -> dict[str, Any]:
    """Everything a kind declares, for programs and for the page about it."""
    import msgspec

    from incasso.contract.settings import declared

    return {
        "family": _word(kind),
        "kind": kind.name,
        "summary": kind.summary,
        "media": list(kind.media),
        "settings": list(_settings(declared(kind.settings))),
        "capabilities": [
            {"name": name.value, "support": given.support.value, "note": given.note}
            for name, given in sorted(kind.capabilities.items())
        ],
        "limits": msgspec.structs.asdict(kind.limits),
        "api": kind.api,
        "docs_url": kind.docs_url,
    }


def _settings(fields: Iterable[Field], inside: str = "") -> Iterator[dict[str, Any]]:
    """One row for each key; those of a table inside the table follow it, with its name before."""
    from incasso.contract.settings import declared
    from incasso.contract.settings.fields import is_table

    for field in fields:
        yield {
            "name": f"{inside}{field.key}",
            "type": f"{_type(field.type)}",
            "required": field.required,
            "default": None if field.required else _plain(field.default),
            "unit": field.unit,
            "help": field.help,
        }
        for kind in (field.type, *get_args(field.type)):
            if is_table(kind):
                yield from _settings(declared(kind), f"{inside}{field.key}.")


def _tell(fields: dict[str, Any]) -> None:
    media = f" ({', '.join(fields['media'])})" if fields["media"] else ""
    say(f"{fields['family']} {fields['kind']}{media}: {here(fields['summary'])}\n")
    say(text("Settings:"))
    settings = [
        {name: _here(value) if name in _WORDY else value for name, value in one.items()}
        for one in fields["settings"]
    ]
    show(settings, Format.TABLE, columns=_SETTINGS)
    say(text("Capabilities:"))
    show(fields["capabilities"], Format.TABLE, columns=_CAPABILITIES, labels={"support": SUPPORT})
    limits = ", ".join(f"{name} {value}" for name, value in fields["limits"].items() if value)
    say(text("Limits: {limits}.", limits=limits))
    if fields["docs_url"]:
        say(text("More: {docs_url}", docs_url=fields["docs_url"]))


_WORDY = ("type", "unit", "help")


def _here(words: str) -> str:
    """Help is a plain string where it is declared."""
    return translated(words, language())


def _word(kind: PluginKind) -> str:
    return kind.family.value.removesuffix("s")


def _type(kind: Any) -> str:
    """A type as an integrator reads it: `text`, `whole number`, `list of text`."""
    from typing import Annotated, get_origin

    from incasso.contract.settings.fields import is_table

    if get_origin(kind) is Annotated:
        return _type(get_args(kind)[0])
    inner = [_type(each) for each in get_args(kind) if each not in (Ellipsis, type(None))]
    name = getattr(kind, "__name__", str(kind))
    if is_table(kind):
        return text("table")
    if name in ("tuple", "list"):
        return text("list of {inner}", inner=inner[0]) if inner else "list"
    if name in ("Mapping", "dict"):
        return text("table")
    if inner:
        return " | ".join(inner)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(kind)
    return _TYPES.get(name, name)


_TYPES = {
    "str": "text",
    "int": text("whole number"),
    "bool": text("true or false"),
    "Decimal": "number",
    "Path": "path",
    "Secret": text("secret: {{ env = … }} or {{ file = … }}"),
    "date": "date",
}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (bool, int, str, list, type(None))) else str(value)
