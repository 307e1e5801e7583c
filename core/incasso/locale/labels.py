"""One word for each state, action, medium, method and kind, whoever shows it.

The office's words are those of the glossary: an action `send` is an "invio" wherever it appears.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from incasso.contract.ledger import DocumentKind, PaymentKind, PaymentMethod
from incasso.contract.media import Medium
from incasso.contract.text import term
from incasso.domain.recovery.actions import Action

Labels: TypeAlias = Mapping[str, str]
"""Code to word; a code without a word is shown as it is."""

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
    "bounced": term("delivery status", "bounced"),
    "failed": term("delivery status", "failed"),
    "uncertain": term("delivery status", "uncertain"),
    "cancelled": term("delivery status", "cancelled"),
}
BLOCK_STATES: Labels = {
    "active": term("block state", "active"),
    "released": term("block state", "released"),
}
ERP_BLOCK_STATES: Labels = {
    "no": "",
    "queued": term("block in the ERP", "queued"),
    "done": term("block in the ERP", "written"),
    "theirs": term("block in the ERP", "blocked already"),
    "manual": term("block in the ERP", "by hand"),
    "failed": term("block in the ERP", "failed"),
    "uncertain": term("block in the ERP", "uncertain"),
    "sending": term("block in the ERP", "being written"),
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
    "unreachable": term("plugin state", "unreachable"),
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


_OF_ENUMS: Mapping[type[Enum], Labels] = {
    Action: ACTIONS,
    DocumentKind: DOCUMENT_KINDS,
    Medium: MEDIA,
    PaymentKind: PAYMENT_KINDS,
    PaymentMethod: PAYMENT_METHODS,
}


def label_of(member: Enum) -> str:
    """The word for a member of an enum, still to be localized; its value if it has none."""
    code = str(member.value)
    return _OF_ENUMS.get(type(member), {}).get(code, code)
