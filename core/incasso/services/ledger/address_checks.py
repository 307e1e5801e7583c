"""What cannot be right of a client's addresses and numbers; nothing is changed or held up by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import structs

from incasso.contract.ledger import ClientRecord
from incasso.contract.text import Text, text
from incasso.domain.sending.numbers import ITALY, e164
from incasso.domain.sending.reach import split_addresses
from incasso.mail.addresses import BadAddressError, mailable

MAILS: Final = ("email", "pec")
NUMBERS: Final = ("phone", "mobile", "fax")


def faults(client: Mapping[str, Any]) -> Iterator[tuple[str, str, Text]]:
    """Field, value and what is wrong, for each field of a client that cannot be right.

    Empty fields are no fault. Nothing is asked of the network.
    """
    country = client["country"].strip().upper() or ITALY
    for field in MAILS:
        for address in split_addresses(client[field]):
            if why := _of_mail(address):
                yield field, address, why
    for field in NUMBERS:
        if (number := client[field].strip()) and (why := _of_number(field, number, country)):
            yield field, number, why
    if country == ITALY:
        yield from _of_tax(client)


def has_faults(client: ClientRecord) -> bool:
    """Whether there is any."""
    return next(faults(structs.asdict(client)), None) is not None


def _of_mail(address: str) -> Text | None:
    try:
        mailable(address)
    except BadAddressError:
        return text("no mail address: write it as name@example.it")
    return None


def _of_number(field: str, number: str, country: str) -> Text | None:
    # Slow to load, and only this list needs it.
    import phonenumbers

    form = e164(number, country)
    if not form.startswith("+"):
        return text(
            "no telephone number: digits are missing or too many, or there are words beside it"
        )
    parsed = phonenumbers.parse(form)
    if not phonenumbers.is_valid_number(parsed):
        return text("a number that nobody can have")
    landline = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE
    if field == "mobile" and landline:
        return text("a landline: text messages do not reach it")
    return None


def _of_tax(client: Mapping[str, Any]) -> Iterator[tuple[str, str, Text]]:
    from stdnum.it import codicefiscale, iva

    vat, code = client["vat"].strip(), client["tax_code"].strip()
    if vat and not iva.is_valid(vat):
        yield "vat", vat, text("no Italian VAT number: its check digit does not fit")
    if code and not (codicefiscale.is_valid(code) or iva.is_valid(code)):
        yield "tax_code", code, text("no Italian tax code: its check letter does not fit")
