"""The keys of an instance's table that belong to the hub, and their valid values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from incasso.contract.capabilities import ConnectorCapability, Family, Limits, PluginKind
from incasso.contract.media import Medium
from incasso.contract.settings import nearest, setting
from incasso.contract.text import text
from incasso.domain.documents.file_names import pattern_problem
from incasso.domain.money import to_minor
from incasso.locale.problems import sentence
from incasso.plugins.settings.problems import TableProblem

_FASTEST: Final = 1000


@dataclass(frozen=True, kw_only=True)
class HubKeys:
    """The keys of an instance's table that belong to the hub; all others are the plugin's."""

    plugin: str = setting(help="The kind: what a plugin package brings")
    enabled: bool = setting(help="false: configured, but not used", default=True)
    media: tuple[Medium, ...] = setting(help="Channels: the media it carries", default=())
    sources: tuple[str, ...] = setting(help="The sources it serves; absent: every one", default=())
    max_parallel: int | None = setting(help="Calls at the same time", default=None)
    connections: int | None = setting(
        help="Channels: messages that are handed over at the same time; absent: one",
        default=None,
    )
    price: Decimal | None = setting(
        help="Channels: what a message costs, or each page of a letter or fax and each segment of "
        "a text, where the service does not say it",
        default=None,
    )
    budget: Decimal | None = setting(
        help="Channels: how much its messages may cost in a calendar month; then they wait",
        default=None,
    )
    price_currency: str = setting(help="Channels: of price and budget", default="EUR")
    calls_per_second: Decimal | None = setting(
        help="Most calls in a second, in the long run", default=None
    )
    burst: int | None = setting(
        help="Calls that may go at once after a quiet time, with calls_per_second", default=None
    )
    calls_per_minute: int | None = setting(help="Most calls in a minute", default=None)
    calls_per_day: int | None = setting(help="Most calls in a day", default=None)
    check_balances: bool = setting(
        help="Connectors: compare the ERP's own balance of each client after a full read",
        default=False,
    )
    allow_private_addresses: bool = setting(
        help="Whether its HTTP may reach addresses inside the network", default=False
    )
    documents: Path | None = setting(
        help="Connectors: a folder of invoices (PDF, XML, P7M), or a pattern of such files",
        default=None,
    )
    document_names: tuple[str, ...] = setting(
        help="Connectors: how its PDFs are named, e.g. {year}/{number}", default=("{number}",)
    )


def hub_key_names(family: Family) -> tuple[str, ...]:
    """The hub's keys that make sense in a table of this family."""
    absent: frozenset[str] = frozenset() if family is Family.CHANNEL else _OF_CHANNELS
    absent |= {"sources"} if family is Family.CONNECTOR else _OF_CONNECTORS
    return tuple(field.name for field in fields(HubKeys) if field.name not in absent)


_OF_CHANNELS: Final = frozenset({"media", "connections", "price", "budget", "price_currency"})
_OF_CONNECTORS: Final = frozenset({"documents", "document_names", "check_balances"})


def contradictions(
    kind: PluginKind, keys: HubKeys, where: str, known: Sequence[str]
) -> list[TableProblem]:
    """Hub keys that contradict what the kind declares or what else the file says."""
    found: list[tuple[str, str, str]] = []
    for medium in keys.media:
        if medium not in kind.media:
            words = text("{kind} does not carry {medium}", kind=kind.name, medium=medium.value)
            found.append(("media", words, _all(kind.media)))
    for source in keys.sources:
        if source not in known:
            words = text("there is no [connectors.{source}]", source=source)
            found.append(("sources", words, nearest(source, known)))
    if keys.check_balances and not _tells_balances(kind):
        words = text("{kind} cannot tell balances", kind=kind.name)
        found.append(("check_balances", words, text("leave it out")))
    for name in ("max_parallel", "calls_per_minute", "calls_per_day"):
        wanted, most = getattr(keys, name), getattr(kind.limits, name)
        if wanted is not None and (wanted < 1 or (most is not None and wanted > most)):
            words = text("{number} is not possible", number=wanted)
            found.append((name, words, _limit(most)))
    most = keys.max_parallel or kind.limits.max_parallel
    if keys.connections is not None and not 1 <= keys.connections <= most:
        words = text("{number} is not possible", number=keys.connections)
        found.append(("connections", words, _limit(most)))
    found += _too_fast(kind.limits, keys)
    found += _no_money(keys)
    for pattern in keys.document_names:
        if problem := pattern_problem(pattern):
            words = text("{pattern!r}: {problem}", pattern=pattern, problem=sentence(problem))
            found.append(("document_names", words, text('write it like "{{number}}"')))
    return [TableProblem(table=where, key=k, message=m, hint=h) for k, m, h in found]


def _too_fast(limits: Limits, keys: HubKeys) -> list[tuple[str, str, str]]:
    """A rate a second that is no rate, or above what the kind allows."""
    found: list[tuple[str, str, str]] = []
    wanted, most = keys.calls_per_second, limits.calls_per_second
    if wanted is not None and (wanted <= 0 or wanted > (_FASTEST if most is None else most)):
        words = text("{number} is not possible", number=wanted)
        cure = text(
            "write a number above 0 and at most {most}", most=_FASTEST if most is None else most
        )
        found.append(("calls_per_second", words, cure))
    if keys.burst is None:
        return found
    if wanted is None and most is None:
        words = text("it says nothing without calls_per_second")
        found.append(("burst", words, text("give calls_per_second too, or leave it out")))
    elif keys.burst < 1 or (most is not None and keys.burst > limits.burst):
        words = text("{number} is not possible", number=keys.burst)
        found.append(("burst", words, _limit(None if most is None else limits.burst)))
    return found


def _no_money(keys: HubKeys) -> list[tuple[str, str, str]]:
    """A price or budget that is none, or a currency that nobody knows."""
    found: list[tuple[str, str, str]] = []
    if not re.fullmatch("[A-Z]{3}", keys.price_currency):
        words = text("{code!r} is no currency", code=keys.price_currency)
        return [("price_currency", words, text("write its three letters, e.g. EUR"))]
    if keys.price is not None and not (keys.price.is_finite() and keys.price >= 0):
        words = text("{number} is not possible", number=keys.price)
        found.append(("price", words, text("write a number, at least 0")))
    if keys.budget is not None and not _is_amount(keys.budget, keys.price_currency):
        words = text("{number} is not possible", number=keys.budget)
        found.append(("budget", words, text("write an amount above 0, to the cent")))
    return found


def _is_amount(amount: Decimal, currency: str) -> bool:
    try:
        return amount.is_finite() and 0 < to_minor(amount, currency) < 2**53
    except ValueError:
        return False


def _tells_balances(kind: PluginKind) -> bool:
    declared = kind.capabilities.get(ConnectorCapability.BALANCES)
    return declared is not None and declared.support.usable


def _all(names: Sequence[str]) -> str:
    if not names:
        return text("it carries none")
    return text("it carries {names}", names=list(names))


def _limit(most: int | None) -> str:
    if most is None:
        return text("write a number, at least 1")
    return text("write a number between 1 and {most}", most=most)


def lowered(limits: Limits, keys: HubKeys) -> Limits:
    return msgspec.structs.replace(
        limits,
        max_parallel=keys.max_parallel or limits.max_parallel,
        calls_per_second=keys.calls_per_second or limits.calls_per_second,
        burst=keys.burst or limits.burst,
        calls_per_minute=keys.calls_per_minute or limits.calls_per_minute,
        calls_per_day=keys.calls_per_day or limits.calls_per_day,
    )
