"""The words of every act: what its command does, its options, and how a sentence names it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from incasso.contract.text import Text, text


class OptionWords(NamedTuple):
    """How one field of an act is asked for."""

    help: str
    metavar: str = ""
    also: str = ""
    """Another spelling of the option."""


class ActWords(NamedTuple):
    """How people speak of an act."""

    infinitive: Text
    """After `may not` and `required to`."""
    help: str
    options: Mapping[str, OptionWords] = MappingProxyType({})


_LOGIN: Final = "LOGIN"
_UNTIL: Final = OptionWords(help="Last day; 30 days if left out.")
_CURRENCY: Final = OptionWords(help="If the debts are in several currencies.")
_OUT: Final = OptionWords(help="Out of the lawyers' container too.")
_COVERED: Final = OptionWords(
    help="What it is about; may be repeated. Else what is past due.", metavar="KEY"
)
_METHOD: Final = OptionWords(help="How it will be paid.")
_GRACE: Final = OptionWords(
    help="Working days for the bank to post it; else promise_grace_days of the company."
)
_NEW_DAY: Final = OptionWords(help="The new day.")
_CALL_BACK: Final = OptionWords(help="When to call again: a day, or a day and time.")
_ADDRESSES: Final[Mapping[str, OptionWords]] = {
    "email": OptionWords(help="The right mail address."),
    "pec": OptionWords(help="The right PEC address."),
    "phone": OptionWords(help="The right telephone number."),
    "mobile": OptionWords(help="The right mobile number."),
    "fax": OptionWords(help="The right fax number."),
    "address": OptionWords(help="The right street and number."),
    "zip": OptionWords(help="Its postal code."),
    "city": OptionWords(help="Its town."),
    "province": OptionWords(help="Its province."),
    "country": OptionWords(help="Its country, two letters."),
}

ACTS: Final[Mapping[str, ActWords]] = {
    "hold": ActWords(
        infinitive=text("hold"),
        help="Stop everything for a client or installment up to a day.",
        options={
            "until": _UNTIL,
            "owner": OptionWords(help="Who looks after it; else --by."),
        },
    ),
    "release": ActWords(
        infinitive=text("release"),
        help="End what was agreed, or take out of a container.",
        options={
            "what": OptionWords(
                help="hold, promise, plan, dispute, park or extension; may be repeated. Needed "
                "where things of several kinds hold."
            ),
            "confirm": _OUT,
        },
    ),
    "promise": ActWords(
        infinitive=text("note a promise"),
        help="Note that the client will pay by a day; everything past due unless said otherwise.",
        options={
            "until": OptionWords(help="Paid by.", also="--date"),
            "amount": OptionWords(help="How much; else all of what it is about."),
            "currency": _CURRENCY,
            "installment": _COVERED,
            "method": _METHOD,
            "grace": _GRACE,
        },
    ),
    "plan": ActWords(
        infinitive=text("agree a plan"),
        help="Agree a plan of several payments.",
        options={
            "pay": OptionWords(help="One payment; repeat in order."),
            "currency": _CURRENCY,
            "installment": _COVERED,
            "down": OptionWords(help="Paid on the day of the plan itself."),
            "interest": OptionWords(help="What the payments hold beyond the debt."),
            "rate": OptionWords(help="The rate agreed, per cent and year.", metavar="PERCENT"),
            "method": _METHOD,
            "grace": _GRACE,
            "acceleration": OptionWords(
                help="One missed payment ends the plan; else it is tolerated up to the next one."
            ),
            "confirm": OptionWords(help="Agree although a part of the debt has no date."),
        },
    ),
    "dispute": ActWords(
        infinitive=text("dispute"),
        help="Note that the client contests, and who answers by when.",
        options={
            "department": OptionWords(help="Who must answer."),
            "until": _UNTIL,
            "amount": OptionWords(help="The part that is contested; else all of it."),
            "currency": _CURRENCY,
            "code": OptionWords(help="Why: one of dispute_codes.", metavar="CODE"),
            "assignee": OptionWords(help="Who answers.", metavar=_LOGIN),
        },
    ),
    "answer-dispute": ActWords(
        infinitive=text("answer a dispute"),
        help="Answer what the client contests; the cases go on.",
        options={
            "result": OptionWords(help="What came of it."),
            "answer": OptionWords(help="What was answered."),
        },
    ),
    "extend": ActWords(
        infinitive=text("give more time"),
        help="Give more time to pay, to one subject or to several installments of a client.",
        options={
            "days": OptionWords(help="Days more."),
            "to": OptionWords(help="A new due date."),
            "installment": OptionWords(help="More installments of the client.", metavar="KEY"),
            "approved_by": OptionWords(help="The manager who granted it.", metavar=_LOGIN),
        },
    ),
    "park": ActWords(
        infinitive=text("park"),
        help="Set running cases aside in a container.",
        options={
            "into": OptionWords(
                help="legal, uncollectable, not_scheduled, cod, management or your own."
            ),
            "confirm": _OUT,
            "review": OptionWords(help="The day to look at it again: a task is made."),
            "lawyer": OptionWords(help="Who has it.", metavar="NAME"),
            "file_number": OptionWords(help="The lawyer's file.", metavar="NUMBER"),
        },
    ),
    "exclude": ActWords(infinitive=text("exclude a client"), help="Never dun this client."),
    "include": ActWords(
        infinitive=text("include a client"), help="Count an excluded client in again."
    ),
    "charges": ActWords(
        infinitive=text("set bank charges"),
        help="Set the bank charges asked beside a returned bill.",
        options={
            "amount": OptionWords(help="How much; 0 waives them."),
            "currency": OptionWords(help="The installment's own; another is refused."),
        },
    ),
    "assign": ActWords(
        infinitive=text("give work to somebody"),
        help="Give a client, case or step to an operator or responsible.",
        options={
            "to": OptionWords(help="The operator.", metavar=_LOGIN),
            "responsible": OptionWords(help="Who answers for it.", metavar=_LOGIN),
        },
    ),
    "skip": ActWords(
        infinitive=text("skip a stage"), help="Pass over a stage; the rest of the iter goes on."
    ),
    "move": ActWords(
        infinitive=text("move a step"),
        help="Do a step, or the next stage of a case, on another day.",
        options={"to": _NEW_DAY},
    ),
    "edit": ActWords(
        infinitive=text("edit a message"),
        help="Change medium, subject line or words of a message.",
        options={
            "medium": OptionWords(help="How it travels."),
            "title": OptionWords(help="Its subject line.", metavar="WORDS", also="--subject"),
            "text": OptionWords(
                help="A file with all words around the table; - reads them from standard input.",
                metavar="FILE",
            ),
            "opening": OptionWords(help="The words before the table.", metavar="WORDS"),
            "closing": OptionWords(help="The words after the payment details.", metavar="WORDS"),
            "bare": OptionWords(
                help="Add nothing to --text: no greeting, table, payment details, signature."
            ),
            "template": OptionWords(help="Take the template's own words again."),
        },
    ),
    "approve": ActWords(infinitive=text("approve this step"), help="Let a proposed step leave."),
    "reject": ActWords(
        infinitive=text("reject a step"),
        help="Refuse a proposed step: its stage is asked again later, or skipped.",
        options={
            "until": OptionWords(
                help="Asked again on; after the iter's least distance if left out."
            ),
            "skip": OptionWords(help="Skip the stage: the next one follows."),
        },
    ),
    "done": ActWords(
        infinitive=text("carry this step out"),
        help="Record a call, visit or task that was carried out.",
        options={
            "outcome": OptionWords(help="What came of it."),
            "not_reached": OptionWords(help="Nobody answered: to be done again."),
            "again": OptionWords(
                help="With --not-reached: tried again on; as the stage says if left out."
            ),
            "promise": OptionWords(help="The client pays by."),
            "amount": OptionWords(help="So much."),
            "call_back": _CALL_BACK,
            **_ADDRESSES,
        },
    ),
    "contact": ActWords(
        infinitive=text("record a contact"),
        help="Record a call, visit, mail or note that no step asked for.",
        options={
            "kind": OptionWords(help="call, inbound_call, visit, meeting, email or note."),
            "who": OptionWords(help="With whom."),
            "number": OptionWords(help="On which number."),
            "outcome": OptionWords(help="A code of `incasso outcomes`.", metavar="CODE"),
            "minutes": OptionWords(help="How long.", metavar="N"),
            "text": OptionWords(help="What was said."),
            "call_back": _CALL_BACK,
            **_ADDRESSES,
        },
    ),
    "correct": ActWords(
        infinitive=text("correct an address"),
        help="Correct an address of a client, until the ERP's own changes.",
        options={
            "from_": OptionWords(help="Where it comes from: a call, a register."),
            **_ADDRESSES,
        },
    ),
    "unmark": ActWords(
        infinitive=text("take the mark off an address"),
        help="Use an address again that was marked as wrong.",
        options={
            "address": OptionWords(help="As `incasso bad-addresses` shows it.", metavar="ADDRESS"),
            "medium": OptionWords(help="Only for this medium; else for all."),
        },
    ),
    "set-contact": ActWords(
        infinitive=text("keep a contact of a client"),
        help="Keep whom to reach under a role of a client; it stands above the ERP's addresses.",
        options={
            "role": OptionWords(
                help="solleciti for every message; others for stages that name them."
            ),
            "from_": OptionWords(help="Where it comes from: a call, a register."),
            "person": OptionWords(help="Who reads it.", metavar="NAME"),
            "language": OptionWords(
                help="What they read: it, en, de or fr; else as the client.", metavar="LANGUAGE"
            ),
            **_ADDRESSES,
        },
    ),
    "end-contact": ActWords(
        infinitive=text("take a contact of a client away"),
        help="Take the contact of a role away; the next in line is reached again.",
        options={"role": OptionWords(help="As `incasso client-contacts` shows it.")},
    ),
    "refuse": ActWords(
        infinitive=text("record a refusal"),
        help="Do not contact a client by a medium any more; other media go on.",
        options={
            "medium": OptionWords(
                help="email, pec, sms, …, call or visit; may be repeated.", metavar="MEDIUM"
            ),
            "address": OptionWords(help="Only there; else nowhere.", metavar="ADDRESS"),
            "from_": OptionWords(help="Where it comes from: a call, a letter, a form."),
            "since": OptionWords(help="When the client said so; else today."),
            "until": OptionWords(help="The last day it holds; else until taken back."),
            "formal": OptionWords(
                help="Formal notices neither, which a refusal does not stop otherwise."
            ),
        },
    ),
    "consent": ActWords(
        infinitive=text("record a consent"),
        help="The client agrees to a medium: a refusal of it is over.",
        options={
            "medium": OptionWords(
                help="email, pec, sms, …, call or visit; may be repeated.", metavar="MEDIUM"
            ),
            "address": OptionWords(help="Only there; else everywhere.", metavar="ADDRESS"),
            "from_": OptionWords(help="Where it comes from: a call, a letter, a form."),
            "since": OptionWords(help="When the client said so; else today."),
        },
    ),
    "add": ActWords(
        infinitive=text("add a stage"),
        help="Put one more stage before the next one of a case.",
        options={
            "to": _NEW_DAY,
            "action": OptionWords(help="call, visit, task or send."),
            "medium": OptionWords(help="For send; repeat in order of preference."),
            "template": OptionWords(help="For send.", metavar="KEY"),
            "label": OptionWords(help="What the office calls it."),
        },
    ),
    "enter": ActWords(
        infinitive=text("let a case go on at this stage"),
        help="Let a case go on at another stage; also after a review.",
        options={
            "stage": OptionWords(help="A stage of its iter.", metavar="KEY"),
            "confirm": OptionWords(help="Back before a stage that was reached, too."),
        },
    ),
    "stages": ActWords(
        infinitive=text("give a case its own stages"),
        help="Give a case its own stages, from an iter file.",
    ),
    "iter": ActWords(
        infinitive=text("choose an iter"),
        help="Choose the iter of a client or installment.",
        options={
            "key": OptionWords(help="An iter; left out: by the rules again."),
            "move": OptionWords(help="Move running cases too; else they stay."),
            "stage": OptionWords(help="Where moved cases enter.", metavar="KEY"),
            "confirm": OptionWords(
                help="Back from a stage that was reached, or from the lawyers, too."
            ),
        },
    ),
    "undo": ActWords(
        infinitive=text("take an act back"),
        help="Take an act back, while nothing followed from it.",
    ),
    "resolve": ActWords(
        infinitive=text("resolve a delivery"),
        help="Say whether an uncertain delivery was sent.",
        options={"sent": OptionWords(help="What you found out.")},
    ),
    "reply-answered": ActWords(
        infinitive=text("note that a reply was answered"),
        help="Note that what a client wrote was answered; automatic steps go on.",
    ),
    "reply-done": ActWords(
        infinitive=text("settle a reply"),
        help="Settle what a client wrote without an answer; automatic steps go on.",
    ),
    "reply-hand-over": ActWords(
        infinitive=text("hand a reply over"),
        help="Let somebody else answer what a client wrote.",
        options={"to": OptionWords(help="Who answers.", metavar=_LOGIN)},
    ),
    "reply-assign": ActWords(
        infinitive=text("say whose a reply is"),
        help="Say which client a message is from, where the hub could not find out.",
        options={"client": OptionWords(help="CODE or SOURCE/CODE of a client.", metavar="CODE")},
    ),
    "judge": ActWords(
        infinitive=text("judge a report about a message"),
        help="Say what the reports about a delivery mean that wait for a person.",
        options={
            "bounced": OptionWords(help="What you found out."),
            "bad_address": OptionWords(help="The address does not exist: it is not used again."),
        },
    ),
    "letter": ActWords(
        infinitive=text("say what became of a letter"),
        help="Say what became of a letter, as its card or envelope shows it.",
        options={
            "outcome": OptionWords(help="What the post says."),
            "day": OptionWords(help="When it happened; else on the business date."),
        },
    ),
    "block-orders": ActWords(
        infinitive=text("block orders"),
        help="Take no more orders from a client.",
        options={"keep": OptionWords(help="Until a person releases, whatever is paid.")},
    ),
    "release-orders": ActWords(
        infinitive=text("release orders"), help="Take orders from a client again."
    ),
    "write-back": ActWords(
        infinitive=text("settle a write-back"),
        help="Say what became of a write-back that waits for a person.",
    ),
}
"""By the name of the act, in the order in which the command line lists them."""
