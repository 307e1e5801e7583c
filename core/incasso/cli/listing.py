"""Commands that print a list: options, table and JSON derive from how the list is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from incasso.cli.known_words import codes_of
from incasso.cli.options import Format, Limit, Listed, On, day, one_of
from incasso.cli.output import show
from incasso.cli.place import business_day, office_of
from incasso.cli.who import reading_scope
from incasso.contract.settings import nearest
from incasso.contract.text import text as sentence
from incasso.store.lists.listing import Asks, Column, Fields, Filter, Listing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from incasso.domain.office.actor import Scope
    from incasso.plugins.settings.config import HubConfig
    from incasso.store.lists.unknown_names import UnknownName

_FEW: Final = 12
"""So many names are listed; of more only the nearest is told."""

_LISTED_BY: Final = {"users.login": "incasso users list", "iters.key": "incasso iters list"}
"""Which command shows the names that a filter may give; else the list of clients."""

Run: TypeAlias = Callable[[typer.Context, Mapping[str, Any]], None]
"""What a command does with its options."""

READER: Final = "reader"
FILTERS: Final = "filters"
"""In the options of `filtering`: the values of filters."""

Reader: TypeAlias = Annotated[
    str,
    typer.Option("--by", metavar="LOGIN", help="Who reads; the list shows what they may see."),
]
Columns: TypeAlias = Annotated[
    str | None,
    typer.Option("--columns", metavar="NAMES", help="Only these columns, comma between."),
]


def list_command(
    app: typer.Typer, listing: Listing, name: str = "", run: Run | None = None
) -> None:
    """Give an application the command that prints this list."""
    app.command(name or listing.name)(printing(listing, run))


def printing(
    listing: Listing, run: Run | None = None, **options: tuple[Any, Any]
) -> Callable[..., None]:
    """The function behind the command, with one parameter for each option.

    `run` is done with the options instead of printing the list at once; `options` are further
    ones, the type as Typer reads it and the default.
    """

    def command(context: typer.Context, **given: Any) -> None:
        if context.invoked_subcommand is None:
            _check_spans(listing, given)
            (run or print_list(listing))(context, given)

    further = (_parameter(name, *option) for name, option in options.items())
    # `report overdue --by` says what to sum by; there only INCASSO_USER says who reads.
    left_out = READER if "by" in options else ""
    context, *rest = (each for each in _parameters(listing) if each.name != left_out)
    parameters = [context, *further, *rest]
    command.__doc__ = listing.help
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def filtering(listing: Listing, run: Run, **options: tuple[Any, Any]) -> Callable[..., None]:
    """A command that does something with what a list's filters let through: their options and the
    business date, and further ones. `run` gets the values of filters as the list knows them; the
    list's help is the command's."""

    def command(context: typer.Context, **given: Any) -> None:
        wanted = {
            each.name: _value(each, listing, given.pop(each.name)) for each in listing.filters
        }
        run(context, {**given, FILTERS: {name: one for name, one in wanted.items() if one}})

    further = [_parameter(name, *option) for name, option in options.items()]
    filters = [
        _parameter(each.name, _option(each), False if each.asks is Asks.SWITCH else None)
        for each in listing.filters
    ]
    context = _parameter("context", typer.Context, inspect.Parameter.empty)
    parameters = [context, *further, *filters, _parameter("on", On, None)]
    command.__doc__ = listing.help
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def print_list(listing: Listing) -> Run:
    """The function that prints this list."""

    def run(context: typer.Context, given: Mapping[str, Any]) -> None:
        with office_of(context) as office:
            scope = reading_scope(office, given.get(READER, ""), listing.hidden_from)
            with office.store.read() as connection:
                show_list(connection, office.config, scope, listing, given)

    return run


def show_list(
    connection: Connection,
    config: HubConfig,
    scope: Scope,
    listing: Listing,
    given: Mapping[str, Any],
) -> None:
    """Print a list as the options say."""
    from incasso.store.lists.reading import read_list

    wanted = {each.name: _value(each, listing, given[each.name]) for each in listing.filters}
    columns = _columns(listing, given["columns"]) or listing.shown_with(wanted)
    on = business_day(config, given["on"]) if listing.dated else None
    rows = read_list(
        connection,
        listing,
        scope,
        on=on,
        also=[column.key for column in columns],
        **wanted,
    )
    rows = _told_if_empty(rows, connection, listing, scope, wanted)
    if given["columns"]:
        rows = _chosen(rows, columns)
    show(rows, given["format"], columns=columns, office=config, limit=given["limit"])


def _told_if_empty(
    rows: Generator[Fields],
    connection: Connection,
    listing: Listing,
    scope: Scope,
    wanted: Mapping[str, Any],
) -> Generator[Fields]:
    """The same rows. Raises BadParameter where there are none because a filter names nothing."""
    from incasso.store.lists.unknown_names import unknown_name

    # Before anything is printed: machine formats begin with a bracket.
    first = next(rows, None)
    if first is None and (found := unknown_name(connection, listing, scope, wanted)):
        raise typer.BadParameter(_nobody(found, listing))
    return _again(first, rows)


def _again(first: Fields | None, rows: Generator[Fields]) -> Generator[Fields]:
    with closing(rows):
        if first is not None:
            yield first
            yield from rows


def _nobody(found: UnknownName, listing: Listing) -> str:
    """A filter that names nothing, with what is near it or where to look."""
    one = next(each for each in listing.filters if each.name == found.filter)
    place = _LISTED_BY.get(one.among, "incasso clients")
    otherwise = "" if 0 < len(found.known) <= _FEW else sentence("see `{command}`", command=place)
    return sentence(
        "none is called {value!r}: {hint}",
        value=found.value,
        hint=nearest(found.value, found.known, otherwise=otherwise) or otherwise,
    )


def _parameters(listing: Listing) -> Iterator[inspect.Parameter]:
    yield _parameter("context", typer.Context, inspect.Parameter.empty)
    for each in listing.filters:
        yield _parameter(each.name, _option(each), False if each.asks is Asks.SWITCH else None)
    if listing.dated:
        yield _parameter("on", On, None)
    yield _parameter(READER, Reader, "")
    yield _parameter("limit", Limit, None)
    yield _parameter("columns", Columns, None)
    yield _parameter("format", Listed, Format.TABLE)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _option(one: Filter) -> Any:
    """The type of a filter's option, as Typer reads it."""
    name = one.option or f"--{one.name.replace('_', '-')}"
    more: dict[str, Any] = {"help": one.help, "metavar": one.metavar or None}
    match one.asks:
        case Asks.FLAG:
            return Annotated[bool | None, typer.Option(f"{name}/--not-{name[2:]}", **more)]
        case Asks.SWITCH:
            return Annotated[bool, typer.Option(name, **more)]
        case Asks.NUMBER:
            return Annotated[int | None, typer.Option(name, **more)]
        case Asks.ONE_OF:
            return Annotated[list[str] | None, typer.Option(name, **more)]
        case Asks.FIRST_DAY | Asks.LAST_DAY:
            return Annotated[date | None, typer.Option(name, parser=day, **more)]
    return Annotated[str | None, typer.Option(name, **more)]


