"""`dossier`: the file of a client for a lawyer, and the check of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import here, language
from incasso.cli.options import By, Format, Listed, On, amount, day
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of
from incasso.cli.who import acting
from incasso.cli.words import Words
from incasso.contract.text import Text, counted, text
from incasso.domain.law.limitation import CreditClass
from incasso.domain.law.running import Allocation
from incasso.domain.law.terms import Rule
from incasso.locale.system_words import system_words

if TYPE_CHECKING:
    from incasso.services.law.checking import Checked
    from incasso.services.law.counting import Wishes
    from incasso.services.law.dossier import Made

app = typer.Typer()


@app.command()
def dossier(
    context: typer.Context,
    client: Annotated[
        str, typer.Argument(metavar="[CLIENT]", help="CODE or SOURCE/CODE of a client.")
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="The .zip to write; else named by the client."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="Check a dossier instead of making one."),
    ] = None,
    acts: Annotated[
        Path | None,
        typer.Option("--acts", metavar="FOLDER", help="Write the drafts of acts, to change them."),
    ] = None,
    interest: Annotated[
        Rule | None, typer.Option("--interest", help="By which rule; else by debtor and company.")
    ] = None,
    rate: Annotated[
        Decimal | None,
        typer.Option("--rate", parser=amount, metavar="PERCENT", help="The agreed rate a year."),
    ] = None,
    contract_date: Annotated[
        date | None,
        typer.Option(
            "--contract-date",
            parser=day,
            metavar="DATE",
            help="When the contract was concluded; else the day of each document.",
        ),
    ] = None,
    credit: Annotated[
        CreditClass | None,
        typer.Option("--credits", help="What the credits are for, for their limitation."),
    ] = None,
    interest_first: Annotated[
        bool,
        typer.Option("--interest-first", help="Payments pay interest before capital (1194 c.c.)."),
    ] = False,
    by: By = "",
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Make the file of a client for a lawyer: one ZIP with statement, proofs, drafts and seal.

    Exit code 1 if something could not be enclosed, or if a check finds anything wrong.
    """
    if sum((bool(client), check is not None, acts is not None)) != 1:
        raise typer.BadParameter(text("give a client, or --check FILE, or --acts FOLDER"))
    if check is not None:
        _check(context, check, format)
        return
    if acts is not None:
        _write_acts(acts)
        return
    from incasso.services.law.dossier import make_dossier

    wishes = _wishes(interest, rate, contract_date, credit, first=interest_first)
    with hub_of(context, level=True) as hub:
        day_of = business_day(hub.config, on)
        actor = acting(hub, by)
        place = to or Path(_named(client, day_of))
        made = make_dossier(hub, actor, client, day_of, place, wishes)
        words = Words(language(), hub.config.timezone)
    if format is Format.TABLE:
        _tell(made, words)
    else:
        show([_fields(made)], format)
    if made.lost:
        raise typer.Exit(PROBLEM)


def _wishes(
    rule: Rule | None,
    rate: Decimal | None,
    contract_date: date | None,
    credit: CreditClass | None,
    *,
    first: bool,
) -> Wishes:
    """Raises BadParameter for a rate that fits no rule."""
    from incasso.services.law.counting import Wishes

    if rate is not None and not Decimal(0) <= rate <= Decimal(100):
        raise typer.BadParameter(text("{rate} % is no yearly rate: give 0 to 100", rate=rate))
    if rate is not None and rule not in (None, Rule.AGREED):
        raise typer.BadParameter(text("--rate goes with --interest agreed"))
    return Wishes(
        rule=rule,
        percent=rate,
        concluded_on=contract_date,
        credit=credit,
        payments_pay=Allocation.INTEREST if first else Allocation.CAPITAL,
    )


def _named(client: str, on: date) -> str:
    from incasso.services.law.names import safe

    return f"dossier-{safe(client)}-{on}.zip"


