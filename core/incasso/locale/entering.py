"""What publishing an iter file would bring, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from incasso.contract.text import Text, counted
from incasso.domain.recovery.entering import ColdStart, Place
from incasso.locale.conditions import EXCLUDED
from incasso.locale.reasons import REASONS


class Named(Protocol):
    """Installments with the first few of their clients."""

    installments: int
    clients: int
    names: tuple[str, ...]


def place_text(place: Place, n: int) -> Text:
    """Where so many installments enter, or why nowhere."""
    if not place.enters:
        why = EXCLUDED.get(place.excluded) or REASONS.get(place.blocked_by, place.blocked_by)
        return counted(
            "{n} installment enters nowhere: {why}.",
            "{n} installments enter nowhere: {why}.",
            n=n,
            why=why,
        )
    if place.blocked_by:
        return _blocked_place_text(place, n)
    if not place.today:
        return counted(
            "{n} installment enters {iter} later, at {stage}.",
            "{n} installments enter {iter} later, at {stage}.",
            n=n,
            iter=place.iter,
            stage=place.label,
        )
    return counted(
        "{n} installment enters {iter} at {stage}.",
        "{n} installments enter {iter} at {stage}.",
        n=n,
        iter=place.iter,
        stage=place.label,
    )


def _blocked_place_text(place: Place, n: int) -> Text:
    why = REASONS.get(place.blocked_by, place.blocked_by)
    if place.today:
        return counted(
            "{n} installment enters {iter} at {stage} and stands still at first: {why}.",
            "{n} installments enter {iter} at {stage} and stand still at first: {why}.",
            n=n,
            iter=place.iter,
            stage=place.label,
            why=why,
        )
    return counted(
        "{n} installment enters {iter} later, at {stage}: {why}.",
        "{n} installments enter {iter} later, at {stage}: {why}.",
        n=n,
        iter=place.iter,
        stage=place.label,
        why=why,
    )


def running_text(n: int) -> Text:
    """What becomes of cases that run."""
    return counted(
        "{n} installment has a case, which keeps its version.",
        "{n} installments have cases, which keep their version.",
        n=n,
    )


def lost_text(group: Named) -> Text:
    """Installments that would fall between the old rules and the new ones."""
    return counted(
        "Warning: {n} installment that an iter takes now would enter nowhere: {clients}.",
        "Warning: {n} installments that an iter takes now would enter nowhere: {clients}.",
        n=group.installments,
        clients=_clients(group),
    )


def stopped_text(group: Named) -> Text:
    """Running cases that the new exclusions would stop."""
    return counted(
        "Warning: the exclusions would stop {n} running case: {clients}.",
        "Warning: the exclusions would stop {n} running cases: {clients}.",
        n=group.installments,
        clients=_clients(group),
    )


def unwanted_text(group: Named) -> Text:
    """Running cases whose installments no iter would take up again."""
    return counted(
        "Warning: {n} case goes on by its version, but no iter would take its installment up "
        "again: {clients}.",
        "Warning: {n} cases go on by their version, but no iter would take their installments up "
        "again: {clients}.",
        n=group.installments,
        clients=_clients(group),
    )


def cold_start_text(cold: ColdStart, group: Named) -> Text:
    """Debtors who would hear a later stage first."""
    return counted(
        "Warning: {n} debtor would get {stage} of {iter} as the first message, without "
        "{instead_of}: {clients}.",
        "Warning: {n} debtors would get {stage} of {iter} as the first message, without "
        "{instead_of}: {clients}.",
        n=group.clients,
        stage=cold.stage,
        iter=cold.iter,
        instead_of=cold.instead_of,
        clients=_clients(group),
    )


def _clients(group: Named) -> Sequence[str]:
    return [*group.names, *(["…"] if group.clients > len(group.names) else [])]
