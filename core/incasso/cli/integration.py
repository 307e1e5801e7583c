"""`acceptance` and `discover`: for integrators who connect an ERP."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.acceptance_questions import asked_example
from incasso.cli.exit_codes import MISUSE, PROBLEM
from incasso.cli.options import Format, Listed, On
from incasso.cli.output import complain, say, show
from incasso.cli.place import business_day, hub_of, office_of
from incasso.contract.errors import ConfigurationError
from incasso.contract.text import in_a_row, text
from incasso.locale.labels import STANDINGS
from incasso.locale.list_labels import PURPOSES
from incasso.locale.problems import sentence
from incasso.store.lists.listing import Column, Kind

if TYPE_CHECKING:
    from incasso.contract.connector import FoundTable
    from incasso.domain.ledger.acceptance import Expected
    from incasso.services.ledger.acceptance import CaseComparison

app = typer.Typer()

SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="A [connectors.…] table.")]


@app.command()
def discover(
    context: typer.Context,
    source: SourceName,
    sample: Annotated[bool, typer.Option("--sample", help="Show rows of each table.")] = False,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Find the tables of an undocumented ERP database."""
    with hub_of(context, initialised=False) as hub:
        day = business_day(hub.config, on)
        hub.registry.check(source, day) if source in _names(hub) else _unknown(source, _names(hub))
        found = hub.registry.connector(source).discover(day)
    rows = [_table(each) for each in found]
    show(rows, format, columns=_CANDIDATES, labels={"purpose": PURPOSES})
    if format is Format.TABLE and sample:
        for each in found:
            _tell_sample(each)


def _names(hub: Any) -> list[str]:
    return [connector.id for connector in hub.registry.connectors()]


def _unknown(source: str, names: list[str]) -> None:
    known = sorted(names) or text("none is configured")
    raise ConfigurationError(
        text("There is no source {source}; the sources are: {known}", source=source, known=known)
    )


def _table(found: FoundTable) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


def _tell_sample(found: FoundTable) -> None:
    say(f"\n{found.name}")
    rows = [dict(zip(found.columns, row, strict=False)) for row in found.sample]
    for row in rows:
        say("  " + ", ".join(f"{name}={value}" for name, value in row.items() if value.strip()))


@app.command()
def acceptance(
    context: typer.Context,
    source: SourceName,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for the examples, and write the file.")
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Else acceptance-SOURCE.toml beside the hub."),
    ] = None,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Compare real items with what the accountant expects of them."""
    from incasso.services.ledger.acceptance import cases_without_example, compare

    path = file or context.obj.config.absolute().parent / f"acceptance-{source}.toml"
    with office_of(context) as office, office.store.read() as connection:
        config = office.config
        _need_source(config, source)
        if ask:
            _ask(path, config.language)
        cases = _cases(path, source)
        verdicts = compare(connection, source, cases, business_day(config, on))
    row = _in_words if format is Format.TABLE else _verdict
    show([row(each) for each in verdicts], format, columns=_COLUMNS)
    if format is Format.TABLE and (missing := cases_without_example(cases)):
        complain(text("No example yet for: {missing}.", missing=list(missing)))
    if not all(verdict.good for verdict in verdicts):
        raise typer.Exit(PROBLEM)


_COLUMNS = (
    Column("case"),
    Column("client"),
    Column("document"),
    Column("expected", Kind.PROSE),
    Column("found", Kind.PROSE),
    Column("verdict", Kind.PROSE),
)
_CANDIDATES = (
    Column("purpose"),
    Column("name", Kind.PROSE),
    Column("score"),
    Column("rows", Kind.NUMBER),
    Column("why", Kind.PROSE),
)


def _need_source(config: Any, source: str) -> None:
    from incasso.contract.capabilities import Family

    names = list(config.tables.get(Family.CONNECTOR, {}))
    if source not in names:
        _unknown(source, names)


def _cases(path: Path, source: str) -> tuple[Expected, ...]:
    from incasso.domain.ledger.acceptance import read_expected
    from incasso.locale.file_problems import problem_of

    try:
        written = path.read_text("utf-8")
    except FileNotFoundError:
        problem = text(
            "{file} does not exist: `incasso acceptance {source} --ask` writes it",
            file=str(path),
            source=source,
        )
        raise ConfigurationError(problem) from None
    cases, wrong = read_expected(written)
    if wrong:
        raise ConfigurationError([problem_of(each, path.name, "case") for each in wrong])
    return cases


def _verdict(verdict: CaseComparison) -> dict[str, Any]:
    """For programs: amounts, dates and codes."""
    expected, found = verdict.expected, verdict.found
    wanted = (
        expected.residual,
        expected.standing,
        expected.due_date,
        None if expected.blocked is None else f"blocked {str(expected.blocked).lower()}",
        "absent" if expected.absent else None,
    )
    seen = [str(found.residual), *sorted(found.standings)] if found.items else ["nothing"]
    return {
        "case": expected.case,
        "client": expected.client,
        "document": expected.document,
        "installment": expected.installment,
        "expected": " ".join(str(each) for each in wanted if each is not None),
        "found": " ".join(seen),
        "verdict": in_a_row(map(sentence, verdict.reasons)) or "ok",
        "good": verdict.good,
    }


def _in_words(verdict: CaseComparison) -> dict[str, Any]:
    """The same for people."""
    expected, found = verdict.expected, verdict.found
    standings = [STANDINGS[each] for each in sorted(found.standings)]
    seen = [text("residual {amount}", amount=found.residual), *standings]
    return {
        **_verdict(verdict),
        "expected": in_a_row(_wanted(expected)),
        "found": in_a_row(seen if found.items else [text("nothing")]),
        "verdict": in_a_row(map(sentence, verdict.reasons)) or text("as expected"),
    }


def _wanted(expected: Expected) -> Iterator[str]:
    if expected.residual is not None:
        yield text("residual {amount}", amount=expected.residual)
    if expected.standing is not None:
        yield STANDINGS[expected.standing]
    if expected.due_date is not None:
        yield text("due {day}", day=expected.due_date)
    if expected.blocked is not None:
        yield text("client blocked") if expected.blocked else text("client not blocked")
    if expected.absent:
        yield text("no longer asked for")


def _ask(path: Path, language: str) -> None:
    """Go through the thirteen cases with the accountant; what the file holds is kept."""
    from incasso.domain.ledger.acceptance import write_expected
    from incasso.locale import localize
    from incasso.locale.acceptance import ACCEPTANCE_CASES

    if not sys.stdin.isatty():
        complain(text("--ask needs a terminal; without one write the file by hand."))
        raise typer.Exit(MISUSE)
    cases = list(_cases(path, "")) if path.exists() else []
    for number, (name, words) in enumerate(ACCEPTANCE_CASES.items(), 1):
        done = sum(each.case == name for each in cases)
        say(f"\n{number}. {localize(words, language)}{f' ({done})' if done else ''}")
        while (one := asked_example(name)) is not None:
            cases.append(one)
            path.write_text(
                write_expected(cases), "utf-8"
            )  # after each case: a long meeting may be interrupted
    if cases:
        say(text("{n} examples in {path}.", n=len(cases), path=str(path)))
