"""What left before about the steps of a page: threads of mail, and what texts may speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Connection

from incasso.contract.media import Medium
from incasso.domain.recovery.iters import Iter
from incasso.domain.sending.earlier import OwedFor, Told, earlier_messages
from incasso.messages import EarlierMessage
from incasso.store.recovery.iters import stages_from
from incasso.store.sending.earlier import (
    EarlierDelivery,
    SentAbout,
    earlier_deliveries,
    oldest_first,
)
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine


class Earlier:
    """The messages that left before about the installments of a page, read once."""

    def __init__(
        self,
        connection: Connection,
        step_ids: Sequence[int],
        iter_of: Callable[[int], Iter],
    ) -> None:
        self._iter_of = iter_of
        self._of: dict[int, list[EarlierDelivery]] = defaultdict(list)
        for each in earlier_deliveries(connection, step_ids):
            self._of[each.step_id].append(each)

    def thread(self, step: ReadyStep, medium: str) -> tuple[str, ...]:
        """Earlier deliveries about the same installments by that medium, oldest first."""
        found = (each.sent for each in self._of.get(step.id, ()))
        ordered = sorted(found, key=oldest_first)
        return tuple(dict.fromkeys(each.id for each in ordered if each.medium == medium))

    def previous(
        self, step: ReadyStep, lines: Sequence[StepLine], on: date
    ) -> tuple[EarlierMessage, ...]:
        """What a text may call earlier messages: see `domain.sending.earlier`."""
        left: dict[int, list[Told[str]]] = defaultdict(list)
        by_id: dict[str, SentAbout] = {}
        for each in self._of.get(step.id, ()):
            sent = each.sent
            if sent.action.traits.to_client and sent.client_id == step.client_id:
                left[each.installment_id].append(Told(sent.on_date, sent.id))
                by_id[sent.id] = sent
        owed = {line.id: OwedFor(line.due_date, line.unpaid_on, line.reminded_on) for line in lines}
        spoken = earlier_messages(owed, left, on)
        return tuple(
            EarlierMessage(on=told.on, about_all=not spoken.apart)
            if told.key is None
            else self._message(told.on, by_id[told.key], not spoken.apart)
            for told in spoken.messages
        )

    def _message(self, on: date, delivery: SentAbout, about_all: bool) -> EarlierMessage:
        stages = (
            *(stages_from(delivery.private_stages) or ()),
            *self._iter_of(delivery.iter_version_id).stages,
        )
        labels = (stage.label for stage in stages if stage.key == delivery.stage)
        return EarlierMessage(
            on=on,
            medium=Medium(delivery.medium),
            stage=next(labels, "") or delivery.stage,
            about_all=about_all,
        )
