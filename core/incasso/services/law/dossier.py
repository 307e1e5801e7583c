"""Make the dossier of a client for a lawyer: one ZIP with everything, and a seal on it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.locale.language import ITALIAN
from incasso.services.hub.hub import Hub
from incasso.services.law import describing
from incasso.services.law.container import Container, Seal
from incasso.services.law.counting import Wishes
from incasso.services.law.drafts import NOTICE
from incasso.services.law.facts import Facts, facts_of
from incasso.services.law.making import Maker, shipped_notice
from incasso.services.law.papers import (
    gather,
    invoices_of,
)
from incasso.services.law.reach import reach_of
from incasso.services.law.records import (
    Caution,
    Dossier,
    FileOf,
)
from incasso.services.office.actors import admit
from incasso.services.proof.client_history import history
from incasso.services.sending.texts import published_text
from incasso.store.law.papers import MADE
from incasso.store.proof import journal


class DossierError(IncassoError):
    """There is nothing to make a dossier of; no file was written."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier that was written."""

    file: Path
    dossier: Dossier
    files: tuple[FileOf, ...]
    seal: Seal
    lost: tuple[Caution, ...]
    """What could not be enclosed: bytes that the archive lost, drafts with a fault."""


def make_dossier(hub: Hub, actor: Actor, typed: str, on: date, place: Path, wishes: Wishes) -> Made:
    """Write the dossier of the client that a text names into a new file.

    Fetches invoices that are not in the archive yet. Equal facts and an equal day give equal bytes.
    Raises SubjectError, ActorError, DossierError, ContainerError.
    """
    with hub.store.read() as connection:
        now = admit(connection, actor, Work.DOSSIER)
        reach = reach_of(connection, now.scope, typed)
        first = facts_of(connection, reach.scope, reach.client, on, reach.only)
    if not first.claimed:
        raise DossierError(
            text(
                "Nothing of {source}/{client} is overdue on {day}: there is nothing to hand to a "
                "lawyer. `incasso explain {source}/{client}` says why.",
                source=first.debtor.source,
                client=first.debtor.code,
                day=on,
            )
        )
    invoices = invoices_of(hub, first)
    with hub.store.read() as connection:  # once more: fetching writes into the journal
        facts = facts_of(connection, reach.scope, reach.client, on, reach.only)
        template = published_text(connection, NOTICE, ITALIAN)
    told = history(hub, reach.scope, reach.named, on, until=on)
    papers = gather(hub.store, facts, invoices)
    maker = Maker(hub, facts, invoices, papers, template or shipped_notice(), wishes)
    described = maker.described(describing.timeline_of(told))
    with Container(place, on) as container:
        made = maker.write(described, container)
    _record(hub, now, facts, on, made, place)
    return Made(
        file=place,
        dossier=maker.final,
        files=tuple(container.files),
        seal=made,
        lost=tuple(maker.lost),
    )


def _record(hub: Hub, actor: Actor, facts: Facts, on: date, seal: Seal, place: Path) -> None:
    event = journal.Event(
        kind=MADE,
        actor=actor.name,
        on=on,
        source=facts.debtor.source,
        client=facts.debtor.code,
        subject=f"client {facts.debtor.source}/{facts.debtor.code}",
        facts={"file": place.name, "index": seal.index, "cover": seal.cover},
    )
    with hub.store.write() as connection:
        journal.record(connection, [event], at=hub.now())
