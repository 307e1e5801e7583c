"""Look at credits for a lot, page by page: the facts of a decision, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.exchange import Service
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.placement.choosing import Candidate, LeftOut, Reason, can_reach, why_not
from incasso.domain.recovery.conditions import exclusion
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.states import CaseState
from incasso.services.office.office import Office
from incasso.services.office.trust import trust_rule
from incasso.store.placement.looks import (
    LookedAt,
    PlacedClient,
    clients_of,
    in_other_lots,
    installments_of,
)
from incasso.store.recovery.explaining import these
from incasso.store.recovery.facts import FactsReader, Situation
from incasso.store.recovery.iters import read_rules

Against = Callable[[PlacedClient, LookedAt], str]
"""Why a provider may not get a client's credit, as a code; empty: it may."""

_SMALL: Final = "min_amount"


class Look(msgspec.Struct, frozen=True, gc=False):
    """One credit, and what came of looking at it; money in minor units."""

    installment_id: int
    source_id: int
    client_id: int
    client: str
    """`acme/C001`."""
    currency: str
    residual: int
    days_late: int
    case_id: int | None
    reason: Reason | None
    """Why no provider gets it."""
    may: frozenset[str]
    """Those who may."""
    refused: Reason | None = None
    """Why the others may not."""
    value: str = ""
    """What a split by rule looks at."""


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for."""

    service: Service
    against: Mapping[str, Against]
    """By provider."""
    parked_in: frozenset[str] = frozenset()
    split_by: str = ""
    """A field of the client."""
    lot: int | None = None
    """The lot itself, whose own rows are in no other."""


def look(
    office: Office,
    connection: Connection,
    pages: Iterable[Sequence[int]],
    wanted: Looking,
    on: date,
) -> Iterator[list[Look]]:
    """Look at installments, in pages that hold clients whole."""
    trusted = trust_rule(office, on, office.now())
    reader = FactsReader(connection, read_rules(connection), on, trusted=trusted, exact=True)
    for numbers in pages:
        asked = set(numbers)
        found = reader.read(connection, these(connection, numbers))
        rows = installments_of(connection, numbers, on)
        clients = clients_of(connection, {row.client_id for row in rows.values()})
        elsewhere = in_other_lots(connection, numbers, wanted.lot)
        yield [
            _look(
                situation,
                rows[situation.installment_id],
                clients[rows[situation.installment_id].client_id],
                elsewhere.get(situation.installment_id, ""),
                wanted,
                on,
            )
            for situation in found
            if situation.installment_id in asked
        ]
        reader.forget()


def _look(
    situation: Situation,
    row: LookedAt,
    client: PlacedClient,
    elsewhere: str,
    wanted: Looking,
    on: date,
) -> Look:
    facts = situation.facts
    refusals = {key: against(client, row) for key, against in wanted.against.items()}
    may = frozenset(key for key, why in refusals.items() if not why)
    refused = next((why for why in refusals.values() if why), "")
    one = _candidate(facts, row, elsewhere, can_reach(wanted.service, client.known), refused, may)
    return Look(
        installment_id=row.id,
        source_id=row.source_id,
        client_id=row.client_id,
        client=client.named,
        currency=row.currency,
        residual=row.residual,
        days_late=max((on - facts.effective_due).days, 0),
        case_id=None if situation.case is None else situation.case.id,
        reason=why_not(one, on, parked_in=wanted.parked_in),
        may=may,
        refused=Reason(LeftOut.NOT_TO_THIS, refused) if refused else None,
        value=str(getattr(client, wanted.split_by)) if wanted.split_by else "",
    )


def _candidate(
    facts: Facts,
    row: LookedAt,
    elsewhere: str,
    reachable: bool,
    refused: str,
    may: frozenset[str],
) -> Candidate:
    excluded = exclusion(facts)
    parked = facts.case is not None and facts.case.state is CaseState.PARKED
    return Candidate(
        owed=facts.status is InstallmentStatus.OPEN
        and row.residual > 0
        and facts.document_kind not in ("credit_note", "advance"),
        due=facts.effective_due,
        at_bank=row.at_bank,
        absent=facts.absent,
        trusted=facts.source_trusted,
        erp_hold="" if row.at_bank else facts.erp_hold,
        client_excluded=excluded.holds and excluded.value != _SMALL,
        disputed=facts.agreed.dispute is not None,
        held=facts.agreed.hold is not None,
        plan_kept=facts.agreed.plan is not None,
        promised=facts.agreed.promise is not None,
        container=facts.case.container if parked and facts.case is not None else "",
        netted=bool(facts.netted),
        in_lot=elsewhere,
        refused="" if may else refused,
        reachable=reachable,
    )
