"""Tells providers what could not be taken of their files: row, code and cure, in their language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.errors import PluginError
from incasso.contract.exchange import BatchKind, Refusal, ReturnSheet
from incasso.contract.text import text
from incasso.domain.placement.states import BatchState
from incasso.locale import localize
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.services.placement.bytes import contract_of, keep_written
from incasso.services.placement.carriers import carriers
from incasso.services.placement.deliver import deliver
from incasso.services.placement.recover import recover
from incasso.services.proof.standing import may_leave
from incasso.store.placement import arrivals, batches, refusals
from incasso.store.placement.batches import BatchRow, NewBatch
from incasso.store.placement.providers import provider_named
from incasso.store.placement.refusals import Untold
from incasso.store.proof import archive
from incasso.store.sending.dispatcher_lock import DispatcherTurn, take_turn

ACTOR = "exchange"


def tell_refusals(hub: Hub, on: date) -> dict[str, str]:
    """Answer every file that has something to hear, as exactly the bytes that are archived.

    Who cannot be answered by its plugin is left to a person: `incasso exchange refusals`. Gives by
    provider why an answer did not leave; it leaves with the next exchange. Raises BusyError,
    BehindError.
    """
    with hub.store.read() as connection:
        waiting = refusals.providers_to_tell(connection)
    known = carriers(hub)
    able = [
        (provider, known[provider])
        for provider in waiting
        if provider in known and known[provider].can(ProviderCapability.REFUSALS)
    ]
    if not able:
        return {}
    may_leave(hub)
    problems: dict[str, str] = {}
    with take_turn(hub.store) as turn:
        recover(hub, turn, on)
        for provider, handle in able:
            try:
                _tell(hub, turn, provider, handle, on)
            except PluginError as error:
                problems[provider] = str(error)
    return problems


def unanswered(problems: Mapping[str, str]) -> list[str]:
    """The same as sentences."""
    return [
        text("{provider}: {problem}", provider=provider, problem=problem)
        for provider, problem in problems.items()
    ]


def _tell(hub: Hub, turn: DispatcherTurn, provider: str, handle: ProviderHandle, on: date) -> None:
    with hub.store.read() as connection:
        found = refusals.untold(connection, provider)
        known = provider_named(connection, provider)
    language = known.language if known else hub.config.language
    for arrival, some in groupby(found, key=lambda each: each.arrival_id):
        _answer(hub, turn, handle, arrival, list(some), language, on)


def _answer(
    hub: Hub,
    turn: DispatcherTurn,
    handle: ProviderHandle,
    arrival: int | None,
    found: Sequence[Untold],
    language: str,
    on: date,
) -> None:
    with turn.write() as connection:
        new = NewBatch(
            provider=found[0].provider,
            instance=handle.id,
            kind=BatchKind.ANSWER,
            on_date=on,
            claimed_by=turn.owner,
            arrival_id=arrival,
        )
        batch = batches.make(connection, new)
        refusals.put_in(connection, [each.id for each in found], batch.id)
        sheet = ReturnSheet()
        if arrival is not None:
            head = arrivals.head(connection, arrival)
            sheet = ReturnSheet(lot=head.lot, sequence=head.sequence)
    told = tuple(_told(each, language) for each in found)
    written = _prepare(hub, turn, handle, batch, sheet, told, on)
    deliver(hub, turn, written, handle, ACTOR, on)


def _prepare(
    hub: Hub,
    turn: DispatcherTurn,
    handle: ProviderHandle,
    batch: BatchRow,
    sheet: ReturnSheet,
    told: tuple[Refusal, ...],
    on: date,
) -> BatchRow:
    """The exact bytes, in the archive. Raises what the plugin raised; then the batch is given
    up, and what it was to tell waits again."""
    named = contract_of(batch, hub.now())
    try:
        kept = keep_written(hub, lambda sink: handle.prepare_answer(named, sheet, told, sink, on))
    except PluginError as error:
        with turn.write() as connection:
            batches.end(connection, batch, BatchState.CANCELLED, str(error))
        raise
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


def _told(each: Untold, language: str) -> Refusal:
    return Refusal(
        file=each.file,
        row=each.line,
        update_id=each.update_id,
        code=each.code,
        message=localize(each.message, language),
        kept=each.kept,
    )
