"""`init`, `check`, `users`, `verify`, `report`: the office itself."""

from __future__ import annotations

import sys
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.acts import system_login
from incasso.cli.failures import MISUSE, PROBLEM
from incasso.cli.options import (
    Agent,
    Area,
    By,
    Client,
    Depot,
    Format,
    Limit,
    Listed,
    On,
    Operator,
    Source,
)
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of, reading
from incasso.contract.errors import ConfigurationError

if TYPE_CHECKING:
    from incasso.runtime.registry import Checked
    from incasso.services.hub import Hub

app = typer.Typer()
users = typer.Typer(help="The people of the office.", no_args_is_help=True)
report = typer.Typer(help="What is owed, summed up.", no_args_is_help=True)
app.add_typer(users, name="users")
app.add_typer(report, name="report")

Login = Annotated[str, typer.Argument(metavar="LOGIN")]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input.")]


@app.command()
def init(
    context: typer.Context,
    login: Annotated[str, typer.Option("--login", help="The first administrator.")] = "admin",
    name: Annotated[str, typer.Option("--name", help="Their name.")] = "",
    email: Annotated[str, typer.Option("--email", help="Their address.")] = "",
) -> None:
    """Create or update the database, with a first administrator."""
    from incasso.services.office import set_password
    from incasso.services.setup import init as set_up

    with hub_of(context, initialised=False) as hub:
        made = set_up(hub, login=login, name=name, email=email)
        say(f"The database is ready (revision {made.revision}).")
        if made.texts:
            say(f"{made.texts} texts installed.")
        if not made.administrator:
            return
        if sys.stdin.isatty() and sys.stdout.isatty():
            password = _asked(made.administrator)
            set_password(hub, login, password, by=login, on=hub.today())
            say(f"Administrator {login} made.")
        else:
            say(f"Administrator {login} made; set a password: `incasso users passwd {login}`.")


