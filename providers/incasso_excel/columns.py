"""The columns of the sheet of credits: where each value comes from, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Final, NamedTuple, TypeAlias

from incasso.api import PlacedCredit, PlacementDossier, StepSummary
from incasso_excel.words import HEADINGS, column_of, word_of

Value: TypeAlias = str | int | Decimal | date | None


class Shown(Enum):
    """How a column is shown, and so what its cells are."""

    TEXT = auto()
    MONEY = auto()
    DATE = auto()
    NUMBER = auto()


class Column(NamedTuple):
    """One column."""

    field: str
    shown: Shown
    width: int
    value: Callable[[PlacementDossier, PlacedCredit, str], Value]

    def heading(self, language: str) -> str:
        """Its heading."""
        return HEADINGS[self.field][column_of(language)]


def _of_dossier(field: str) -> Callable[[PlacementDossier, PlacedCredit, str], Value]:
    return lambda dossier, _credit, _language: getattr(dossier, field)


def _of_debtor(field: str) -> Callable[[PlacementDossier, PlacedCredit, str], Value]:
    return lambda dossier, _credit, _language: getattr(dossier.debtor, field)


def _of_credit(field: str) -> Callable[[PlacementDossier, PlacedCredit, str], Value]:
    return lambda _dossier, credit, _language: getattr(credit, field)


def _word_of_debtor(dossier: PlacementDossier, _credit: PlacedCredit, language: str) -> Value:
    return word_of(dossier.debtor.kind, language)


def _word(field: str) -> Callable[[PlacementDossier, PlacedCredit, str], Value]:
    return lambda _dossier, credit, language: word_of(getattr(credit, field), language)


def _currency(dossier: PlacementDossier, _credit: PlacedCredit, _language: str) -> Value:
    return dossier.total.currency


def _disputed(_dossier: PlacementDossier, credit: PlacedCredit, language: str) -> Value:
    return ("sì", "yes")[column_of(language)] if credit.disputed else ""


def _history(dossier: PlacementDossier, _credit: PlacedCredit, _language: str) -> Value:
    return "; ".join(map(_step, dossier.history))


def _step(step: StepSummary) -> str:
    said = (f"{step.on:%d/%m/%Y}", step.stage, step.medium, step.outcome)
    return " ".join(filter(None, said))


_DEBTOR: Final = (
    "vat tax_code address zip city province country language email pec phone mobile "
    "contact_person call_hours"
)
_WIDTHS: Final = {"name": 34, "address": 30, "city": 20, "email": 28, "pec": 28, "notes": 30}

ALWAYS: Final = frozenset({"placement", "row", "currency", "until", "history", "notes"})
"""Columns that every service sees: without them nothing can be reported back."""


def columns(fields: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of a lot whose service may see these fields; none named: all."""
    return tuple(
        each for each in _all() if not fields or each.field in fields or each.field in ALWAYS
    )


def _all() -> Iterator[Column]:
    yield Column("placement", Shown.TEXT, 13, _of_dossier("placement"))
    yield Column("row", Shown.TEXT, 15, _of_credit("row"))
    yield Column("code", Shown.TEXT, 13, _of_debtor("code"))
    yield Column("name", Shown.TEXT, 34, _of_debtor("name"))
    yield Column("kind", Shown.TEXT, 13, _word_of_debtor)
    for field in _DEBTOR.split():
        yield Column(field, Shown.TEXT, _WIDTHS.get(field, 14), _of_debtor(field))
    yield Column("key", Shown.TEXT, 16, _of_credit("key"))
    yield Column("document_kind", Shown.TEXT, 13, _word("document_kind"))
    yield Column("document_number", Shown.TEXT, 16, _of_credit("document_number"))
    yield Column("document_date", Shown.DATE, 13, _of_credit("document_date"))
    yield Column("installment_number", Shown.NUMBER, 7, _of_credit("installment_number"))
    yield Column("due_date", Shown.DATE, 12, _of_credit("due_date"))
    yield Column("amount", Shown.MONEY, 14, _of_credit("amount"))
    yield Column("residual", Shown.MONEY, 14, _of_credit("residual"))
    yield Column("currency", Shown.TEXT, 7, _currency)
    yield Column("payment_method", Shown.TEXT, 15, _word("payment_method"))
    yield Column("unpaid_on", Shown.DATE, 12, _of_credit("unpaid_on"))
    yield Column("interest", Shown.MONEY, 13, _of_credit("interest"))
    yield Column("prescribed_on", Shown.DATE, 12, _of_credit("prescribed_on"))
    yield Column("disputed", Shown.TEXT, 11, _disputed)
    yield Column("until", Shown.DATE, 14, _of_dossier("until"))
    yield Column("history", Shown.TEXT, 40, _history)
    yield Column("notes", Shown.TEXT, 30, _of_dossier("notes"))


def values(
    dossier: PlacementDossier, wanted: tuple[Column, ...], language: str
) -> Iterator[list[Any]]:
    """A row of values for each credit of a dossier."""
    for credit in dossier.credits:
        yield [each.value(dossier, credit, language) for each in wanted]
