"""Turns any error into one sentence with its cure, and an exit code."""

from __future__ import annotations

import errno

from incasso.cli.database_failures import first_line, of_database
from incasso.cli.exit_codes import MISUSE, PROBLEM
from incasso.cli.help import framed, translate
from incasso.cli.language import language
from incasso.cli.usage import usage_text
from incasso.contract.errors import ConfigurationError, IncassoError
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.locale import localize
from incasso.locale.system_words import system_words


def exit_code_and_lines(error: BaseException) -> tuple[int, list[str]]:
    """The exit code and the lines for standard error."""
    if _is_of_click(error):
        return _usage(error)
    if isinstance(error, ConfigurationError):
        return MISUSE, _configuration(error)
    if isinstance(error, IncassoError):
        return PROBLEM, [str(error)]
    if isinstance(error, KeyboardInterrupt):
        return PROBLEM, [
            text("Stopped. What was finished is kept; the same command goes on from there.")
        ]
    if (database := of_database(error)) is not None:
        sentence, misconfigured = database
        return MISUSE if misconfigured else PROBLEM, [sentence]
    if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
        return MISUSE, [_no_text(error)]
    if isinstance(error, OSError):
        return PROBLEM, [_of_system(error)]
    if isinstance(error, MemoryError):
        return PROBLEM, [text("There is not enough memory: close other programs and try again.")]
    unexpected = text(
        "Unexpected {kind}: {words}. Nothing half-done is kept; repeat with `incasso --debug …` "
        "and send what it prints to whoever maintains the hub.",
        kind=type(error).__name__,
        words=first_line(error),
    )
    return PROBLEM, [unexpected]


def _no_text(error: UnicodeEncodeError) -> str:
    """Python keeps bytes of the command line that are no UTF-8 as lone surrogates."""
    words = error.object.encode("utf-8", "backslashreplace").decode()
    return text(
        "“{words}” holds bytes that are no text: type it again, and set the terminal to UTF-8.",
        words=words[:100],
    )


def _is_of_click(error: BaseException) -> bool:
    # Typer brings its own copy of Click from 0.20 on; both raise the same errors.
    return hasattr(error, "format_message") or type(error).__name__ == "Abort"


def _usage(error: BaseException) -> tuple[int, list[str]]:
    if type(error).__name__ == "Abort":
        return PROBLEM, [text("Stopped.")]
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "incasso"
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":
        translate(context.command, language())
        return MISUSE, [framed(context.get_help().strip(), language())]
    return MISUSE, [usage_text(error, path)]


def _configuration(error: ConfigurationError) -> list[str]:
    return [_line(problem) for problem in error.problems] or [str(error)]


def _line(problem: Problem) -> str:
    words = localize(problem.message, language())
    if problem.field:
        words = f"{problem.field}: {words}"
    return f"{words} ({localize(problem.hint, language())})" if problem.hint else words


def _of_system(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return text(
            "The disk is full: free some space and run it again; what was finished is kept."
        )
    trouble = system_words(error)
    if not error.filename:
        return text("{trouble}.", trouble=trouble)
    return text("{file}: {trouble}.", file=str(error.filename), trouble=trouble)
