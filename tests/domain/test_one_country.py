"""A country loaded alone has the holidays that the whole library gives it."""

from __future__ import annotations

import subprocess
import sys

import holidays
import pytest
from holidays.registry import COUNTRIES

from incasso.domain.one_country import holidays_of


@pytest.mark.parametrize(("module", "code"), [(name, each[1]) for name, each in COUNTRIES.items()])
def test_alone_it_has_the_same_days(
    module: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Otherwise the module that another test loaded would be found.
    monkeypatch.delitem(sys.modules, f"holidays.countries.{module}", raising=False)
    alone = holidays_of.__wrapped__(code)(years=(2026, 2027))
    assert dict(alone) == dict(holidays.country_holidays(code, years=(2026, 2027)))


@pytest.mark.parametrize("province", ["", "TO", "MI", "RM", "BZ"])
def test_provinces_have_their_own_day(province: str) -> None:
    alone = holidays_of("IT")(subdiv=province or None, years=2026)
    assert set(alone) == set(holidays.country_holidays("IT", subdiv=province or None, years=2026))


def test_nobody_lives_in_an_unknown_country() -> None:
    assert holidays_of("XX") is None


def test_the_other_countries_stay_on_the_disk() -> None:
    program = (
        "import sys; from incasso.domain.one_country import holidays_of; holidays_of('IT');"
        "print('holidays.countries' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]
