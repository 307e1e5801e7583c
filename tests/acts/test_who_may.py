"""Who may do what: the page of roles is the code, and everybody else is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.errors import ConfigurationError
from incasso.contract.post import PostalOutcome
from incasso.domain.acts.act import Act, acts
from incasso.domain.acts.agreements import (
    AnswerDispute,
    Dispute,
    Extend,
    Hold,
    Payment,
    PaymentPlan,
    Promise,
    Release,
)
from incasso.domain.acts.assignment import Assign, ChooseIter, Exclude, Include, Park
from incasso.domain.acts.charges import Charges
from incasso.domain.acts.client_contacts import EndContact, SetContact
from incasso.domain.acts.consents import Agree, Refuse
from incasso.domain.acts.contacts import Contact, Correct, Unmark
from incasso.domain.acts.deliveries import JudgeReport, LetterOutcome, ResolveDelivery
from incasso.domain.acts.orders import BlockOrders, ReleaseOrders, SettleWriteBack
from incasso.domain.acts.permission import who_may_let, who_may_park
from incasso.domain.acts.replies import AssignReply, HandReplyOver, ReplyAnswered, ReplyDone
from incasso.domain.acts.stages import AddStage, EnterStage, OwnStages, Skip
from incasso.domain.acts.steps import Approve, Done, Edit, Move, Reject
from incasso.domain.acts.undoing import Undo
from incasso.domain.acts.work import WHO_MAY, Work
from incasso.domain.office.actor import CLOCK, Actor, ActorKind, Role, person
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.states import DisputeResult
from incasso.services.acts import carry_out, perform
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import ActorError, person_named
from incasso.services.office.assign import load_rules
from incasso.services.office.people import OfficeError, add_user, set_active, set_password
from incasso.services.office.tokens import add_token
from incasso.services.recovery.iters import import_file
from incasso.store.office.people import administrators
from incasso.store.tables import office, recovery
from tests.acts.office import MONDAY, Small
from tests.acts.test_agreements import events_said, rows
from tests.doing import do, people

PAGE = Path(__file__).parents[2] / "docs/reference/roles.md"
FRIDAY = date(2026, 11, 27)
MANAGERS = {Role.ADMINISTRATOR, Role.CREDIT_MANAGER}


def table(heading: str) -> dict[str, set[Role]]:
    """A table of the page: by first column the roles with a mark."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    first, *rest = (line for line in section.splitlines() if line.startswith("|"))
    roles = [Role(cell.strip()) for cell in first.strip("|").split("|")[1:]]
    found = {}
    for line in rest[1:]:
        name, *marks = (cell.strip() for cell in line.strip("|").split("|"))
        if len(marks) != len(roles):
            break
        found[name.strip("`")] = {role for role, mark in zip(roles, marks, strict=True) if mark}
    return found


def test_the_page_of_roles_is_the_code() -> None:
    written = table("Acts on clients, cases and steps")
    assert written == {act.name(): set(act.allowed) for act in acts()}
    assert table("Everything else") == {work.value: set(roles) for work, roles in WHO_MAY.items()}


def test_the_page_tells_which_stages_weigh_more() -> None:
    page = PAGE.read_text(encoding="utf-8")
    legal = "| `place`, or `park` into `legal` | administrator, credit_manager, legal_office |"
    lost = "| `close`, or `park` into `uncollectable` | administrator, credit_manager |"
    assert legal in page and lost in page
    for roles in (who_may_let("place"), who_may_let("park", "legal"), who_may_park("legal")):
        assert roles == {*MANAGERS, Role.LEGAL_OFFICE}
    for roles in (who_may_let("close"), who_may_park("uncollectable")):
        assert roles == MANAGERS
    assert Role.OPERATOR in who_may_let("send") & who_may_let("park", "cod")


def test_every_act_has_somebody_to_carry_it_out() -> None:
    undone = carry_out.dispatch(Act)
    assert [act.name() for act in acts() if carry_out.dispatch(act) is undone] == []


