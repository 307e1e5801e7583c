"""The `incasso` command: gathers the commands, runs one, prints its errors as a sentence."""

from __future__ import annotations

import gc
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

from incasso.cli.commands import AllCommands
from incasso.cli.exit_codes import FINE, PROBLEM, READER_GONE
from incasso.cli.language import DEFAULT_CONFIG, language, listen
from incasso.cli.own_output import keep_output_apart, own_output, tell_who_failed, tell_who_printed
from incasso.cli.private import close_to_others, open_to_the_group
from incasso.plugins.printing import apart

app = typer.Typer(
    name="incasso",
    cls=AllCommands,
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
    """Reads the options before the command."""
    from incasso.cli.log import keep_quiet
    from incasso.cli.place import Place

    if not debug:
        keep_quiet()
    open_to_the_group(config)
    context.obj = Place(config=config, debug=debug)


_INTERRUPTED = 130
"""Typer's exit code for Ctrl-C; nothing is printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code, see `exit_codes`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        # A service manager's stop acts like Ctrl-C: transactions are rolled back, sessions log off.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        close_to_others()
        # Imports make objects that stay; to look for garbage among them every 700 new ones costs
        # a small command a seventh of its time.
        gc.set_threshold(200_000)
        keep_output_apart()
    listen(words)
    with apart():
        try:
            return _ended(words)
        finally:
            tell_who_printed()
            tell_who_failed()


def _ended(words: list[str]) -> int:
    debug = "--debug" in words
    if not debug:
        warnings.simplefilter("ignore")
    try:
        code = _help(words) if "--help" in words else _run(words)
        if code == _INTERRUPTED:
            return _failed(KeyboardInterrupt())
        sys.stdout.flush()
    except SystemExit as error:
        # Typer and Rich turn a closed pipe into an exit.
        if isinstance(error.__context__, BrokenPipeError):
            return _cut_off(error.__context__)
        return error.code if isinstance(error.code, int) else PROBLEM
    except BrokenPipeError as error:
        return _cut_off(error)
    except BaseException as error:
        if debug:
            raise
        return _failed(error)
    return code if isinstance(code, int) else FINE


def _run(words: list[str]) -> object:
    return app(words, prog_name="incasso", standalone_mode=False)


def _help(words: list[str]) -> object:
    """The same with Typer's page of help in the reader's language."""
    from incasso.cli.help import framed, translate

    command = get_command(app)
    reader = language()
    translate(command, reader)
    if isinstance(command, AllCommands):
        command.translate = lambda one: translate(one, reader)
    page = StringIO()
    try:
        with redirect_stdout(page):
            return command.main(args=words, prog_name="incasso", standalone_mode=False)
    finally:
        sys.stdout.write(framed(page.getvalue(), language()))


def _failed(error: BaseException) -> int:
    from incasso.cli.failures import exit_code_and_lines
    from incasso.cli.output import complain

    code, lines = exit_code_and_lines(error)
    try:
        for line in lines:
            complain(line)
    except BrokenPipeError:
        return _reader_gone()
    return code


def _cut_off(error: BrokenPipeError) -> int:
    """Handles a closed pipe: that of our output, or one to a server, which is an ordinary error."""
    return _reader_gone() if _nobody_reads() else _failed(error)


def _nobody_reads() -> bool:
    """Whether the other end of standard output is closed."""
    import select

    if not hasattr(select, "poll"):  # Windows
        return True
    output = select.poll()
    output.register(own_output(), 0)
    return any(events & select.POLLERR for _, events in output.poll(0))


def _reader_gone() -> int:
    """`incasso journal | head`: a reader that stops early is no error."""
    # Python flushes standard output again at exit; that must not print an error either.
    os.dup2(os.open(os.devnull, os.O_WRONLY), own_output())
    return READER_GONE


if __name__ == "__main__":
    sys.exit(main())
