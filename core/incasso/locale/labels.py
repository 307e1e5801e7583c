"""One word for each state, action, medium, method and kind, whoever shows it.

The office's words are those of the glossary: an action `send` is an "invio" wherever it appears.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import TypeAlias

from incasso.contract.text import term
from incasso.locale.news_labels import DELIVERY_STATES, NEWS_STANDINGS, TRUSTS

Labels: TypeAlias = Mapping[str, str]
"""Code to word; a code without a word is shown as it is."""

SERVICES: Labels = {
    "phone": term("service", "phone reminders"),
    "postal": term("service", "letters by post"),
    "extrajudicial": term("service", "out-of-court recovery"),
    "due_diligence": term("service", "due diligence"),
    "judicial": term("service", "court action"),
    "write_down": term("service", "court action for the write-down"),
    "negative_report": term("service", "report of loss"),
}
MEDIA: Labels = {
    "email": term("medium", "e-mail"),
    "pec": term("medium", "certified mail (PEC)"),
    "sms": term("medium", "SMS"),
    "fax": term("medium", "fax"),
    "letter": term("medium", "letter"),
    "registered": term("medium", "registered letter"),
    "telegram": term("medium", "telegram"),
}
ACTIONS: Labels = {
    "send": term("action", "message"),
    "call": term("action", "phone call"),
    "visit": term("action", "visit"),
    "task": term("action", "task"),
    "notify": term("action", "internal notice"),
    "park": term("action", "parking"),
    "place": term("action", "placement"),
    "block_orders": term("action", "order block"),
    "close": term("action", "closing"),
}
OFFICE_TASKS: Labels = {
    "promise_broken": term("task", "check of a broken promise"),
    "park_review": term("task", "review of a parked case"),
}
"""Tasks that no stage of an iter asks for; they stand where the stage of a step stands."""

STEP_STATUSES: Labels = {
    "proposed": term("step status", "to approve"),
    "ready": term("step status", "ready"),
    "working": term("step status", "begun"),
    "done": term("step status", "done"),
    "counted": term("step status", "finished"),
    "skipped": term("step status", "skipped"),
    "cancelled": term("step status", "cancelled"),
    "failed": term("step status", "failed"),
}
CASE_STATES: Labels = {
    "open": term("case state", "open"),
    "parked": term("case state", "parked"),
    "placed": term("case state", "placed"),
    "closed": term("case state", "closed"),
}
INSTALLMENT_STATUSES: Labels = {
    "open": term("installment status", "open"),
    "paid": term("installment status", "paid"),
    "vanished": term("installment status", "vanished"),
    "gone": term("installment status", "deleted"),
}
DELIVERY_STATUSES: Labels = {
    "queued": term("delivery status", "queued"),
    "sending": term("delivery status", "leaving"),
    "accepted": term("delivery status", "accepted"),
    "delivered": term("delivery status", "delivered"),
    "questioned": term("delivery status", "in question"),
    "bounced": term("delivery status", "bounced"),
    "opted_out": term("delivery status", "wants none"),
    "failed": term("delivery status", "failed"),
    "uncertain": term("delivery status", "uncertain"),
    "cancelled": term("delivery status", "cancelled"),
}
BLOCK_STATES: Labels = {
    "active": term("block state", "active"),
    "released": term("block state", "released"),
}
WRITE_BACK_STATUSES: Labels = {
    "queued": term("write-back status", "queued"),
    "sending": term("write-back status", "being written"),
    "done": term("write-back status", "written"),
    "failed": term("write-back status", "failed"),
    "uncertain": term("write-back status", "uncertain"),
    "manual": term("write-back status", "by hand"),
    "cancelled": term("write-back status", "cancelled"),
}
ERP_BLOCK_STATES: Labels = {
    **WRITE_BACK_STATUSES,
    "no": "",
    "theirs": term("block in the ERP", "blocked already"),
    "written": term("block in the ERP", "written"),
    "seen": term("block in the ERP", "confirmed"),
    "missing": term("block in the ERP", "does not show"),
    "restored": term("block in the ERP", "put back"),
}
TEXT_STATES: Labels = {
    "draft": term("text state", "draft"),
    "published": term("text state", "in use"),
    "retired": term("text state", "replaced"),
}
PAYMENT_METHODS: Labels = {
    "transfer": term("payment method", "transfer"),
    "riba": term("payment method", "RiBa"),
    "sdd": term("payment method", "direct debit"),
    "direct": term("payment method", "direct payment"),
    "cheque": term("payment method", "cheque"),
    "cod": term("payment method", "cash on delivery"),
    "card": term("payment method", "card"),
    "bill": term("payment method", "bill"),
    "other": term("payment method", "other"),
}
DOCUMENT_KINDS: Labels = {
    "invoice": term("document kind", "invoice"),
    "credit_note": term("document kind", "credit note"),
    "advance": term("document kind", "advance"),
    "debit_note": term("document kind", "debit note"),
    "other": term("document kind", "other"),
}
PAYMENT_KINDS: Labels = {
    "money": term("payment kind", "payment"),
    "allowance": term("payment kind", "allowance"),
    "withholding": term("payment kind", "withholding"),
    "exchange": term("payment kind", "exchange difference"),
    "set_off": term("payment kind", "set-off"),
    "reversal": term("payment kind", "reversal"),
    "other": term("payment kind", "other"),
}
WRITE_BACKS: Labels = {
    "block_orders": term("write-back", "order block"),
    "release_orders": term("write-back", "order release"),
}
BANDS: Labels = {
    "not_due": term("band", "not due"),
    "credits": term("band", "credits"),
}
PLUGIN_STATES: Labels = {
    "ready": term("plugin state", "ready"),
    "unreachable": term("plugin state", "unavailable"),
    "paused": term("plugin state", "paused"),
    "misconfigured": term("plugin state", "misconfigured"),
    "broken": term("plugin state", "broken"),
    "incompatible": term("plugin state", "incompatible"),
    "load_failed": term("plugin state", "not loaded"),
    "unknown_kind": term("plugin state", "unknown kind"),
    "disabled": term("plugin state", "disabled"),
    "retired": term("plugin state", "retired"),
}
FAMILIES: Labels = {
    "connectors": term("family", "connector"),
    "channels": term("family", "channel"),
    "providers": term("family", "provider"),
}
ROLES: Labels = {
    "administrator": term("role", "administrator"),
    "credit_manager": term("role", "credit manager"),
    "operator": term("role", "operator"),
    "depot": term("role", "depot"),
    "agent": term("role", "agent"),
    "legal_office": term("role", "legal office"),
    "lawyer": term("role", "lawyer"),
    "provider": term("role", "provider"),
    "sales": term("role", "sales"),
}
AGREEMENT_KINDS: Labels = {
    "hold": term("agreement", "hold"),
    "promise": term("agreement", "promise"),
    "plan": term("agreement", "payment plan"),
    "dispute": term("agreement", "dispute"),
    "extension": term("agreement", "extension"),
}
PROMISED_METHODS: Labels = {
    "transfer": term("promised method", "transfer"),
    "cheque": term("promised method", "cheque"),
    "cash": term("promised method", "cash"),
    "card": term("promised method", "card"),
    "bill": term("promised method", "bill"),
    "sdd": term("promised method", "direct debit"),
    "other": term("promised method", "other"),
}
DISPUTE_RESULTS: Labels = {
    "accepted": term("dispute result", "accepted"),
    "partly": term("dispute result", "accepted in part"),
    "rejected": term("dispute result", "rejected"),
    "withdrawn": term("dispute result", "withdrawn"),
}
AGREEMENT_STATUSES: Labels = {
    "active": term("agreement status", "active"),
    "kept": term("agreement status", "kept"),
    "broken": term("agreement status", "broken"),
    "released": term("agreement status", "released"),
    "superseded": term("agreement status", "superseded"),
}
STANDINGS: Labels = {
    "gone": term("standing", "deleted"),
    "paid": term("standing", "paid"),
    "credit": term("standing", "credit"),
    "held": term("standing", "held back"),
    "unpaid": term("standing", "came back unpaid"),
    "at_bank": term("standing", "at the bank"),
    "overdue": term("standing", "overdue"),
    "not_due": term("standing", "not due"),
}
SITUATIONS: Labels = {
    "gone": term("situation", "deleted"),
    "vanished": term("situation", "vanished"),
    "paid": term("situation", "paid"),
    "credit": term("situation", "credit"),
    "disputed": term("situation", "disputed"),
    "held": term("situation", "held back"),
    "at_bank": term("situation", "at the bank"),
    "promised": term("situation", "promised"),
    "unpaid": term("situation", "came back unpaid"),
    "overdue": term("situation", "overdue"),
    "not_due": term("situation", "not due"),
}
SUPPORT: Labels = {
    "unknown": term("support", "unknown"),
    "impossible": term("support", "impossible"),
    "planned": term("support", "planned"),
    "partial": term("support", "partly"),
    "full": term("support", "yes"),
}
DOCUMENT_FORMS: Labels = {
    "pdf": term("document form", "PDF"),
    "fatturapa": term("document form", "electronic invoice"),
    "courtesy": term("document form", "legible copy"),
}

PROFILE: Labels = {
    "read": term("data profile", "read"),
    "blocked": term("data profile", "blocked"),
    "excluded": term("data profile", "excluded"),
    "no_email": term("data profile", "without e-mail"),
    "no_pec": term("data profile", "without PEC"),
    "no_address": term("data profile", "without any electronic address"),
    "no_tax_number": term("data profile", "without VAT number and tax code"),
    "no_postal_address": term("data profile", "without postal address"),
    "reminded": term("data profile", "reminded"),
    "grouped": term("data profile", "grouped in a bill"),
    "agents": term("data profile", "agents"),
    "depots": term("data profile", "depots"),
    "documents": term("data profile", "documents"),
    "payments": term("data profile", "payments"),
}

RECORDS: Labels = {
    "client": term("records", "clients"),
    "person": term("records", "agents and depots"),
    "installment": term("records", "installments"),
    "document": term("records", "documents"),
    "payment": term("records", "payments"),
}

CONTACT_KINDS: Labels = {
    "call": term("contact", "phone call"),
    "inbound_call": term("contact", "call from the client"),
    "visit": term("contact", "visit"),
    "meeting": term("contact", "meeting"),
    "email": term("contact", "e-mail"),
    "note": term("contact", "note"),
}
OUTCOMES: Labels = {
    "will_pay": term("outcome", "will pay"),
    "has_paid": term("outcome", "says that it has paid"),
    "no_money": term("outcome", "cannot pay now"),
    "disputes": term("outcome", "disputes"),
    "call_back": term("outcome", "to be called back"),
    "wrong_person": term("outcome", "not the right person"),
    "message_left": term("outcome", "message left"),
    "no_answer": term("outcome", "no answer"),
    "wrong_number": term("outcome", "wrong number"),
}
CONTAINERS: Labels = {
    "legal": term("container", "legal"),
    "uncollectable": term("container", "uncollectable"),
    "not_scheduled": term("container", "not scheduled"),
    "cod": term("container", "cash on delivery"),
    "management": term("container", "management"),
}
CLIENT_FIELDS: Labels = {
    "email": term("field", "e-mail address"),
    "pec": term("field", "PEC address"),
    "phone": term("field", "telephone"),
    "mobile": term("field", "mobile"),
    "fax": term("field", "fax"),
    "address": term("field", "street"),
    "zip": term("field", "postal code"),
    "city": term("field", "town"),
    "province": term("field", "province"),
    "country": term("field", "country"),
}


@cache
def _of_enums() -> Mapping[type[Enum], Labels]:
    # Imported when the first member is shown: most commands need few of these rooms.
    from incasso.contract.capabilities import Family, Support
    from incasso.contract.channel import DeliveryState
    from incasso.contract.ledger import DocumentKind, PaymentKind, PaymentMethod
    from incasso.contract.media import Medium
    from incasso.domain.acts.undo import Thing
    from incasso.domain.documents.matching import Form
    from incasso.domain.ledger.installment_status import Standing
    from incasso.domain.ledger.situation import Situation
    from incasso.domain.ledger.states import InstallmentStatus
    from incasso.domain.office.actor import Role
    from incasso.domain.orders.blocks import BlockStatus, InErp
    from incasso.domain.orders.write_back import WriteBackStatus
    from incasso.domain.recovery import states
    from incasso.domain.recovery.actions import Action
    from incasso.domain.recovery.contacts import ContactKind
    from incasso.domain.sending.address_state import AddressState
    from incasso.domain.sending.consents import ConsentKind
    from incasso.domain.sending.delivery import DeliveryStatus
    from incasso.domain.sending.texts import TextStatus
    from incasso.domain.sending.trust import NewsStanding, Trust
    from incasso.locale.act_labels import ADDRESS_STATES, CHANGED_THINGS, CONSENT_KINDS
    from incasso.locale.job_labels import of_jobs

    return of_jobs() | {
        Action: ACTIONS,
        AddressState: ADDRESS_STATES,
        BlockStatus: BLOCK_STATES,
        ConsentKind: CONSENT_KINDS,
        ContactKind: CONTACT_KINDS,
        DeliveryState: DELIVERY_STATES,
        DeliveryStatus: DELIVERY_STATUSES,
        DocumentKind: DOCUMENT_KINDS,
        Family: FAMILIES,
        Form: DOCUMENT_FORMS,
        InErp: ERP_BLOCK_STATES,
        InstallmentStatus: INSTALLMENT_STATUSES,
        Medium: MEDIA,
        NewsStanding: NEWS_STANDINGS,
        PaymentKind: PAYMENT_KINDS,
        PaymentMethod: PAYMENT_METHODS,
        Role: ROLES,
        Situation: SITUATIONS,
        Standing: STANDINGS,
        Support: SUPPORT,
        TextStatus: TEXT_STATES,
        Thing: CHANGED_THINGS,
        Trust: TRUSTS,
        WriteBackStatus: WRITE_BACK_STATUSES,
        states.AgreementKind: AGREEMENT_KINDS,
        states.AgreementStatus: AGREEMENT_STATUSES,
        states.DisputeResult: DISPUTE_RESULTS,
        states.PromisedMethod: PROMISED_METHODS,
        states.CaseState: CASE_STATES,
        states.IterStatus: TEXT_STATES,
        states.StepStatus: STEP_STATUSES,
    }


def has_word(member: Enum) -> bool:
    """Whether the kind of thing that this member is has words."""
    return type(member) in _of_enums()


def label_of(member: Enum) -> str:
    """The word for a member of an enum, still to be localized; its value if it has none."""
    code = str(member.value)
    return _of_enums().get(type(member), {}).get(code, code)
