"""What an integrator may set for one company read from MexalDB, the replica of its archives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from incasso.api import ConfigurationError, DocumentKind, Problem, Secret, SqlLogin, setting, text
from incasso_mexal.letters import letter_problems
from incasso_mexal.states import state_problems

QUERIES: Final = (
    "clients_sql",
    "installments_sql",
    "documents_sql",
    "agents_sql",
    "balances_sql",
)


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_numbers() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class ReplicaSettings:
    """One company in one replica. Nothing is read before both queries are written."""

    url: str = setting(
        help="address of the database without its password, e.g. mssql+pymssql://user@host/abc_rp "
        "or mysql+pymysql://user@host/abc_rp"
    )
    password: Secret | None = setting(help="the password of that user", default=None)
    isolation: str = setting(
        help="how reads stand beside the replication, e.g. read uncommitted; absent: snapshot "
        "where the database has it, else what is committed",
        default="",
    )
    statement_timeout: int = setting(
        help="how long one query may take", unit="seconds", default=120
    )
    options: Mapping[str, str] = setting(
        help='further options of the driver, e.g. { TrustServerCertificate = "yes" }',
        default_factory=_nothing,
    )
    clients_sql: str = setting(
        help="one SELECT of the clients; { file = … } keeps it in a file; absent: not written "
        "yet, only `incasso discover` works",
        default="",
    )
    installments_sql: str = setting(
        help="one SELECT of the open items, a row per instalment", default=""
    )
    documents_sql: str = setting(help="one SELECT of the documents", default="")
    agents_sql: str = setting(help="one SELECT of the agents", default="")
    balances_sql: str = setting(
        help="one SELECT of client and balance, as the accounts have it", default=""
    )
    currency: str = setting(help="ISO 4217 of the company's own currency", default="EUR")
    currencies: Mapping[str, str] = setting(
        help='what the column currency may hold, e.g. { "1" = "EUR", "3" = "CHF" }',
        default_factory=_nothing,
    )
    payment_letters: Mapping[str, str] = setting(
        help='the company\'s own letters of the column kind, e.g. { X = "cod" }',
        default_factory=_nothing,
    )
    states: Mapping[str, str] = setting(
        help="letters of the column status: open, paid, presented or unpaid, "
        'e.g. { R = "open" }; known are P, E and none',
        default_factory=_nothing,
    )
    grace_days: Mapping[str, int] = setting(
        help="days after the due date until an issued bill counts as collected, by payment "
        "method, e.g. { riba = 15 }; others 10",
        default_factory=_no_numbers,
    )
    document_kinds: Mapping[str, str] = setting(
        help="what document_kind may hold: invoice, credit_note, debit_note, advance or other, "
        'e.g. { FT = "invoice" }',
        default_factory=lambda: MappingProxyType(
            {"FT": "invoice", "NC": "credit_note", "ND": "debit_note"}
        ),
    )
    unpaid_reasons: tuple[str, ...] = setting(
        help="values of the column reason of a bill that came back", default=("IN",)
    )
    credit_note_reasons: tuple[str, ...] = setting(
        help="values of the column reason of a credit note", default=("NC", "NE")
    )
    advance_reasons: tuple[str, ...] = setting(
        help="values of the column reason of an advance", default=("AC",)
    )
    negate_credits: bool = setting(
        help="a positive amount with a credit note's reason is taken as negative", default=True
    )
    debit_signs: tuple[str, ...] = setting(
        help="values of the column sign of what the client owes", default=("D", "+")
    )
    credit_signs: tuple[str, ...] = setting(
        help="values of the column sign of what the client is owed", default=("A", "-")
    )
    invert: bool = setting(
        help="every amount has the opposite sign, as in suppliers' ledgers", default=False
    )
    decimals: Mapping[str, int] = setting(
        help="columns that hold whole numbers with so many decimals meant, "
        "e.g. { amount = 2 } for hundredths",
        default_factory=_no_numbers,
    )
    no_dates: tuple[str, ...] = setting(
        help='days that mean "no date" here, beside 1899-12-30, 1900-01-01 and the like',
        default=(),
    )
    lookback_days: int = setting(
        help="settled items due longer ago than this are not read unless the hub knows them",
        unit="days",
        default=90,
    )
    overlap_minutes: int = setting(
        help="with :since, how far before the last change a reading begins",
        unit="minutes",
        default=10,
    )
    max_rows: int = setting(
        help="a query that returns more is stopped: a join that multiplies rows", default=2_000_000
    )

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise ConfigurationError(problems)

    @property
    def login(self) -> SqlLogin:
        """How the door to databases is asked."""
        return SqlLogin(
            url=self.url,
            password=self.password,
            isolation=self.isolation,
            statement_timeout_s=self.statement_timeout,
            options=self.options,
        )

    def mapping(self) -> str:
        """Everything that decides what a row becomes; part of every fingerprint."""
        chosen = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("url", "password", "isolation", "statement_timeout", "options")
        }
        return repr(
            sorted(
                (n, sorted(v.items())) if isinstance(v, Mapping) else (n, v)
                for n, v in chosen.items()
            )
        )

    def _problems(self) -> Iterable[Problem]:
        yield from letter_problems(self.payment_letters)
        yield from state_problems(self.states, self.grace_days)
        yield from self._query_problems()
        yield from self._word_problems()
        yield from self._number_problems()

    def _query_problems(self) -> Iterable[Problem]:
        for name in QUERIES:
            query = getattr(self, name).strip()
            if re.fullmatch(r"\S+\.sql", query):
                yield _problem(
                    name,
                    text("{query} is a file", query=query),
                    text('write {{ file = "{query}" }}', query=query),
                )
            elif query and not re.match(r"(?is)(\s|--[^\n]*\n|/\*.*?\*/)*select\b", query):
                yield _problem(
                    name, text("it is no SELECT"), text("write one SELECT, without WITH")
                )

    def _word_problems(self) -> Iterable[Problem]:
        for code in (self.currency, *self.currencies.values()):
            if not re.fullmatch("[A-Z]{3}", code):
                name = "currency" if code == self.currency else "currencies"
                yield _problem(
                    name, text("{code!r}: a currency is three capital letters, e.g. EUR", code=code)
                )
        for word, kind in self.document_kinds.items():
            if kind not in list(DocumentKind):
                yield _problem(
                    "document_kinds",
                    text("{word} = {kind!r} is no kind of document", word=word, kind=kind),
                )
        for name in ("no_dates",):
            for each in getattr(self, name):
                if not re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", each):
                    yield _problem(
                        name, text("{each!r} is no day", each=each), text("write 1950-01-01")
                    )
        if both := set(self.debit_signs) & set(self.credit_signs):
            yield _problem("credit_signs", text("{min!r} is a sign of both sides", min=min(both)))

    def _number_problems(self) -> Iterable[Problem]:
        bounds = (
            ("statement_timeout", self.statement_timeout, 1, 280),
            ("lookback_days", self.lookback_days, 0, 3650),
            ("overlap_minutes", self.overlap_minutes, 0, 2880),
            ("max_rows", self.max_rows, 1, 100_000_000),
            *(("decimals", places, 0, 6) for places in self.decimals.values()),
        )
        for name, value, least, most in bounds:
            if not least <= value <= most:
                yield _problem(
                    name,
                    text(
                        "{value}: it lies between {least} and {most}",
                        value=value,
                        least=least,
                        most=most,
                    ),
                )


def _problem(field: str, message: str, hint: str = "") -> Problem:
    return Problem(code="bad_setting", field=field, message=message, hint=hint)
