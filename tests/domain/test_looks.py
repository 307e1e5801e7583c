"""What a plan saw comes back as it was: equal facts, the same rules, the same decision."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from incasso.domain.calendar import Calendar
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.agreements import Agreed, Blocking
from incasso.domain.recovery.contact_policy import ContactPolicy, Contacts
from incasso.domain.recovery.decision import decide
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.facts import Facts, Placement, Rulebook
from incasso.domain.recovery.looks import (
    KeptRules,
    decided,
    keep,
    keep_rules,
    rules_again,
    seen_again,
)
from incasso.domain.recovery.states import Finished
from incasso.domain.sending.client_contacts import Reaches
from incasso.domain.sending.open_ways import Reach
from tests.domain.credit import book, case, credit, day, mail, phone, step, version
from tests.domain.test_sentences import SITUATIONS

ONE = version(mail("one", 5), tolerance=Decimal("5.00"))
OWN = version(mail("two", 9), key="own", id=7)
RULES = book(
    ONE,
    exclusions=Exclusions(min_amount=Decimal("3.00"), clients=("C9",)),
    policy=ContactPolicy(conversations_per_day=2, messages_per_week=4),
)
FULL = credit(
    rules=RULES,
    status=InstallmentStatus.OPEN,
    unpaid_on=day(3),
    presented_on=day(-3),
    reminded_on=day(4),
    reminders=2,
    erp_hold="legal",
    absent=True,
    finished=Finished.MISSED,
    category="A",
    seasonal=True,
    iter_override="own",
    calendar=Calendar("IT", "MI"),
    agreed=Agreed(Blocking(None), Blocking(day(9)), None, Blocking(day(4)), day(20), day(30)),
    netted=((0, Blocking(day(8))),),
    contacts=Contacts(1, 2, 3, 4),
    replied_on=day(3),
    reaches=Reaches(
        Reach(frozenset({"email"}), frozenset({"pec"}), frozenset({"sms"}), (("email", "de"),)),
        (("titolare", Reach(frozenset(), frozenset())),),
    ),
    source_trusted=False,
    placement=Placement("L-2026-0001", "alfa", out=True, until=day(40)),
    case=case(
        OWN,
        stage="one",
        counted_on=day(1),
        moved_to=day(12),
        private=(mail("mine", 3), phone("ring", 4)),
        container="legal",
        step=step("done", "mine", proof_until=day(6), address_closed="wrong"),
    ),
)


def again(facts: Facts, on: int) -> Facts:
    """Facts after they were kept and read."""
    versions = {
        one.id: one for one in (*facts.rules.iters, *([facts.case.version] if facts.case else ()))
    }
    kept = msgspec.json.decode(msgspec.json.encode(keep_rules(facts.rules)), type=KeptRules)
    rules = rules_again(kept, versions)
    assert _plain_rules(rules) == _plain_rules(facts.rules)
    seen = seen_again(keep(facts, decide(facts, day(on))), rules, versions)
    assert seen.decided == decided(decide(facts, day(on)))
    return seen.facts


def _plain_rules(rules: Rulebook) -> tuple[object, ...]:
    return (rules.iters, rules.exclusions, rules.policy)


@pytest.mark.parametrize("name", [*SITUATIONS, "everything"])
def test_facts_come_back_as_they_were(name: str) -> None:
    facts = {**SITUATIONS, "everything": FULL}[name]
    back = again(facts, 10)
    fields = set(Facts.__struct_fields__) - {"rules"}
    assert {f: getattr(back, f) for f in fields} == {f: getattr(facts, f) for f in fields}
    assert decided(decide(back, day(10))) == decided(decide(facts, day(10)))


def test_every_field_is_tried() -> None:
    """A fact that is added later and left at its default would prove nothing here."""
    fields = msgspec.structs.fields(Facts)
    same = {f.name for f in fields if not f.required and getattr(FULL, f.name) == f.default}
    assert same <= {
        "currency",
        "status",
        "document_kind",
        "area",
        "depot",
        "agent",
        "rating",
        "client_excluded",
        "language",
        "bank_grace_days",
    }
