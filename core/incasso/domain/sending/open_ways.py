"""By which media a client may be written to: who is tried in turn, and what is closed.

An address is closed because it proved wrong, or because the client does not want to be contacted
by it. A refusal does not stop formal notices, which the law gives to the creditor, unless it says
so itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from incasso.contract.media import AddressForm, Medium
from incasso.domain.sending.numbers import ITALY, e164
from incasso.domain.sending.reach import Reachable, addresses

_MEDIA: Final = frozenset(Medium)


class Refusal(msgspec.Struct, frozen=True):
    """The client does not want to be contacted like this."""

    medium: str
    """A medium, or a way to talk: `call`, `visit`."""
    address: str = ""
    """Only there; empty: nowhere."""
    formal: bool = False
    """Formal notices neither."""


class Closed(msgspec.Struct, frozen=True):
    """What must not be used of a client's addresses."""

    wrong: frozenset[tuple[str, str]] = frozenset()
    """Medium and address, as `address_key` has it."""
    refusals: tuple[Refusal, ...] = ()

    def is_open(self, medium: str, address: str, *, formal: bool) -> bool:
        """Whether a message may go there."""
        return self.is_right(medium, address) and not self._is_refused(medium, address, formal)

    def is_right(self, medium: str, address: str) -> bool:
        """Whether the address did not prove wrong."""
        return (medium, address_key(medium, address)) not in self.wrong

    def _is_refused(self, medium: str, address: str, formal: bool) -> bool:
        key = address_key(medium, address)
        return any(
            one.medium == medium and (one.formal or not formal) and one.address in ("", key)
            for one in self.refusals
        )


def alike(medium: str) -> tuple[str, ...]:
    """The media whose addresses are wrong together: what one letter says of an envelope holds for
    every other. A certified mailbox is another than one for mail, and a telephone that takes no
    texts may well be answered."""
    if medium not in _MEDIA or not Medium(medium).by_post:
        return (medium,)
    return tuple(each.value for each in Medium if each.by_post)


NOTHING_CLOSED: Final = Closed()


class Reach(msgspec.Struct, frozen=True):
    """The media that reach somebody."""

    media: frozenset[str]
    formal: frozenset[str]
    """For formal notices."""
    refused: frozenset[str] = frozenset()
    """Those, and ways to talk, that only a refusal closes."""
    languages: tuple[tuple[str, str], ...] = ()
    """Of media whose reader has a language of their own, which."""


class Way(msgspec.Struct, frozen=True):
    """A medium, an address, and whose it is."""

    medium: str
    address: str
    holder: Reachable


def address_key(medium: str, address: str, country: str = ITALY) -> str:
    """What is the same for two ways to write one address."""
    if medium in _MEDIA and Medium(medium).traits.form is AddressForm.NUMBER:
        return e164(address, country)
    return address.strip().casefold()


def reach_of(holders: Sequence[Reachable], closed: Closed, home: str = ITALY) -> Reach:
    """By what a client is reached through any of these."""
    media, formal, refused = set(), set(), set()
    for medium in Medium:
        found = [each for holder in holders for each in addresses(holder, medium, home)]
        if any(closed.is_open(medium, each, formal=False) for each in found):
            media.add(medium.value)
        elif any(closed.is_right(medium, each) for each in found):
            refused.add(medium.value)
        if any(closed.is_open(medium, each, formal=True) for each in found):
            formal.add(medium.value)
    refused |= {one.medium for one in closed.refusals if one.medium not in _MEDIA}
    return Reach(frozenset(media), frozenset(formal), frozenset(refused))


def first_way(
    holders: Sequence[Reachable],
    media: Iterable[str],
    closed: Closed,
    *,
    formal: bool,
    home: str = ITALY,
) -> Way | None:
    """The first medium with an open address, and of that medium the first holder; None: no way."""
    for medium in media:
        for holder in holders:
            for address in addresses(holder, medium, home):
                if closed.is_open(medium, address, formal=formal):
                    return Way(medium, address, holder)
    return None