def samples(small: Small) -> Iterator[Act]:
    """One of each act, such that nothing but the role can be against it."""
    client, step = "C1", f"step:{small.step}"
    yield Hold(subject=client, why="x")
    yield Release(subject=client)
    yield Promise(subject=client, until=FRIDAY)
    yield PaymentPlan(subject=client, pay=(Payment(on=FRIDAY, amount=Decimal(1)),))
    yield Dispute(subject=client, why="x")
    yield AnswerDispute(subject=client, result=DisputeResult.REJECTED, answer="x")
    yield Extend(subject="F2/1", days=30)
    yield Charges(subject="F1/1", amount=Decimal(5))
    yield Park(subject=client, why="x", into="cod")
    yield Exclude(subject=client, why="x")
    yield Include(subject=client)
    yield Assign(subject=client, to="anna")
    yield ChooseIter(subject=client)
    yield Skip(subject=step, why="x")
    yield AddStage(subject="F1/1", to=FRIDAY)
    yield EnterStage(subject="F1/1", stage="diffida")
    yield OwnStages(subject="F1/1", stages=(Stage(key="a"),))
    yield Move(subject=step, to=FRIDAY)
    yield Edit(subject=step, title="x")
    yield Approve(subject=step)
    yield Reject(subject=step, why="x")
    yield Done(subject=step)
    yield Contact(subject=client, kind="note")
    yield Correct(subject=client, from_="x", email="a@example.it")
    yield Unmark(subject=client, address="a@example.it", why="x")
    yield SetContact(subject=client, role="titolare", from_="x", email="a@example.it")
    yield EndContact(subject=client, role="titolare")
    yield Refuse(subject=client, medium=("sms",), from_="x")
    yield Agree(subject=client, medium=("sms",), from_="x")
    yield ReplyAnswered(subject="1")
    yield ReplyDone(subject="1")
    yield HandReplyOver(subject="1", to="anna")
    yield AssignReply(subject="1", client=client)
    yield Undo(subject="last")
    yield ResolveDelivery(subject="D1", sent=True)
    yield JudgeReport(subject="D1", bounced=True)
    yield LetterOutcome(subject="D1", outcome=PostalOutcome.MOVED)
    yield BlockOrders(subject=client, why="x")
    yield ReleaseOrders(subject=client, why="x")
    yield SettleWriteBack(subject="W1", found="done")


def test_every_act_refuses_every_other_role(hub: Hub, small: Small) -> None:
    """Whoever may not is told who may, before anything is looked up or changed."""
    wanted = list(samples(small))
    assert {type(act) for act in wanted} == set(acts())
    for role in Role:
        people(hub.store, role, role.value)
    for act in wanted:
        for role in set(Role) - type(act).allowed:
            with pytest.raises(ActorError, match=f"{role.value} is .* and may not .*for"):
                do(hub, act, by=role.value)
    assert events_said(hub) == []
    assert rows(hub, recovery.agreements) == []


def test_an_operator_may_not_send_to_the_lawyers(hub: Hub, small: Small) -> None:
    """Neither by a stage that waits for approval or for them, nor by hand."""
    people(hub.store, Role.OPERATOR, "luca")
    people(hub.store, Role.LEGAL_OFFICE, "legale")
    waits: Mapping[str, Any] = {"status": "proposed", "mode": "approve", "action": "place"}
    change_step(hub, small, **waits)
    for act in (
        Approve(subject=f"step:{small.step}"),
        Park(subject="C1", why="x", into="Legale"),
        Park(subject="C1", why="x", into="inesigibile"),
    ):
        with pytest.raises(ActorError, match=r"luca is .* may not"):
            do(hub, act, by="luca")
    change_step(hub, small, status="ready", mode="manual")
    with pytest.raises(ActorError, match="may not carry this step out"):
        do(hub, Done(subject=f"step:{small.step}"), by="luca")
    with pytest.raises(ActorError, match="may not park"):
        do(hub, Park(subject="C1", why="x", into="uncollectable"), by="legale")
    change_step(hub, small, **waits)
    assert do(hub, Approve(subject=f"step:{small.step}"), by="legale").startswith("Approved")
    assert do(hub, Park(subject="C1", why="x", into="legal"), by="legale").startswith("Parked")


def test_an_operator_may_stop_what_goes_to_the_lawyers(hub: Hub, small: Small) -> None:
    people(hub.store, Role.OPERATOR, "luca")
    change_step(hub, small, status="proposed", mode="approve", action="place")
    do(hub, Reject(subject=f"step:{small.step}", why="si è accordato"), by="luca")
    assert [row.status for row in rows(hub, recovery.steps)] == ["cancelled"]


def test_a_case_enters_a_lawyers_stage_only_by_who_may(hub: Hub, small: Small) -> None:
    people(hub.store, Role.OPERATOR, "luca")
    own = (Stage(key="avviso"), Stage(key="avvocato", action="place"))  # type: ignore[arg-type]
    do(hub, OwnStages(subject="F1/1", stages=own))
    do(hub, EnterStage(subject="F1/1", stage="avviso"), by="luca")
    with pytest.raises(ActorError, match="may not let a case go on at this stage"):
        do(hub, EnterStage(subject="F1/1", stage="avvocato"), by="luca")
    do(hub, EnterStage(subject="F1/1", stage="avvocato"), by="anna")


