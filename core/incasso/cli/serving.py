"""`serve` and `tokens`: the HTTP interface, and the programs that may use it."""

from __future__ import annotations

import os
from datetime import date
from typing import Annotated, Final

import typer

from incasso.cli.listing import list_command
from incasso.cli.options import By, day
from incasso.cli.output import say
from incasso.cli.place import level_store, office_of
from incasso.cli.who import acting
from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.locale.system_words import system_words
from incasso.store.lists.office import TOKENS

APPLICATION: Final = "incasso.web.app:from_environment"
"""By name, because `cli` and `web` never import each other."""

PROTOCOL: Final = "incasso.web.patience:PatientProtocol"

CONNECTIONS: Final = 1000
"""At the same time; one more is told to come again."""

CONFIG_VARIABLE: Final = "INCASSO_CONFIG"

app = typer.Typer()
tokens = typer.Typer(help="Programs that may ask over HTTP.", no_args_is_help=True)
app.add_typer(tokens, name="tokens")


class PortError(IncassoError):
    """The address is taken or not ours; choose another with --port or --host."""


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for every one.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")
    ] = 8321,
) -> None:
    """Answer programs over HTTP until stopped."""
    import uvicorn

    from incasso.cli.log import speak_up

    level_store(context)
    _need_free(host, port)
    speak_up()
    os.environ[CONFIG_VARIABLE] = str(context.obj.config.absolute())
    say(text("http://{host}:{port}/api/v1 answers; stop it with Ctrl-C.", host=host, port=port))
    uvicorn.run(
        APPLICATION,
        factory=True,
        host=host,
        port=port,
        log_config=None,  # ours: a line an event, no tracebacks
        log_level="warning",
        access_log=False,
        http=PROTOCOL,
        ws="none",
        limit_concurrency=CONNECTIONS,
        server_header=False,
        date_header=True,
    )
    say("Stopped.")


@tokens.command("add")
def add_token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which program gets it.")],
    scope: Annotated[list[str], typer.Option("--scope", help="credit-status or blocked.")],
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Only this company; may be repeated.")
    ] = None,
    expires: Annotated[
        date | None,
        typer.Option("--expires", metavar="DATE", parser=day, help="Its last day; else none."),
    ] = None,
    by: By = "",
) -> None:
    """Make a token for a program; it is shown once, now."""
    from incasso.services.office.tokens import add_token as add

    with office_of(context, level=True) as office:
        who = acting(office, by)
        token = add(
            office,
            who,
            name,
            scopes=scope,
            sources=source or (),
            expires=expires,
            on=office.today(),
        )
    say(token)


list_command(tokens, TOKENS, "list")


@tokens.command("revoke")
def revoke_token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `tokens list` shows it.")],
    by: By = "",
) -> None:
    """Revoke a token."""
    from incasso.services.office.tokens import revoke_token as revoke

    with office_of(context, level=True) as office:
        revoke(office, acting(office, by), name, on=office.today())
    say(text("{name} revoked.", name=name))


def _need_free(host: str, port: int) -> None:
    """Checks the port first: Uvicorn would exit with its own code. Raises PortError."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        reason = system_words(error)
        raise PortError(
            text(
                "{host}:{port}: {reason}; choose another with --port or --host",
                host=host,
                port=port,
                reason=reason,
            )
        ) from None
