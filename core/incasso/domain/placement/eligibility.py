"""What may go to whom: the papers of a provider, its territory, conflicts and exclusive rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from incasso.contract.exchange import Service
from incasso.domain.fault import Fault, fault
from incasso.domain.placement.providers import Provider, ProviderKind
from incasso.domain.recovery.matching import Candidate, fails

WARNED_BEFORE: Final = 30
"""Days before a paper ends."""

_HOME: Final = "IT"


class Obstacle(StrEnum):
    """Why something may not go to a provider; the words are in `incasso.locale.providers`."""

    NOT_ACTIVE = "not_active"
    NOT_OFFERED = "not_offered"
    NO_MANDATE = "no_mandate"
    MANDATE_NOT_YET = "mandate_not_yet"
    MANDATE_OVER = "mandate_over"
    NO_LICENCE = "no_licence"
    LICENCE_OVER = "licence_over"
    NO_AGREEMENT = "no_agreement"
    AGREEMENT_NOT_YET = "agreement_not_yet"
    AGREEMENT_OVER = "agreement_over"
    OUTSIDE_TERRITORY = "outside_territory"
    PLACE_UNKNOWN = "place_unknown"
    NEVER_TO_THIS = "never_to_this"
    NOT_TAKEN = "not_taken"
    ONLY_TO_OTHERS = "only_to_others"


_LICENCE_OF: Final[Mapping[str, int]] = MappingProxyType(
    {
        "phone": 115,
        "extrajudicial": 115,
        "negative_report": 115,
        "judicial": 115,
        "write_down": 115,
        "due_diligence": 134,
    }
)
"""The article of TULPS that a service needs; a house that only prints letters collects nothing."""


def may_leave(provider: Provider, service: Service, on: date) -> tuple[Fault, ...]:
    """Why no lot of this service may leave to it that day; empty: it may.

    Licence: art. 115 TULPS for recovery, art. 134 for inquiries about property; lawyers are exempt,
    and so is who only writes letters unless it is an agency. Mandate and agreement on data: always.
    """
    return tuple(_obstacles(provider, service, on))


def _obstacles(provider: Provider, service: Service, on: date) -> Iterator[Fault]:
    if not provider.active:
        yield fault(Obstacle.NOT_ACTIVE)
    if service not in provider.services:
        yield fault(Obstacle.NOT_OFFERED, service=service)
    yield from _mandate(provider, on)
    yield from _licence(provider, service, on)
    yield from _agreement(provider, on)


def _mandate(provider: Provider, on: date) -> Iterator[Fault]:
    mandate = provider.mandate
    if mandate is None:
        yield fault(Obstacle.NO_MANDATE)
    elif on < mandate.since:
        yield fault(Obstacle.MANDATE_NOT_YET, number=mandate.number, day=mandate.since)
    elif mandate.until is not None and on > mandate.until:
        yield fault(Obstacle.MANDATE_OVER, number=mandate.number, day=mandate.until)


def _licence(provider: Provider, service: Service, on: date) -> Iterator[Fault]:
    article = licence_needed(provider, service)
    if article is None:
        return
    held = [each for each in provider.licences if each.article == article]
    if not held:
        yield fault(Obstacle.NO_LICENCE, article=article, service=service)
        return
    last = max(held, key=lambda each: each.until)
    if last.until < on:
        yield fault(Obstacle.LICENCE_OVER, article=article, number=last.number, day=last.until)


def licence_needed(provider: Provider, service: Service) -> int | None:
    """The article of TULPS of which it must have a licence for this service."""
    if provider.kind is ProviderKind.LAWYER:
        return None
    collects = 115 if provider.kind is ProviderKind.AGENCY else None
    return _LICENCE_OF.get(service, collects)


def _agreement(provider: Provider, on: date) -> Iterator[Fault]:
    agreement = provider.data_agreement
    if agreement is None:
        yield fault(Obstacle.NO_AGREEMENT)
    elif on < agreement.since:
        yield fault(Obstacle.AGREEMENT_NOT_YET, day=agreement.since)
    elif agreement.until is not None and on > agreement.until:
        yield fault(Obstacle.AGREEMENT_OVER, day=agreement.until)


class Place(msgspec.Struct, frozen=True):
    """Where a client is; the country is never empty, the province may be."""

    country: str
    province: str = ""


def may_get(
    provider: Provider, who: Candidate, place: Place, others: Iterable[Provider] = ()
) -> tuple[Fault, ...]:
    """Why this provider may not get this client's credit; empty: it may.

    `others`: the other active providers, for the exclusive rules.
    """
    return tuple(_against(provider, who, place, others))


def _against(
    provider: Provider, who: Candidate, place: Place, others: Iterable[Provider]
) -> Iterator[Fault]:
    if {who.client, f"{who.source}/{who.client}"} & set(provider.never):
        yield fault(Obstacle.NEVER_TO_THIS)
    yield from _outside(provider, place)
    if key := fails(provider.takes, who):
        yield fault(Obstacle.NOT_TAKEN, key=key)
    if not _is_exclusive(provider, who):
        for other in others:
            if other.active and other.key != provider.key and _is_exclusive(other, who):
                yield fault(Obstacle.ONLY_TO_OTHERS, other=other.label or other.key)


def _is_exclusive(provider: Provider, who: Candidate) -> bool:
    return provider.exclusive is not None and not fails(provider.exclusive, who)


def _outside(provider: Provider, place: Place) -> Iterator[Fault]:
    countries, provinces = provider.territory.countries, provider.territory.provinces
    if not countries and provinces:
        countries = (_HOME,)
    if countries and place.country not in countries:
        yield fault(Obstacle.OUTSIDE_TERRITORY, place=place.country)
    elif provinces and place.country == _HOME and place.province.upper() not in provinces:
        if place.province:
            yield fault(Obstacle.OUTSIDE_TERRITORY, place=place.province)
        else:
            yield fault(Obstacle.PLACE_UNKNOWN)


def back_by(provider: Provider, on: date) -> date:
    """The day by which a lot handed over that day comes back: after the days of the mandate, and
    never after its last day."""
    if provider.mandate is None:
        return on
    last = on + timedelta(days=provider.mandate.lot_days)
    until = provider.mandate.until
    return last if until is None else min(last, until)


class Paper(StrEnum):
    """What lets credits go to a provider, and ends."""

    MANDATE = "mandate"
    LICENCE = "licence"
    AGREEMENT = "agreement"


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A paper that ended or will soon."""

    provider: str
    """Its label."""
    paper: Paper
    number: str
    until: date
    """Its last day."""
    days: int
    """How many are left; negative: it is over."""


