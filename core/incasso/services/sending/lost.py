"""Account for messages that left, in a database that was put back and does not know them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.contract.errors import PluginError
from incasso.contract.text import Text, text
from incasso.domain.proof.left import Account, Fate, Left, account
from incasso.domain.sending.delivery import DeliveryStatus, Trace
from incasso.domain.sending.lost import NOT_OVER, is_unknown
from incasso.services.hub.events import tell_plugins
from incasso.services.hub.hub import Hub
from incasso.services.sending.answers import UNCERTAIN
from incasso.services.sending.conclude import conclude_for
from incasso.services.sending.hand_over import look_up
from incasso.services.sending.sought import sought
from incasso.store.ledger.named import client_named
from incasso.store.proof import archive, journal, left_log
from incasso.store.proof.archive import Entry
from incasso.store.proof.journal import Event
from incasso.store.sending import lost, lost_clients
from incasso.store.sending.dispatcher_lock import DispatcherTurn

ACTOR: Final = "recover"

FOUND: Final = text("left before the database was put back; found by `incasso recover`")


class Accounted(msgspec.Struct, kw_only=True):
    """What became known; counts of messages."""

    left: int = 0
    """Written as accepted; their stages count, they never leave again."""
    in_doubt: int = 0
    """Nobody can tell whether they left: a person must look."""
    not_left: int = 0
    """Certainly not sent: they may leave."""
    problems: list[Text] = msgspec.field(default_factory=list)


def account_for_lost(hub: Hub, turn: DispatcherTurn, on: date, *, put_back: bool) -> Accounted:
    """Write down every message of the log that the database does not know. Idempotent.

    What the log leaves open is asked of the channel; what stays open is `uncertain`. `put_back`:
    the database is known to be a copy, so what it has in the queue may have left.
    """
    done = Accounted()
    found = _judged(hub, _unknown(hub, put_back=put_back), on, done)
    for _, day in groupby(found, key=lambda each: each.intent.on):
        for each in day:
            _write(hub, turn, each, on, done)
        events = conclude_for(hub, turn, [turn.owner], ACTOR)
        tell_plugins(hub, events, hub.now())
    return done


def place_returned(hub: Hub, turn: DispatcherTurn, on: date) -> None:
    """Write down what had left to clients that the ledger did not have at `recover` and has now.

    Before anything leaves: their installments are planned like new ones.
    """
    with hub.store.read() as connection:
        returned = lost_clients.any_returned(connection)
    if returned:
        account_for_lost(hub, turn, on, put_back=False)


def _unknown(hub: Hub, *, put_back: bool) -> list[Account]:
    """What left or may have left and is not known, oldest first."""
    found: dict[str, Account] = {}
    status: dict[str, DeliveryStatus] = {}
    with hub.store.read() as connection:
        for run in left_log.runs(hub.store.archive):
            account(found, run)
            status = lost.statuses(connection, list(found))
            for delivery in [each for each, known in status.items() if known not in NOT_OVER]:
                del found[delivery]
        for delivery in lost_clients.still_without(connection):
            found.pop(delivery, None)
    unknown = [
        each
        for delivery, each in found.items()
        if is_unknown(each.fate, status.get(delivery), put_back=put_back)
    ]
    return sorted(unknown, key=lambda each: (each.intent.on, each.intent.at))


def _judged(hub: Hub, unknown: Sequence[Account], on: date, done: Accounted) -> Iterator[Account]:
    """Ask the channels about what is in doubt; what certainly did not leave drops out."""
    for each in unknown:
        if each.fate is Fate.LEFT:
            yield each
            continue
        asked = _asked(hub, each, on)
        if asked is None:
            done.not_left += 1
        else:
            yield asked


def _asked(hub: Hub, doubtful: Account, on: date) -> Account | None:
    intent, delivery = doubtful.intent, doubtful.intent.delivery
    known = sought(hub.store, intent.to, intent.sha256, intent.at)
    try:
        trace, receipt = look_up(hub.registry.channel(intent.channel), delivery, on, known)
    except (KeyError, PluginError):
        return doubtful
    if receipt is not None:
        return replace(doubtful, fate=Fate.LEFT, left=Left(delivery, receipt.ref, receipt.at))
    return None if trace is Trace.CERTAINLY_NOT else doubtful


def _write(hub: Hub, turn: DispatcherTurn, each: Account, on: date, done: Accounted) -> None:
    intent, now = each.intent, hub.now()
    sure = each.fate is Fate.LEFT
    status = DeliveryStatus.ACCEPTED if sure else DeliveryStatus.UNCERTAIN
    with turn.write() as connection:
        client = client_named(connection, intent.source, intent.client)
        if client is not None:
            lost_clients.forget(connection, intent.delivery)
            _note_bytes(hub, connection, each, done)
            reason = FOUND if sure else UNCERTAIN
            lost.write(connection, each, client, status, owner=turn.owner, reason=reason)
        else:
            lost_clients.note(connection, intent.delivery, intent.source, intent.client, now)
            done.problems.append(_no_client(each))
        if client is None or not sure:
            journal.record(connection, [_event(each, on)], at=now)
    done.left += sure
    done.in_doubt += not sure


def _note_bytes(hub: Hub, connection: Connection, each: Account, done: Accounted) -> None:
    """The row of the archived bytes; the file itself outlived the database."""
    intent = each.intent
    if not archive.path_of(hub.store, intent.sha256).exists():
        done.problems.append(
            text(
                "{delivery}: the bytes that left are not in the archive ({sha256})",
                delivery=intent.delivery,
                sha256=intent.sha256,
            )
        )
        return
    entry = Entry(intent.sha256, intent.size, intent.media_type, intent.filename)
    archive.note(connection, [entry], at=intent.at)


def _no_client(each: Account) -> Text:
    intent = each.intent
    return text(
        "{delivery} left to {to} for {source}/{client}, whom the ledger does not know: it stands "
        "in the journal, and is written down as sent when the ledger has the client",
        delivery=intent.delivery,
        to=intent.to,
        source=intent.source,
        client=intent.client,
    )


def _event(each: Account, on: date) -> Event:
    intent = each.intent
    return Event(
        kind="delivery.left" if each.fate is Fate.LEFT else "delivery.uncertain",
        actor=ACTOR,
        on=on,
        source=intent.source,
        client=intent.client,
        subject=f"delivery {intent.delivery}",
        facts={
            "stage": intent.stage,
            "medium": intent.medium,
            "channel": intent.channel,
            "to": intent.to,
            "sha256": intent.sha256,
            "installments": [case.installment for case in intent.cases],
        },
    )


def counts(done: Accounted) -> Counter[str]:
    """The counts by name, for the journal."""
    return Counter(left=done.left, in_doubt=done.in_doubt, not_left=done.not_left)
