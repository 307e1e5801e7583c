"""How somebody can be reached: the addresses of each medium, in the order they are tried."""

from __future__ import annotations

import re
from typing import Final, Protocol

from incasso.contract.media import AddressForm, Medium
from incasso.domain.sending.numbers import ITALY, e164


class Postal(Protocol):
    """What an envelope shows."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def zip(self) -> str: ...

    @property
    def city(self) -> str: ...

    @property
    def province(self) -> str: ...

    @property
    def country(self) -> str: ...


class Reachable(Postal, Protocol):
    """The address fields of a client; agents and depots have fewer of them."""

    @property
    def email(self) -> str: ...

    @property
    def pec(self) -> str: ...

    @property
    def phone(self) -> str: ...

    @property
    def mobile(self) -> str: ...

    @property
    def fax(self) -> str: ...


_MEDIA: Final = frozenset(Medium)

# Offices type several addresses into one field of the ERP, with any separator.
_BETWEEN: Final = re.compile(r"[;,\s]+")


def addresses(client: Reachable, medium: str, home: str = ITALY) -> tuple[str, ...]:
    """Every address somebody has for a medium, in the ERP's order; by post, one line of text.

    Empty: it cannot be reached by it. Numbers are in the form E.164 where they can be numbers, as
    dialled in the client's country, else at `home`; nothing else is validated.
    """
    if medium not in _MEDIA:
        return ()
    traits = Medium(medium).traits
    match traits.form:
        case AddressForm.POSTAL:
            lines = postal_lines(client)
            return (", ".join(lines),) if lines else ()
        case AddressForm.MAIL:
            found = split_addresses(getattr(client, traits.address))
            return tuple(each for each in found if "@" in each)
        case AddressForm.NUMBER:
            number = getattr(client, traits.address).strip()
            return (e164(number, client.country or home),) if number else ()


def split_addresses(field: str) -> tuple[str, ...]:
    """The single ones of several mail addresses typed into one field, each once."""
    return tuple(dict.fromkeys(filter(None, _BETWEEN.split(field.strip()))))


def postal_lines(client: Postal) -> tuple[str, ...]:
    """The lines of an envelope, name first, country code last; none without street and town."""
    if not (street := street_lines(client)):
        return ()
    lines = (client.name.strip(), *street)
    country = client.country.strip().upper()
    return lines if country in ("", "IT") else (*lines, country)


def street_lines(client: Postal) -> tuple[str, ...]:
    """Street and town, as on an envelope; none if name, street or town is missing."""
    if not (client.name.strip() and client.address.strip() and client.city.strip()):
        return ()
    town = " ".join(part for part in (client.zip.strip(), client.city.strip()) if part)
    if client.province.strip():
        town += f" ({client.province.strip()})"
    return (client.address.strip(), town)
