"""Tell providers what they must know of their lots: notices, as one batch for each of them.

What a plugin cannot carry goes on the list of a person, who tells the provider and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from incasso.contract.errors import PluginError
from incasso.contract.exchange import BatchKind, Notice, PlacementRef
from incasso.contract.text import Text, text
from incasso.contract.values import Attachment, Money
from incasso.domain.money import from_minor
from incasso.domain.placement.names import placement_name, row_name
from incasso.domain.placement.states import BatchState, NoticeState
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.services.placement.bytes import contract_of, keep_written
from incasso.services.placement.carriers import instances
from incasso.services.placement.deliver import Answer, Fate, deliver
from incasso.store.placement import batches, notices
from incasso.store.placement.batches import BatchRow, NewBatch
from incasso.store.placement.notices import NoticeRow
from incasso.store.proof import archive
from incasso.store.sending.dispatcher_lock import DispatcherTurn

ACTOR = "exchange"


@dataclass(kw_only=True)
class Told:
    """What became of what waited."""

    sent: int = 0
    """Notices."""
    by_hand: int = 0
    problems: list[Text] = field(default_factory=list)


def tell(hub: Hub, turn: DispatcherTurn, on: date) -> Told:
    """Let everything that waits leave, one batch for each provider. Safe to kill."""
    told = Told()
    with turn.write() as connection:
        waiting = notices.waiting(connection)
    by_provider: dict[str, list[NoticeRow]] = defaultdict(list)
    for each in waiting:
        by_provider[each.provider].append(each)
    carried = instances(hub)
    for provider, theirs in by_provider.items():
        handle = hub.registry.provider(carried.get(provider, ""))
        able = _only_able(turn, handle, theirs, told)
        if able and handle.ready:
            _tell(hub, turn, provider, handle, able, told, on)
        elif able:
            told.problems.append(_not_ready(provider, handle))
    return told


def _only_able(
    turn: DispatcherTurn, handle: ProviderHandle, theirs: Sequence[NoticeRow], told: Told
) -> list[NoticeRow]:
    """Those that the plugin can carry; the others go on a person's list."""
    able = [each for each in theirs if handle.can_tell(_bare(each))]
    known = {each.id for each in able}
    others = [each.id for each in theirs if each.id not in known]
    if others:
        with turn.write() as connection:
            notices.set_state(connection, others, NoticeState.BY_HAND)
        told.by_hand += len(others)
    return able


def _tell(
    hub: Hub,
    turn: DispatcherTurn,
    provider: str,
    handle: ProviderHandle,
    theirs: Sequence[NoticeRow],
    told: Told,
    on: date,
) -> None:
    with turn.write() as connection:
        new = NewBatch(
            provider=provider,
            instance=handle.id,
            kind=BatchKind.NOTICES,
            on_date=on,
            claimed_by=turn.owner,
        )
        batch = batches.make(connection, new)
        notices.put_in(connection, [each.id for each in theirs], batch.id)
    try:
        batch = _written(hub, turn, batch, handle, theirs, on)
    except PluginError as error:
        with turn.write() as connection:
            batches.end(connection, batch, BatchState.CANCELLED, str(error))
            notices.of_batch_are(connection, batch.id, NoticeState.WAITING)
        told.problems.append(_failed(provider, str(error)))
        return
    answer = deliver(hub, turn, batch, handle, ACTOR, on)
    if answer.fate is Fate.SENT:
        told.sent += len(theirs)
    else:
        told.problems.append(_failed(provider, str(answer.reason)))


def _written(
    hub: Hub,
    turn: DispatcherTurn,
    batch: BatchRow,
    handle: ProviderHandle,
    theirs: Sequence[NoticeRow],
    on: date,
) -> BatchRow:
    named = contract_of(batch, hub.now())
    whole = tuple(_notice(hub, each) for each in theirs)
    kept = keep_written(hub, lambda sink: handle.prepare_notices(named, whole, sink, on))
    with turn.write() as connection:
        archive.note(connection, [kept.entry], at=hub.now())
        return batches.written(
            connection,
            batch,
            at=named.at,
            filename=kept.entry.filename,
            media_type=kept.entry.media_type,
            sha256=kept.entry.sha256,
            size=kept.entry.size,
        )


def again(hub: Hub, turn: DispatcherTurn, on: date) -> Mapping[str, Answer]:
    """Batches of every kind that were written and are to leave again now, by name."""
    with turn.write() as connection:
        prepared = batches.in_state(connection, BatchState.PREPARED)
    found = {}
    for batch in prepared:
        handle = hub.registry.provider(batch.instance)
        due = batch.next_attempt_at is None or batch.next_attempt_at <= hub.now()
        if batch.sha256 and batch.attempts and due and handle.ready:
            found[batch.name] = deliver(hub, turn, batch, handle, ACTOR, on)
    return found


def _notice(hub: Hub, row: NoticeRow) -> Notice:
    documents = tuple(_document(hub, each) for each in row.documents or ())
    return replace(_bare(row), documents=documents)


def _bare(row: NoticeRow) -> Notice:
    """Without its documents."""
    amount = None
    if row.amount is not None:
        amount = Money(amount=from_minor(row.amount, row.currency), currency=row.currency)
    ours = "" if row.placement_id is None else placement_name(row.placement_id)
    return Notice(
        id=row.name,
        kind=row.kind,
        lot=row.lot,
        placement=PlacementRef(ours=ours, theirs=row.theirs or ""),
        row="" if row.row_id is None else row_name(row.row_id),
        on=row.on_date,
        amount=amount,
        reason=row.reason,
        answers=row.answers,
        accepted=row.accepted,
        until=row.until,
    )


def _document(hub: Hub, kept: Mapping[str, str]) -> Attachment:
    return Attachment(
        filename=kept["name"],
        media_type=kept.get("media_type", ""),
        content=archive.get(hub.store, kept["sha256"]),
    )


def _failed(provider: str, why: str) -> Text:
    return text("{provider}: what it must know waits: {why}", provider=provider, why=why)


def _not_ready(provider: str, handle: ProviderHandle) -> Text:
    why = handle.view.reason or handle.view.state
    return _failed(provider, str(why))
