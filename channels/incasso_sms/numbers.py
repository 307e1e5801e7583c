"""Telephone numbers as a service takes them; what is no mobile is refused before it costs."""

from __future__ import annotations

from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from incasso.api import Text, text

_REACHABLE: Final = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
"""In some countries, such as the United States, nothing tells the two apart."""

_KINDS: Final = {
    PhoneNumberType.FIXED_LINE: text("a landline"),
    PhoneNumberType.TOLL_FREE: text("a freephone number"),
    PhoneNumberType.PREMIUM_RATE: text("a premium-rate number"),
    PhoneNumberType.SHARED_COST: text("a shared-cost number"),
    PhoneNumberType.VOIP: text("an internet number"),
    PhoneNumberType.PERSONAL_NUMBER: text("a personal number that is forwarded"),
    PhoneNumberType.PAGER: text("a pager"),
    PhoneNumberType.UAN: text("a company number"),
    PhoneNumberType.VOICEMAIL: text("a voice mailbox"),
}


class UnfitNumberError(Exception):
    """A number that no text message can reach; the first argument says why."""

    @property
    def message(self) -> Text:
        """Why."""
        found: Text = self.args[0]
        return found


def mobile_number(written: str, country: str) -> str:
    """The number in E.164, `+393331234567`; a national one is read as of that country (ISO 3166).

    Raises UnfitNumberError for what is no number, cannot be one, or is no mobile.
    """
    number = _parsed(written.strip(), country.strip().upper() or "IT")
    if not phonenumbers.is_valid_number(number):
        raise UnfitNumberError(text("{number!r} cannot be a telephone number", number=written))
    kind = phonenumbers.number_type(number)
    if kind not in _REACHABLE:
        what = _KINDS.get(kind, text("no mobile"))
        raise UnfitNumberError(
            text("{number} is {what}: no text message arrives there", number=written, what=what)
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_number(written: str) -> bool:
    """Whether that is a valid number in E.164."""
    try:
        number = phonenumbers.parse(written, None)
    except phonenumbers.NumberParseException:
        return False
    given = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return phonenumbers.is_valid_number(number) and given == written


def _parsed(written: str, country: str) -> PhoneNumber:
    if not written:
        raise UnfitNumberError(text("there is no number"))
    try:
        return phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        raise UnfitNumberError(text("{number!r} is no telephone number", number=written)) from None