def _tell(made: Made, words: Words) -> None:
    found = made.dossier
    say(
        text(
            "Written to {file}: {files} files, {exhibits} exhibits.",
            file=str(made.file),
            files=len(made.files),
            exhibits=len(found.exhibits),
        )
    )
    for each in found.sums:
        say(
            text(
                "Capital {capital}, interest {interest}, costs {costs}, all in all {total} "
                "{currency}.",
                capital=each.capital,
                interest=each.interest,
                costs=each.costs,
                total=each.total,
                currency=each.currency,
            )
        )
    for grave, title in ((True, text("Before filing:")), (False, text("To know:"))):
        lines = [each.text for each in found.cautions if each.grave is grave]
        if lines:
            say(title)
        for line in lines:
            say(f"- {here(line)}")


def _fields(made: Made) -> dict[str, Any]:
    import msgspec

    from incasso.cli.output import written

    found = made.dossier
    fields: dict[str, Any] = {
        "source": found.source,
        "client": found.client,
        "on": found.on,
        "file": str(made.file),
        "files": len(made.files),
        "exhibits": len(found.exhibits),
        "sums": [{**msgspec.to_builtins(each), "total": each.total} for each in found.sums],
        "credits": found.credits,
        "injunction": found.injunction,
        "cautions": found.cautions,
        "cover_sha256": made.seal.cover,
        "index_sha256": made.seal.index,
        "key": made.seal.key,
    }
    built: dict[str, Any] = msgspec.to_builtins(fields, enc_hook=written)
    return built


def _check(context: typer.Context, file: Path, format: Format) -> None:
    from incasso.services.law.checking import check_dossier

    found = check_dossier(file, _own_key(context))
    if format is Format.TABLE:
        for line in _checked(found, file):
            complain(line) if found.findings else say(line)
    else:
        show(
            ({"kind": each.kind, "path": each.path, "text": each.text} for each in found.findings),
            format,
        )
    if found.findings:
        raise typer.Exit(PROBLEM)


def _checked(found: Checked, file: Path) -> Iterator[Text]:
    for each in found.findings:
        yield each.text
    if not found.findings:
        yield counted(
            "{file}: the {n} file is as the index says, and the cover belongs to the index.",
            "{file}: all {n} files are as the index says, and the cover belongs to the index.",
            n=len(found.index.files),
            file=str(file),
        )
    if not found.key:
        yield text("It bears no signature: whoever changed everything would not be found out.")
    elif found.ours is None:
        yield text("Signed by the key {key}: compare it with that of the office.", key=found.key)
    elif found.ours:
        yield text("Signed by this hub.")
    else:
        yield text("Signed by the key {key}, which is not this hub's.", key=found.key)


def _own_key(context: typer.Context) -> str:
    """The public half of this hub's key; empty where no hub is here, as at a lawyer's."""
    from incasso.contract.errors import IncassoError
    from incasso.plugins.settings.config import load_config
    from incasso.store.proof.hub_key import HubKey

    try:
        config = load_config(context.obj.config)
        return HubKey(config.key_file, config.key).public()
    except IncassoError:
        return ""


def _write_acts(folder: Path) -> None:
    """The drafts that ship with the hub; a file that is there is left alone."""
    from incasso.messages.acts import builtin_acts

    written = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in builtin_acts():
            place = folder / name
            if not place.exists():
                place.write_text(content, encoding="utf-8")
                written += 1
    except OSError as error:
        why = system_words(error)
        complain(text("{file} cannot be written: {why}.", file=str(folder), why=why))
        raise typer.Exit(PROBLEM) from None
    say(
        counted(
            "{n} draft written into {folder}.",
            "{n} drafts written into {folder}.",
            n=written,
            folder=str(folder),
        )
    )
    say(
        text(
            'Change them, and name the folder: acts = "{folder}" under [companies.NAME.legal].',
            folder=str(folder),
        )
    )
