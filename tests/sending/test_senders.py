"""Messages say who writes and where to pay: the check warns, and a formal notice waits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from incasso.domain.office.actor import CLOCK
from incasso.plugins.settings.config import Company, HubConfig
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.senders import incomplete_senders, says_where_to_pay
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import ACME, ON, PROVEN, Office


def told(**companies: Company) -> list[str]:
    """What the office hears of the source acme."""
    config = HubConfig(path=Path("plugins.toml"), companies=companies)
    return [str(each) for each in incomplete_senders(config, ["acme"])]


def test_a_company_that_is_told_in_full_is_not_spoken_of() -> None:
    assert told(acme=ACME) == []


def test_without_a_table_all_of_it_is_missing() -> None:
    assert told() == [
        "Messages about acme cannot say where to pay, and formal notices wait: fill in name, "
        "address, iban under [companies.acme] in plugins.toml."
    ]


def test_a_letterhead_without_an_address_is_named() -> None:
    assert told(acme=replace(ACME, address=())) == [
        "Messages about acme do not say in full who writes: fill in address under "
        "[companies.acme] in plugins.toml."
    ]


def test_a_formal_notice_that_cannot_say_where_to_pay_waits(
    office: Office, pec: FakeChannel, mail: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(office.hub.config.companies, "acme", replace(ACME, iban=""))
    notice, reminder = office.step(stage=PROVEN), office.step()
    own = "Pagate 100,00 euro sull'IBAN IT60 X054 2811 1010 0000 0123 456."
    told_how = office.step(stage=PROVEN, text_override=own, bare=True)
    dispatch(office.hub, CLOCK, ON)
    assert "fill in iban under [companies.acme]" in office.step_row(notice).reason
    assert [sent.message.about.step for sent in pec.sent] == [str(told_how)]
    assert [sent.message.about.step for sent in mail.sent] == [str(reminder)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("IBAN: IT60 X054 2811 1010 0000 0123 456", True),
        ("NO9386011117947.", True),
        ("Fattura FT12 del 10 ottobre 2026, P. IVA IT01234560012", False),
    ],
)
def test_an_iban_among_the_words(words: str, found: bool) -> None:
    assert says_where_to_pay("", words) is found
