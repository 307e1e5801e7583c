"""Whose it is and where it lies: operator, responsible, container, iter, who is left in peace."""

from __future__ import annotations

from datetime import date

from incasso.contract.text import Text, text
from incasso.domain.acts.assignment import Assign, ChooseIter, Exclude, Include, Park
from incasso.domain.recovery.severity import LAWYERS
from incasso.domain.recovery.states import CaseState, OfficeTask
from incasso.services.acts.doing import ActError, Doing, carry_out, client_name, running
from incasso.services.acts.moving import move_cases, need_confirmed_out
from incasso.services.acts.office_tasks import end_tasks, make_task
from incasso.services.acts.stages import cases_of, waiting_step
from incasso.store.lists.subjects import Target
from incasso.store.office import people
from incasso.store.recovery import agenda
from incasso.store.recovery.iters import read_rules


@carry_out.register
def _park(act: Park, doing: Doing) -> Text:
    targets = doing.open_targets()
    cases = running(targets)
    if not cases:
        raise ActError(
            text(
                "No running case on {subject}: hold it instead of parking it.",
                subject=doing.named,
            )
        )
    if act.container != LAWYERS:
        need_confirmed_out(doing, targets, confirmed=act.confirm)
    doing.touch(targets, "parked", leave_steps=True)
    end_tasks(doing, cases, OfficeTask.PARK_REVIEW, outcome="")
    doing.change_cases(
        cases,
        state=CaseState.PARKED,
        container=act.container,
        park_review_on=act.review,
        lawyer=act.lawyer,
        file_number=act.file_number,
    )
    if act.review is not None:
        _review_on(doing, act.review, targets, act.container)
    facts = {"review": act.review, "lawyer": act.lawyer, "file_number": act.file_number}
    doing.tell("case.parked", container=act.container, cases=cases, **facts)
    return text(
        "Parked in {container}, {count} case(s): {subject}.",
        container=act.container,
        count=len(cases),
        subject=doing.named,
    )


def _review_on(doing: Doing, day: date, targets: list[Target], container: str) -> None:
    """The task to look at parked cases again, in the list of steps on its day."""
    reason = text("Parked in {container}: look at it again.", container=container)
    for currency in sorted({target.currency for target in targets}):
        together = [t for t in targets if t.currency == currency and t.case_id is not None]
        if together:
            make_task(doing, OfficeTask.PARK_REVIEW, together, day, reason)


@carry_out.register
def _assign(act: Assign, doing: Doing) -> Text:
    new = {
        "operator_id": login_id(doing, act.to),
        "responsible_id": login_id(doing, act.responsible),
    }
    values = {name: value for name, value in new.items() if value is not None}
    if doing.subject.kind == "client":
        doing.change_client(**values)
    elif doing.subject.kind == "step":
        if "operator_id" not in values:
            raise ActError(text("A step has an operator, no responsible: name its case."))
        doing.change_step(waiting_step(doing).id, operator_id=new["operator_id"])
    else:
        cases = cases_of(doing)
        doing.change_cases(cases, **values)
        doing.note(cases, "assigned")
    doing.tell("assigned", operator=act.to, responsible=act.responsible)
    return text(
        "Given to {login}: {subject}.", login=act.to or act.responsible, subject=doing.named
    )


@carry_out.register
def _exclude(act: Exclude, doing: Doing) -> Text:
    _set_excluded(doing, True, "excluded")
    return text("Excluded: {subject}.", subject=doing.named)


@carry_out.register
def _include(act: Include, doing: Doing) -> Text:
    _set_excluded(doing, False, "included")
    return text("Included: {subject}.", subject=doing.named)


def _set_excluded(doing: Doing, excluded: bool, word: str) -> None:
    if doing.subject.kind != "client":
        raise ActError(
            text(
                "Only clients are excluded: `{client}`, or hold it.",
                client=client_name(doing.subject),
            )
        )
    doing.change_client(office_excluded=excluded)
    doing.touch(doing.targets(), word, leave_steps=excluded)
    doing.tell(f"client.{word}")


@carry_out.register
def _choose_iter(act: ChooseIter, doing: Doing) -> Text:
    if doing.subject.kind in ("case", "step"):
        raise ActError(text("An iter is chosen for a client or an installment: name one of them."))
    if act.key is not None:
        _need_published(doing, act.key)
    if doing.subject.kind == "client":
        doing.change_client(iter_override=act.key)
    else:
        doing.change_installment(doing.subject.id, iter_override=act.key)
    targets = doing.targets()
    doing.touch(targets, "iter chosen", leave_steps=act.move)
    moved = move_cases(doing, act, targets) if act.move else 0
    agenda.review_on(doing.connection, [t.installment_id for t in targets], doing.on)
    doing.tell("iter.chosen", iter=act.key, moved=moved)
    return text(
        "Iter {iter}, {count} case(s) moved: {subject}.",
        iter=act.key or text("by the rules"),
        count=moved,
        subject=doing.named,
    )


def login_id(doing: Doing, login: str | None) -> int | None:
    """The number of an active person. Raises ActError for somebody who is none."""
    if login is None:
        return None
    found = people.id_of(doing.connection, login)
    if found is None:
        raise ActError(
            text("Nobody active is called {login}: `incasso users list` shows who is.", login=login)
        )
    return found


def _need_published(doing: Doing, iter: str) -> None:
    keys = [version.iter.key for version in read_rules(doing.connection).iters]
    if iter not in keys:
        raise ActError(
            text(
                "No iter {iter} is published: choose from {names}.",
                iter=iter,
                names=keys or text("none yet: `incasso iters import FILE`"),
            )
        )
