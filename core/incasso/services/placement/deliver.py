"""Let a prepared batch leave, and write down what became of it: once, whatever happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.exchange import BatchKind, Submitted
from incasso.contract.text import Text, text
from incasso.domain.money import from_minor, to_minor
from incasso.domain.placement.states import BatchState
from incasso.domain.sending.delivery import DeliveryStatus, Trace, after_crash
from incasso.domain.sending.retry import SLOW_DOWN, retry_delay
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.services.placement.bytes import contract_of, opened
from incasso.services.placement.fates import Moment, Origin
from incasso.services.placement.hand_over import handed_over, lot_leaves, lot_stays, notices_sent
from incasso.services.placement.pages import take_lines
from incasso.store.placement import batches, lots
from incasso.store.placement.batches import BatchRow
from incasso.store.proof import archive, journal
from incasso.store.proof.archive import Entry
from incasso.store.proof.journal import Event
from incasso.store.sending.dispatcher_lock import DispatcherTurn


class Fate(StrEnum):
    """What became of a batch."""

    SENT = "sent"
    LATER = "later"
    """Certainly not sent; it leaves again as it is."""
    REFUSED = "refused"
    """For good."""
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a provider answered about a batch."""

    fate: Fate
    reason: Text | str = ""
    receipt: Submitted | None = None
    again_at: datetime | None = None
    """Of LATER; None: once somebody sends it, or its provider works again."""


_PAGE: Final = 500
UNKNOWN: Final = text("nobody knows whether it arrived: ask the provider, then say so")


def deliver(
    hub: Hub, turn: DispatcherTurn, batch: BatchRow, provider: ProviderHandle, by: str, on: date
) -> Answer:
    """Let a batch leave: `sending` is committed, then the provider is called, once."""
    with turn.write() as connection:
        batch = batches.begin(connection, batch, turn.owner, at=hub.now())
        if batch.kind is BatchKind.LOT and batch.lot_id is not None:
            lot = lots.numbered(connection, batch.lot_id)
            lot_leaves(connection, lot, on, hub.config.language)
    answer = _submit(hub, provider, batch, on)
    conclude(hub, turn, batch, answer, by, on)
    return answer


def conclude(
    hub: Hub, turn: DispatcherTurn, batch: BatchRow, answer: Answer, by: str, on: date
) -> None:
    """Write down what became of a batch, with its journal, in one transaction."""
    evidence = _evidence(hub, answer)
    with turn.write() as connection:
        if batches.numbered(connection, batch.id, lock=True).state is not batch.state:
            return  # somebody else has settled it
        archive.note(connection, evidence, at=hub.now())
        events = _write(hub, connection, batch, answer, by, on)
        journal.record(connection, events, at=hub.now())
    if answer.receipt is not None and answer.receipt.updates:
        _take_at_once(hub, batch, answer.receipt, on)


def _take_at_once(hub: Hub, batch: BatchRow, receipt: Submitted, on: date) -> None:
    """What a web service said of single placements while it took them."""
    moment = Moment(on=on, at=hub.now())
    lines = [(None, each) for each in receipt.updates]
    for first in range(0, len(lines), _PAGE):
        take_lines(hub, Origin(provider=batch.provider), lines[first : first + _PAGE], moment)


def look_up(provider: ProviderHandle, batch: BatchRow, on: date) -> tuple[Trace, Submitted | None]:
    """What the provider says about a batch that may have arrived."""
    if not provider.can(ProviderCapability.FIND):
        return Trace.UNKNOWN, None
    try:
        found = provider.find(contract_of(batch, batch.sending_at or _NEVER), on)
    except PluginError:
        return Trace.UNKNOWN, None
    return (Trace.CERTAINLY_NOT, None) if found is None else (Trace.FOUND, found)


