"""The office hears when formal notices cannot state interest up to the day."""

from __future__ import annotations

from datetime import date, timedelta

from incasso.domain.law.claim import last_known_day
from incasso.services.sending.rates import unknown_rates


def test_nothing_to_tell_while_the_rates_are_known() -> None:
    assert unknown_rates(date(2026, 12, 31)) is None
    assert unknown_rates(last_known_day()) is None


def test_the_day_after_the_last_one_is_told() -> None:
    assert "known up to" in str(unknown_rates(last_known_day() + timedelta(days=1)))
