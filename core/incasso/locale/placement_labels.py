"""Words for the codes of lots: states, and why a credit stays out of one."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term
from incasso.locale.labels import Labels

LOT_STATES: Final[Labels] = {
    "composed": term("lot state", "composed"),
    "frozen": term("lot state", "frozen"),
    "approved": term("lot state", "approved"),
    "handed_over": term("lot state", "handed over"),
    "working": term("lot state", "being worked"),
    "closed": term("lot state", "closed"),
    "dropped": term("lot state", "given up"),
}
PLACEMENT_STATES: Final[Labels] = {
    "composed": term("placement state", "composed"),
    "handed_over": term("placement state", "handed over"),
    "working": term("placement state", "being worked"),
    "suspended": term("placement state", "suspended"),
    "recalled": term("placement state", "recalled"),
    "refused": term("placement state", "refused"),
    "returned": term("placement state", "returned"),
    "closed": term("placement state", "closed"),
    "dropped": term("placement state", "given up"),
}
ROW_STATES: Final[Labels] = {
    "composed": term("row state", "in the lot"),
    "placed": term("row state", "with the provider"),
    "over": term("row state", "over"),
}
CLOSINGS: Final[Labels] = {
    "paid": term("closing", "paid"),
    "partly_paid": term("closing", "partly paid"),
    "untraceable": term("closing", "untraceable"),
    "disputed": term("closing", "disputed"),
    "insolvent": term("closing", "insolvent"),
    "ceased": term("closing", "business ceased"),
    "deceased": term("closing", "deceased"),
    "uneconomical": term("closing", "uneconomical"),
    "prescribed": term("closing", "prescribed"),
    "withdrawn": term("closing", "withdrawn by us"),
    "negative": term("closing", "all means exhausted"),
    "settlement_rejected": term("closing", "settlement rejected"),
    "invalid_data": term("closing", "wrong data"),
    "never_started": term("closing", "never begun"),
    "other": term("closing", "other"),
}
BATCH_KINDS: Final[Labels] = {
    "lot": term("batch", "lot"),
    "notices": term("batch", "notices"),
    "answer": term("batch", "answer to a file"),
}
BATCH_STATES: Final[Labels] = {
    "prepared": term("batch state", "ready to leave"),
    "sending": term("batch state", "leaving"),
    "sent": term("batch state", "sent"),
    "failed": term("batch state", "refused"),
    "uncertain": term("batch state", "uncertain"),
    "cancelled": term("batch state", "cancelled"),
}
NOTICE_KINDS: Final[Labels] = {
    "direct_payment": term("notice", "direct payment"),
    "payment_reversed": term("notice", "payment taken back"),
    "correction": term("notice", "correction"),
    "suspension": term("notice", "suspension"),
    "resumption": term("notice", "end of a suspension"),
    "recall": term("notice", "recall"),
    "extension": term("notice", "extension"),
    "answer": term("notice", "answer"),
    "document": term("notice", "document"),
    "return_taken": term("notice", "return taken"),
    "closing": term("notice", "closing"),
}
NOTICE_STATES: Final[Labels] = {
    "waiting": term("notice state", "waiting"),
    "sent": term("notice state", "sent"),
    "by_hand": term("notice state", "to be told by a person"),
    "told": term("notice state", "told"),
    "dropped": term("notice state", "dropped"),
}
LEFT_OUT: Final[Labels] = {
    "not_owed": term("left out", "paid or no debt"),
    "in_a_lot": term("left out", "in another lot"),
    "not_overdue": term("left out", "not past due"),
    "at_bank": term("left out", "at the bank"),
    "absent": term("left out", "missing in the last read"),
    "insolvent": term("left out", "insolvent"),
    "erp_hold": term("left out", "held by the ERP"),
    "client_excluded": term("left out", "client excluded"),
    "disputed": term("left out", "disputed"),
    "held": term("left out", "on hold"),
    "plan_kept": term("left out", "on a payment plan"),
    "promised": term("left out", "promised"),
    "parked": term("left out", "parked"),
    "net_credits": term("left out", "covered by the client's credits"),
    "prescribed": term("left out", "prescribed"),
    "nearly_prescribed": term("left out", "nearly prescribed"),
    "not_to_this": term("left out", "not for this provider"),
    "no_address": term("left out", "no address for the service"),
    "below_minimum": term("left out", "below the minimum"),
    "above_maximum": term("left out", "above the maximum"),
    "taken_out": term("left out", "taken out by hand"),
    "untrusted": term("left out", "ledger not up to date"),
}
