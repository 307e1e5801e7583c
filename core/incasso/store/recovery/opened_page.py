"""What a page of ordinary installments comes to, before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from incasso.store.recovery.planned_changes import NewStep, Opening
from incasso.store.recovery.write_moved import MovedRow

OpenedStep = tuple[int, int, int | None, int, int]
"""Step, client, operator, total, and the number of its pattern."""

OpenedCase = tuple[int, int, int, int | None, int, int]
"""Case, client, installment, step, residual, and the number of its opening."""


@dataclass(kw_only=True)
class OpenedPage:
    """What a page of ordinary installments comes to."""

    steps: list[OpenedStep] = field(default_factory=list)
    patterns: dict[int, NewStep] = field(default_factory=dict)
    """What steps have in common; number, client, operator and total are each one's own."""
    cases: list[OpenedCase] = field(default_factory=list)
    moved: list[MovedRow] = field(default_factory=list)
    openings: dict[int, tuple[int, Opening]] = field(default_factory=dict)
    """What cases show that open or move alike, each with its source."""
    looks: list[tuple[date, int, int]] = field(default_factory=list)
    """The days of the next looks, each with client and installment."""
