"""`incasso templates …`: the office's texts, out to files and in again."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import here
from incasso.cli.language import language as reading
from incasso.cli.listing import list_command
from incasso.cli.options import By, On
from incasso.cli.output import complain, say
from incasso.cli.place import business_day, office_of
from incasso.cli.who import acting
from incasso.contract.text import text
from incasso.store.lists.sending import TEXTS

if TYPE_CHECKING:
    from incasso.messages import Template, TemplateProblem

app = typer.Typer(name="templates", help="The texts of messages.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="KEY")]
Language = Annotated[
    str | None, typer.Option("--language", help="it, en …; else the folder's name.")
]
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)
]
SomeFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Left out: the texts in use.",
    ),
]


list_command(app, TEXTS, "list")


@app.command()
def export(
    context: typer.Context,
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Written below it.")],
) -> None:
    """Write every text in use to FOLDER/it/KEY.toml."""
    from incasso.services.sending.text_files import write_text
    from incasso.services.sending.texts import published_texts

    with office_of(context) as office, office.store.read() as connection:
        texts = published_texts(connection)
    for (key, language), template in sorted(texts.items()):
        file = into / language / f"{key}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(write_text(template), encoding="utf-8")
    say(text("{n} texts written to {into}.", n=len(texts), into=into))


@app.command("import")
def import_templates(
    context: typer.Context, files: Files, language: Language = None, by: By = ""
) -> None:
    """Keep texts as drafts; `publish` puts them into use."""
    from incasso.services.sending.text_files import read_text
    from incasso.services.sending.texts import draft_text

    texts = [read_text(file, language=language) for file in files]
    with office_of(context) as office:
        actor = acting(office, by)
        for draft in texts:
            version = draft_text(office, actor, draft)
            say(
                text(
                    "{key} ({language}): version {version} kept as a draft.",
                    key=draft.key,
                    language=draft.language,
                    version=version,
                )
            )


@app.command()
def check(
    context: typer.Context, files: SomeFiles = None, language: Language = None, on: On = None
) -> None:
    """Check text files, or the texts in use, in every worst case; changes nothing.

    A text that a language lacks is named and is no fault: its clients get it in another.
    """
    from incasso.messages import check_templates

    texts = _texts(context, files, language)
    problems = check_templates(texts, sorted({each.language for each in texts}))
    for problem in problems:
        complain(_in_words(problem))
    if not files:
        with office_of(context) as office:
            _tell_rates(business_day(office.config, on))
    if any(each.code != "missing_language" for each in problems):
        raise typer.Exit(PROBLEM)
    say(text("{n} texts are good.", n=len(texts)))


@app.command("gallery")
def show_gallery(
    context: typer.Context,
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Written below it.")],
    files: SomeFiles = None,
    language: Language = None,
    pictures: Annotated[
        bool,
        typer.Option("--pictures", help="One picture of each letter and mail (PNG) instead."),
    ] = False,
    on: On = None,
) -> None:
    """Write text files, or the texts in use, as they come out: mail, plain text and letter.

    Each for a firm and a person, with 1, 12 and 40 invented installments; index.html leads there.
    """
    from incasso.messages.render import TemplateError
    from incasso.services.sending.gallery import write_gallery, write_portraits

    texts = _texts(context, files, language)
    with office_of(context) as office:
        day = business_day(office.config, on)
        try:
            if pictures:
                _tell_portraits(*write_portraits(office, texts, into, on=day), into)
                return
            made = write_gallery(office, texts, into, on=day)
        except TemplateError as error:
            complain(text("{why}: see `incasso templates check`.", why=str(error)))
            raise typer.Exit(PROBLEM) from None
    say(text("{n} messages written: open {page}.", n=made, page=str(into / "index.html")))


def _tell_portraits(made: int, mails: bool, into: Path) -> None:
    say(text("{n} texts drawn into {into}.", n=made, into=str(into)))
    if not mails:
        complain(
            text("The mails are web pages: their pictures need Chromium or Chrome on this machine.")
        )


@app.command("envelope")
def show_envelope(
    context: typer.Context,
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Written below it.")],
) -> None:
    """Write a page per company that shows where its letters print the recipient.

    Print it, put it into the office's window envelope and see whether the frame fits.
    """
    from incasso.services.sending.gallery import write_envelope_sheets

    with office_of(context, initialised=False) as office:
        written = write_envelope_sheets(office.config, into, reading())
    if not written:
        complain(text("plugins.toml names no company: write [companies.NAME] first."))
        raise typer.Exit(PROBLEM)
    for file in written:
        say(text("{file}: print it at 100 % and hold it behind your envelope.", file=str(file)))


def _texts(
    context: typer.Context, files: list[Path] | None, language: str | None
) -> list[Template]:
    """The texts of the files; without files those in use, of one language or all."""
    from incasso.services.sending.text_files import read_text
    from incasso.services.sending.texts import published_texts

    if files:
        return [read_text(file, language=language) for file in files]
    with office_of(context) as office, office.store.read() as connection:
        found = published_texts(connection)
    return [each for _, each in sorted(found.items()) if language in (None, each.language)]


def _in_words(problem: TemplateProblem) -> str:
    where = f"{problem.template} ({problem.language})" + f", {problem.field}" * bool(problem.field)
    if problem.line:
        where = here(text("{where}, line {n}", where=where, n=problem.line))
    hint = f": {here(problem.hint)}" if problem.hint else ""
    return f"{where}: {here(problem.message)}{hint}"


def _tell_rates(on: date) -> None:
    from incasso.services.sending.rates import unknown_rates

    if remark := unknown_rates(on):
        complain(remark)


@app.command()
def publish(
    context: typer.Context,
    key: Key,
    language: Annotated[str, typer.Option("--language", help="it, en …")] = "it",
    by: By = "",
    on: On = None,
) -> None:
    """Check a draft and put it into use."""
    from incasso.services.sending.texts import publish_text

    with office_of(context) as office:
        who, day = acting(office, by), business_day(office.config, on)
        try:
            problems = publish_text(office, who, key, language, on=day)
        except LookupError as error:
            complain(text("{problem}: import one first.", problem=str(error.args[0])))
            raise typer.Exit(PROBLEM) from None
    for problem in problems:
        complain(f"{problem.field}: {here(problem.message)} {here(problem.hint)}".rstrip())
    if problems:
        raise typer.Exit(PROBLEM)
    say(text("{key} ({language}) is in use.", key=key, language=language))
