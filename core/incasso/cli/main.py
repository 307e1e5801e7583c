"""The `incasso` command: gather the commands, run one, tell its errors in a sentence."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from incasso.cli import (
    acts,
    decisions,
    demo,
    integration,
    invoices,
    ledger,
    lists,
    office,
    orders,
    people,
    plugins,
    recovery,
    serving,
    special_acts,
    templates,
)
from incasso.cli.failures import FINE, PROBLEM, exit_code_and_lines
from incasso.cli.help import framed, translate
from incasso.cli.language import DEFAULT_CONFIG, language, listen
from incasso.cli.log import keep_quiet
from incasso.cli.output import complain
from incasso.cli.place import Place

app = typer.Typer(
    name="incasso",
    help="Credit management: the ledger in, decisions made, messages out, proof kept.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def place(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", metavar="PATH", help="The configuration file.")
    ] = Path(DEFAULT_CONFIG),
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of whatever goes wrong.")
    ] = False,
) -> None:
    """Take what is said before the command."""
    context.obj = Place(config=config, debug=debug)


acts.add_commands(special_acts.BY_HAND.get)
THEMED = (
    office,
    integration,
    ledger,
    recovery,
    decisions,
    lists,
    invoices,
    orders,
    people,
)
for themed in (*THEMED, serving):
    app.add_typer(themed.app)
app.add_typer(acts.app, name="act")
app.add_typer(templates.app, name="templates")
app.add_typer(plugins.app, name="plugins")
app.add_typer(demo.app)


_INTERRUPTED = 130
"""What Typer makes of Ctrl-C, without a word."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 fine, 1 a problem in data or operation, 2 wrong usage or configuration."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        # A service manager's stop is a Ctrl-C: what is open is rolled back, sessions log off.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    listen(words)
    debug = "--debug" in words
    if not debug:
        warnings.simplefilter("ignore")
        keep_quiet()
    try:
        code = _help(words) if "--help" in words else _run(words)
        if code == _INTERRUPTED:
            return _failed(KeyboardInterrupt())
        sys.stdout.flush()
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else PROBLEM
    except BaseException as error:
        if debug:
            raise
        return _failed(error)
    return code if isinstance(code, int) else FINE


def _run(words: list[str]) -> object:
    return app(words, prog_name="incasso", standalone_mode=False)


def _help(words: list[str]) -> object:
    """The same with Typer's page of help in the reader's language."""
    command = get_command(app)
    translate(command, language())
    page = StringIO()
    try:
        with redirect_stdout(page):
            return command.main(args=words, prog_name="incasso", standalone_mode=False)
    finally:
        sys.stdout.write(framed(page.getvalue(), language()))


def _failed(error: BaseException) -> int:
    code, lines = exit_code_and_lines(error)
    try:
        for line in lines:
            complain(line)
    except BrokenPipeError:
        return _nobody_reads()
    return code


def _nobody_reads() -> int:
    """`incasso journal | head`: the reader has gone, which is no news to anybody."""
    # Python flushes standard output once more at exit; that must not fail aloud either.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PROBLEM


if __name__ == "__main__":
    sys.exit(main())
