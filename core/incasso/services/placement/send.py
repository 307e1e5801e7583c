"""Hand a lot over: exact bytes first, then `sending` is committed, then the provider is called.

After a crash the provider is asked; what it cannot say stays uncertain, and a person decides. No
lot is ever sent twice because a process died. In-house steps stop when `sending` is committed:
from then on the provider may have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace

from incasso.contract.errors import PluginError
from incasso.contract.exchange import BatchKind
from incasso.contract.text import Text, text
from incasso.domain.acts.work import Work
from incasso.domain.money import to_minor
from incasso.domain.office.actor import Actor
from incasso.domain.placement.moves import LotMove
from incasso.domain.placement.states import BatchState
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import admit
from incasso.services.placement.bytes import KeptBytes, contract_of, keep_written
from incasso.services.placement.carriers import instances
from incasso.services.placement.deliver import Fate, deliver
from incasso.services.placement.dossiers import dossiers_of, sheet_of
from incasso.services.placement.errors import LotError
from incasso.services.placement.finding import lot_called
from incasso.services.placement.in_hand import fix, look_again, lot_event, need, told
from incasso.services.placement.recover import PATIENCE, recover
from incasso.services.placement.takers import takers, told_of
from incasso.services.placement.told import Told
from incasso.services.proof.standing import may_leave
from incasso.store.placement import batches, lots
from incasso.store.placement.batches import BatchRow, NewBatch
from incasso.store.placement.lots import Lot
from incasso.store.proof import archive, journal
from incasso.store.sending.dispatcher_lock import DispatcherTurn, take_turn


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A lot that was to leave."""

    lot: Lot
    became: Fate
    reason: Text | str = ""
    fell_out: int = 0
    """Credits that were paid or blocked since it was frozen."""


def send(
    hub: Hub,
    actor: Actor,
    code: str,
    on: date,
    *,
    really_send: bool = True,
    patience: timedelta = PATIENCE,
) -> Sent:
    """Hand an approved lot over. Safe to kill and to start again.

    What was paid or blocked since it was frozen falls out first, so what was approved only becomes
    smaller. Raises LotError, ActorError, BehindError, BusyError.
    """
    with hub.store.read() as connection:
        scope = admit(connection, actor, Work.LOTS).scope
        lot = lot_called(connection, code, scope)
        need(lot, LotMove.HAND_OVER)
        known = told_of(hub, lot, on)
    if known.obstacles:
        raise LotError(text("{lot} may not leave: {why}.", lot=lot.code, why=list(known.obstacles)))
    known = replace(known, instance=instances(hub).get(lot.provider, known.instance))
    if not known.instance:
        raise LotError(
            text(
                "{lot}: nothing in plugins.toml carries files of {provider}: name its table as "
                "`instance` and import the provider again.",
                lot=lot.code,
                provider=known.label,
            )
        )
    provider = hub.registry.provider(known.instance)
    if not provider.ready:
        raise LotError(
            text(
                "{lot} waits: {instance} does not work ({why}); see `incasso check {instance}`.",
                lot=lot.code,
                instance=known.instance,
                why=provider.view.reason or provider.view.state,
            )
        )
    if not really_send:
        return Sent(lot=lot, became=Fate.LATER, reason=text("nothing was sent"))
    may_leave(hub)
    with take_turn(hub.store) as turn:
        recover(hub, turn, on, patience=patience)
        return _send(hub, turn, actor, lot.id, known, provider, on)


def _send(
    hub: Hub,
    turn: DispatcherTurn,
    actor: Actor,
    number: int,
    known: Told,
    provider: ProviderHandle,
    on: date,
) -> Sent:
    with turn.write() as connection:
        admit(connection, actor, Work.LOTS)
        lot = lots.numbered(connection, number, lock=True)
        need(lot, LotMove.HAND_OVER)
        batch = batches.under_way_of(connection, lot.id)
    fell = 0
    if batch is None:
        batch, lot, fell = _last_look(hub, turn, actor, lot, known, on)
        batch = _prepare(hub, turn, lot, batch, known, provider, on)
    elif batch.state is not BatchState.PREPARED:
        raise LotError(_under_way(lot, batch))
    answer = deliver(hub, turn, batch, provider, actor.trace("lots"), on)
    with hub.store.read() as connection:
        lot = lots.numbered(connection, lot.id)
    return Sent(lot=lot, became=answer.fate, reason=answer.reason, fell_out=fell)


def _under_way(lot: Lot, batch: BatchRow) -> Text:
    if batch.state is BatchState.UNCERTAIN:
        return text(
            "Nobody knows whether {lot} arrived ({batch}): ask the provider, then "
            "`incasso lots settle {lot} --arrived` or `--lost`.",
            lot=lot.code,
            batch=batch.name,
        )
    return text("{lot} is leaving at this moment ({batch}).", lot=lot.code, batch=batch.name)


def _last_look(
    hub: Hub, turn: DispatcherTurn, actor: Actor, lot: Lot, known: Told, on: date
) -> tuple[BatchRow, Lot, int]:
    """What was paid or blocked since falls out; the batch is made."""
    against = takers(hub, [lot.provider])
    with turn.write() as connection:
        fell = look_again(hub, connection, lot, on, against, only_less=True)
        totals = fix(connection, lot)
        if not totals.rows:
            raise LotError(text("{lot} is empty: nothing in it may be placed today.", lot=lot.code))
        until = lot.until or known.until
        lots.change(connection, lot, digest=totals.digest, until=until)
        if totals.digest != lot.digest:
            facts = {**told(totals), "fell_out": {each.value: n for each, n in fell.items()}}
            event = lot_event("lot.shrunk", lot, actor.trace("lots"), on, **facts)
            journal.record(connection, [event], at=hub.now())
        batch = batches.make(
            connection,
            NewBatch(
                provider=lot.provider,
                instance=known.instance,
                kind=BatchKind.LOT,
                lot_id=lot.id,
                on_date=on,
                claimed_by=turn.owner,
            ),
        )
        return batch, lots.numbered(connection, lot.id), fell.total()


def _prepare(
    hub: Hub,
    turn: DispatcherTurn,
    lot: Lot,
    batch: BatchRow,
    known: Told,
    provider: ProviderHandle,
    on: date,
) -> BatchRow:
    """The exact bytes, in the archive. Raises LotError; then the batch is given up."""
    company = hub.config.company(lot.source)
    sheet = sheet_of(lot, company, known, on, lot.until)
    named = contract_of(batch, hub.now())
    try:
        kept = keep_written(
            hub,
            lambda sink: provider.prepare_lot(
                named, sheet, dossiers_of(hub, lot, known, lot.until), sink, on
            ),
        )
        _compare(lot, kept)
    except (PluginError, LotError) as error:
        with turn.write() as connection:
            batches.end(connection, batch, BatchState.CANCELLED, str(error))
        raise LotError(
            text(
                "{lot} could not be written for {provider}: {why}.",
                lot=lot.code,
                provider=known.label,
                why=str(error).rstrip("."),
            )
        ) from error
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


def _compare(lot: Lot, kept: KeptBytes) -> None:
    """What the plugin says it wrote must be the lot. Raises LotError."""
    written = kept.written
    sums = {each.currency: to_minor(each.amount, each.currency) for each in written.sums}
    if (written.items, written.rows, sums) != (lot.placements, lot.rows, dict(lot.sums)):
        raise LotError(
            text(
                "the plugin wrote {items} clients and {rows} credits, the lot has {n} and {m}",
                items=written.items,
                rows=written.rows,
                n=lot.placements,
                m=lot.rows,
            )
        )