def after_doubt(provider: ProviderHandle, batch: BatchRow, on: date, why: Text | str) -> Answer:
    """The fate of a batch whose answer nobody heard: found, certainly not there, else uncertain."""
    trace, receipt = look_up(provider, batch, on)
    status = after_crash(trace, idempotent=provider.can(ProviderCapability.IDEMPOTENT))
    match status:
        case DeliveryStatus.ACCEPTED:
            return Answer(fate=Fate.SENT, receipt=receipt)
        case DeliveryStatus.QUEUED:
            return Answer(fate=Fate.LATER, reason=why)
    return Answer(fate=Fate.UNCERTAIN, reason=why)


def _submit(hub: Hub, provider: ProviderHandle, batch: BatchRow, on: date) -> Answer:
    try:
        with opened(hub, batch) as source:
            receipt = provider.submit(
                contract_of(batch, hub.now()),
                source,
                attempt=batch.attempts,
                dry_run=False,
                on=on,
            )
    except RejectedError as error:
        return Answer(fate=Fate.REFUSED, reason=str(error))
    except RateLimitedError as error:
        again = hub.now() + (error.retry_after or SLOW_DOWN)
        return Answer(fate=Fate.LATER, reason=str(error), again_at=again)
    except TemporaryError as error:
        delay = retry_delay(batch.name, batch.attempts, error.retry_after)
        again_at = None if delay is None else hub.now() + delay
        return Answer(fate=Fate.LATER, reason=str(error), again_at=again_at)
    except (AuthenticationError, ConfigurationError) as error:
        return Answer(fate=Fate.LATER, reason=str(error))
    except PluginError as error:
        return after_doubt(provider, batch, on, str(error))
    return Answer(fate=Fate.SENT, receipt=receipt)


def _evidence(hub: Hub, answer: Answer) -> list[Entry]:
    """The other side's proof, on disk before the database refers to it."""
    receipt = answer.receipt
    if receipt is None:
        return []
    return [
        archive.keep(hub.store, each.content, each.media_type, each.filename)
        for each in receipt.evidence
    ]


def _write(
    hub: Hub, connection: Connection, batch: BatchRow, answer: Answer, by: str, on: date
) -> list[Event]:
    lot = None if batch.lot_id is None else lots.numbered(connection, batch.lot_id)
    of_lot = lot if batch.kind is BatchKind.LOT else None
    told: list[Event] = []
    match answer.fate:
        case Fate.SENT:
            batches.sent(connection, batch, at=hub.now(), **_receipt(answer))
            if of_lot is not None:
                told = handed_over(connection, of_lot, batch, by, on)
            elif batch.kind is BatchKind.NOTICES:
                notices_sent(connection, batch)
        case Fate.LATER:
            batches.put_back(connection, batch, again_at=answer.again_at, reason=answer.reason)
        case Fate.REFUSED:
            batches.end(connection, batch, BatchState.FAILED, answer.reason)
            if of_lot is not None:
                lot_stays(connection, of_lot, on)
            elif batch.kind is BatchKind.NOTICES:
                notices_sent(connection, batch, back=True)
        case Fate.UNCERTAIN:
            batches.end(connection, batch, BatchState.UNCERTAIN, answer.reason or UNKNOWN)
    event = Event(
        kind=f"batch.{answer.fate}",
        actor=by,
        on=on,
        source="" if lot is None else lot.source,
        subject=f"batch {batch.name}",
        facts={
            "provider": batch.provider,
            "kind": batch.kind.value,
            "lot": "" if lot is None else lot.code,
            "sha256": batch.sha256,
            "file": batch.filename,
            "attempt": batch.attempts,
            "why": str(answer.reason),
        },
    )
    return [event, *told]


def _receipt(answer: Answer) -> dict[str, Any]:
    receipt = answer.receipt
    if receipt is None:
        return {"ref": ""}
    if receipt.cost is None:
        return {"ref": receipt.ref}
    cost = receipt.cost
    minor = to_minor(cost.amount.quantize(from_minor(1, cost.currency)), cost.currency)
    return {"ref": receipt.ref, "cost": minor, "cost_currency": cost.currency}


_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
