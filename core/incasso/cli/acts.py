"""`incasso act …`: one command for each act, its options taken from the act's own fields."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import msgspec
import typer

from incasso.cli.options import (
    Attach,
    By,
    On,
    Subject,
    Why,
    amount,
    call_back,
    dated_amount,
    day,
    read_attachments,
)
from incasso.cli.output import say
from incasso.cli.place import business_day, office_of
from incasso.cli.who import acting
from incasso.contract.text import template
from incasso.domain.acts.act import About, Act, acts
from incasso.domain.acts.agreements import Payment
from incasso.domain.acts.contacts import CallBack
from incasso.locale.acts import ACTS, OptionWords

app = typer.Typer(
    help="What a person does: hold, promise, skip, done and the rest.", no_args_is_help=True
)

_OF_EVERY_ACT: Final = ("subject", "why", "attach")

Client = Annotated[str, typer.Argument(metavar="CLIENT", help="CODE or SOURCE/CODE of a client.")]
Reply = Annotated[str, typer.Argument(metavar="REPLY", help="Its number, as `inbox` shows it.")]

_SUBJECTS: Final = {About.CLIENT: Client, About.REPLY: Reply}


def add_commands(special: Callable[[str], Callable[..., None] | None]) -> None:
    """A command for every act, in the order of their words; `special` knows those by hand."""
    known = {act.name(): act for act in acts()}
    for name in ACTS:
        app.command(name)(special(name) or derived(known[name]))


def derived(act: type[Act]) -> Callable[..., None]:
    """The function behind the command of an act, with a parameter for each of its fields."""

    def command(
        context: typer.Context,
        by: str,
        on: date | None,
        attach: list[Path] | None = None,
        **given: Any,
    ) -> None:
        # An omitted option keeps the default of the field.
        fields = {name: _value(value) for name, value in given.items() if value is not None}
        do(context, by, on, act(**fields), attach)

    parameters = list(_parameters(act))
    command.__doc__ = ACTS[act.name()].help
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def do(
    context: typer.Context,
    by: str,
    on: date | None,
    act: Act,
    attach: Sequence[Path] | None = None,
) -> None:
    """Performs an act as the actor of the command line and prints the result."""
    from incasso.services.acts import perform

    if attach:
        act = msgspec.structs.replace(act, attach=read_attachments(attach))
    with office_of(context) as office:
        outcome = perform(office, acting(office, by), act, business_day(office.config, on))
    for sentence in (outcome.sentence, *outcome.notes):
        say(sentence)


def _parameters(act: type[Act]) -> Iterator[inspect.Parameter]:
    yield _parameter("context", typer.Context)
    yield _parameter("subject", _SUBJECTS.get(act.about, Subject))
    words, types = ACTS[act.name()].options, get_type_hints(act)
    own = [each for each in msgspec.structs.fields(act) if each.name not in _OF_EVERY_ACT]
    for each in sorted(own, key=lambda each: not each.required):
        yield _option(each, types[each.name], words[each.name])
    yield _parameter("attach", Attach, None)
    yield _parameter("why", Why, "")
    yield _parameter("by", By, "")
    yield _parameter("on", On, None)


def _parameter(
    name: str, annotation: Any, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


_READ: Final[tuple[tuple[Any, str, Callable[[str], Any]], ...]] = (
    (date, template("DATE"), day),
    (Decimal, template("AMOUNT"), amount),
    (CallBack, template("DATE [TIME]"), call_back),
)
"""Types of fields that need reading, with their metavar and what reads them."""


def _option(field: msgspec.structs.FieldInfo, kind: Any, words: OptionWords) -> inspect.Parameter:
    """A field as an option: its name, its type, and required where the field is."""
    # `from` is a word of Python's own, so its field ends in _.
    name = field.name.rstrip("_").replace("_", "-")
    # What holds unless told otherwise needs a word to tell otherwise.
    own = f"--{name}/--no-{name}" if field.default is True else f"--{name}"
    names = [own, *filter(None, [words.also])]
    given: dict[str, Any] = {"help": words.help}
    default = inspect.Parameter.empty if field.required else field.default
    for read, metavar, parser in _READ:
        if read in (kind, *getattr(kind, "__args__", ())):
            given |= {"metavar": metavar, "parser": parser}
    if kind == tuple[Payment, ...]:
        kind, given = (
            list[Any],
            given | {"metavar": template("DATE=AMOUNT"), "parser": dated_amount},
        )
    elif kind == tuple[str, ...]:
        kind, default = list[str] | None, None
    if words.metavar:
        given["metavar"] = words.metavar
    return _parameter(field.name, Annotated[kind, typer.Option(*names, **given)], default)


def _value(given: Any) -> Any:
    """The typed text as a value of the field."""
    match given:
        case [(_, _), *_]:
            return tuple(Payment(on=when, amount=how_much) for when, how_much in given)
        case list():
            return tuple(given)
    return given
