"""Which messages a client gets on a day: what several iters share, and what the caps leave for
another day (rules 8 and 9)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import date
from typing import Generic, TypeVar

import msgspec

from incasso.domain.recovery.contact_policy import ContactPolicy, Contacts
from incasso.domain.recovery.grouping import Group, Subject

Key = TypeVar("Key", bound=Hashable)


class Wanted(msgspec.Struct, Generic[Key], kw_only=True, eq=False):
    """One message that due cases of a client ask for; `group` is that of the highest stage."""

    key: Key
    """What the cases of this message have in common."""
    group: Group
    oldest: date
    """The earliest due date among its installments."""

    def take(self, group: Group, due: date) -> None:
        """One more case asks for it."""
        self.oldest = min(self.oldest, due)
        if group.rank > self.group.rank:
            self.group = group


class DayOfClient(msgspec.Struct, Generic[Key], frozen=True, kw_only=True):
    """What becomes of the messages that a client's due cases ask for."""

    leaving: Sequence[Sequence[Wanted[Key]]]
    """Each is one message; the first of those that share it gives the words."""
    postponed: Sequence[Wanted[Key]]
    contacts: Contacts
    """What the client will have heard with those that leave."""


def wanted_messages(due: Iterable[tuple[Key, Group, date]]) -> list[Wanted[Key]]:
    """The messages that due cases ask for: the key each case shares, its group, its due date."""
    found: dict[Key, Wanted[Key]] = {}
    for key, group, day in due:
        if (one := found.get(key)) is None:
            found[key] = Wanted(key=key, group=group, oldest=day)
        else:
            one.take(group, day)
    return list(found.values())


def day_of_client(
    wanted: Collection[Wanted[Key]], policy: ContactPolicy, contacts: Contacts
) -> DayOfClient[Key]:
    """Join what may be joined, then let leave what the caps allow.

    Formal notices leave whatever the caps say, and count. Then comes what is past due, reminders
    last; among equals the highest stage of its iter, then the oldest debt.
    """
    leaving: list[Sequence[Wanted[Key]]] = []
    postponed: list[Wanted[Key]] = []
    for message in sorted(joined(wanted, policy), key=_urgency):
        room = policy.room_for_messages(contacts)
        if message[0].group.formal or room is None or room > 0:
            leaving.append(message)
            contacts = msgspec.structs.replace(
                contacts,
                messages_today=contacts.messages_today + 1,
                messages_week=contacts.messages_week + 1,
            )
        else:
            postponed += message
    return DayOfClient(leaving=leaving, postponed=postponed, contacts=contacts)


def joined(wanted: Collection[Wanted[Key]], policy: ContactPolicy) -> list[list[Wanted[Key]]]:
    """Messages of different iters by the same medium, in the same currency and language and of the
    same phase, are one; two stages that an iter keeps apart stay apart."""
    found: list[list[Wanted[Key]]] = []
    for one in sorted(wanted, key=_authority):
        fitting = (m for m in found if policy.joins_iters and _may_join(one.group, m))
        message = next(fitting, None)
        if message is None:
            found.append([one])
        else:
            message.append(one)
    return found


def _may_join(group: Group, message: Sequence[Wanted[Key]]) -> bool:
    if message[0].group.speaks_of not in (Subject.ANY_DEBT, group.speaks_of):
        return False  # its words would call returned, or undelivered, what never was
    return group.common is not None and all(
        each.group.common == group.common
        and each.group.wording.version_id != group.wording.version_id
        for each in message
    )


def _authority(one: Wanted[Key]) -> tuple[object, ...]:
    """Which of several iters gives the words: a formal notice, then one whose words are true of
    any debt, then the iter's priority, then the higher stage."""
    group = one.group
    return (
        not group.formal,
        group.speaks_of is not Subject.ANY_DEBT,
        group.priority,
        -group.rank,
        *_always_the_same(one),
    )


def _urgency(message: Sequence[Wanted[Key]]) -> tuple[object, ...]:
    first = message[0]
    oldest = min(one.oldest for one in message)
    return (
        not first.group.formal,
        first.group.phase,
        -first.group.rank,
        oldest,
        *_always_the_same(first),
    )


def _always_the_same(one: Wanted[Key]) -> tuple[object, ...]:
    words = one.group.wording
    return (words.version_id, words.stage, words.medium, words.currency, words.template, one.oldest)
