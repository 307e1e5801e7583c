"""Why a case stands still or left its step, and why a person gets a task, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.contract.text import Text, template, term
from incasso.domain.recovery.actions import CONVERSATIONS
from incasso.locale.labels import ACTIONS, MEDIA, SERVICES, Labels
from incasso.locale.sentences import label, localize

REASONS: Final[Labels] = {
    "paid": term("reason", "paid"),
    "vanished": term("reason", "no longer in the ERP"),
    "gone": term("reason", "deleted in the ERP"),
    "moved": term("reason", "moved to another iter"),
    "open": term("reason", "closed"),
    "client_moved": term("reason", "moved to another client code"),
    "owed": term("reason", "nothing owed"),
    "excluded": term("reason", "excluded"),
    "finished": term("reason", "closed by its iter"),
    "iter": term("reason", "no iter"),
    "tolerance": term("reason", "residual within tolerance"),
    "hold": term("reason", "on hold"),
    "promise": term("reason", "promised"),
    "dispute": term("reason", "disputed"),
    "plan": term("reason", "payment plan"),
    "parked": term("reason", "parked"),
    "placed": term("reason", "placed with a provider"),
    "erp_hold": term("reason", "held back in the ERP"),
    "reply": term("reason", "the client wrote, to be answered"),
    "net_credits": term("reason", "covered by the client's credits"),
    "source_trusted": term("reason", "ledger not up to date"),
    "absent": term("reason", "missing from the last read"),
    "at_bank": term("reason", "bill still at the bank"),
    "not_yet_due": term("reason", "not due yet"),
    "extension": term("reason", "extended"),
    "refused": term("reason", "the client refuses this way to be contacted"),
    "contact_policy": term("reason", "contact policy"),
    "message_cap": term("reason", "cap on messages to a client"),
    "too_late": term("reason", "the reminder's due date has passed"),
    "put_off": term("reason", "the due date was put off"),
    "review": term("reason", "waits for a person"),
    "words": term("reason", "the stage that gave the words is no longer in the message"),
    "case": term("reason", "no case"),
    "iter_override": term("reason", "the iter chosen by hand is not published"),
    "stages_left": term("reason", "no stage left"),
}
LEFT_BY_ACT: Final[Labels] = {
    **REASONS,
    "extended": term("reason", "extended"),
    "moved": term("why a step was left", "its stage was moved to another day"),
    "skipped": term("why a step was left", "its stage was skipped"),
    "entered": term("why a step was left", "the case goes on from another stage"),
    "added": term("why a step was left", "a stage was added before it"),
    "own stages": term("why a step was left", "the case got stages of its own"),
    "iter chosen": term("why a step was left", "another iter was chosen"),
}
"""What a person did that took a case out of a step, where that person gave no reason."""
ERP_HOLDS: Final[Labels] = {
    "legal": term("held in the ERP", "with the lawyers"),
    "blocked": term("held in the ERP", "blocked"),
    "factoring": term("held in the ERP", "sold to a factor"),
    "at_bank": term("held in the ERP", "at the bank"),
}
_TASKS: Final[Mapping[str, str]] = {
    "no_address": template("no usable address for {media}"),
    "refused": template("the client does not want to be contacted by {media}"),
    "no_proof": template("no proof of delivery by {media}"),
    "reminded": template("the ERP reminded on {media}"),
    "failed": template("sending failed by {media}"),
    "lot": template("waits for a lot of service {media}"),
}


def reason_text(name: str, language: str) -> str:
    """Why a case left its step or stands still."""
    return label(REASONS, name, language)


def task_reason(code: str, language: str) -> str:
    """Why a person gets a task, as it is written down."""
    return localize(task_text(code), language)


def task_text(code: str) -> str:
    """Why a person gets a task: `no_address email pec` in words, still to be localized."""
    what, _, media = code.partition(" ")
    if what not in _TASKS:
        return code
    return Text(_TASKS[what], {"media": media_names(media) or "-"})


def media_names(media: str) -> list[str]:
    """Media by name, still to be localized: "email pec" is "e-mail, PEC"; calls and visits too."""
    return [_WAYS.get(name, name) for name in media.split()]


_WAYS: Final[Labels] = {
    **SERVICES,
    **MEDIA,
    **{action: ACTIONS[action] for action in CONVERSATIONS},
}
