"""`document`, `invoices`: the invoice behind a credit, and the folders of invoices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import here, language
from incasso.cli.listing import READER, list_command, show_list
from incasso.cli.options import Format, Listed, On, Source, Subject
from incasso.cli.output import complain, say, show, written
from incasso.cli.place import business_day, hub_of
from incasso.cli.who import reading_scope
from incasso.cli.words import Words
from incasso.contract.text import term, text
from incasso.locale import localize
from incasso.locale.labels import Labels
from incasso.locale.system_words import system_words
from incasso.store.lists.documents import INVOICES

if TYPE_CHECKING:
    from incasso.services.documents.view import DocumentView
    from incasso.services.hub.hub import Hub

app = typer.Typer()

_LABELS: Labels = {
    "client": term("document", "Client"),
    "due": term("document", "Due"),
    "total": term("document", "Total in the ERP"),
    "file": term("document", "File"),
    "missing": term("document", "Missing"),
    "type": term("document", "Electronic invoice"),
    "supplier": term("document", "Supplier"),
    "customer": term("document", "Customer"),
    "stated": term("document", "Total"),
    "stamp": term("document", "Stamp duty"),
    "withheld": term("document", "Withholding tax"),
    "split": term("document", "Split payment"),
    "cig": term("document", "CIG"),
    "cup": term("document", "CUP"),
    "payment": term("document", "Payment"),
    "differs": term("document", "Difference"),
    "unreadable": term("document", "Unreadable"),
    "note": term("document", "Note"),
}
_DIFFERENCES: Labels = {
    "date": term("document", "date"),
    "currency": term("document", "currency"),
    "customer": term("document", "customer"),
    "supplier": term("document", "supplier"),
    "total": term("document", "total"),
    "due_date": term("document", "due date"),
    "amount": term("document", "amount of the installment"),
    "iban": term("document", "IBAN"),
}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@app.command()
def document(
    context: typer.Context,
    subject: Subject,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Write it there: .pdf, .xml or .p7m."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask the ERP even for what it gave before.")
    ] = False,
    source: Source = None,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Show the document of a credit: its file, what it says, where the ledger differs."""
    from incasso.services.documents.view import view

    with hub_of(context, level=True) as hub:
        day = business_day(hub.config, on)
        named = f"{source}/{subject}" if source else subject
        found = view(hub, reading_scope(hub), named, day, again=again)
        if save is not None:
            _save(hub, found, save, day)
        words = Words(language(), hub.config.timezone)
    if format is not Format.TABLE:
        show([_fields(one) for one in found], format)
    elif not found:
        say(words.nothing)
    else:
        for one in found:
            _tell(one, words)
    if any(not one.files for one in found):
        raise typer.Exit(PROBLEM)


def _invoices(context: typer.Context, given: Mapping[str, Any]) -> None:
    """Look into the folders of invoices and list what lies there."""
    from incasso.services.documents.folder import refresh

    source, format = given["source"], given["format"]
    with hub_of(context, level=True) as hub:
        reports = [
            refresh(hub, connector.id)
            for connector in hub.registry.connectors()
            if connector.documents is not None and source in (None, connector.id)
        ]
        broken = [
            each.view
            for each in hub.registry.connectors()
            if not each.ready and source in (None, each.id)
        ]
        with hub.store.read() as connection:
            show_list(connection, hub.config, reading_scope(hub, given[READER]), INVOICES, given)
    for each in reports:
        if each.problem:
            complain(f"{each.source}: {here(each.problem)}")
        elif format is Format.TABLE:
            say(
                text(
                    "{source}: {files} files in {folder}, {read} new or changed, {gone} gone.",
                    source=each.source,
                    files=each.files,
                    folder=each.folder,
                    read=each.read,
                    gone=each.gone,
                )
            )
    for view in broken:
        complain(f"{view.id}: {here(view.reason or view.state)} ({here(view.hint)})")
    if not reports and not broken:
        complain(
            text('No connector has a folder of invoices: write documents = "FOLDER" in its table.')
        )
    if broken or not reports or any(each.problem for each in reports):
        raise typer.Exit(PROBLEM)


list_command(app, INVOICES, run=_invoices)


