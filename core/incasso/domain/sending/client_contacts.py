"""People and offices of a client that the hub keeps by role, and who of them is written to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from incasso.domain.sending.open_ways import Closed, Reach, first_way, reach_of
from incasso.domain.sending.reach import Reachable

DUNNING: Final = "solleciti"
"""The role whose addresses stand above the ERP's for every message."""


class ClientContact(msgspec.Struct, frozen=True):
    """Addresses of a client under a role; the empty ones are not given."""

    client_id: int
    role: str
    person: str
    """Who reads it, if that is known."""
    language: str
    """What they read; empty: as the client."""
    name: str
    """The client's own, which an envelope begins with."""
    email: str
    pec: str
    phone: str
    mobile: str
    fax: str
    address: str
    zip: str
    city: str
    province: str
    country: str


class Reaches(msgspec.Struct, frozen=True):
    """By what a client is reached, where the ERP's addresses do not tell all."""

    whole: Reach
    by_role: tuple[tuple[str, Reach], ...] = ()
    """For stages that ask for a role which the client has."""

    def of(self, role: str) -> Reach:
        """For a stage that asks for that role; empty: for none."""
        return next((reach for name, reach in self.by_role if name == role), self.whole)


def holders(
    contacts: Sequence[ClientContact], client: Reachable, role: str = ""
) -> tuple[Reachable, ...]:
    """Whose addresses are tried in turn: the role asked for, `DUNNING`, the ERP's."""
    chosen = [one for one in contacts if role and one.role == role]
    usual = [one for one in contacts if one.role == DUNNING and one not in chosen]
    return (*chosen, *usual, client)


def reaches_of(
    contacts: Sequence[ClientContact], client: Reachable, closed: Closed, home: str
) -> Reaches:
    """By what a client is reached, and by what under each of its roles."""
    roles = sorted({one.role for one in contacts} - {DUNNING})
    return Reaches(
        _reach(holders(contacts, client), closed, home),
        tuple((role, _reach(holders(contacts, client, role), closed, home)) for role in roles),
    )


def _reach(tried: Sequence[Reachable], closed: Closed, home: str) -> Reach:
    reach = reach_of(tried, closed, home)
    spoken = {
        medium: language
        for medium in sorted(reach.media | reach.formal)
        if (language := _language(tried, medium, closed, home, formal=medium not in reach.media))
    }
    return replace(reach, languages=tuple(spoken.items())) if spoken else reach


def _language(
    tried: Sequence[Reachable], medium: str, closed: Closed, home: str, *, formal: bool
) -> str:
    """That of the contact whom a message by this medium goes to; empty: the client's."""
    way = first_way(tried, (medium,), closed, formal=formal, home=home)
    return way.holder.language if way and isinstance(way.holder, ClientContact) else ""
