"""Providers as parties: agencies and lawyers, with the papers that let credits go to them.

This module holds only the values; `provider_file` reads and writes them as TOML, `eligibility` says
what may go to whom.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from incasso.contract.exchange import Service
from incasso.contract.settings import Between, Filled, Form, Key
from incasso.domain.placement.shared_fields import USUAL, SharedField
from incasso.domain.recovery.matching import Match

ProviderKey = Annotated[str, Form("[a-z0-9][a-z0-9_-]{0,63}", "agenzia-rossi")]
"""A key that people choose; it never changes."""

LONGEST_STAY = 3650


class ProviderKind(StrEnum):
    """What kind of party it is; lawyers need no licence of the police."""

    AGENCY = "agency"
    LAWYER = "lawyer"
    OTHER = "other"


class Mandate(msgspec.Struct, frozen=True, kw_only=True):
    """What the office agreed with the provider."""

    number: str = ""
    since: Annotated[date, Key("from")]
    until: date | None = None
    """Its last day; None: until it is ended."""
    lot_days: Annotated[int, Between(1, LONGEST_STAY)] = 90
    """So many days a lot stays before it comes back by itself."""


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """A licence of the police (art. 115 or 134 TULPS)."""

    number: Annotated[str, Filled()]
    office: Annotated[str, Filled()]
    """The Questura that gave it."""
    article: Literal[115, 134] = 115
    """115: recovery of credits; 134: inquiries about property."""
    until: date
    """Its last day."""


class DataAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement on processing personal data (art. 28 GDPR)."""

    reference: str = ""
    since: Annotated[date, Key("from")]
    until: date | None = None
    """Its last day; None: as long as the mandate."""


class Territory(msgspec.Struct, frozen=True, kw_only=True):
    """Where its clients must be; empty: everywhere."""

    countries: tuple[Annotated[str, Form("[A-Z]{2}", "IT")], ...] = ()
    provinces: tuple[Annotated[str, Form("[A-Z]{2}", "MI")], ...] = ()
    """Of Italy; without `countries` nobody abroad."""


class ProviderContact(msgspec.Struct, frozen=True, kw_only=True):
    """A person over there."""

    role: str = ""
    name: str = ""
    email: Annotated[str, Form(r"[^@\s]+@[^@\s]+\.[^@\s]+", "lotti@example.it")] = ""
    phone: str = ""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One outside agency, lawyer or other party; the field names are the keys of its table."""

    key: Annotated[ProviderKey, Filled()]
    label: str = ""
    kind: ProviderKind
    active: bool = True
    """False: it gets nothing more; what it has stays with it."""
    instance: str = ""
    """The table of plugins.toml that carries its files; empty: the one of its own key."""
    services: Annotated[tuple[Service, ...], Filled()]
    language: Annotated[str, Form("[a-z]{2}", "it")] = "it"
    price_list: str = ""
    price_lists: dict[str, str] = {}
    """By service, where one has a price list of its own."""
    never: tuple[str, ...] = ()
    """Clients it must not get, for a conflict of interest: codes, or "source/code"."""
    takes: Match = Match()
    """It gets only what matches."""
    exclusive: Match | None = None
    """What matches goes to nobody else who is not named so too."""
    mandate: Mandate | None = None
    licences: Annotated[tuple[Licence, ...], Key("licence")] = ()
    data_agreement: DataAgreement | None = None
    territory: Territory = Territory()
    fields: dict[str, tuple[SharedField, ...]] = {}
    """By service what it is told of a client, instead of what is usual."""
    contacts: Annotated[tuple[ProviderContact, ...], Key("contact")] = ()

    def told(self, service: Service) -> frozenset[SharedField]:
        """What it is told of a client for this service."""
        own = self.fields.get(service)
        return USUAL[service] if own is None else frozenset(own)

    def prices(self, service: Service) -> str:
        """The key of the price list for this service; empty: none was agreed."""
        return self.price_lists.get(service, self.price_list)
