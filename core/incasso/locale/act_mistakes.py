"""What is wrong with an act by itself, in a sentence with its cure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incasso.contract.media import Medium
from incasso.contract.text import Text, term, text
from incasso.domain.acts.act import Act, Mistake, MistakeKind
from incasso.domain.acts.agreements import RELEASABLE
from incasso.domain.acts.stages import ADDABLE
from incasso.domain.recovery.contacts import ContactKind
from incasso.domain.sending.rewording import Unfit
from incasso.locale.acts import ACTS

_DAYS: Mapping[str, Text] = {
    "end": text("The end"),
    "deadline": text("The deadline"),
    "promised": text("The promised day"),
    "payment": text("The first payment"),
    "new_day": text("The new day"),
    "day": text("The day"),
    "call_back": text("The day to call back"),
    "review": text("The review"),
    "again": text("The day of the next attempt"),
}
_WORDS: Mapping[str, Text] = {
    "why": text("The reason"),
    "outcome": text("The outcome"),
    "who": text("Who was spoken with"),
    "number": text("The number"),
    "text": text("The note"),
    "origin": text("The origin"),
    "address": text("The address"),
}


def mistake_text(act: Act, mistake: Mistake) -> Text:
    """The sentence."""
    values = mistake.values
    match mistake.kind:
        case MistakeKind.NO_REASON:
            what = ACTS[act.name()].infinitive
            return text("Say why, for the record: `--why` is required to {what}.", what=what)
        case MistakeKind.PAST_DAY:
            return text(
                "{what} {day} is before {on}: give {on} or a later day.",
                what=_DAYS[values["field"]],
                day=values["day"],
                on=values["on"],
            )
        case MistakeKind.FAR_DAY:
            return text("{day} is too far away: give a day up to {last}.", **values)
        case MistakeKind.FAR_BUSINESS_DAY:
            return text("{day} is no business day: give `--on` a day of this century.", **values)
        case MistakeKind.NOBODY_NAMED:
            return text("Say to whom: `--to LOGIN` or `--responsible LOGIN`.")
        case MistakeKind.NO_CONTAINER_NAME:
            return text(
                "“{name}” is no name for a container: letters, digits and _ only.", **values
            )
        case MistakeKind.UNKNOWN_MEDIUM:
            return text(
                "{medium} is not a medium: choose from {media}.",
                medium=values["medium"],
                media=[medium.value for medium in Medium],
            )
    found = _of_contacts(mistake.kind, values) or _of_agreements(mistake.kind, values)
    return found or _of_steps(mistake.kind, values)


def _of_contacts(kind: MistakeKind, values: Mapping[str, Any]) -> Text | None:
    match kind:
        case MistakeKind.TOO_LONG:
            return text(
                "{what} has {letters} letters: shorten it to {most}.",
                what=_WORDS[values["field"]],
                letters=values["letters"],
                most=values["most"],
            )
        case MistakeKind.TOO_MANY_FILES:
            return text("{count} files are too many for one act: attach at most {most}.", **values)
        case MistakeKind.TOO_LARGE_A_FILE:
            return text("{name} is larger than {most} MB: attach a smaller copy.", **values)
        case MistakeKind.EMPTY_FILE:
            return text("{name} is empty: attach another file.", **values)
        case MistakeKind.UNKNOWN_CONTACT:
            return text(
                "{contact} is not a kind of contact: choose from {kinds}.",
                contact=values["contact"],
                kinds=[kind.value for kind in ContactKind],
            )
        case MistakeKind.TOO_MANY_MINUTES:
            return text("{minutes} minutes are no contact: give 0 to {most}.", **values)
        case MistakeKind.NOTHING_CORRECTED:
            return text("Say what is right: `--email`, `--pec`, `--phone`, `--address` …")
        case MistakeKind.UNFIT_ROLE:
            return text(
                "“{role}” is no role of a contact: small letters, digits, - and _, such as "
                "amministrazione.",
                **values,
            )
        case MistakeKind.NO_SUCH_LANGUAGE:
            return text("No texts are written in {language}: choose from {languages}.", **values)
        case MistakeKind.NO_MEDIUM:
            return text("Say which medium is meant: `--medium sms`, once for each.")
        case MistakeKind.NOT_REFUSABLE:
            return text("{medium} is no way to contact a client: choose from {media}.", **values)
        case MistakeKind.DAY_AHEAD:
            return text("{day} is after {on}: give the day on which it was said.", **values)
        case MistakeKind.NO_ORIGIN:
            return text("Say where it comes from, for the record: `--from`.")
    return None


MESSAGE_PARTS: Mapping[str, Text] = {
    "medium": term("part of a message", "medium"),
    "title": term("part of a message", "subject"),
    "text": term("part of a message", "text"),
    "opening": term("part of a message", "opening"),
    "closing": term("part of a message", "closing"),
}
"""What an office calls the fields of a changed message."""


def _unfit_text(values: Mapping[str, Any]) -> Text:
    part = MESSAGE_PARTS[values["field"]]
    match values["unfit"]:
        case Unfit.EMPTY:
            return text(
                "No words for the {part}: give some, or `--template` for its own.", part=part
            )
        case Unfit.TOO_LONG:
            return text(
                "The {part} has {length} characters: at most {most}.",
                part=part,
                length=values["length"],
                most=values["most"],
            )
    return text(
        "The {part} holds a line break or another character that nobody sees: take it out.",
        part=part,
    )


def _of_agreements(kind: MistakeKind, values: Mapping[str, Any]) -> Text | None:
    match kind:
        case MistakeKind.NO_PAYMENTS:
            return text("A plan needs payments: `--pay 2026-12-01=500.00`, once for each.")
        case MistakeKind.PAYMENTS_OUT_OF_ORDER:
            return text("{day} does not follow {before}: list payments in order.", **values)
        case MistakeKind.DAYS_OR_DAY:
            return text("Give either `--days` or `--to`.")
        case MistakeKind.TOO_MANY_DAYS:
            return text("{days} is not a number of days to add: give 1 to {most}.", **values)
        case MistakeKind.GRACE_TOO_LONG:
            return text("{days} is not a number of days of grace: give 0 to {most}.", **values)
        case MistakeKind.NO_CHARGES:
            return text(
                "{amount} are no bank charges: give an amount from 0, which waives them, to "
                "{most}.",
                **values,
            )
        case MistakeKind.NO_ANSWER:
            return text("Say what was answered: `--answer WORDS`.")
        case MistakeKind.NOT_RELEASABLE:
            return text(
                "{kind} cannot be released: choose from {kinds}.",
                kind=values["kind"],
                kinds=list(RELEASABLE),
            )
    return None


def _of_steps(kind: MistakeKind, values: Mapping[str, Any]) -> Text:
    match kind:
        case MistakeKind.NOTHING_TO_CHANGE:
            return text(
                "Say what to change: `--medium`, `--subject`, `--text`, `--opening`, `--closing`."
            )
        case MistakeKind.UNFIT_WORDS:
            return _unfit_text(values)
        case MistakeKind.BARE_WITHOUT_TEXT:
            return text("`--bare` sends your words as they stand: give them with `--text`.")
        case MistakeKind.TEXT_OR_PARTS:
            return text("`--text` holds opening and closing already: leave one of them out.")
        case MistakeKind.STAGE_WITHOUT_MOVE:
            return text("`--stage` says where running cases enter: give `--move` too.")
        case MistakeKind.UNTIL_OR_SKIP:
            return text("Either it is asked again, `--until DATE`, or skipped, `--skip`.")
        case MistakeKind.PROMISE_OF_NOBODY:
            return text("Nobody was reached, so nothing was promised: leave one of them out.")
        case MistakeKind.AGAIN_AFTER_ALL:
            return text("`--again` says when to try once more: give `--not-reached` too.")
        case MistakeKind.AMOUNT_WITHOUT_DAY:
            return text("`--amount` says how much is promised: give `--promise DATE` too.")
        case MistakeKind.UNKNOWN_ACTION:
            return text(
                "{action} cannot be added: choose from {actions}.",
                action=values["action"],
                actions=[action.value for action in ADDABLE],
            )
        case MistakeKind.NO_TEMPLATE:
            return text("A message needs words: `--template KEY`, one of `incasso templates list`.")
    raise AssertionError(kind)
