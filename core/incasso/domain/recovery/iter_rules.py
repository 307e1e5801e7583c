"""Contradictions in an iter file whose single values are valid."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

import msgspec

from incasso.contract.settings import Wrong
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contacts import Outcome
from incasso.domain.recovery.iters import AdvanceOn, Anchor, Iter, Mode, Stage
from incasso.domain.recovery.matching import Match

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")

RECIPIENTS = ("responsabile", "addetto", "agente", "deposito", "direzione")
"""Keywords for people on our side; anything else in `cc` and `to` must be an address."""


class IterFault(StrEnum):
    """What these rules refuse; its words are in `incasso.locale.file_problems`."""

    NEEDS_CHANNELS = "needs_channels"
    NEEDS_TEMPLATE = "needs_template"
    NEEDS_TO = "needs_to"
    NEEDS_CONTAINER = "needs_container"
    NEEDS_SERVICE = "needs_service"
    NO_SUCH_TEMPLATE = "no_such_template"
    NO_SUCH_CONTAINER = "no_such_container"
    NO_RECIPIENT = "no_recipient"
    DONE_BY_PEOPLE = "done_by_people"
    ONLY_MESSAGES_COUNT = "only_messages_count"
    SAYS_NOTHING = "says_nothing"
    TELLS_NOBODY = "tells_nobody"
    MEETS_NOBODY = "meets_nobody"
    CARRIES_NOTHING = "carries_nothing"
    NO_MEDIUM_CARRIES = "no_medium_carries"
    NOTHING_ATTACHED = "nothing_attached"
    FORMAL_TOO_EARLY = "formal_too_early"
    INTEREST_TOO_EARLY = "interest_too_early"
    STATES_NOTHING = "states_nothing"
    NO_STAGES = "no_stages"
    SAME_STAGE = "same_stage"
    NOTHING_BEFORE = "nothing_before"
    SAME_ITER = "same_iter"
    SAME_OUTCOME = "same_outcome"
    NO_OUTCOME = "no_outcome"
    EMPTY_RANGE = "empty_range"
    NO_HOURS = "no_hours"
    HOURS_BACKWARDS = "hours_backwards"


class Known(msgspec.Struct, frozen=True):
    """Names that stages may refer to; null: not checked."""

    templates: frozenset[str] | None = None
    containers: frozenset[str] | None = None


def check_stage(known: Known, stage: Stage) -> Iterator[Wrong]:
    """What is wrong with one stage."""
    action = stage.action
    for key in action.traits.needs:
        if not getattr(stage, key):
            yield _wrong(key, IterFault(f"needs_{key}"))
    for key in ("template", "first_contact"):
        name = getattr(stage, key)
        yield from _unknown(key, name, known.templates, IterFault.NO_SUCH_TEMPLATE)
    for key in ("first_contact", "speaker"):
        if getattr(stage, key) and not stage.action.by_message:
            yield _wrong(key, IterFault.SAYS_NOTHING, action=action)
    if stage.summary and stage.action is not Action.NOTIFY:
        yield _wrong("summary", IterFault.TELLS_NOBODY, action=action)
    if stage.contact and not (action.traits.to_client or action.traits.conversation):
        yield _wrong("contact", IterFault.MEETS_NOBODY, action=action)
    yield from _unknown("container", stage.container, known.containers, IterFault.NO_SUCH_CONTAINER)
    for key in ("cc", "to"):
        yield from _recipients(key, getattr(stage, key))
    if action.by_people and stage.mode is not Mode.MANUAL:
        yield _wrong("mode", IterFault.DONE_BY_PEOPLE, action=action)
    if not action.by_message and stage.advance_on is not AdvanceOn.DONE:
        yield _wrong("advance_on", IterFault.ONLY_MESSAGES_COUNT)
    if stage.before_due and stage.formal:
        yield _wrong("formal", IterFault.FORMAL_TOO_EARLY)
    for key in ("interest", "statement"):
        if getattr(stage, key) and not action.traits.to_client:
            yield _wrong(key, IterFault.SAYS_NOTHING, action=action)
        if getattr(stage, key) and stage.before_due:
            yield _wrong(key, IterFault.INTEREST_TOO_EARLY)
    if stage.statement and stage.interest is False:
        yield _wrong("statement", IterFault.STATES_NOTHING)
    yield from _enclosures(stage)


def check_iter(one: Iter, *, follows: bool = False) -> Iterator[Wrong]:
    """What is wrong with the stages of an iter together; `follows`: something goes before them."""
    if not one.stages:
        yield _wrong("stage", IterFault.NO_STAGES)
    for place in _again(stage.key for stage in one.stages):
        key = one.stages[place - 1].key
        yield _wrong(f"stage[{place}].key", IterFault.SAME_STAGE, name=key)
    if one.stages and one.stages[0].anchor is Anchor.PREVIOUS and not follows:
        yield _wrong("stage[1].anchor", IterFault.NOTHING_BEFORE)


def check_iters(iters: Iterable[Iter]) -> Iterator[Wrong]:
    """What is wrong with the iters of a file together."""
    for place in _again(one.key for one in iters):
        yield _wrong(f"iter[{place}].key", IterFault.SAME_ITER)


def check_outcomes(outcomes: Iterable[Outcome]) -> Iterator[Wrong]:
    """What is wrong with the outcomes of a file: their keys."""
    keys = [one.key for one in outcomes]
    for place, key in enumerate(keys, 1):
        if not _KEY.fullmatch(key):
            yield _wrong(f"outcome[{place}].key", IterFault.NO_OUTCOME, name=key)
    for place in _again(keys):
        yield _wrong(f"outcome[{place}].key", IterFault.SAME_OUTCOME)


def check_match(match: Match) -> Iterator[Wrong]:
    """The problem of an empty range of amounts."""
    low, high = match.min_amount, match.max_amount
    if low is not None and high is not None and low > high:
        yield _wrong("max_amount", IterFault.EMPTY_RANGE)


def _unknown(
    key: str, name: str, known: Collection[str] | None, fault: IterFault
) -> Iterator[Wrong]:
    if name and known is not None and name not in known:
        yield _wrong(key, fault, name=name, known=tuple(known))


def _recipients(key: str, people: Iterable[str]) -> Iterator[Wrong]:
    for place, one in enumerate(people, 1):
        if one not in RECIPIENTS and "@" not in one:
            yield _wrong(f"{key}[{place}]", IterFault.NO_RECIPIENT, name=one, known=RECIPIENTS)


def _enclosures(stage: Stage) -> Iterator[Wrong]:
    if stage.attach and not stage.action.by_message:
        yield _wrong("attach", IterFault.CARRIES_NOTHING, action=stage.action)
    elif (
        stage.attach
        and stage.channels
        and not any(each.carries_documents for each in stage.channels)
    ):
        yield _wrong("attach", IterFault.NO_MEDIUM_CARRIES)
    if stage.attach_required and not stage.attach:
        yield _wrong("attach_required", IterFault.NOTHING_ATTACHED)


def _again(keys: Iterable[str]) -> Iterator[int]:
    """The positions, counted from 1, of duplicate keys."""
    seen: set[str] = set()
    for place, key in enumerate(keys, 1):
        if key in seen:
            yield place
        seen.add(key)


def _wrong(key: str, fault: IterFault, **values: object) -> Wrong:
    return Wrong(key=key, code=fault, values=values)