def _save(hub: Hub, found: list[DocumentView], place: Path, on: Any) -> None:
    from incasso.services.documents.view import bytes_of

    papers = [paper for one in found if (paper := one.file(place.suffix.lower()))]
    if not papers:
        complain(text("There is nothing to save as {name}.", name=place.name))
        raise typer.Exit(PROBLEM)
    if len({paper.sha256 for paper in papers}) > 1:
        complain(text("{n} documents are called that: name one installment.", n=len(papers)))
        raise typer.Exit(PROBLEM)
    try:
        content = _as_named(bytes_of(hub, papers[0], on), place)
        with place.open("xb") as file:
            file.write(content)
    except FileExistsError:
        complain(text("{place} is there already: name another file.", place=str(place)))
        raise typer.Exit(PROBLEM) from None
    except OSError as error:
        why = system_words(error)
        complain(text("{file} cannot be written: {why}.", file=str(place), why=why))
        raise typer.Exit(PROBLEM) from None
    complain(text("Written to {place}.", place=str(place)))


def _as_named(content: bytes, place: Path) -> bytes:
    """A signed invoice saved as `.xml` is taken out of its signature."""
    from incasso.services.documents.electronic import xml_of

    ending = place.suffix.lower()
    if ending not in (".xml", ".p7m"):
        return content
    bare = xml_of(content)
    if ending == ".xml":
        return bare
    if bare == content:
        complain(
            text(
                "The invoice is not signed: save it as {name}.", name=place.with_suffix(".xml").name
            )
        )
        raise typer.Exit(PROBLEM)
    return content


def _fields(one: DocumentView) -> dict[str, Any]:
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(one, enc_hook=written)
    for file in fields["files"]:
        file.pop("content", None)
    if one.invoice is not None:
        fields["invoice"].pop("files", None)
        fields["invoice"]["summed"] = str(one.invoice.summed)
    return fields


def _tell(one: DocumentView, words: Words) -> None:
    day = words.shown("date", one.document_date)
    say(f"{one.source}/{one.installment}: {one.document_number} {day}".rstrip())
    for label, line in _lines(one, words):
        say(f"  {localize(_LABELS[label], words.language)}: {line}")


def _lines(one: DocumentView, words: Words) -> Iterator[tuple[str, str]]:
    yield "client", f"{one.client} {one.client_name}"
    amount = f"{words.amount(one.residual)} / {words.amount(one.amount)} {one.currency}"
    yield "due", f"{words.shown('date', one.due_date)}, {amount}"
    if one.total is not None:
        yield "total", f"{words.amount(one.total)} {one.currency}"
    for paper in one.files:
        yield "file", f"{paper.filename} ({paper.form}, {paper.size} byte, {paper.origin})"
    if one.why:
        yield "missing", localize(one.why, words.language)
    if one.invoice_problem:
        yield "unreadable", localize(one.invoice_problem, words.language)
    if one.note:
        yield "note", localize(one.note, words.language)
    if one.invoice is not None:
        yield from _invoice_lines(one, words)
    for each in one.differences:
        yield "differs", _difference(each.name, each.ledger, each.document, words)


def _invoice_lines(one: DocumentView, words: Words) -> Iterator[tuple[str, str]]:
    from incasso.fatturapa.codes import METHOD_WORDS, TYPE_WORDS

    invoice = one.invoice
    assert invoice is not None
    kind = TYPE_WORDS.get(invoice.type, invoice.type)
    yield "type", f"{kind} ({invoice.type}) {invoice.number} {words.shown('date', invoice.date)}"
    for label, party in (("supplier", invoice.supplier), ("customer", invoice.customer)):
        yield label, f"{party.name} {party.country}{party.vat or party.tax_code}"
    total = invoice.total if invoice.total is not None else invoice.summed
    yield "stated", f"{words.amount(total)} {invoice.currency}"
    if invoice.stamp is not None:
        yield "stamp", f"{words.amount(invoice.stamp)} {invoice.currency}"
    if invoice.withheld:
        yield "withheld", f"{words.amount(invoice.withheld)} {invoice.currency}"
    if invoice.split_payment:
        yield "split", words.shown("split", True)
    for name, codes in (("cig", invoice.cig), ("cup", invoice.cup)):
        if codes:
            yield name, ", ".join(codes)
    for each in invoice.payments:
        parts = (
            words.shown("date", each.due_date),
            f"{words.amount(each.amount)} {invoice.currency}",
            METHOD_WORDS.get(each.method, each.method),
            each.iban,
        )
        yield "payment", ", ".join(filter(None, parts))


def _difference(name: str, ledger: str, document: str, words: Words) -> str:
    sides = [_ISO.sub(lambda day: _shown(day[0], words), side) for side in (ledger, document)]
    sentence = text(
        "{what}: {ledger} in the ledger, {document} in the invoice",
        what=_DIFFERENCES[name],
        ledger=sides[0],
        document=sides[1],
    )
    return localize(sentence, words.language)


def _shown(day: str, words: Words) -> str:
    return words.shown("date", date.fromisoformat(day))
