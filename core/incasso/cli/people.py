"""`users`, `assignment`: who works here, and who gets which clients."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from incasso.cli.listing import list_command
from incasso.cli.options import By, On, ReadableFile
from incasso.cli.output import say
from incasso.cli.place import business_day, office_of
from incasso.cli.who import acting
from incasso.contract.text import counted, text
from incasso.locale.labels import ROLES
from incasso.store.lists.office import ASSIGNMENT, USERS

if TYPE_CHECKING:
    from incasso.store.office.acting import StoredScope

users = typer.Typer(help="The people of the office.", no_args_is_help=True)
assignment = typer.Typer(help="The rules that give clients to operators.", no_args_is_help=True)
app = typer.Typer()
app.add_typer(users, name="users")
app.add_typer(assignment, name="assignment")
list_command(users, USERS, "list")
list_command(assignment, ASSIGNMENT, "list")

Login = Annotated[str, typer.Argument(metavar="LOGIN")]
Sources = Annotated[
    list[str] | None, typer.Option("--source", help="Only this company; may be repeated.")
]
Agents = Annotated[
    list[str] | None,
    typer.Option("--agent", metavar="CODE", help="Only clients of this agent; may be repeated."),
]
Depots = Annotated[
    list[str] | None,
    typer.Option("--depot", metavar="CODE", help="Only clients of this depot; may be repeated."),
]
Providers = Annotated[
    list[str] | None,
    typer.Option(
        "--provider",
        metavar="KEY",
        help="What is placed with this provider; of lawyers and agencies; may be repeated.",
    ),
]
Own = Annotated[bool, typer.Option("--own", help="Only clients they are the operator of.")]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input.")]


@users.command("add")
def add_user(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", help="Their name.")] = "",
    email: Annotated[str, typer.Option("--email", help="Their address.")] = "",
    role: Annotated[
        str, typer.Option("--role", help="administrator, credit_manager, operator, lawyer …")
    ] = "operator",
    source: Sources = None,
    agent: Agents = None,
    depot: Depots = None,
    own: Own = False,
    provider: Providers = None,
    stdin: Stdin = False,
    by: By = "",
) -> None:
    """Add somebody; they get a password by `users passwd` or --stdin."""
    from incasso.services.office.people import add_user as add

    password = _read_line() if stdin else None
    with office_of(context) as office:
        add(
            office,
            acting(office, by),
            login,
            on=office.today(),
            name=name,
            email=email,
            role=role,
            scope=_scope(source, agent, depot, own, provider),
            password=password,
        )
    say(text("{login} added as {role}.", login=login, role=ROLES.get(role, role)))


@users.command()
def scope(
    context: typer.Context,
    login: Login,
    source: Sources = None,
    agent: Agents = None,
    depot: Depots = None,
    own: Own = False,
    provider: Providers = None,
    by: By = "",
) -> None:
    """Say anew which clients somebody sees and acts on; without options all of them."""
    from incasso.services.office.people import set_scope

    with office_of(context) as office:
        wanted = _scope(source, agent, depot, own, provider)
        set_scope(office, acting(office, by), login, wanted, on=office.today())
    say(text("{login}: scope kept.", login=login))


@users.command()
def passwd(context: typer.Context, login: Login, stdin: Stdin = False, by: By = "") -> None:
    """Set a password."""
    from incasso.services.office.people import set_password

    with office_of(context) as office:
        if not stdin and not sys.stdin.isatty():
            raise typer.BadParameter(text("nobody to ask: give the password with --stdin"))
        password = _read_line() if stdin else asked(login)
        set_password(office, acting(office, by), login, password, on=office.today())
    say(text("Password of {login} set.", login=login))


@users.command()
def disable(
    context: typer.Context,
    login: Login,
    again: Annotated[bool, typer.Option("--undo", help="Let them work again.")] = False,
    by: By = "",
) -> None:
    """Stop somebody from working; what they did stays."""
    from incasso.services.office.people import set_active

    with office_of(context) as office:
        set_active(office, acting(office, by), login, again, on=office.today())
    if again:
        say(text("{login} works again.", login=login))
    else:
        say(text("{login} disabled.", login=login))


@assignment.command("import")
def import_rules(context: typer.Context, file: ReadableFile, by: By = "", on: On = None) -> None:
    """Replace all rules by those of a file; the next sync uses them."""
    from incasso.services.office.assign import load_rules

    with office_of(context) as office:
        day = business_day(office.config, on)
        count = load_rules(office, acting(office, by), file, on=day)
    say(counted("{n} rule in use.", "{n} rules in use.", n=count))


def asked(login: str) -> str:
    """A new password, typed twice."""
    password: str = typer.prompt(
        text("Password of {login}", login=login), hide_input=True, confirmation_prompt=True
    )
    return password


def _scope(
    sources: list[str] | None,
    agents: list[str] | None,
    depots: list[str] | None,
    own: bool,
    providers: list[str] | None,
) -> StoredScope:
    from incasso.store.office.acting import StoredScope

    return StoredScope(
        sources=tuple(sources) if sources else None,
        agents=tuple(agents) if agents else None,
        depots=tuple(depots) if depots else None,
        own=own,
        providers=tuple(providers) if providers else None,
    )


def _read_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
