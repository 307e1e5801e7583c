"""`check --read`: what a whole read of a source found, for the integrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incasso.cli.language import language
from incasso.cli.options import Format
from incasso.cli.output import complain, say, show
from incasso.cli.progress import watched
from incasso.contract.text import counted, text
from incasso.locale import ENGLISH
from incasso.locale.fields import INSTALLMENT_FIELDS
from incasso.locale.labels import DOCUMENT_KINDS, PAYMENT_METHODS, PROFILE, STANDINGS, Labels
from incasso.locale.list_labels import ROW_FIELDS
from incasso.locale.problems import problem_of
from incasso.locale.sentences import label
from incasso.store.lists.listing import Column, Kind

if TYPE_CHECKING:
    from datetime import date

    from incasso.domain.ledger.data_profile import RowProblem
    from incasso.plugins.registry import Checked
    from incasso.services.hub.hub import Hub
    from incasso.services.ledger.survey import Survey

MOST_DIFFERENCES = 20


_SUMS = (
    Column("standing", Kind.CODE),
    Column("currency"),
    Column("count", Kind.NUMBER),
    Column("total", Kind.AMOUNT),
)


def read_sources(
    hub: Hub, checked: list[Checked], on: date, format: Format, export: Path | None = None
) -> tuple[bool, list[dict[str, Any]]]:
    """Read every healthy connector among them; whether all is well, and the fields for programs.

    `export`: a file for the sums per client. Nothing of the hub changes.
    """
    good, shown, surveys = True, [], []
    for one in checked:
        if one.report is None or one.view.family.value != "connectors":
            continue
        found = _survey(hub, one, on)
        if found is None:
            good = False
            continue
        good &= found.good
        surveys.append(found)
        shown.append(as_fields(found))
        if format is Format.TABLE:
            _tell(found)
    if export is not None and surveys:
        _export(export, surveys)
    return good, shown


def _export(export: Path, surveys: list[Survey]) -> None:
    from incasso.services.ledger.client_sums import write_client_sums

    lines = write_client_sums(export, surveys, language())
    complain(
        counted(
            "{file}: the sum of {n} client written, to compare with the list of the ERP.",
            "{file}: the sums of {n} clients written, to compare with the list of the ERP.",
            n=lines,
            file=str(export),
        )
    )


def _survey(hub: Hub, one: Checked, on: date) -> Survey | None:
    from incasso.contract.errors import PluginError
    from incasso.services.ledger.survey import survey

    assert one.report is not None
    try:
        with watched() as progress:
            handle = hub.registry.connector(one.view.id)
            grace = hub.config.company(handle.id).bank_grace_days
            watch = progress or (lambda _what, _rows: None)
            return survey(handle, one.report, on, watch, grace)
    except PluginError as error:
        shown = text("{source}: cannot be read: {problem}", source=one.view.id, problem=str(error))
        complain(shown)
        return None


def as_fields(found: Survey) -> dict[str, Any]:
    """A survey for programs; amounts as decimal texts."""
    from incasso.services.ledger.survey import Beside

    portrait = found.portrait
    return {
        "source": found.source,
        "on": found.on,
        "clients": _named(portrait.clients, ENGLISH),
        "open_items": {code: asdict(each) for code, each in sorted(portrait.open_items.items())},
        "standings": list(_standings(found)),
        "payment_methods": dict(portrait.methods),
        "document_kinds": dict(portrait.kinds),
        "noted": _named(portrait.noted, ENGLISH),
        "troubles": {name: _fields(each) for name, each in sorted(portrait.troubles.items())},
        **{part: found.beside.get(part) for part in Beside},
        "balances_compared": found.balances_compared,
        "differences": [asdict(each) for each in found.differences],
        "not_offered": found.not_offered,
        "failures": found.failures,
    }


def _fields(trouble: RowProblem) -> dict[str, Any]:
    problem = problem_of(trouble.problem)
    return {
        "message": problem.message,
        "hint": problem.hint,
        "rows": trouble.rows,
        "examples": trouble.examples,
    }


def _named(counts: Mapping[str, int], language: str) -> dict[str, int]:
    """Counts by the words for what is counted."""
    return {label(PROFILE, code, language): count for code, count in counts.items()}


def _standings(found: Survey) -> Iterator[dict[str, Any]]:
    for (word, currency), total in sorted(found.portrait.standings.items()):
        yield {
            "standing": word.value,
            "currency": currency,
            "count": total.items,
            "total": total.total,
        }


def _tell(found: Survey) -> None:
    name, portrait = found.source, found.portrait
    say(
        text(
            "\n{source}: read from end to end on {day}, nothing was stored.",
            source=name,
            day=found.on,
        )
    )
    _tell_clients(found)
    show(list(_standings(found)), Format.TABLE, columns=_SUMS, labels={"standing": STANDINGS})
    _tell_counts(text("payment methods"), portrait.methods, PAYMENT_METHODS)
    _tell_counts(text("document kinds"), portrait.kinds, DOCUMENT_KINDS)
    _tell_counts(text("the ERP says of items"), portrait.noted)
    for what, trouble in sorted(portrait.troubles.items()):
        _tell_trouble(name, what, trouble)
    _tell_differences(found)
    for failure in found.failures:
        complain(text("{source}: {problem}", source=name, problem=failure))
    for what, note in found.not_offered.items():
        if note:
            say(text("{source}: not offered: {what}: {note}", source=name, what=what, note=note))
        else:
            say(text("{source}: not offered: {what}", source=name, what=what))


def _tell_trouble(name: str, what: str, trouble: RowProblem) -> None:
    problem = problem_of(trouble.problem)
    shown = problem.message
    if problem.hint:
        shown = text("{problem} ({cure})", problem=shown, cure=problem.hint)
    complain(
        counted(
            "{source}: {n} row would go to quarantine, {what}: {problem}",
            "{source}: {n} rows would go to quarantine, {what}: {problem}",
            n=trouble.rows,
            source=name,
            what=_where(what),
            problem=shown,
        )
    )
    complain(text("{source}:   e.g. {examples}", source=name, examples=trouble.examples))


def _where(what: str) -> str:
    """The field of a trouble, in words; its code is for programs."""
    field = what.partition(":")[0]
    return {**ROW_FIELDS, **INSTALLMENT_FIELDS}.get(field, field)


def _tell_clients(found: Survey) -> None:
    _tell_counts(text("clients"), found.portrait.clients)
    beside = {part.value: records for part, records in found.beside.items()}
    _tell_counts(text("beside them"), beside)


def _tell_counts(what: str, counts: Mapping[str, int], names: Labels = PROFILE) -> None:
    shown = (f"{n} {label(names, code, language())}" for code, n in counts.items() if n)
    if words := ", ".join(shown):
        say(text("{what}: {counts}", what=what, counts=words))


def _tell_differences(found: Survey) -> None:
    name = found.source
    if found.balances_compared is not None:
        say(
            text(
                "{source}: balances of {n} clients compared with the ERP's own.",
                source=name,
                n=found.balances_compared,
            )
        )
    explained = [each for each in found.differences if each.collected]
    if explained:
        say(
            counted(
                "{source}: {n} balance differs only by bills that count as collected here and not "
                "yet in the ERP: {total} in all. That is no error.",
                "{source}: {n} balances differ only by bills that count as collected here and not "
                "yet in the ERP: {total} in all. That is no error.",
                n=len(explained),
                source=name,
                total=sum(each.collected for each in explained),
            )
        )
    unexplained = [each for each in found.differences if not each.collected]
    for each in unexplained[:MOST_DIFFERENCES]:
        complain(
            text(
                "{source}: {client}: the ERP says {erp}, read were {hub}",
                source=name,
                client=each.what,
                erp=each.erp,
                hub=each.hub,
            )
        )
    if (more := len(unexplained) - MOST_DIFFERENCES) > 0:
        complain(text("{source}: and {n} more; --format json lists all.", source=name, n=more))
    if unexplained:
        complain(
            text(
                "{source}: look at one of them with the accountant before the first sync: is a "
                "sign, a bill at the bank or a payment understood otherwise?",
                source=name,
            )
        )
