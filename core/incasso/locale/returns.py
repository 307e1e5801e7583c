"""Why a row or a file of a provider was not simply taken, in words for the provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.contract.text import Text, TextValue, template, text
from incasso.domain.placement.problems import ReturnProblem

_TOLD: Final[Mapping[ReturnProblem, str]] = {
    ReturnProblem.UNREADABLE: template("{problem}: put the row right and send it again."),
    ReturnProblem.UNKNOWN_PLACEMENT: template(
        "No credit that was handed to you is called “{name}”: give the number of the placement or "
        "of the row as it stands in the lot."
    ),
    ReturnProblem.UNKNOWN_ROW: template(
        "“{name}” is no row of this placement: give the number of the row as it stands in the "
        "lot, or leave it empty for the whole placement."
    ),
    ReturnProblem.AMBIGUOUS: template(
        "More than one credit of the debtor fits: give the number of the placement or of the row "
        "as it stands in the lot."
    ),
    ReturnProblem.WRONG_CURRENCY: template(
        "The amount is in {given}, the placement in {currency}: give the amount in {currency}."
    ),
    ReturnProblem.NO_AMOUNT: template("The amount is missing: give it."),
    ReturnProblem.WRONG_AMOUNT: template(
        "{amount} is no amount: give one above zero with no more decimals than the currency has."
    ),
    ReturnProblem.MORE_THAN_OPEN: template(
        "The amount is more than is open on what was handed over: the office looks into it; do "
        "not send it again."
    ),
    ReturnProblem.SEEN_AS_DIRECT: template(
        "The creditor's books show this money as paid directly: the office looks into it; do not "
        "send it again."
    ),
    ReturnProblem.FUTURE_DATE: template("{day} has not come yet: give the day it happened."),
    ReturnProblem.BEFORE_HAND_OVER: template(
        "{day} is before the credit was handed over ({handed}): give the day it happened."
    ),
    ReturnProblem.NO_DAY: template(
        "The day is missing (promised, or asked for): give it as day, month, year."
    ),
    ReturnProblem.NO_REFERENCE: template(
        "The row does not say what it reverses or corrects: give the id of that payment."
    ),
    ReturnProblem.UNKNOWN_PAYMENT: template(
        "The payment “{corrects}” that it reverses or corrects has not arrived: it is kept, send "
        "that payment; do not send this row again."
    ),
    ReturnProblem.NOT_A_PAYMENT: template(
        "“{corrects}” is no payment: give the id of the payment that came back."
    ),
    ReturnProblem.ALREADY_REVERSED: template(
        "The payment “{corrects}” was taken back before: nothing is left of it to reverse."
    ),
    ReturnProblem.OTHER_AMOUNT: template(
        "A reversal takes back the whole payment “{corrects}”: give its amount, or correct the "
        "payment instead."
    ),
    ReturnProblem.ID_USED_TWICE: template(
        "The id “{id}” was used before for something else: give the row an id of its own; to "
        "change what was said, send a correction."
    ),
    ReturnProblem.NO_REASON: template(
        "The code of the reason is missing: give one of the list in the guide."
    ),
    ReturnProblem.OPEN_THOUGH_PAID: template(
        "It is closed as paid, but the payments reported are not all of it: send the missing "
        "ones, or close it with another reason."
    ),
    ReturnProblem.PAST_MANDATE: template(
        "The promised day is after the end of the mandate ({until}): it is noted; ask for an "
        "extension."
    ),
    ReturnProblem.AFTER_THE_END: template(
        "The placement was over on {over}: what happened later is noted; the office looks into "
        "any money."
    ),
    ReturnProblem.WRONG_FORM: template(
        "The file cannot be read ({problem}): send it in the form agreed."
    ),
    ReturnProblem.OTHER_VERSION: template(
        "The file is written in version {version} of the exchange: write it in version {known}."
    ),
    ReturnProblem.UNKNOWN_LOT: template(
        "No lot that was handed to you is called “{lot}”: give the number of the lot as it was "
        "sent."
    ),
    ReturnProblem.OTHER_CONTENT: template(
        "The file repeats another check sum than that of lot {lot}: begin from the lot as it was "
        "sent."
    ),
    ReturnProblem.SEQUENCE_USED: template(
        "Number {sequence} was used before, by {name}: give the file the next number."
    ),
    ReturnProblem.SEQUENCE_GAP: template(
        "The file has number {sequence}, the last one before was {last}: send those between if "
        "there are any. This one was taken."
    ),
    ReturnProblem.ROWS_MISSING: template(
        "The file says {said} rows and has {found}: send it whole, under a number of its own."
    ),
    ReturnProblem.SUMS_DIFFER: template(
        "The payments in the file make {found}, its total says {said}: put right what is wrong "
        "and send it again, under a number of its own."
    ),
}

CODES: Final = tuple(_TOLD)
"""Every code that has a sentence, in the order of the guide."""


def refusal_text(problem: ReturnProblem, values: Mapping[str, TextValue]) -> Text:
    """The sentence, with the cure."""
    return Text(_TOLD[problem], values)


def refused_text(why: str) -> Text:
    """What the provider hears where a person decided."""
    return text("The office does not accept it: {why}.", why=why.rstrip(". "))


def refusal_template(problem: ReturnProblem) -> Text:
    """The sentence with its gaps, for the guide."""
    gaps = "amount corrects currency day found given handed id known last lot name over problem"
    names = (*gaps.split(), "said", "sequence", "until", "version")
    return Text(_TOLD[problem], dict.fromkeys(names, "…"))
