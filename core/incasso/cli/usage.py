"""Usage errors as sentences in the reader's language: Typer has English only."""

from __future__ import annotations

import re
from typing import Any, Final

from incasso.cli.language import language
from incasso.contract.text import Text, template, text
from incasso.locale.sentences import translated

_FRAMEWORK: Final = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        # Typer's texts, and each as a sentence with values; the first match counts
        (
            r"No such command '(?P<name>.*?)'\. Did you mean (?P<near>.*?)\??",
            template("No such command '{name}'; did you mean {near}?"),
        ),
        (r"No such command '(?P<name>.*)'", template("No such command '{name}'")),
        (r"Missing command", template("Missing command")),
        (r"No such option:? (?P<name>\S+)", template("No such option: {name}")),
        (r"Option '?(?P<name>.*?)'? requires an argument", template("Option {name} needs a value")),
        (
            r"Got unexpected extra arguments?(\(s\))? \((?P<words>.*)\)",
            template("Got unexpected extra words: {words}"),
        ),
        (r"'(?P<word>.*)' is not one of (?P<known>.*)", template("'{word}' is not one of {known}")),
        (
            r"Input should be greater than or equal to (?P<least>\S+)",
            template("it must be at least {least}"),
        ),
        (r"\S+ is not in the range x>=(?P<least>\S+)", template("it must be at least {least}")),
        (
            r"Input should be less than or equal to (?P<most>\S+)",
            template("it must be at most {most}"),
        ),
        (r"\S+ is not in the range x<=(?P<most>\S+)", template("it must be at most {most}")),
        (
            r"\S+ is not in the range (?P<least>\S+?)<=x<=(?P<most>\S+)",
            template("it must lie between {least} and {most}"),
        ),
        (r"Input should be a valid (integer|number).*", template("it must be a number")),
        (r"'.*' is not a valid (integer|int|float)( range)?", template("it must be a number")),
        (r"([Ff]ile|[Pp]ath) '(?P<name>.*)' does not exist", template("there is no file '{name}'")),
        (r"([Ff]ile|[Pp]ath) '(?P<name>.*)' is a directory", template("'{name}' is a folder")),
        (r"([Ff]ile|[Pp]ath) '(?P<name>.*)' is not readable", template("'{name}' cannot be read")),
    )
)


def usage_text(error: Any, path: str) -> Text:
    """One sentence about a mistyped command, and where its help is."""
    problem = _problem(error)
    if problem.endswith("?"):
        return text("{problem} See `{path} --help`.", problem=problem, path=path)
    return text("{problem}. See `{path} --help`.", problem=problem, path=path)


def _problem(error: Any) -> str:
    parameter = getattr(error, "param", None)
    name = _name(parameter) if parameter is not None else ""
    if type(error).__name__ == "MissingParameter":
        if parameter is not None and parameter.param_type_name == "option":
            return text("Missing option {name}", name=name)
        return text("Missing argument {name}", name=name)
    problem = _sentence(error.message)
    if known := getattr(error, "possibilities", None):
        return text("{problem} (there is {known})", problem=problem, known=sorted(known))
    if not hasattr(error, "param_hint"):
        return problem
    if not name:
        return text("Invalid value: {problem}", problem=problem)
    return text("Invalid value for {name}: {problem}", name=name, problem=problem)


def _name(parameter: Any) -> str:
    """An option as it is typed, an argument as the help calls it."""
    if parameter.param_type_name == "option":
        return " / ".join(f"'{option}'" for option in parameter.opts)
    name = parameter.metavar or parameter.name.upper()
    return f"'{translated(name, language())}'"


def _sentence(message: str) -> str:
    """Typer's text as our sentence; errors of our own options already are one."""
    if isinstance(message, Text):
        return message
    # Newer Typer converts by pydantic, whose prefix would confuse the user.
    plain = message.removeprefix("Value error, ").rstrip(".")
    for pattern, sentence in _FRAMEWORK:
        if found := pattern.fullmatch(plain):
            return Text(sentence, found.groupdict())
    return plain
