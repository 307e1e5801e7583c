"""The day of one client in planning: messages that iters share, and those the caps postpone."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from datetime import date

from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.domain.recovery.contact_policy import ContactPolicy, Contacts
from incasso.domain.recovery.facts import Facts, Version
from incasso.domain.recovery.grouping import Phase, group_key
from incasso.domain.recovery.sharing import Wanted, day_of_client, wanted_messages
from incasso.services.recovery.outcomes import Outcome, Outcomes
from incasso.store.ledger.overdue import first_due_dates
from incasso.store.recovery.facts import FactsReader, Situation
from incasso.store.recovery.heard import NOTHING_HEARD
from incasso.store.recovery.planning import WaitingStep, waiting_steps

Due = tuple[Situation, Outcome]

StepKey = tuple[int, int | None, int]
"""A step that takes cases in: by client and the number of its group's key, else by installment."""


def step_key(situation: Situation, outcome: Outcome) -> StepKey:
    """The step that an outcome goes into."""
    alone = situation.installment_id if outcome.together is None else 0
    return (situation.client.id, outcome.together, alone)


class ClientDay:
    """What one client's due cases come to, seen together."""

    def __init__(
        self,
        due: Sequence[Due],
        policy: ContactPolicy,
        contacts: Contacts,
        *,
        taken: Container[StepKey],
    ) -> None:
        """`taken` are steps that wait already: what they take in is no message more."""
        self._due, self._policy = due, policy
        asked = (
            (step_key(situation, outcome), outcome.group, situation.facts.effective_due)
            for situation, outcome in due
            if outcome.is_message and outcome.group is not None
        )
        wanted = wanted_messages(one for one in asked if one[0] not in taken)
        day = day_of_client(wanted, policy, contacts)
        self._late = {one.key for one in day.postponed}
        self._contacts = day.contacts
        self.shared: dict[StepKey, Wanted[StepKey]] = {
            one.key: message[0] for message in day.leaving if len(message) > 1 for one in message
        }
        """Of each message that several iters share, the one that gives the words."""

    def with_caps(self, outcomes: Outcomes) -> list[Due]:
        """The same, with the decisions of what the caps postpone."""
        if not self._late:
            return list(self._due)
        return [(one, outcomes.of(facts)) for one, facts in self.facts(outcomes)]

    def facts(self, outcomes: Outcomes) -> Iterator[tuple[Situation, Facts]]:
        """Each case with its facts; for what the caps postpone, once the rest has left."""
        for situation, outcome in self._due:
            late = outcome.is_message and step_key(situation, outcome) in self._late
            yield situation, self._full(situation.facts, outcomes) if late else situation.facts

    def _full(self, facts: Facts, outcomes: Outcomes) -> Facts:
        known = replace(
            facts.contacts,
            messages_today=self._contacts.messages_today,
            messages_week=self._contacts.messages_week,
        )
        return outcomes.after(facts, self._policy.in_bands(known))


def waiting_keys(
    connection: Connection,
    waiting: Collection[WaitingStep],
    versions: Mapping[int, Version],
    outcomes: Outcomes,
) -> Iterator[tuple[StepKey, WaitingStep]]:
    """Which steps that wait for a person take in what falls due, by their key."""
    phases = _phases(connection, waiting, versions, outcomes.on)
    for one in waiting:
        grouping = versions[one.wording.version_id].iter.grouping
        together = outcomes.number(group_key(one.wording, grouping, phases[one.id]))
        if together is not None:
            yield (one.client_id, together, 0), one


def _phases(
    connection: Connection,
    waiting: Collection[WaitingStep],
    versions: Mapping[int, Version],
    on: date,
) -> dict[int, Phase]:
    """The phase of what waits in each step. Its stage says it, but for one on the due date itself
    and one that a person added to a case: there the due dates do."""
    found: dict[int, Phase] = {}
    for one in waiting:
        stage = versions[one.wording.version_id].iter.stage(one.wording.stage)
        if stage is not None and not stage.on_due_date:
            found[one.id] = Phase(to_come=stage.before_due, reminder=stage.before_due)
    unknown = {one.id for one in waiting if one.id not in found}
    first = first_due_dates(connection, unknown) if unknown else {}
    for number in unknown:
        due = first.get(number, date.min)
        found[number] = Phase(to_come=on <= due, reminder=on < due)
    return found


def facts_of_day(
    connection: Connection, reader: FactsReader, situations: Collection[Situation], on: date
) -> dict[int, Facts]:
    """By installment the facts that planning decides on: of clients read whole, whose other
    messages bear on each of theirs."""
    outcomes, policy = Outcomes(on), reader.rules.policy
    owners = {one.client.id for one in situations}
    waiting = waiting_steps(connection, owners, lock=False) if owners else []
    taken = dict(waiting_keys(connection, waiting, reader.versions, outcomes))
    found: dict[int, Facts] = {}
    for client in owners:
        due = [(one, outcomes.of(one.facts)) for one in situations if one.client.id == client]
        heard = reader.heard.get(client, NOTHING_HEARD).contacts(on)
        day = ClientDay(due, policy, heard, taken=taken)
        found |= {one.installment_id: facts for one, facts in day.facts(outcomes)}
    return found