def endings(
    providers: Iterable[Provider], on: date, within: int = WARNED_BEFORE
) -> tuple[Ending, ...]:
    """The papers of active providers that end in so many days or are over, the first first."""
    found = (each for one in providers if one.active for each in _endings(one, on))
    soon = (each for each in found if each.days <= within)
    return tuple(sorted(soon, key=lambda each: (each.until, each.provider, each.paper)))


def _endings(provider: Provider, on: date) -> Iterator[Ending]:
    for paper, number, until in _papers(provider):
        if until is not None:
            yield Ending(
                provider=provider.label or provider.key,
                paper=paper,
                number=number,
                until=until,
                days=(until - on).days,
            )


def _papers(provider: Provider) -> Iterator[tuple[Paper, str, date | None]]:
    if provider.mandate is not None:
        yield Paper.MANDATE, provider.mandate.number, provider.mandate.until
    if provider.data_agreement is not None:
        yield Paper.AGREEMENT, provider.data_agreement.reference, provider.data_agreement.until
    needed = {licence_needed(provider, service) for service in provider.services}
    for article in sorted(each for each in needed if each is not None):
        held = [each for each in provider.licences if each.article == article]
        if held:
            last = max(held, key=lambda each: each.until)
            yield Paper.LICENCE, last.number, last.until
