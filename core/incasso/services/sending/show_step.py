"""A step as it would leave on a day: composed as dispatch composes it, with nothing changed.

Only the last look differs: the ERP is not asked. What is blocked drops out, as it would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.contract.channel import OutboundMessage, Recipient
from incasso.contract.text import Text, text
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.actions import BY_MESSAGE
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import NOT_BEGUN, StepStatus
from incasso.domain.sending.rewording import Rewording
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.hub.hub import Hub
from incasso.services.office.subjects import SubjectError, resolve
from incasso.services.sending.archived import PDF, pages_of
from incasso.services.sending.caps import postponed
from incasso.services.sending.compose import Composer
from incasso.services.sending.composed import Composed, Leaving
from incasso.services.sending.contact_hours import NO_WORKING_DAY, outside_hours, rests
from incasso.services.sending.enclosures import Enclosures
from incasso.services.sending.page_facts import PageFacts
from incasso.services.sending.published import iters, templates
from incasso.services.sending.recheck import untrusted
from incasso.services.sending.show_delivery import archived_message
from incasso.services.sending.shown import (
    LeftOut,
    ShownFile,
    ShownLine,
    ShownMessage,
    StepView,
)
from incasso.services.sending.step_flags import changed, flags
from incasso.services.sending.still_blocked import blocked_now
from incasso.store.sending import notice_lines, outbox_queue, page_reads, showing
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine
from incasso.store.sending.showing import StepHead

NOT_YET: Final = "0" * 16
"""Stands for the delivery's id, which is given when the message leaves."""


def show_step(hub: Hub, scope: Scope, typed: str, on: date) -> StepView:
    """The step with that number, as it would leave on `on` or as it left.

    Nothing is written, no message handed over. Raises SubjectError.
    """
    named = typed if ":" in typed else f"step:{typed.strip()}"
    with hub.store.read() as connection:
        subject = resolve(connection, named, scope)
        if subject.kind != "step":
            raise SubjectError(
                text("{subject} is not a step: name one as `step:34`.", subject=str(subject))
            )
        head = showing.step_head(connection, subject.id)
        look = _Look(hub, connection, head, on)
        return look.view()