@app.command()
def check(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]", help="Only these instances.")
    ] = None,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Check every plugin instance: settings, connection, what it declares."""
    from incasso.runtime.states import State

    with hub_of(context, initialised=False) as hub:
        checked = _checked(hub, names or (), business_day(hub.config, on))
        columns = "family id kind state identity reason hint".split()
        show(map(_instance, checked), format, columns=columns)
        for failure in hub.registry.failures():
            complain(f"{failure.package}: {failure.state}: {failure.reason}")
        for one in checked:
            for problem in one.problems:
                complain(str(problem))
    states = {one.view.state for one in checked} - {State.READY, State.DISABLED}
    if states & {State.MISCONFIGURED, State.UNKNOWN_KIND}:
        raise typer.Exit(MISUSE)
    if states:
        raise typer.Exit(PROBLEM)


def _checked(hub: Hub, names: Collection[str], on: date) -> list[Checked]:
    """Check these instances, or all of them. Raises ConfigurationError for an unknown name."""
    from incasso.runtime.problems import nearest

    # A name that two tables share stands twice in the file and is checked once.
    known = list(dict.fromkeys(view.id for view in hub.registry.instances()))
    for name in names:
        if name not in known:
            raise ConfigurationError(f"No table is called {name}: {nearest(name, known)}")
    return [hub.registry.check(name, on) for name in names or known]


def _instance(checked: Checked) -> dict[str, Any]:
    view, report = checked.view, checked.report
    return {
        "family": view.family.value,
        "id": view.id,
        "kind": view.kind,
        "state": view.state.value,
        "since": view.since,
        "reason": view.reason,
        "hint": view.hint,
        "identity": report.remote_identity if report else "",
        "warnings": [warning.message for warning in report.warnings] if report else [],
        "problems": [str(problem) for problem in checked.problems],
    }


@app.command()
def verify(context: typer.Context, format: Listed = Format.TABLE) -> None:
    """Prove that journal and archive are as they were written."""
    from incasso.services.verify import verify_store

    with reading(context) as (_, store):
        found = verify_store(store)
    if format is not Format.TABLE:
        fields = {name: getattr(found, name) for name in found.__struct_fields__}
        show([fields | {"good": found.good}], format, columns=())
    else:
        say(
            f"{found.events} events in {found.batches} batches, {found.files} files, "
            f"{found.deliveries} deliveries looked at."
        )
        for problem in found.problems:
            complain(problem)
        say(f"All is as it was written; head {found.head}." if found.good else "NOT as written.")
    if not found.good:
        raise typer.Exit(PROBLEM)


@users.command("list")
def list_users(context: typer.Context, format: Listed = Format.TABLE) -> None:
    """List the people of the office."""
    from incasso.services.office import users as everybody

    with reading(context) as (config, store), store.read() as connection:
        columns = "login name email role active".split()
        show(everybody(connection), format, columns=columns, office=config)


@users.command("add")
def add_user(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", help="Their name.")] = "",
    email: Annotated[str, typer.Option("--email", help="Their address.")] = "",
    role: Annotated[
        str, typer.Option("--role", help="administrator, credit_manager, operator, lawyer …")
    ] = "operator",
    stdin: Stdin = False,
    by: By = "",
) -> None:
    """Add somebody; they get a password by `users passwd` or --stdin."""
    from incasso.services.office import add_user as add

    password = _read_line() if stdin else None
    with hub_of(context) as hub:
        who, on = by or system_login(), hub.today()
        add(hub, login, by=who, on=on, name=name, email=email, role=role, password=password)
    say(f"{login} added as {role}.")


@users.command()
def passwd(context: typer.Context, login: Login, stdin: Stdin = False, by: By = "") -> None:
    """Set a password."""
    from incasso.services.office import set_password

    with hub_of(context) as hub:
        if not stdin and not sys.stdin.isatty():
            raise typer.BadParameter("nobody to ask: give the password with --stdin")
        password = _read_line() if stdin else _asked(login)
        set_password(hub, login, password, by=by or system_login(), on=hub.today())
    say(f"Password of {login} set.")


@users.command()
def disable(
    context: typer.Context,
    login: Login,
    again: Annotated[bool, typer.Option("--undo", help="Let them work again.")] = False,
    by: By = "",
) -> None:
    """Stop somebody from working; what they did stays."""
    from incasso.services.office import set_active

    with hub_of(context) as hub:
        set_active(hub, login, again, by=by or system_login(), on=hub.today())
    say(f"{login} {'works again' if again else 'disabled'}.")


@report.command()
def overdue(
    context: typer.Context,
    by: Annotated[
        str,
        typer.Option("--by", help="band, client, agent, area, depot, operator, method, source."),
    ] = "band",
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    seasonal: Annotated[bool | None, typer.Option("--seasonal/--not-seasonal")] = None,
    late_only: Annotated[bool, typer.Option("--late-only", help="Only who is late.")] = False,
    on: On = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """Sum credits by total: by band of lateness, client, agent or area."""
    from incasso.services import report as reports

    wanted = reports.CreditFilter(
        source=source,
        client=client,
        agent=agent,
        area=area,
        depot=depot,
        operator=operator,
        seasonal=seasonal,
    )
    shown = (by, "client_name") if by == "client" else (by,)
    columns = (*shown, "currency", "count", "total")
    if by != "band":
        columns = (*columns, "not_due", *reports.BAND_NAMES)
    with reading(context) as (config, store), store.read() as connection:
        day = business_day(config, on)
        show(
            reports.overdue(connection, by, wanted, day, late_only=late_only),
            format,
            columns=columns,
            office=config,
            limit=limit,
            right=reports.BAND_NAMES,
        )


@report.command()
def due(
    context: typer.Context,
    source: Source = None,
    client: Client = None,
    agent: Agent = None,
    area: Area = None,
    depot: Depot = None,
    operator: Operator = None,
    on: On = None,
    limit: Limit = None,
    format: Listed = Format.TABLE,
) -> None:
    """Sum credits by client and single due date."""
    from incasso.services import report as reports

    wanted = reports.CreditFilter(
        source=source, client=client, agent=agent, area=area, depot=depot, operator=operator
    )
    with reading(context) as (config, store), store.read() as connection:
        show(
            reports.credits_by_due_date(connection, wanted, business_day(config, on)),
            format,
            columns="source client client_name due_date overdue_days count total currency".split(),
            office=config,
            limit=limit,
        )


def _asked(login: str) -> str:
    password: str = typer.prompt(f"Password of {login}", hide_input=True, confirmation_prompt=True)
    return password


def _read_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
