"""What the log of messages that leave says of each, before any of them may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from incasso.domain.money import to_minor
from incasso.domain.proof.left import Intent, LeavingCase
from incasso.services.sending.composed import Leaving
from incasso.store.sending import page_reads


def intents_of(
    connection: Connection, leaving: Sequence[Leaving], on: date, at: datetime
) -> list[Intent]:
    """One for each message, with the cases that it is about."""
    stages = page_reads.stages_of_cases(connection, [each.step.id for each in leaving])
    return [_intent(each, stages, on, at) for each in leaving]


def _intent(
    message: Leaving, stages: dict[tuple[int, int], tuple[str, bool]], on: date, at: datetime
) -> Intent:
    step, made = message.step, message.prepared
    cases = []
    for line in message.lines:
        stage, unpaid = stages.get((step.id, line.case_id), (step.stage, False))
        cases.append(LeavingCase(line.key, stage, line.residual, unpaid))
    return Intent(
        delivery=message.delivery,
        step=step.id,
        source=step.source,
        client=message.message.about.client,
        iter=step.iter,
        iter_version=step.iter_version_id,
        stage=step.stage,
        action=step.action.value,
        medium=message.message.medium.value,
        channel=message.channel.id,
        to=message.address,
        language=step.language,
        template=step.template,
        cases=tuple(cases),
        total=step.total,
        asked=to_minor(message.message.about.total, step.currency),
        currency=step.currency,
        sha256=message.sha256,
        size=len(made.content),
        media_type=made.media_type,
        filename=made.filename,
        ref=made.ref,
        due_on=step.due_on,
        on=on,
        at=at,
    )