class _Look:
    """One look at one step."""

    def __init__(self, hub: Hub, connection: Connection, head: StepHead, on: date) -> None:
        self._hub, self._connection, self._head, self._on = hub, connection, head, on
        # None for a task outside every iter: no message is written from it.
        step = outbox_queue.step_to_write(connection, head.id)
        self._step: ReadyStep | None = step
        if step is None:
            found = page_reads.lines(connection, [head.id], leaving=False)
        else:
            found = notice_lines.lines(connection, [head.id])
        self._lines = found.get(head.id, [])
        self._blocked = self._blocked_cases()
        self._asked_total: Decimal | None = None
        staying = {line.case_id for line in self._asked()}
        without = [line.case_id for line in self._lines if line.case_id not in staying]
        steps = [] if step is None else [step]
        self._facts = PageFacts(hub, connection, steps, iters(hub), on, without)

    def view(self) -> StepView:
        """Everything about it."""
        head, lines = self._head, self._asked()
        sent = showing.deliveries_of(self._connection, head.id)
        message: ShownMessage | None = None
        why: list[str] = []
        if head.status in NOT_BEGUN:
            message, why = self._to_come(lines)
        elif sent:
            message, _ = archived_message(self._hub.store, sent[0])
        else:
            why = [text("it is {status}", status=head.status)]
        owed = self._money(sum(line.residual for line in lines) if self._lines else head.total)
        charges, credited = self._beside(lines)
        own = Rewording() if self._step is None else self._step.own_words
        return StepView(
            step=head.id,
            source=head.source,
            client=head.client,
            client_name=head.client_name,
            iter=head.iter,
            stage=head.stage,
            action=head.action.value,
            medium=head.medium,
            mode=head.mode.value,
            status=head.status.value,
            due_on=head.due_on,
            done_on=head.done_on,
            operator=head.operator,
            reason=head.reason,
            outcome=head.outcome,
            on=self._on,
            leaves=head.status is StepStatus.READY and message is not None and not why,
            why=tuple(why),
            message=message,
            total=owed + charges if self._asked_total is None else self._asked_total,
            owed=owed,
            charges=charges,
            credited=credited,
            currency=head.currency,
            installments=tuple(map(_line, lines)),
            left_out=self._left_out(),
            flags=flags(self._connection, head, own, self._on),
            changed=changed(self._connection, head, lines) if self._lines else None,
            deliveries=tuple(each.id for each in sent),
        )

    def _beside(self, lines: Sequence[StepLine]) -> tuple[Decimal, Decimal]:
        """Bank charges, and what credits take off, of what has not left yet."""
        if self._step is None or self._head.status not in NOT_BEGUN:
            return self._money(0), self._money(0)
        credits = self._facts.credits(self._step)
        return (
            self._money(sum(line.charges for line in lines)),
            self._money(sum(credit.residual for credit in credits)),
        )

    def _money(self, minor: int) -> Decimal:
        return from_minor(minor, self._head.currency)

    def _blocked_cases(self) -> Mapping[int, str]:
        """Only what has not begun can still be stopped."""
        cases = [line.case_id for line in self._lines]
        if self._step is None or not cases or self._head.status not in NOT_BEGUN:
            return {}
        return blocked_now(self._connection, cases, self._on)

    def _asked(self) -> Sequence[StepLine]:
        """What the message asks for: all of it, where nothing at all may leave."""
        staying = [line for line in self._lines if line.case_id not in self._blocked]
        return staying or self._lines

    def _left_out(self) -> tuple[LeftOut, ...]:
        return tuple(
            LeftOut(
                installment=line.key,
                residual=from_minor(line.residual, line.currency),
                reason=self._blocked[line.case_id],
            )
            for line in self._lines
            if line.case_id in self._blocked
        )

    def _to_come(self, lines: Sequence[StepLine]) -> tuple[ShownMessage | None, list[str]]:
        """The message of a step that has not begun, and what stands in its way."""
        head, step = self._head, self._step
        if step is None or head.action not in BY_MESSAGE:
            return None, [text("it is a {action}, not a message", action=head.action)]
        why = list(self._in_the_way(step))
        if not lines:
            return None, why or [text("nothing is left in it")]
        message, problem = self._message(step)
        return message, [*why, *([problem] if problem else [])]

    def _in_the_way(self, step: ReadyStep) -> list[str]:
        head, on = self._head, self._on
        found: list[str] = []
        if head.status is StepStatus.PROPOSED:
            found.append(text("it waits for approval"))
        if head.mode is Mode.MANUAL:
            found.append(text("a person carries it out"))
        if head.due_on > on:
            found.append(text("it is planned for {day}", day=head.due_on))
        if self._lines and len(self._blocked) == len(self._lines):
            found += dict.fromkeys(self._blocked.values())
        if stale := untrusted(self._hub, on).get(head.source):
            found.append(stale)
        found += outside_hours(self._hub, self._connection, [step], on).values()
        if self._lines:
            found += self._put_off(step)
        if head.next_attempt_at is not None and head.next_attempt_at > self._hub.now():
            when = head.next_attempt_at.astimezone(self._hub.config.timezone)
            found.append(text("it is tried again at {when}", when=when))
        return found

    def _put_off(self, step: ReadyStep) -> list[str]:
        """The working day of the stage, and the caps of the contact policy."""
        if rests(self._hub, self._head.source, self._facts.stage(step), self._on):
            return [NO_WORKING_DAY]
        late = postponed(self._hub, self._connection, [step], self._facts, self._on)
        return [each.reason for each in late]

    def _message(self, step: ReadyStep) -> tuple[ShownMessage | None, str]:
        """As dispatch would compose it; in words alone where its channel or address fails."""
        enclosures = Enclosures(DocumentFetcher(self._hub, self._on, trial=True))
        composer = Composer(
            self._hub, self._on, self._facts, templates(self._hub), {}, enclosures, lambda: NOT_YET
        )
        composed = composer.compose(step)
        if isinstance(composed, Leaving):
            self._asked_total = composed.message.about.total
            return self._with_others(step, _prepared(composed)), ""
        draft = composer.draft(step)
        if isinstance(draft, str):
            return None, draft
        self._asked_total = draft.about.total
        return self._with_others(step, _in_words(draft)), _reason(composed)

    def _with_others(self, step: ReadyStep, message: ShownMessage) -> ShownMessage:
        """Whoever else is told, each by a message of their own."""
        others = (*self._facts.recipients(step)[1:], *self._facts.copies(step))
        return replace(message, cc=tuple(each.address for each in others))


def _reason(composed: Composed) -> Text | str:
    return "" if isinstance(composed, Leaving) else composed.reason


def _prepared(leaving: Leaving) -> ShownMessage:
    """A message with the bytes that its channel made."""
    made = leaving.prepared
    file = ShownFile(
        filename=made.filename,
        media_type=made.media_type,
        size=len(made.content),
        content=made.content,
    )
    pages = pages_of(made.content) if made.media_type == PDF else 0
    return _shown(leaving.message, channel=leaving.channel.id, file=file, pages=pages)


def _in_words(message: OutboundMessage) -> ShownMessage:
    """A message that no channel made bytes of; of a letter there is the page."""
    if message.letter is None:
        return _shown(message)
    page = message.letter.content
    letter = ShownFile(
        filename=message.letter.filename, media_type=PDF, size=len(page), content=page
    )
    return _shown(message, letter=letter, pages=pages_of(page))


def _shown(
    message: OutboundMessage,
    *,
    channel: str = "",
    file: ShownFile | None = None,
    letter: ShownFile | None = None,
    pages: int = 0,
) -> ShownMessage:
    return ShownMessage(
        to=_address(message.to),
        to_name=message.to.name,
        medium=message.medium.value,
        channel=channel,
        language=message.language,
        subject=message.subject,
        text=message.text,
        html=message.html,
        attachments=tuple(
            ShownFile(
                filename=each.filename,
                media_type=each.media_type,
                size=len(each.content),
                content=each.content,
            )
            for each in message.attachments
        ),
        file=file,
        letter=letter,
        pages=pages,
    )


def _address(to: Recipient) -> str:
    return to.address or ", ".join(to.postal)


def _line(line: StepLine) -> ShownLine:
    return ShownLine(
        installment=line.key,
        document_number=line.document_number,
        due_date=line.due_date,
        residual=from_minor(line.residual, line.currency),
        charges=from_minor(line.charges, line.currency),
    )
