"""Customers as the hub knows them: who owes, where reminders go, how much credit, what blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec
import xxhash

from incasso.api import ClientItem, ClientRecord, Known, Page, Problem, Unreadable
from incasso.api import text as sentence
from incasso_mago4.client_rows import LANGUAGES, ClientRow, statement
from incasso_mago4.contacts import contact_data
from incasso_mago4.database.mago import Mago
from incasso_mago4.raw import NotMoneyError, flag, money, paragraph, text
from incasso_mago4.rules import Rules

PAGE: Final = 1_000
READING: Final = 1
"""Increase it when the same row gives another record."""

_encode = msgspec.msgpack.Encoder().encode
_NO_VAT: Final = re.compile(r"0*")
_ITALIAN_VAT: Final = re.compile(r"(?:IT)?(\d{11})")


def pull(mago: Mago, known: Known) -> Iterator[Page[ClientItem]]:
    """Every customer; those whose row the hub knows are only named."""
    seed = seed_of(mago.settings)
    for part in mago.client.read(statement(mago.schema), at_once=PAGE):
        rows = [ClientRow._make(row) for row in part]
        prints = {text(row.code): xxhash.xxh3_128_digest(_encode(row), seed) for row in rows}
        held = known.fingerprints(list(prints))
        same = tuple(code for code, print_ in prints.items() if held.get(code) == print_)
        skip = frozenset(same)
        items = tuple(
            _item_of(row, mago.settings, prints[text(row.code)])
            for row in rows
            if text(row.code) not in skip
        )
        yield Page(items=items, unchanged=same)
    yield Page(complete=True)


def _item_of(row: ClientRow, settings: Rules, print_: bytes) -> ClientItem:
    try:
        return client_of(row, settings, print_)
    except (NotMoneyError, ArithmeticError, TypeError, ValueError) as error:
        problem = Problem(
            code="unreadable", message=str(error), hint=sentence("look at the customer in Mago")
        )
        raw = f"CustSupp={row.code} CompanyName={row.name}"
        return Unreadable(external_id=text(row.code), problems=(problem,), raw=raw[:2000])


def client_of(row: ClientRow, settings: Rules, print_: bytes = b"") -> ClientRecord:
    """One customer. Raises NotMoneyError for a limit that is no amount."""
    reach = contact_data(row, settings)
    return ClientRecord(
        code=text(row.code),
        name=text(row.name) or text(row.code),
        vat=vat_of(text(row.vat)),
        tax_code="".join(text(row.tax_code).upper().split()),
        is_person=flag(row.person),
        address=reach.address,
        zip=reach.zip,
        city=reach.city,
        province=reach.province,
        country=reach.country,
        language=language_of(text(row.language), settings),
        email=reach.email,
        pec=text(row.pec),
        phone=reach.phone,
        mobile=reach.mobile,
        fax=reach.fax,
        contact_person=reach.person,
        contact_role=reach.role,
        agent=text(row.agent),
        area=text(row.area),
        category=text(row.category),
        payment_terms=" ".join(filter(None, (text(row.payment), text(row.payment_text)))),
        credit_limit=limit_of(row, settings),
        blocked=flag(row.blocked),
        rating=text(row.classification),
        notes=_notes(row),
        public_body=flag(row.public_authority) or flag(row.public_sector),
        unpaid_count=None if row.unpaid_count is None else int(row.unpaid_count),
        formerly=_formerly(row),
        fingerprint=print_,
    )


def vat_of(raw: str) -> str:
    """A VAT number without blanks; eleven zeros are none, an Italian one has no IT before it."""
    plain = "".join(raw.upper().split())
    if _NO_VAT.fullmatch(plain.removeprefix("IT")):
        return ""
    italian = _ITALIAN_VAT.fullmatch(plain)
    return italian[1] if italian else plain


def language_of(code: str, settings: Rules) -> str:
    """Mago's language code as a language; empty: that of the country."""
    return settings.languages.get(code) or LANGUAGES.get(code.upper(), "")


def limit_of(row: ClientRow, settings: Rules) -> Decimal | None:
    """The credit limit of the generation in use; zero is none."""
    second = row.has_second is not None and settings.credit_limits != "first"
    if second:
        found = money(row.second_exposure) or money(row.second_limit)
        return found or None
    if settings.credit_limits == "second":
        return None
    return money(row.first_limit) or None


def _formerly(row: ClientRow) -> str:
    former = text(row.formerly)
    return "" if former == text(row.code) else former


def _notes(row: ClientRow) -> str:
    lines = [paragraph(row.notes)]
    if flag(row.disabled):
        lines.append("Disattivato in Mago")
    if flag(row.liquidation):
        lines.append("In liquidazione")
    if flag(row.legal):
        lines.append(f"Pratiche legali aperte in Mago: {money(row.legal_amount)} EUR")
    return "\n".join(filter(None, lines))


def seed_of(settings: Rules) -> int:
    """What the settings add to every fingerprint of a customer."""
    parts = (
        READING,
        sorted(settings.languages.items()),
        settings.credit_limits,
        settings.contacts,
        settings.telex_is_mobile,
    )
    return xxhash.xxh3_64_intdigest(repr(parts).encode())
