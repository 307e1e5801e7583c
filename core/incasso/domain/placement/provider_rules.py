"""Contradictions in a provider file whose single values are valid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from incasso.contract.exchange import Service
from incasso.contract.settings import Wrong
from incasso.domain.money import to_minor
from incasso.domain.placement.prices import PriceList, PriceVersion
from incasso.domain.placement.providers import Provider

if TYPE_CHECKING:
    from incasso.domain.placement.provider_file import ProviderTables


class ProviderFault(StrEnum):
    """What these rules refuse; the words are in `incasso.locale.provider_problems`."""

    SAME_PROVIDER = "same_provider"
    SAME_PRICE_LIST = "same_price_list"
    SAME_DAY = "same_day"
    SAME_SERVICE = "same_service"
    NO_SUCH_SERVICE = "no_such_service"
    SERVICE_NOT_OFFERED = "service_not_offered"
    NO_SUCH_PRICE_LIST = "no_such_price_list"
    ENDS_BEFORE = "ends_before"
    SAME_LIMIT = "same_limit"
    NO_OPEN_AMOUNT = "no_open_amount"
    NO_OPEN_AGE = "no_open_age"
    LEAST_ABOVE_MOST = "least_above_most"
    TOO_MANY_DECIMALS = "too_many_decimals"


def check_provider(one: Provider) -> Iterator[Wrong]:
    """What is wrong with one provider."""
    for place in _again(one.services):
        yield _wrong(f"services[{place}]", ProviderFault.SAME_SERVICE)
    for key, table in (("price_lists", one.price_lists), ("fields", one.fields)):
        for service in table:
            yield from _service(f"{key}.{service}", service, one.services)
    for key, paper in (("mandate", one.mandate), ("data_agreement", one.data_agreement)):
        if paper is not None and paper.until is not None and paper.until < paper.since:
            yield _wrong(f"{key}.until", ProviderFault.ENDS_BEFORE)


def check_version(version: PriceVersion) -> Iterator[Wrong]:
    """What is wrong with one version of a price list: bands that leave something without price."""
    yield from _bands("opening", [line.up_to for line in version.openings])
    by_age: dict[int | None, list[Decimal | None]] = {}
    for line in version.rates:
        by_age.setdefault(line.days_to, []).append(line.up_to)
    if version.rates and None not in by_age:
        yield _wrong("rate", ProviderFault.NO_OPEN_AGE)
    for limits in by_age.values():
        yield from _bands("rate", limits)
    least, most = version.minimum, version.maximum
    if least is not None and most is not None and least > most:
        yield _wrong("minimum", ProviderFault.LEAST_ABOVE_MOST)
    for service in version.reports:
        yield from _service(f"reports.{service}", service, None)


def check_price_list(one: PriceList) -> Iterator[Wrong]:
    """What is wrong with the versions of a price list together, or with its currency."""
    for place in _again(version.since for version in one.versions):
        yield _wrong(f"version[{place}].from", ProviderFault.SAME_DAY)
    for place, version in enumerate(one.versions, 1):
        for key, amount in _amounts(version):
            if not _fits(amount, one.currency):
                values = {"amount": amount, "currency": one.currency}
                where = f"version[{place}].{key}"
                yield _wrong(where, ProviderFault.TOO_MANY_DECIMALS, **values)


def check_tables(known: Collection[str], tables: ProviderTables) -> Iterator[Wrong]:
    """What is wrong with the tables of a file together; `known`: price lists there are already."""
    for place in _again(one.key for one in tables.providers):
        yield _wrong(f"provider[{place}].key", ProviderFault.SAME_PROVIDER)
    for place in _again(one.key for one in tables.price_lists):
        yield _wrong(f"price_list[{place}].key", ProviderFault.SAME_PRICE_LIST)
    lists = {*known, *(one.key for one in tables.price_lists)}
    for place, provider in enumerate(tables.providers, 1):
        for key, name in _named_lists(provider):
            if name not in lists:
                where = f"provider[{place}].{key}"
                values = {"name": name, "known": tuple(sorted(lists))}
                yield _wrong(where, ProviderFault.NO_SUCH_PRICE_LIST, **values)


def _named_lists(provider: Provider) -> Iterator[tuple[str, str]]:
    if provider.price_list:
        yield "price_list", provider.price_list
    for service, name in provider.price_lists.items():
        yield f"price_lists.{service}", name


def _service(key: str, name: str, offered: Collection[str] | None) -> Iterator[Wrong]:
    """The problem of a key that is no service, or none of those offered."""
    if name not in set(Service):
        yield _wrong(key, ProviderFault.NO_SUCH_SERVICE, name=name, known=tuple(Service))
    elif offered is not None and name not in offered:
        yield _wrong(key, ProviderFault.SERVICE_NOT_OFFERED)


def _bands(key: str, limits: Collection[Decimal | None]) -> Iterator[Wrong]:
    """The problems of bands that overlap, or that leave the large amounts out."""
    if len(set(limits)) < len(limits):
        yield _wrong(key, ProviderFault.SAME_LIMIT)
    if limits and None not in limits:
        yield _wrong(key, ProviderFault.NO_OPEN_AMOUNT)


def _amounts(version: PriceVersion) -> Iterator[tuple[str, Decimal]]:
    given: list[tuple[str, Decimal | None]] = [
        ("minimum", version.minimum),
        ("maximum", version.maximum),
    ]
    for place, opening in enumerate(version.openings, 1):
        given += [
            (f"opening[{place}].up_to", opening.up_to),
            (f"opening[{place}].fee", opening.fee),
        ]
    given += [(f"rate[{place}].up_to", line.up_to) for place, line in enumerate(version.rates, 1)]
    given += [(f"reports.{service}", price) for service, price in version.reports.items()]
    return ((key, amount) for key, amount in given if amount is not None)


def _fits(amount: Decimal, currency: str) -> bool:
    try:
        to_minor(amount, currency)
    except ValueError:
        return False
    return True


def _again(keys: Iterable[object]) -> Iterator[int]:
    """The positions, counted from 1, of what was there before."""
    seen: set[object] = set()
    for place, key in enumerate(keys, 1):
        if key in seen:
            yield place
        seen.add(key)


def _wrong(key: str, fault: ProviderFault, **values: object) -> Wrong:
    return Wrong(key=key, code=fault, values=values)
