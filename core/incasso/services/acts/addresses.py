"""Addresses that a person corrects or finds: checked, kept with their origin, used at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from incasso.contract.media import TRAITS, AddressForm
from incasso.contract.text import Text, text
from incasso.domain.acts.contacts import POSTAL_FIELDS
from incasso.domain.acts.undo import Thing
from incasso.domain.sending.open_ways import NOTHING_CLOSED, Closed
from incasso.domain.sending.reach import split_addresses
from incasso.locale.labels import CLIENT_FIELDS
from incasso.mail.addresses import BadAddressError, mailable
from incasso.services.acts.doing import ActError, Doing
from incasso.store.ledger import corrections
from incasso.store.ledger.corrections import Correction
from incasso.store.recovery import agenda, reaching
from incasso.store.sending import page_reads

_LONGEST: Final = 200
# E.164: at most fifteen digits; shorter ones exist within a country.
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ./()-]*")
_DIGITS: Final = range(5, 16)
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_CAP: Final = re.compile(r"[0-9]{5}")
_PROVINCE: Final = re.compile(r"[A-Za-z]{2}")
_ITALY: Final = ("", "IT")
"""Of a client without a country the office's own is meant."""


def correct(doing: Doing, given: Mapping[str, str], origin: str) -> list[str]:
    """Put these fields of the client in force; those that were different. Raises ActError.

    Nothing is changed where one of them cannot be an address, or is known to be wrong.
    """
    client = doing.subject.client_id
    now = page_reads.clients_by_id(doing.connection, [client])[client]
    checked = checked_addresses(doing, given, now.country)
    changed = {field: value for field, value in checked.items() if getattr(now, field) != value}
    for field, value in changed.items():
        _make(doing, field, value, origin)
    if changed:
        agenda.review_client(doing.connection, client, doing.on)
    return list(changed)


def checked_addresses(doing: Doing, given: Mapping[str, str], country: str) -> dict[str, str]:
    """The fields as they are kept. Raises ActError where one of them cannot be an address in that
    country, or proved wrong for the client before."""
    client = doing.subject.client_id
    checked = {field: _checked(field, value) for field, value in given.items()}
    _need_italian(checked, checked.get("country", country))
    closed = reaching.closed(doing.connection, [client], doing.on).get(client, NOTHING_CLOSED)
    for field, value in checked.items():
        _need_unmarked(field, value, closed)
    return checked


def told(doing: Doing, changed: list[str], given: Mapping[str, str], origin: str) -> None:
    """The journal's event of a correction."""
    values = {field: given[field] for field in changed}
    doing.tell("client.corrected", fields=values, origin=origin)


def _make(doing: Doing, field: str, value: str, origin: str) -> None:
    client = doing.subject.client_id
    new = Correction(
        client_id=client,
        field=field,
        value=value,
        origin=origin,
        made_by=doing.by,
        made_on=doing.on,
    )
    before = corrections.in_force(doing.connection, client, field)
    replaced = [] if before is None else [before]
    with (
        doing.memory.watching(Thing.CORRECTION, replaced),
        doing.memory.watching(Thing.CLIENT, [client]),
    ):
        made = corrections.make(doing.connection, new)
    doing.memory.made(Thing.CORRECTION, made)


def _checked(field: str, value: str) -> str:
    """The value as it is kept. Raises ActError with the cure."""
    if len(value) > _LONGEST or not value.isprintable():
        raise _unfit(field, value, text("give one line of at most {most} letters", most=_LONGEST))
    if not value and field in POSTAL_FIELDS:
        raise ActError(
            text("An empty {field} corrects nothing: give it.", field=CLIENT_FIELDS[field])
        )
    check = _CHECKS.get(field)
    return value if check is None or not value else check(field, value)


def _need_italian(given: Mapping[str, str], country: str) -> None:
    """Postal code and province as Italy writes them, where the client is there. Raises ActError."""
    if country.upper() not in _ITALY:
        return
    if "zip" in given and not _CAP.fullmatch(given["zip"]):
        raise _unfit("zip", given["zip"], text("an Italian one has five digits, such as 10121"))
    if "province" in given and not _PROVINCE.fullmatch(given["province"]):
        raise _unfit("province", given["province"], text("write its two letters, such as TO"))


def _mail(field: str, value: str) -> str:
    for each in split_addresses(value):
        try:
            mailable(each)
        except BadAddressError:
            raise _unfit(field, each, text("write it as name@example.it")) from None
    return value


def _number(field: str, value: str) -> str:
    digits = sum(letter.isdigit() for letter in value)
    if not _NUMBER.fullmatch(value) or digits not in _DIGITS:
        raise _unfit(field, value, text("write it as +39 011 5550100"))
    return value


def _country(field: str, value: str) -> str:
    if not _COUNTRY.fullmatch(value):
        raise _unfit(field, value, text("write the two letters of the country, such as IT"))
    return value.upper()


_CHECKS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "email": _mail,
    "pec": _mail,
    "phone": _number,
    "mobile": _number,
    "fax": _number,
    "country": _country,
}


def _unfit(field: str, value: str, cure: Text) -> ActError:
    return ActError(
        text(
            "“{value}” cannot be a client's {field}: {cure}.",
            value=value[:_LONGEST],
            field=CLIENT_FIELDS[field],
            cure=cure,
        )
    )


def _need_unmarked(field: str, value: str, closed: Closed) -> None:
    """An address that came back is not entered again. Raises ActError."""
    for medium, traits in TRAITS.items():
        if traits.address != field:
            continue
        is_mail = traits.form is AddressForm.MAIL
        for each in split_addresses(value) if is_mail else filter(None, [value]):
            if not closed.is_right(medium, each):
                raise ActError(
                    text(
                        "{address} proved wrong before (`incasso bad-addresses`): give another.",
                        address=each,
                    )
                )
