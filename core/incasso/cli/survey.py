"""`check --read`: what a whole read of a source found, told to the integrator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from incasso.cli.options import Format
from incasso.cli.output import complain, say, show
from incasso.cli.progress import watched

if TYPE_CHECKING:
    from datetime import date

    from incasso.plugins.registry import Checked
    from incasso.services.ledger.survey import Survey
    from incasso.services.running.hub import Hub

MOST_DIFFERENCES = 20


def read_sources(
    hub: Hub, checked: list[Checked], on: date, format: Format
) -> tuple[bool, list[dict[str, Any]]]:
    """Read every healthy connector among them; whether all is well, and the fields for programs."""
    good, told = True, []
    for one in checked:
        if one.report is None or one.view.family.value != "connectors":
            continue
        found = _survey(hub, one, on)
        if found is None:
            good = False
            continue
        good &= found.good
        told.append(as_fields(found))
        if format is Format.TABLE:
            _tell(found)
    return good, told


def _survey(hub: Hub, one: Checked, on: date) -> Survey | None:
    from incasso.contract.errors import PluginError
    from incasso.services.ledger.survey import survey

    assert one.report is not None
    try:
        with watched() as progress:
            handle = hub.registry.connector(one.view.id)
            return survey(handle, one.report, on, progress or (lambda _what, _rows: None))
    except PluginError as error:
        complain(f"{one.view.id}: cannot be read: {error}")
        return None


def as_fields(found: Survey) -> dict[str, Any]:
    """A survey for programs; amounts as decimal texts."""
    portrait = found.portrait
    return {
        "source": found.source,
        "on": found.on,
        "clients": dict(portrait.clients),
        "open_items": {code: asdict(each) for code, each in sorted(portrait.open_items.items())},
        "standings": list(_standings(found)),
        "payment_methods": dict(portrait.methods),
        "document_kinds": dict(portrait.kinds),
        "noted": dict(portrait.noted),
        "troubles": {name: asdict(each) for name, each in sorted(portrait.troubles.items())},
        **{name: getattr(found, name) for name in ("agents", "depots", "documents", "payments")},
        "balances_compared": found.balances_compared,
        "differences": [asdict(each) for each in found.differences],
        "not_offered": found.not_offered,
        "failures": found.failures,
    }


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
    say(f"\n{name}: read from end to end on {found.on}, nothing was stored.")
    _tell_clients(found)
    show(list(_standings(found)), Format.TABLE, columns="standing currency count total".split())
    _tell_counts("payment methods", portrait.methods)
    _tell_counts("document kinds", portrait.kinds)
    _tell_counts("the ERP says of items", portrait.noted)
    for what, trouble in sorted(portrait.troubles.items()):
        hint = f" ({trouble.hint})" if trouble.hint else ""
        rows = "1 row" if trouble.rows == 1 else f"{trouble.rows} rows"
        examples = ", ".join(trouble.examples)
        complain(f"{name}: {rows} would go to quarantine, {what}: {trouble.message}{hint}")
        complain(f"{name}:   e.g. {examples}")
    _tell_differences(found)
    for failure in found.failures:
        complain(f"{name}: {failure}")
    for what, note in found.not_offered.items():
        say(f"{name}: not offered: {what}{': ' + note if note else ''}")


def _tell_clients(found: Survey) -> None:
    _tell_counts("clients", found.portrait.clients)
    beside = {
        what: count
        for what in ("agents", "depots", "documents", "payments")
        if (count := getattr(found, what)) is not None
    }
    _tell_counts("beside them", beside)


def _tell_counts(what: str, counts: dict[str, int]) -> None:
    if words := ", ".join(f"{count} {name}" for name, count in counts.items() if count):
        say(f"{what}: {words}")


def _tell_differences(found: Survey) -> None:
    name = found.source
    if found.balances_compared is not None:
        say(f"{name}: balances of {found.balances_compared} clients compared with the ERP's own.")
    for each in found.differences[:MOST_DIFFERENCES]:
        complain(f"{name}: {each.what}: the ERP says {each.erp}, read were {each.hub}")
    if (more := len(found.differences) - MOST_DIFFERENCES) > 0:
        complain(f"{name}: and {more} more; --format json lists all.")
    if found.differences:
        complain(
            f"{name}: look at one of them with the accountant before the first sync: "
            "is a sign, a bill at the bank or a payment understood otherwise?"
        )
