"""Give a hub its key and its first signed anchor, and move the anchor to where the journal ends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection

from incasso.contract.text import Text
from incasso.domain.proof.standing import Standing
from incasso.services.office.office import Office
from incasso.services.proof import places
from incasso.services.proof.standing import judge
from incasso.store.engine import Store
from incasso.store.proof import anchor, journal, known_key, sealed_rows
from incasso.store.proof.journal import Event


def establish(office: Office) -> bool:
    """Make the hub's key if it never had one, and sign the anchor with it. Idempotent.

    A database that does not contain its anchor is left as it is. True if the key was made now.
    """
    anchorage, store = anchor.of(office.store), office.store
    if anchorage.key is None:
        return False
    with store.read() as connection:
        known = known_key.known(connection)
    made = False if known else anchorage.key.create()
    if judge(store).standing is not Standing.GOOD:
        return made
    if known:
        _seal_more(office)
        return made
    with store.write() as connection:
        known_key.remember(connection, anchorage.key.public())
        seal(connection, office.now(), office.today())
        head = journal.head(connection)
    kept = anchorage.read()
    epoch, gap = (kept.epoch, kept.gap) if kept else (0, None)
    anchorage.renew(head, office.now(), epoch, gap=gap)
    return made


def _seal_more(office: Office) -> None:
    """What this release keeps an eye on and the one before did not."""
    with office.store.read() as connection:
        more = sealed_rows.uncovered(connection)
    if more:
        with office.store.write() as connection:
            seal(connection, office.now(), office.today(), more)


def seal(
    connection: Connection,
    at: datetime,
    on: date,
    tables: Collection[str] = sealed_rows.SEALED,
) -> None:
    """Keep in the journal how every row of these tables is from here on."""
    facts = dict(sealed_rows.all_digests(connection, tables))
    facts[sealed_rows.COVERED] = " ".join(tables)
    event = Event(kind=sealed_rows.ROWS_WRITTEN, actor=sealed_rows.SEALER, on=on, facts=facts)
    journal.record(connection, [event], at=at)


def catch_up(store: Store, *, remember: bool = True) -> list[Text]:
    """Move the anchor to where the journal ends, unless the database does not contain it, and put
    a copy into the other places; `remember` in the database what they took.

    Returns a sentence for each that refused it. Raises OSError, UnreadableAnchorError.
    """
    with store.read() as connection:
        head = journal.head(connection)
        anchorage = anchor.of(store)
        moved = anchorage.advance(
            head, journal.ended_at(connection), lambda kept: anchor.contains(connection, kept)
        )
    return [] if moved is None else places.copied(store, moved, remember=remember)
