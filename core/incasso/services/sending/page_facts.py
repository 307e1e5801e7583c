"""Everything a page of steps needs, read once: clients, installments, stages, addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias

from msgspec.structs import replace
from sqlalchemy import Connection, Table

from incasso.contract.channel import Recipient
from incasso.contract.media import Medium
from incasso.contract.text import text
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iter_rules import RECIPIENTS
from incasso.domain.recovery.iters import NOTICE_MEDIUM, Iter, Stage
from incasso.domain.sending.client_contacts import ClientContact, holders
from incasso.domain.sending.notices import NoticeKind, gathered
from incasso.domain.sending.open_ways import NOTHING_CLOSED, Way, first_way
from incasso.domain.sending.reach import postal_lines
from incasso.locale.reasons import media_names
from incasso.messages import EarlierMessage
from incasso.services.hub.hub import Hub
from incasso.services.sending.earlier import Earlier
from incasso.services.sending.open_items import coming_dues, credits_of_page, extensions_of_page
from incasso.store.recovery import reaching
from incasso.store.recovery.iters import stages_from
from incasso.store.sending import notice_lines, page_reads, showing
from incasso.store.sending.happened import (
    BrokenPromise,
    LastPayment,
    broken_promises,
    last_payments,
)
from incasso.store.sending.notice_lines import Part
from incasso.store.sending.open_items import OpenItem
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import MessageClient, OfficePerson, OurPerson, StepLine
from incasso.store.sending.showing import DeliveryHead

RESPONSIBLE, OPERATOR, AGENT, DEPOT, MANAGEMENT = RECIPIENTS
"""The keywords of an iter file for people on our side."""

NOTICES_GO_TO: Final = (RESPONSIBLE,)

CodeOf: TypeAlias = Callable[[StepLine | MessageClient], str]
"""The code of the agent or depot of an installment or a client."""


def is_internal(step: ReadyStep) -> bool:
    """Whether its message goes to our own people."""
    return not Action(step.action).traits.to_client


def gathers(step: ReadyStep, facts: PageFacts, who: Recipient) -> str:
    """What a step must have in common with others to be told to somebody in one summary."""
    speaker = facts.speaker(step)
    return gathered(
        step.source_id,
        step.template,
        facts.medium(step),
        speaker.address if speaker else "",
        who.address,
    )


class PageFacts:
    """One page of steps with what their messages need; answers about one step at a time."""

    def __init__(
        self,
        hub: Hub,
        connection: Connection,
        steps: Sequence[ReadyStep],
        iter_of: Callable[[int], Iter],
        on: date,
        without: Collection[int] = (),
    ) -> None:
        """`without` are cases that drop out of their steps before these leave."""
        self._hub = hub
        self._iter_of = iter_of
        self._stages: dict[tuple[int, str], Stage] = {}
        ids = [step.id for step in steps]
        found = notice_lines.lines(connection, ids)
        found |= notice_lines.copied(connection, [step.id for step in steps if step.copy_of])
        self._lines = _without(found, without)
        telling = [step for step in steps if step.notice in (NoticeKind.ONE, NoticeKind.SUMMARY)]
        self._parts = (
            notice_lines.by_part(connection, [step.id for step in telling]) if telling else {}
        )
        self._clients = page_reads.clients_by_id(connection, {step.client_id for step in steps})
        self._contacts = reaching.contacts(connection, set(self._clients))
        self._closed = reaching.closed(connection, set(self._clients), on)
        about = [part.step_id for mine in self._parts.values() for part, _ in mine]
        self._earlier = Earlier(connection, [*ids, *about], iter_of)
        self._credits = credits_of_page(connection, steps, self._lines, iter_of, on)
        self._coming = coming_dues(connection, steps, self._lines, self.stage, on)
        self._extensions = extensions_of_page(connection, steps, self._lines, on)
        self._originals = {
            step.id: showing.delivery_head(connection, step.copy_of)
            for step in steps
            if step.copy_of
        }
        self._extensions |= self._extensions_of_parts(connection, telling, on)
        self._payments = last_payments(connection, set(self._clients), on)
        asked = {line.id for lines in self._lines.values() for line in lines}
        self._promises = broken_promises(connection, asked)
        self._users = page_reads.users_by_id(connection, self._user_ids())
        self._agents = self._people(connection, page_reads.AGENTS, _agent)
        self._depots = self._people(connection, page_reads.DEPOTS, _depot)

    def client(self, step: ReadyStep) -> MessageClient:
        """The client as it is now."""
        return self._clients[step.client_id]

    def code(self, step: ReadyStep) -> str:
        """The client's code."""
        return self.client(step).code

    def lines(self, step: ReadyStep) -> Sequence[StepLine]:
        """Its cases and installments as they are now."""
        return self._lines.get(step.id, ())

    def stage(self, step: ReadyStep) -> Stage:
        """The stage, or the case's own copy of it where a person changed the rest of its iter."""
        key = step.id, step.stage
        if key not in self._stages:
            self._stages[key] = self._stage(step)
        return self._stages[key]

    def _stage(self, step: ReadyStep) -> Stage:
        for line in self.lines(step):
            for own in stages_from(line.private_stages) or ():
                if own.key == step.stage:
                    return own
        return self._iter_of(step.iter_version_id).stage(step.stage) or Stage(key=step.stage)

    def credits(self, step: ReadyStep) -> tuple[OpenItem, ...]:
        """The client's open credits that its message takes off what it asks."""
        return self._credits.get(step.id, ())

    def coming(self, step: ReadyStep) -> tuple[OpenItem, ...]:
        """What falls due in the days after, where its stage shows it."""
        return self._coming.get(step.id, ())

    def extended_to(self, line: StepLine) -> date | None:
        """The day until which the office put off its due date; None if it did not."""
        return self._extensions.get(line.id)

    def last_payment(self, step: ReadyStep) -> LastPayment | None:
        """The client's last payment in the currency of the message, where the ERP tells it."""
        return self._payments.get((step.client_id, step.currency))

    def broken_promise(self, step: ReadyStep) -> BrokenPromise | None:
        """The last promise about any of its installments that was not kept."""
        found = [self._promises[line.id] for line in self.lines(step) if line.id in self._promises]
        return max(found, key=lambda each: (each.until_on, each.made_on), default=None)

    def charges(self, step: ReadyStep) -> int:
        """Bank charges asked beside its installments that came back, minor units."""
        mine = (line for line in self.lines(step) if line.currency == step.currency)
        return sum(line.charges for line in mine)

    def asked(self, step: ReadyStep) -> int:
        """What its installments owe, with bank charges and less the credits shown, minor units;
        never below zero."""
        mine = [line for line in self.lines(step) if line.currency == step.currency]
        owed = sum(line.residual for line in mine) + self.charges(step)
        return max(0, owed + sum(credit.residual for credit in self.credits(step)))

    def medium(self, step: ReadyStep) -> str:
        """Its medium; an internal notice without one is a mail."""
        return step.medium or NOTICE_MEDIUM.value

    def thread(self, step: ReadyStep) -> tuple[str, ...]:
        """Earlier deliveries about the same installments by the same medium, oldest first."""
        return self._earlier.thread(self._about(step), self.medium(step))

    def previous(self, step: ReadyStep, on: date) -> tuple[EarlierMessage, ...]:
        """The earlier messages that its text may speak of, oldest first."""
        return self._earlier.previous(self._about(step), self.lines(step), on)

    def recipients(self, step: ReadyStep) -> tuple[Recipient, ...]:
        """The client; for an internal notice whoever it is for, or, as long as nobody has looked,
        the people its stage names. Empty: nobody."""
        if is_internal(step):
            if step.recipient:
                return (Recipient(address=step.recipient, name=step.recipient_name or ""),)
            return self._named(step, self.stage(step).to or NOTICES_GO_TO)
        client = self.client(step)
        way = self.way(step)
        if way is None:
            return ()
        country = way.holder.country or client.country
        country = country or self._hub.config.company(step.source).country
        if Medium(way.medium).by_post:
            lines = postal_lines(way.holder)
            return (Recipient(name=client.name, postal=lines, country=country),)
        return (Recipient(address=way.address, name=client.name, country=country),)

    def way(self, step: ReadyStep) -> Way | None:
        """The address of the client that its message goes to, and whose it is."""
        client, stage = self.client(step), self.stage(step)
        return first_way(
            holders(self._contacts.get(client.id, ()), client, stage.contact),
            (self.medium(step),),
            self._closed.get(client.id, NOTHING_CLOSED),
            formal=stage.is_formal,
            home=self._hub.config.company(step.source).country,
        )

    def contact(self, step: ReadyStep) -> ClientContact | None:
        """The contact that its message goes to; None: the client as the ERP has it."""
        way = None if is_internal(step) else self.way(step)
        return way.holder if way is not None and isinstance(way.holder, ClientContact) else None

    def why_unreachable(self, step: ReadyStep) -> str:
        """Why `recipients` is empty, for the office."""
        if is_internal(step):
            return text("nobody to notify has an address: see responsible_email and the operators")
        closed = self._closed.get(step.client_id, NOTHING_CLOSED)
        if any(one.medium == self.medium(step) for one in closed.refusals):
            return text("the client refused {medium}", medium=media_names(self.medium(step)))
        return text("the client has no usable address for {medium}", medium=self.medium(step))

    def copies(self, step: ReadyStep) -> tuple[Recipient, ...]:
        """Our own people who get a copy, each in a mail of its own."""
        if is_internal(step):
            return ()
        return self._named(step, self.stage(step).cc)

    def _about(self, step: ReadyStep) -> ReadyStep:
        """The step of the client that a notice tells of; any other step is its own."""
        if step.notice is NoticeKind.ONE and (parts := self._parts.get(step.id)):
            return replace(step, id=parts[0][0].step_id)
        return step

    def _extensions_of_parts(
        self, connection: Connection, telling: Sequence[ReadyStep], on: date
    ) -> dict[int, date]:
        steps, lines = [], {}
        for step in telling:
            for part, mine in self._parts.get(step.id, ()):
                steps.append(replace(step, id=part.step_id, client_id=part.client_id))
                lines[part.step_id] = mine
        return extensions_of_page(connection, steps, lines, on) if steps else {}

    def original(self, step: ReadyStep) -> DeliveryHead | None:
        """Of a copy: the message to the client that it is of."""
        return self._originals.get(step.id)

    def told(self, step: ReadyStep) -> Sequence[tuple[Part, list[StepLine]]]:
        """Of a summary: the steps of clients that it tells of, with their installments."""
        return self._parts.get(step.id, ())

    def last_told(
        self, step: ReadyStep, part: Part, lines: Sequence[StepLine], on: date
    ) -> EarlierMessage | None:
        """The last message to a client of a summary about what it says of the client."""
        own = replace(step, id=part.step_id, client_id=part.client_id)
        return next(reversed(self._earlier.previous(own, lines, on)), None)

    def speaker(self, step: ReadyStep) -> Recipient | None:
        """In whose name its message is written; None: the company's, also where nobody is known.

        An installment's own depot or agent goes before its client's.
        """
        name = self.stage(step).speaker
        return next(iter(self._named(step, [name])), None) if name else None

    def operator(self, step: ReadyStep) -> OfficePerson | None:
        """The people of the office who follow the client."""
        numbers = [step.operator_id, self.client(step).operator_id]
        return next(iter(self._known_users(numbers)), None)

    def _named(self, step: ReadyStep, names: Collection[str]) -> tuple[Recipient, ...]:
        """People by their keyword; a mail address is used as it is."""
        found = [each for name in names for each in self._person(step, name.strip().lower())]
        return tuple({each.address: each for each in found if each.address}.values())

    def _person(self, step: ReadyStep, name: str) -> Sequence[Recipient]:
        company = self._hub.config.company(step.source)
        if "@" in name:
            return [Recipient(address=name)]
        if name == RESPONSIBLE:
            users = self._responsible(step)
            return _as_users(users) or [Recipient(address=company.responsible_email)]
        if name == MANAGEMENT:
            return [Recipient(address=company.responsible_email)]
        if name == OPERATOR:
            return _as_users([user for user in (self.operator(step),) if user is not None])
        if name == AGENT:
            return self._concerned(step, _agent, self._agents)
        return self._concerned(step, _depot, self._depots) if name == DEPOT else []

    def _responsible(self, step: ReadyStep) -> list[OfficePerson]:
        numbers = [line.responsible_id for line in self.lines(step)]
        numbers.append(self.client(step).responsible_id)
        return self._known_users(numbers)

    def _known_users(self, numbers: Iterable[int | None]) -> list[OfficePerson]:
        """The active ones, each once."""
        wanted = [number for number in dict.fromkeys(numbers) if number is not None]
        return [self._users[number] for number in wanted if number in self._users]

    def _concerned(
        self, step: ReadyStep, code: CodeOf, known: Mapping[tuple[int, str], OurPerson]
    ) -> list[Recipient]:
        codes = [code(line) for line in self.lines(step)]
        codes.append(code(self.client(step)))
        keys = [(step.source_id, each) for each in dict.fromkeys(codes) if each]
        people = [known[key] for key in keys if key in known]
        return [Recipient(address=each.email, name=each.name) for each in people if each.email]

    def _user_ids(self) -> set[int]:
        lines = [line for lines in self._lines.values() for line in lines]
        found = {number for line in lines for number in (line.responsible_id, line.operator_id)}
        for client in self._clients.values():
            found |= {client.operator_id, client.responsible_id}
        return {number for number in found if number is not None}

    def _people(
        self, connection: Connection, table: Table, code: CodeOf
    ) -> dict[tuple[int, str], OurPerson]:
        codes: dict[int, set[str]] = defaultdict(set)
        for client in self._clients.values():
            codes[client.source_id].add(code(client))
        for lines in self._lines.values():
            for line in lines:
                codes[line.source_id].add(code(line))
        return {
            (source, name): person
            for source, wanted in codes.items()
            for name, person in page_reads.people(connection, table, source, wanted - {""}).items()
        }


def _without(lines: dict[int, list[StepLine]], gone: Collection[int]) -> dict[int, list[StepLine]]:
    if not gone:
        return lines
    return {
        step: [line for line in found if line.case_id not in gone] for step, found in lines.items()
    }


def _agent(whose: StepLine | MessageClient) -> str:
    return whose.agent


def _depot(whose: StepLine | MessageClient) -> str:
    return whose.depot


def _as_users(users: Sequence[OfficePerson]) -> list[Recipient]:
    return [Recipient(address=user.email, name=user.name) for user in users if user.email]
