"""What the providers' own data say about who may get what, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from incasso.contract.settings import nearest
from incasso.contract.text import text
from incasso.domain.money import from_minor
from incasso.domain.placement.eligibility import Place, back_by, may_get, may_leave
from incasso.domain.placement.providers import Provider
from incasso.domain.recovery.matching import Candidate
from incasso.locale.providers import obstacle_text
from incasso.services.office.office import Office
from incasso.services.placement.errors import LotError
from incasso.services.placement.looking import Against
from incasso.services.placement.told import Told
from incasso.store.placement.looks import LookedAt, PlacedClient
from incasso.store.placement.lots import Lot
from incasso.store.placement.providers import read_providers


def takers(office: Office, keys: Sequence[str]) -> Mapping[str, Against]:
    """By provider, what speaks against a client's credit: territory, conflicts, what it takes.

    Raises LotError for a key that nobody has.
    """
    with office.store.read() as connection:
        known = read_providers(connection)
    for key in keys:
        if key not in known:
            raise _unknown(key, known)
    return {key: _against(known[key], tuple(known.values())) for key in keys}


def told_of(office: Office, lot: Lot, on: date) -> Told:
    """What the writing of a lot must know of its provider. Raises LotError."""
    with office.store.read() as connection:
        known = read_providers(connection)
    if lot.provider not in known:
        raise _unknown(lot.provider, known)
    provider = known[lot.provider]
    mandate = provider.mandate
    return Told(
        key=provider.key,
        label=provider.label or provider.key,
        instance=provider.instance,
        mandate="" if mandate is None else mandate.number,
        language=provider.language,
        shared=provider.told(lot.service),
        until=back_by(provider, on),
        obstacles=tuple(map(obstacle_text, may_leave(provider, lot.service, on))),
    )


def _unknown(key: str, known: Mapping[str, Provider]) -> LotError:
    hint = nearest(key, list(known), otherwise=text("see `incasso providers list`"))
    return LotError(text("No provider is called {key}: {hint}.", key=key, hint=hint))


def _against(provider: Provider, everybody: Sequence[Provider]) -> Against:
    others = [each for each in everybody if each.key != provider.key]

    def against(client: PlacedClient, row: LookedAt) -> str:
        place = Place(client.country or client.own_country, client.province)
        found = may_get(provider, _candidate(client, row), place, others)
        return found[0].code.value if found else ""

    return against


def _candidate(client: PlacedClient, row: LookedAt) -> Candidate:
    return Candidate(
        source=client.source,
        client=client.code,
        residual=from_minor(row.residual, row.currency),
        payment_method=row.payment_method,
        unpaid=row.unpaid_on is not None,
        category=client.category,
        area=row.area or client.area,
        depot=row.depot or client.depot,
        agent=row.agent or client.agent,
        rating=client.rating,
        seasonal=client.seasonal,
    )
