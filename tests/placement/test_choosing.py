"""Why a credit stays out of a lot: each reason, the weightiest first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from incasso.contract.exchange import Service
from incasso.domain.placement.choosing import (
    Candidate,
    LeftOut,
    Reason,
    can_reach,
    prescribed_on,
    why_not,
)

ON = date(2026, 11, 23)
GOOD = Candidate(owed=True, due=date(2026, 9, 1))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"owed": False}, Reason(LeftOut.NOT_OWED)),
        ({"in_lot": "L-2026-0001"}, Reason(LeftOut.IN_A_LOT, "L-2026-0001")),
        ({"trusted": False}, Reason(LeftOut.UNTRUSTED)),
        ({"due": ON}, Reason(LeftOut.NOT_OVERDUE, "2026-11-23")),
        ({"due": ON - timedelta(days=1)}, None),
        ({"at_bank": True}, Reason(LeftOut.AT_BANK)),
        ({"absent": True}, Reason(LeftOut.ABSENT)),
        ({"erp_hold": "Fallimento 12/2026"}, Reason(LeftOut.INSOLVENT, "Fallimento 12/2026")),
        ({"erp_hold": "factoring"}, Reason(LeftOut.ERP_HOLD, "factoring")),
        ({"client_excluded": True, "disputed": True}, Reason(LeftOut.CLIENT_EXCLUDED)),
        ({"disputed": True, "promised": True}, Reason(LeftOut.DISPUTED)),
        ({"held": True}, Reason(LeftOut.HELD)),
        ({"plan_kept": True}, Reason(LeftOut.PLAN_KEPT)),
        ({"promised": True}, Reason(LeftOut.PROMISED)),
        ({"container": "legal"}, Reason(LeftOut.PARKED, "legal")),
        ({"netted": True}, Reason(LeftOut.NET_CREDITS)),
        # Ten years from 1 September 2016 are over; from 1 March 2017 they are 98 days away.
        ({"due": date(2016, 9, 1)}, Reason(LeftOut.PRESCRIBED, "2026-09-01")),
        ({"due": date(2017, 3, 1)}, Reason(LeftOut.NEARLY_PRESCRIBED, "2027-03-01")),
        ({"refused": "outside_territory"}, Reason(LeftOut.NOT_TO_THIS, "outside_territory")),
        ({"reachable": False}, Reason(LeftOut.NO_ADDRESS)),
    ],
)
def test_each_reason(changed: dict[str, Any], reason: Reason | None) -> None:
    assert why_not(msgspec.structs.replace(GOOD, **changed), ON) == reason


def test_what_was_asked_for_from_a_container_may_be_placed() -> None:
    parked = msgspec.structs.replace(GOOD, container="legal")
    assert why_not(parked, ON, parked_in=frozenset({"legal"})) is None


def test_a_debt_of_the_29th_of_february_is_prescribed_all_the_same() -> None:
    assert prescribed_on(date(2016, 2, 29)) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("service", "known", "reaches"),
    [
        (Service.PHONE, {"mobile": "333"}, True),
        (Service.PHONE, {"email": "a@b.it", "address": "Via Po 1", "city": "Torino"}, False),
        (Service.POSTAL, {"address": "Via Po 1", "city": "Torino"}, True),
        (Service.POSTAL, {"address": "Via Po 1", "city": " "}, False),
        (Service.DUE_DILIGENCE, {"tax_code": "RSSMRA80A01L219M"}, True),
        (Service.DUE_DILIGENCE, {"phone": "011"}, False),
        (Service.JUDICIAL, {"pec": "x@pec.it"}, True),
    ],
)
def test_what_a_service_needs(service: Service, known: dict[str, str], reaches: bool) -> None:
    assert can_reach(service, known) is reaches
