"""What `acceptance --ask` asks the accountant; every answer may be empty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import typer

from incasso.cli.language import here, language
from incasso.cli.options import amount
from incasso.cli.output import complain
from incasso.contract.text import text

if TYPE_CHECKING:
    from incasso.domain.ledger.acceptance import Expected
    from incasso.domain.ledger.installment_status import Standing

_YES: Final = frozenset(["s", "si", "sì", "y", "yes", "1", "x"])


def asked_example(case: str) -> Expected | None:
    """One example of a case; None if there is none (any more)."""
    from msgspec.structs import replace

    from incasso.domain.ledger.acceptance import Expected

    client = _answer(text("client code (empty: next case)"))
    if not client:
        return None
    one = Expected(case=case, client=client, document=_answer(text("document number")))
    if case == "blocked_client":
        return replace(one, blocked=_yes(text("is the client blocked? yes or no")))
    if case in ("deleted", "merged_client") and _yes(text("gone from the ERP? yes or no")):
        return replace(one, absent=True)
    number = _answer(text("installment number (empty: all together)"))
    return replace(
        one,
        installment=int(number) if number.isdigit() else None,
        residual=_residual(),
        standing=_standing(),
        due_date=_day() if case == "postponed" else None,
    )


def _answer(question: str) -> str:
    return str(typer.prompt(f"  {here(question)}", default="", show_default=False)).strip()


def _yes(question: str) -> bool:
    return _answer(question).lower() in _YES


def _residual() -> Decimal | None:
    while answer := _answer(text("residual, e.g. 1250.00 (empty: not compared)")):
        try:
            return amount(answer)
        except typer.BadParameter as error:
            complain(f"  {here(error.message)}")
    return None


def _day() -> date | None:
    while answer := _answer(text("due date, yyyy-mm-dd (empty: not compared)")):
        try:
            return date.fromisoformat(answer)
        except ValueError:
            complain(text("  write the day as 2026-12-31"))
    return None


def _standing() -> Standing | None:
    """By its code, its label or its number in the list; empty: it is not compared."""
    from incasso.domain.ledger.installment_status import Standing
    from incasso.locale import localize
    from incasso.locale.labels import STANDINGS

    labels = {each: localize(STANDINGS.get(each, each.value), language()) for each in Standing}
    shown = ", ".join(f"{n} {label}" for n, label in enumerate(labels.values(), start=1))
    while answer := _answer(
        text("standing: {standings} (empty: not compared)", standings=shown)
    ).lower():
        if (found := _chosen(answer, list(labels), list(labels.values()))) is not None:
            return found
        complain(text("  one of {words}", words=list(labels.values())))
    return None


def _chosen(answer: str, standings: Sequence[Standing], labels: Sequence[str]) -> Standing | None:
    for number, (standing, label) in enumerate(zip(standings, labels, strict=True), start=1):
        if answer in (str(number), standing.value, label.lower()):
            return standing
    return None
