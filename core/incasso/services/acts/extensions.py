"""More time to pay: days beyond the due date in force, or a new due date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from incasso.contract.text import Text, counted, text
from incasso.domain.acts.act import far, last_day
from incasso.domain.acts.agreements import Extend
from incasso.domain.acts.permission import MANAGERS, may
from incasso.domain.office.actor import Role, person
from incasso.domain.recovery.states import AgreementKind
from incasso.locale.act_mistakes import mistake_text
from incasso.services.acts.agreements import agreement, make
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.office.actors import present
from incasso.store.lists.subjects import Target


@carry_out.register
def _extend(act: Extend, doing: Doing) -> Text:
    chosen = doing.targets_named(act.installment) if act.installment else _past_due(doing)
    extended = [t for t in chosen if t.residual > 0 and _new_due(t, act)]
    if not extended:
        raise ActError(
            text(
                "{subject} is due later than {day} already: give a later day.",
                subject=doing.named,
                day=act.to,
            )
        )
    dues = [_checked_due(doing, target, act) for target in extended]
    approved_by = _approving(doing, act, extended, dues)
    for target, until in zip(extended, dues, strict=True):
        new = agreement(doing, AgreementKind.EXTENSION, until, target, approved_by=approved_by)
        make(doing, new)
    doing.touch(extended, "extended", leave_steps=True)
    doing.tell(
        "agreement.made",
        agreement="extension",
        days=act.days,
        until=act.to,
        installments=[target.key for target in extended],
        dues=sorted(set(dues)),
        approved_by=approved_by,
    )
    said = counted(
        "{n} installment extended, now due {days}: {subject}.",
        "{n} installments extended, now due {days}: {subject}.",
        n=len(extended),
        days=sorted(set(dues)),
        subject=doing.named,
    )
    coming = 0 if act.installment else _not_yet_due(doing)
    if not coming:
        return said
    left = counted(
        "{n} installment is not due yet and keeps its date.",
        "{n} installments are not due yet and keep their dates.",
        n=coming,
    )
    return text("{said} {left}", said=said, left=left)


def _past_due(doing: Doing) -> list[Target]:
    """Of a client what has come due, extended or not; of anything smaller its own installments.

    Raises ActError.
    """
    targets = doing.open_targets()
    if doing.subject.kind != "client":
        return targets
    due = [target for target in targets if target.due_date <= doing.on]
    if not due:
        raise ActError(
            text(
                "Nothing of {client} is due yet: name the installments that get more time, "
                "`incasso act extend KEY …`.",
                client=doing.named,
            )
        )
    return due


def _not_yet_due(doing: Doing) -> int:
    """How many debts of a client an extension of the client leaves alone."""
    if doing.subject.kind != "client":
        return 0
    return sum(each.residual > 0 and each.due_date > doing.on for each in doing.targets())


def _checked_due(doing: Doing, target: Target, act: Extend) -> date:
    """The new due date, which gives time from today on. Raises ActError."""
    until = _new_due(target, act) or doing.on
    if until > last_day(doing.on):
        raise ActError(mistake_text(act, far(until, doing.on)))
    if until <= doing.on:
        raise ActError(
            text(
                "{key} would be due {day}, which gives no time from {on} on: give more days, or "
                "a later day with `--to`.",
                key=target.key,
                day=until,
                on=doing.on,
            )
        )
    return until


def _approving(doing: Doing, act: Extend, extended: Sequence[Target], dues: Sequence[date]) -> str:
    """The login of the manager who grants it; empty within the days that are everybody's.

    Raises ActorError or ActError where nobody who may grants it.
    """
    if act.approved_by:
        _need_manager(doing, act.approved_by)
        return act.approved_by
    if may(doing.actor, MANAGERS):
        return doing.by
    own = doing.office.config.extension_days
    for target, until in zip(extended, dues, strict=True):
        if (until - target.effective_due_date).days > own:
            raise ActError(
                text(
                    "{key} would be due {day}, more than {days} days later: name the manager who "
                    "granted it with `--approved-by LOGIN`.",
                    key=target.key,
                    day=until,
                    days=own,
                )
            )
    return ""


def _new_due(target: Target, act: Extend) -> date | None:
    """The later due date, or none if the one in force is later already."""
    if act.days is not None:
        return target.effective_due_date + timedelta(days=act.days)
    return act.to if act.to and act.to > target.effective_due_date else None


def _need_manager(doing: Doing, login: str) -> None:
    """Somebody who may grant an extension. Raises ActorError, or ActError for anybody else."""
    if not login:
        return
    who = present(doing.connection, person(login, Role.OPERATOR))
    if not may(who, MANAGERS):
        raise ActError(text("{login} may not approve an extension: name a manager.", login=login))
