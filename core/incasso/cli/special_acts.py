"""The acts whose options are not simply the fields of the act."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from incasso.cli.acts import do
from incasso.cli.options import Attach, By, On, ReadableFile, Subject, Why, day, read_text
from incasso.contract.post import PostalOutcome
from incasso.contract.text import text
from incasso.domain.acts.agreements import Extend
from incasso.domain.acts.assignment import ChooseIter
from incasso.domain.acts.deliveries import JudgeReport, LetterOutcome, ResolveDelivery
from incasso.domain.acts.orders import Found, SettleWriteBack
from incasso.domain.acts.stages import OwnStages
from incasso.domain.acts.steps import Edit
from incasso.domain.acts.undoing import LAST, Undo
from incasso.locale.acts import ACTS

_EDIT: Final = ACTS["edit"].options
_MOST_READ: Final = 1_000_000


def stages(
    context: typer.Context,
    subject: Subject,
    file: ReadableFile,
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Give a case its own stages, from an iter file."""
    from incasso.services.recovery.iters import only_iter

    only = only_iter(read_text(file), file.name)
    do(context, by, on, OwnStages(subject=subject, why=why, stages=only.stages), attach)


def extend(
    context: typer.Context,
    subjects: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT...", help="A client, installment, case or step; or several keys."
        ),
    ],
    days: Annotated[int | None, typer.Option("--days", help="Days more.")] = None,
    to: Annotated[
        date | None, typer.Option("--to", metavar="DATE", parser=day, help="A new due date.")
    ] = None,
    approved_by: Annotated[
        str, typer.Option("--approved-by", metavar="LOGIN", help="The manager who granted it.")
    ] = "",
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Give more time to pay, to one subject or to several installments of a client."""
    first, *more = subjects
    act = Extend(
        subject=first,
        why=why,
        days=days,
        to=to,
        installment=tuple(more),
        approved_by=approved_by,
    )
    do(context, by, on, act, attach)


def iter(
    context: typer.Context,
    subject: Subject,
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="An iter; left out: by the rules again.")
    ] = None,
    move: Annotated[
        bool, typer.Option("--move", help="Move running cases too; else they stay.")
    ] = False,
    stage: Annotated[
        str, typer.Option("--stage", metavar="KEY", help="Where moved cases enter.")
    ] = "",
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm", help="Back from a stage that was reached, or from the lawyers, too."
        ),
    ] = False,
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Choose the iter of a client or installment."""
    act = ChooseIter(subject=subject, why=why, key=key, move=move, stage=stage, confirm=confirm)
    do(context, by, on, act, attach)


def resolve(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id.")],
    sent: Annotated[bool, typer.Option("--sent/--not-sent", help="What you found out.")],
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Say whether an uncertain delivery was sent."""
    do(context, by, on, ResolveDelivery(subject=delivery, why=why, sent=sent), attach)


def judge(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id.")],
    bounced: Annotated[bool, typer.Option("--bounced/--not-bounced", help="What you found out.")],
    bad_address: Annotated[
        bool, typer.Option("--bad-address", help=ACTS["judge"].options["bad_address"].help)
    ] = False,
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Say what the reports about a delivery mean that wait for a person."""
    act = JudgeReport(subject=delivery, why=why, bounced=bounced, bad_address=bad_address)
    do(context, by, on, act, attach)


def letter(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id.")],
    outcome: Annotated[
        PostalOutcome, typer.Option("--outcome", help=ACTS["letter"].options["outcome"].help)
    ],
    happened: Annotated[
        date | None,
        typer.Option("--day", metavar="DATE", parser=day, help=ACTS["letter"].options["day"].help),
    ] = None,
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Say what became of a letter, as its card or envelope shows it."""
    act = LetterOutcome(subject=delivery, why=why, outcome=outcome, day=happened)
    do(context, by, on, act, attach)


def write_back(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ID", help="As `blocks writes` shows it.")],
    done: Annotated[bool, typer.Option("--done", help="It stands in the ERP now.")] = False,
    not_done: Annotated[
        bool, typer.Option("--not-done", help="It does not, and shall not.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Let the hub try once more.")] = False,
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Say what became of a write-back that waits for a person."""
    answers: dict[Found, bool] = {"done": done, "not_done": not_done, "again": again}
    said = [word for word, is_said in answers.items() if is_said]
    if len(said) != 1:
        raise typer.BadParameter(text("say one of --done, --not-done and --again"))
    do(context, by, on, SettleWriteBack(subject=number, why=why, found=said[0]), attach)


def undo(
    context: typer.Context,
    event: Annotated[
        str,
        typer.Argument(metavar="[EVENT]", help="Its number in the journal; else your last act."),
    ] = LAST,
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Take an act back, while nothing followed from it."""
    do(context, by, on, Undo(subject=event, why=why), attach)


def edit(
    context: typer.Context,
    subject: Subject,
    medium: Annotated[str | None, typer.Option("--medium", help=_EDIT["medium"].help)] = None,
    title: Annotated[
        str | None,
        typer.Option("--subject", "--title", metavar="WORDS", help=_EDIT["title"].help),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--text", metavar="FILE", help=_EDIT["text"].help)
    ] = None,
    opening: Annotated[
        str | None, typer.Option("--opening", metavar="WORDS", help=_EDIT["opening"].help)
    ] = None,
    closing: Annotated[
        str | None, typer.Option("--closing", metavar="WORDS", help=_EDIT["closing"].help)
    ] = None,
    bare: Annotated[bool, typer.Option("--bare", help=_EDIT["bare"].help)] = False,
    template: Annotated[bool, typer.Option("--template", help=_EDIT["template"].help)] = False,
    attach: Attach = None,
    why: Why = "",
    by: By = "",
    on: On = None,
) -> None:
    """Change medium, subject line or words of a message."""
    act = Edit(
        subject=subject,
        why=why,
        medium=medium,
        title=title,
        text=None if file is None else _words_of(file),
        opening=opening,
        closing=closing,
        bare=bare,
        template=template,
    )
    do(context, by, on, act, attach)


def _words_of(file: str) -> str:
    """The words in a file, or from standard input. Raises BadParameter."""
    if file == "-":
        return sys.stdin.buffer.read(_MOST_READ).decode("utf-8", "replace").replace("\r\n", "\n")
    place = Path(file)
    if not place.is_file():
        raise typer.BadParameter(
            text("{file} is no file: write the words into one, or give - and type them", file=file)
        )
    return read_text(place)


BY_HAND: Final[dict[str, Callable[..., None]]] = {
    "edit": edit,
    "extend": extend,
    "stages": stages,
    "iter": iter,
    "undo": undo,
    "resolve": resolve,
    "judge": judge,
    "letter": letter,
    "write-back": write_back,
}
"""By the name of the act."""