def test_nobody_unknown_acts(hub: Hub, small: Small) -> None:
    with pytest.raises(ActorError, match=r"Nobody is called pippo: anna may act"):
        person_named(hub, "pippo")
    invented = person("pippo", Role.ADMINISTRATOR)
    with pytest.raises(ActorError, match="Nobody is called pippo"):
        perform(hub, invented, Hold(subject="C1", why="x"), MONDAY)
    assert events_said(hub) == []


def test_who_is_disabled_or_given_another_role_acts_no_more(hub: Hub, small: Small) -> None:
    """What counts is who somebody is now, not who they were when they came."""
    anna = person_named(hub, "anna")
    people(hub.store, Role.ADMINISTRATOR, "capo")
    with hub.store.write() as connection:
        connection.execute(
            sa.update(office.users).where(office.users.c.login == "anna").values(role="sales")
        )
    with pytest.raises(ActorError, match="may not hold"):
        perform(hub, anna, Hold(subject="C1", why="x"), MONDAY)
    set_active(hub, person_named(hub, "capo"), "anna", False, on=MONDAY)
    with pytest.raises(ActorError, match="anna is disabled"):
        perform(hub, anna, Hold(subject="C1", why="x"), MONDAY)


def test_programs_have_no_act_yet_the_clock_has_them_all(hub: Hub, small: Small) -> None:
    for kind in (ActorKind.INTEGRATION, ActorKind.PLUGIN):
        with pytest.raises(ActorError, match="shop is"):
            perform(hub, Actor(kind=kind, name="shop"), Hold(subject="C1", why="x"), MONDAY)
    perform(hub, CLOCK, Hold(subject="C1", why="x"), MONDAY)
    assert [event.actor for event in events_said(hub)] == ["acts"]


WORK: Mapping[Work, Callable[[Hub, Actor, Path], object]] = {
    Work.ITERS: lambda hub, actor, file: import_file(hub, actor, file, on=MONDAY),
    Work.ASSIGNMENT: lambda hub, actor, file: load_rules(hub, actor, file, on=MONDAY),
    Work.USERS: lambda hub, actor, _: add_user(hub, actor, "nuovo", on=MONDAY),
    Work.TOKENS: lambda hub, actor, _: add_token(
        hub, actor, "shop", scopes=("blocked",), on=MONDAY
    ),
}


@pytest.mark.parametrize("work", WORK)
def test_rules_people_and_tokens_are_not_everybodys(
    hub: Hub, small: Small, tmp_path: Path, work: Work
) -> None:
    file = tmp_path / "empty.toml"
    file.write_text("", encoding="utf-8")
    for role in Role:
        people(hub.store, role, role.value)
    for role in Role:
        actor = person_named(hub, role.value)
        if role in WHO_MAY[work]:
            continue
        with pytest.raises(ActorError, match="may not"):
            WORK[work](hub, actor, file)
    assert events_said(hub) == []
    WORK[work](hub, person_named(hub, "administrator"), file)


def test_everybody_sets_their_own_password(hub: Hub, small: Small) -> None:
    people(hub.store, Role.SALES, "carla")
    carla = person_named(hub, "carla")
    set_password(hub, carla, "carla", "una frase lunga", on=MONDAY)
    with pytest.raises(ActorError, match="may not manage users"):
        set_password(hub, carla, "anna", "una frase lunga", on=MONDAY)


def change_step(hub: Hub, small: Small, **values: Any) -> None:
    """As planning would have left it."""
    steps = recovery.steps
    with hub.store.write() as connection:
        connection.execute(sa.update(steps).where(steps.c.id == small.step).values(**values))


def test_the_last_administrator_cannot_be_disabled(hub: Hub) -> None:
    with hub.store.read() as connection:
        admins = administrators(connection)
    for login in admins[1:]:
        set_active(hub, person_named(hub, admins[0]), login, False, on=MONDAY)
    if not admins:
        people(hub.store, Role.ADMINISTRATOR, "capo")
    (last,) = admins[:1] or ["capo"]
    with pytest.raises(OfficeError, match="only administrator"):
        set_active(hub, person_named(hub, last), last, False, on=MONDAY)
    people(hub.store, Role.ADMINISTRATOR, "second")
    set_active(hub, person_named(hub, "second"), last, False, on=MONDAY)


def test_a_file_without_rules_takes_none_away(hub: Hub, tmp_path: Path) -> None:
    people(hub.store, Role.CREDIT_MANAGER, "capa")
    file = tmp_path / "iters.toml"
    file.write_text('[[iter]]\nkey = "x"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no \\[\\[assignment"):
        load_rules(hub, person_named(hub, "capa"), file, on=MONDAY)
