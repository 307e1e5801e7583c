"""What an office may set for one CSV or Excel source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from incasso.api import ConfigurationError, PaymentMethod, Problem, setting, text
from incasso_csv.cells.words import normal


@dataclass(frozen=True, kw_only=True)
class CsvSettings:
    """One ledger kept in files; only `installments` is required."""

    installments: Path = setting(
        help="the open items, CSV or Excel; with * in the name, the file whose name sorts last"
    )
    clients: Path | None = setting(
        help="the clients; absent: they are taken from the open items", default=None
    )
    agents: Path | None = setting(help="the sales agents", default=None)
    depots: Path | None = setting(help="the depots or branches", default=None)
    read: Literal["full", "partial"] = setting(
        help="full: what is not in the file is no longer open; partial: absence means nothing",
        default="full",
    )
    mapping: Path | None = setting(
        help="a saved mapping: a name such as sprix, or the path of a TOML file; absent: detect",
        default=None,
    )
    encoding: str = setting(help="e.g. cp1252; empty: detect", default="")
    separator: str = setting(help="one character; empty: detect", default="")
    decimal: Literal["", ",", "."] = setting(
        help="the decimal mark of ambiguous amounts such as 1.200; empty: detect", default=""
    )
    sheet: str = setting(help="the workbook's sheet; empty: the first with a table", default="")
    currency: str = setting(help="ISO 4217, where the file names none", default="EUR")
    country: str = setting(help="ISO 3166-1 alpha-2, where the file names none", default="")
    payment_methods: Mapping[str, str] = setting(
        help='the company\'s own codes, e.g. { XX = "transfer" }',
        default_factory=lambda: MappingProxyType({}),
    )
    client_accounts: tuple[str, ...] = setting(
        help='how the accounts of clients begin, e.g. ["501."]: rows of others, such as '
        "suppliers, are passed over; absent: all rows are clients'",
        default=(),
    )
    ignore: tuple[str, ...] = setting(
        help="headings that are passed over, whatever they hold: amounts, codes or ways to pay",
        default=(),
    )
    renamed: Mapping[str, str] = setting(
        help="clients known only by their names that have another name now: new name = the code "
        "that the hub has",
        default_factory=lambda: MappingProxyType({}),
    )
    max_bad_share: Decimal = setting(
        help="the whole file is refused if a larger share of its rows cannot be read",
        unit="fraction",
        default=Decimal("0.20"),
    )

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise ConfigurationError(problems)

    def _problems(self) -> list[Problem]:
        found = []
        if len(self.separator) > 1:
            found.append(_problem("separator", text("it is one character, e.g. ;")))
        if self.encoding and not _known_encoding(self.encoding):
            found.append(
                _problem(
                    "encoding", text("no encoding is called {encoding!r}", encoding=self.encoding)
                )
            )
        if not (len(self.currency) == 3 and self.currency.isalpha() and self.currency.isupper()):
            found.append(_problem("currency", text("it is three capital letters, e.g. EUR")))
        if not 0 <= self.max_bad_share <= 1:
            found.append(_problem("max_bad_share", text("it is a fraction from 0 to 1")))
        known = ", ".join(PaymentMethod)
        for code, method in self.payment_methods.items():
            if method not in list(PaymentMethod):
                found.append(
                    _problem(
                        "payment_methods",
                        text(
                            "{code} = {method!r}: not one of {known}",
                            code=code,
                            method=method,
                            known=known,
                        ),
                    )
                )
        return found

    @property
    def method_overrides(self) -> dict[str, str]:
        """The company's codes in the form in which cells are compared."""
        return {normal(code): method for code, method in self.payment_methods.items()}

    @property
    def former_codes(self) -> dict[str, str]:
        """The code of each renamed client, by its new name as names are compared."""
        return {normal(name): normal(code).upper() for name, code in self.renamed.items()}


def _problem(field: str, message: str) -> Problem:
    return Problem(code="bad_setting", field=field, message=message)


def _known_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:
        return False
    return True
