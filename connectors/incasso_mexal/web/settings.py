"""What an integrator may set for one company read through Mexal's WebAPI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import urlsplit

from incasso.api import ConfigurationError, Problem, Secret, setting
from incasso.api import text as sentence
from incasso_mexal.letters import letter_problems
from incasso_mexal.states import state_problems

COORDINATES: Final = ("clients", "installments", "documents", "payments", "people", "tables")
"""Records that may be kept in another company: half of the integrations do so for clients."""

BLOCK_FIELDS: Final = ("fido", "gest_fuori_fido", "tp_rating")
"""The only fields of a client that the hub ever writes to stop orders."""

_PIN: Final = "sha256:"


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_days() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class MexalSettings:
    """One company of one installation; address, user, password and company are required."""

    base_url: str = setting(
        help="address of the WebAPI up to the port, e.g. https://server:9004, "
        "or https://services.passepartout.cloud"
    )
    user: str = setting(help="the WebAPI user, made for the hub alone")
    password: Secret = setting(help="its password")
    company: str = setting(help="code of the company (Azienda), three letters")
    second_user: str = setting(
        help="second account, where operating-system login or an application administrator is on",
        default="",
    )
    second_password: Secret | None = setting(help="password of the second account", default=None)
    domain: str = setting(help="cloud only: the customer's domain (Dominio)", default="")
    certificate: Path | None = setting(
        help="local only: sha256:… of the server's own certificate, or its PEM file; "
        "absent: the usual authorities decide",
        default=None,
    )
    sub_company: str = setting(help="SottoAzienda, where the company has them", default="")
    depot: int | None = setting(help="Magazzino of the coordinates", default=None)
    years: tuple[int, ...] = setting(
        help="accounting years to read; absent: the year of the day, and the one before it "
        "during year_turn_days",
        default=(),
    )
    year_turn_days: int = setting(
        help="how long after 1 January the previous year is read too: longer than the "
        "accountant takes to open the new one",
        unit="days",
        default=181,
    )
    coordinates: Mapping[str, str] = setting(
        help='another company for one kind of record, e.g. { documents = "XYZ" }; '
        f"kinds: {', '.join(COORDINATES)}",
        default_factory=_nothing,
    )
    customer_groups: tuple[str, ...] = setting(
        help='groups (mastri) of the clients, e.g. ["501"]; absent: those of the clients found',
        default=(),
    )
    agent_groups: tuple[str, ...] = setting(
        help='groups (mastri) of the agents, e.g. ["610"]; absent: accounts that clients name',
        default=(),
    )
    payment_letters: Mapping[str, str] = setting(
        help='the company\'s own letters of tipo_scadenza, e.g. { X = "cod" }',
        default_factory=_nothing,
    )
    states: Mapping[str, str] = setting(
        help='letters of stato_pagamento: open, paid, presented or unpaid, e.g. { R = "open" }',
        default_factory=_nothing,
    )
    grace_days: Mapping[str, int] = setting(
        help="days after the due date until an issued bill counts as collected, by payment "
        "method, e.g. { riba = 15 }; others 10",
        default_factory=_no_days,
    )
    due_date: Literal["latest", "original", "current"] = setting(
        help="of what is open: latest of dt_sca_pg and dt_sca_origine, or one of them",
        default="latest",
    )
    unpaid_reasons: tuple[str, ...] = setting(
        help="accounting reasons of a bill that came back", default=("IN",)
    )
    credit_note_reasons: tuple[str, ...] = setting(
        help="accounting reasons of a credit note", default=("NC", "NE")
    )
    advance_reasons: tuple[str, ...] = setting(
        help="accounting reasons of an advance: their negative amounts are advances",
        default=("AC",),
    )
    negate_credits: bool = setting(
        help="a positive amount with a credit note's reason is taken as negative", default=True
    )
    currency: str = setting(help="ISO 4217 of the company's own currency", default="EUR")
    currencies: Mapping[str, str] = setting(
        help="currency by its number, where the table of currencies does not tell, "
        'e.g. { "3" = "CHF" }',
        default_factory=_nothing,
    )
    contacts: tuple[int, ...] = setting(
        help="positions (cod_posizione) of the person to write to, best first; absent: the one "
        "whose position speaks of administration or accounts",
        default=(),
    )
    lookback_days: int = setting(
        help="settled items and payments older than this are not read unless the hub knows them",
        unit="days",
        default=90,
    )
    document_types: Mapping[str, str] = setting(
        help="document types (sigla) to read: invoice, credit_note, debit_note, advance or other",
        default_factory=lambda: MappingProxyType({"FT": "invoice", "NC": "credit_note"}),
    )
    document_days: int = setting(
        help="documents older than this are not listed", unit="days", default=730
    )
    document_totals: bool = setting(
        help="ask the total of each document: one call more for each of them", default=False
    )
    invoice_file: Literal["print", "stored"] = setting(
        help="print: Mexal prints the invoice; stored: the file kept in its archive (Docuvision)",
        default="print",
    )
    print_form: str = setting(
        help="cod_modulo of the form an invoice is printed on; absent: its own", default=""
    )
    payment_sign: Literal["negative", "positive"] = setting(
        help="the sign of a receipt on a client's account in prima-nota/righe",
        default="negative",
    )
    exposure_check: bool = setting(
        help="compare with the balance that Mexal computes (calcolo_esposizione)", default=True
    )
    block_orders: Mapping[str, str] = setting(
        help="values of a blocked client, among fido, gest_fuori_fido, tp_rating, "
        'e.g. { fido = "0.01", gest_fuori_fido = "B" }: read to know who is blocked',
        default_factory=_nothing,
    )
    write_back: bool = setting(
        help="let the hub write block_orders and a note on clients", default=False
    )
    page_size: int = setting(help="records asked for at once", default=500)
    overlap_minutes: int = setting(
        help="how far before the last reading a reading of changes begins",
        unit="minutes",
        default=10,
    )
    slots: int = setting(
        help="calls at the same time for one WebAPI user; the server allows five in all",
        default=1,
    )

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise ConfigurationError(problems)

    @property
    def verify(self) -> bool | str:
        """The `verify` of the HTTP door for the server's certificate."""
        if self.certificate is None:
            return True
        # The hub made a path of it; a fingerprint is the last part of that path.
        return self.pin or str(self.certificate)

    @property
    def pin(self) -> str:
        """`sha256:…` if the certificate is pinned by its fingerprint."""
        name = "" if self.certificate is None else self.certificate.name
        return name if name.lower().startswith(_PIN) else ""

    def years_on(self, on: date) -> tuple[int, ...]:
        """The accounting years to read on a day, newest first."""
        if self.years:
            return tuple(sorted(set(self.years), reverse=True))
        turning = (on - date(on.year, 1, 1)).days < self.year_turn_days
        return (on.year, on.year - 1) if turning else (on.year,)

    def _problems(self) -> Iterable[Problem]:
        yield from self._address_problems()
        yield from letter_problems(self.payment_letters)
        yield from state_problems(self.states, self.grace_days)
        yield from self._name_problems()
        yield from self._number_problems()

    def _address_problems(self) -> Iterable[Problem]:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield _problem("base_url", sentence("it is an address such as https://server:9004"))
        if ":" in self.user or not self.user.strip():
            yield _problem("user", sentence("a WebAPI user has a name without a colon"))
        if self.second_user and self.second_password is None:
            yield _problem("second_password", sentence("the second account needs a password"))
        if not _is_word(self.company):
            yield _problem("company", sentence("it is the short code of the company, e.g. ABC"))
        for name, word in (("sub_company", self.sub_company), ("domain", self.domain)):
            if word and not _is_word(word):
                yield _problem(name, sentence("{word!r} holds blanks or signs", word=word))
        if self.pin and not re.fullmatch(r"sha256:[0-9A-Fa-f:]{64,95}", self.pin):
            yield _problem("certificate", sentence("after sha256: stand 64 hexadecimal digits"))

    def _name_problems(self) -> Iterable[Problem]:
        for kind in self.coordinates:
            if kind not in COORDINATES:
                message = sentence(
                    "{kind!r} is not one of {coordinates}", kind=kind, coordinates=list(COORDINATES)
                )
                yield _problem("coordinates", message)
        for field in self.block_orders:
            if field not in BLOCK_FIELDS:
                message = sentence(
                    "{field!r} is not one of {block_fields}",
                    field=field,
                    block_fields=list(BLOCK_FIELDS),
                )
                yield _problem("block_orders", message)
        for sigla, kind in self.document_types.items():
            if kind not in ("invoice", "credit_note", "debit_note", "advance", "other"):
                yield _problem(
                    "document_types",
                    sentence("{sigla} = {kind!r} is no kind of document", sigla=sigla, kind=kind),
                )
        codes = [
            ("currency", self.currency),
            *(("currencies", c) for c in self.currencies.values()),
        ]
        for number in self.currencies:
            if not number.isdecimal():
                yield _problem(
                    "currencies",
                    sentence("{number!r} is no number of a currency in Mexal", number=number),
                )
        for name, code in codes:
            if not re.fullmatch("[A-Z]{3}", code):
                yield _problem(
                    name,
                    sentence("{code!r}: a currency is three capital letters, e.g. EUR", code=code),
                )
        if "fido" in self.block_orders and not _is_number(self.block_orders["fido"]):
            yield _problem("block_orders", sentence('fido is an amount such as "0.01"'))

    def _number_problems(self) -> Iterable[Problem]:
        bounds = (
            ("page_size", self.page_size, 1, 5000),
            ("slots", self.slots, 1, 5),
            ("lookback_days", self.lookback_days, 0, 3650),
            ("document_days", self.document_days, 0, 36500),
            ("overlap_minutes", self.overlap_minutes, 0, 1440),
            ("year_turn_days", self.year_turn_days, 0, 366),
        )
        for name, value, least, most in bounds:
            if not least <= value <= most:
                yield _problem(
                    name,
                    sentence(
                        "{value}: it lies between {least} and {most}",
                        value=value,
                        least=least,
                        most=most,
                    ),
                )
        if any(not 1980 <= year <= 2100 for year in self.years):
            yield _problem("years", sentence("years have four digits, e.g. [2025, 2026]"))


def _is_word(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", text) is not None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,10}(\.\d{1,2})?", text) is not None


def _problem(field: str, message: str) -> Problem:
    return Problem(code="bad_setting", field=field, message=message)
