"""What history says of a step that was rejected, skipped, or handed to a person."""

from __future__ import annotations

from typing import Any

import pytest

from incasso.locale import localize
from incasso.locale.history import history_text


@pytest.mark.parametrize(
    ("kind", "facts", "italian"),
    [
        (
            "step.rejected",
            {"stages": ["mora"], "skipped": True},
            "saltato di proposito: mora (anna)",
        ),
        (
            "step.rejected",
            {"stages": ["mora"], "until": "2026-10-26"},
            "bocciato, si richiede il 26/10/2026: mora (anna)",
        ),
        (
            "step.proposed",
            {"stage": "legale", "service": "recupero"},
            "proposto per l'affidamento: legale (anna)",
        ),
        ("step.proposed", {"stage": "blocco"}, "affidato a una persona: blocco (anna)"),
    ],
)
def test_history_says_what_became_of_a_step(kind: str, facts: dict[str, Any], italian: str) -> None:
    told = history_text(kind, facts, who="anna", amount=None, currency="")
    assert localize(told, "it") == italian
