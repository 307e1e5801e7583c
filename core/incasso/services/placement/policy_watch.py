"""Whether what a provider did towards a debtor keeps to the contact policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from incasso.contract.exchange import ActivityResult, PlacementUpdate, UpdateKind
from incasso.domain.calendar import Calendar
from incasso.domain.recovery.actions import CONVERSATIONS
from incasso.domain.recovery.contact_policy import week_of
from incasso.services.office.office import Office
from incasso.services.placement.matched import Match
from incasso.store.placement import contacts
from incasso.store.recovery.iters import read_rules


class PolicyWatch:
    """Hours, public holidays, and how often a debtor was spoken with, by us or by them."""

    def __init__(self, office: Office, connection: Connection, matches: Iterable[Match]) -> None:
        self._office = office
        self._policy = read_rules(connection).policy
        clients = {each.placed.client_id for each in matches if each.placed}
        self._spoken: Counter[tuple[int, date]] = contacts.spoken_on(connection, clients)

    def breaks(self, update: PlacementUpdate, match: Match) -> bool:
        """Whether this activity breaks the policy; it is counted for the ones after it."""
        placed = match.placed
        if placed is None or update.kind is not UpdateKind.ACTIVITY or not update.medium:
            return False
        local = update.at.astimezone(self._office.config.timezone)
        company = self._office.config.company(placed.source)
        calendar = Calendar(company.country, company.province)
        allowed = self._policy.allows(update.medium, local.date(), local.time(), calendar)
        return not allowed or self._too_often(update, placed.client_id, local.date())

    def _too_often(self, update: PlacementUpdate, client: int, day: date) -> bool:
        is_talk = update.medium in CONVERSATIONS and update.result is ActivityResult.REACHED
        if not is_talk or not self._policy.enabled:
            return False
        self._spoken[client, day] += 1
        week = sum(
            number
            for (who, when), number in self._spoken.items()
            if who == client and week_of(when) == week_of(day)
        )
        policy = self._policy
        return (
            self._spoken[client, day] > policy.conversations_per_day
            or week > policy.conversations_per_week
        )