def _value(one: Filter, listing: Listing, given: Any) -> Any:
    """The typed text as the list's filter value. Raises BadParameter."""
    if one.asks is Asks.ONE_OF and one.known is not None:
        return codes_of(one, listing, given or ())
    if one.known is not None and not one.among and given is not None:
        return codes_of(one, listing, [given])[0]
    if one.asks is Asks.LATENESS and given is not None:
        return _lateness(given)
    return given


def _check_spans(listing: Listing, given: Mapping[str, Any]) -> None:
    """A span that ends before it begins holds no day. Raises BadParameter."""
    for first, last in pairwise(listing.filters):
        if (first.asks, last.asks) != (Asks.FIRST_DAY, Asks.LAST_DAY):
            continue
        begins, ends = given[first.name], given[last.name]
        if begins is not None and ends is not None and ends < begins:
            raise typer.BadParameter(
                sentence(
                    "{ends} is before {begins}: give the earlier day to {first}, the later one to "
                    "{last}",
                    begins=begins,
                    ends=ends,
                    first=first.option,
                    last=last.option,
                )
            )


def _lateness(text: str) -> tuple[int, int | None]:
    """`31-60` is a first and last day late, `90+` has no last."""
    first, dash, last = text.removesuffix("+").partition("-")
    open_ended = text.endswith("+") and not dash
    if not first.isdecimal() or not (open_ended or last.isdecimal()):
        raise typer.BadParameter(
            sentence("{text!r} is not a span of days; write 31-60 or 90+", text=text)
        )
    if not open_ended and int(last) < int(first):
        raise typer.BadParameter(
            sentence(
                "{text!r} ends before it begins; write {last}-{first}",
                text=text,
                first=first,
                last=last,
            )
        )
    return int(first), None if open_ended else int(last)


def _columns(listing: Listing, named: str | None) -> tuple[Column, ...]:
    """The columns named, in that order. Raises BadParameter."""
    if named is None:
        return ()
    known = {column.key: column for column in listing.columns}
    keys = [key.strip() for key in named.split(",") if key.strip()]
    if not keys:
        raise typer.BadParameter(sentence("name at least one column: {known}", known=list(known)))
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise typer.BadParameter(sentence("{names} twice: name it once", names=twice))
    return tuple(known[key] for key in one_of(keys, known))


def _chosen(rows: Generator[Fields], columns: Iterable[Column]) -> Generator[Fields]:
    keys = [column.key for column in columns]
    with closing(rows):
        for row in rows:
            yield {key: row[key] for key in keys}
