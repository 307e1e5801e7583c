"""What `verify` says nothing of when it is changed by hand, and why."""

from __future__ import annotations

from typing import Final

MACHINE: Final = "a note of the machine: when or how it does something next, not what it did"
COURSE: Final = "planning changes it in bulk; what came of it is in the steps and deliveries"
HISTORY: Final = "a history for people; the journal has the same events"
READ_AGAIN: Final = "the next read writes it again from the source, and no message rests on it"
IN_JOURNAL: Final = "the journal has its own event of it, with the same value"
FOLLOWS: Final = "it follows what is proven elsewhere"
WORK: Final = "who works what, not what is asked of whom"
NUMBER: Final = "the number of a row that has a name of its own, which is covered"
SHOWN: Final = "the bytes are what is proven, not how a browser shows them"
WAITING: Final = "it is judged anew before a message leaves"

TABLES: Final[dict[str, str]] = {
    "address_health": FOLLOWS,
    "agenda": MACHINE,
    "agents": READ_AGAIN,
    "assignment_rules": WORK,
    "bad_addresses": "the report that marked it is in the archive and in the journal",
    "balance_differences": READ_AGAIN,
    "calls": MACHINE,
    "case_events": HISTORY,
    "cases": COURSE,
    "client_words": "what a search looks through; the clients themselves are covered",
    "depots": READ_AGAIN,
    "document_files": READ_AGAIN,
    "document_index": READ_AGAIN,
    "documents": READ_AGAIN,
    "forgotten_rows": MACHINE,
    "instance_cursors": MACHINE,
    "instance_states": MACHINE,
    "jobs": MACHINE,
    "iters": "each version holds its whole iter, and is covered",
    "left_without_client": MACHINE,
    "looks": "what plans saw, kept to explain a past day; nothing is decided by it",
    "payments": READ_AGAIN,
    "plugin_state": "encrypted with the hub's key, and not the hub's own",
    "replies": "what clients wrote is shown and lets steps wait; its bytes are in the archive",
    "exchange_arrivals": "the file itself is in the archive, and the journal has what became of it",
    "exchange_batches": "the journal has its digest and fate; its bytes are in the archive",
    "exchange_notices": "it is told in a batch, whose bytes are in the archive",
    "exchange_refusals": "the file it came in is in the archive, and is refused the same way again",
    "exchange_updates": "the file it came in is in the archive, and is read the same way again",
    "lots": "the digest of its frozen rows and every move of a lot are in the journal",
    "placements": "the digest of its frozen rows and every move of a lot are in the journal",
    "placement_rows": "the digest of its frozen rows and every move of a lot are in the journal",
    "placement_entries": "each follows from a report in the archive or from a change of the ledger",
    "lot_left_out": HISTORY,
    "quarantine": "the next read fills it anew; `sync.finished` has the counts",
    "refused_news": HISTORY,
    "remembered_rows": MACHINE,
    "notice_parts": FOLLOWS,
    "notices": "the journal has each message that left, with whom it went to",
    "step_claims": MACHINE,
    "sync_runs": "`sync.finished` has the counts",
    "write_backs": IN_JOURNAL,
}
"""All of a table: its columns, rows that are gone and rows that are put in."""

COLUMNS: Final[dict[str, dict[str, str]]] = {
    "agreements": {"client_id": "its debts, which are covered, may go to another code"},
    "api_tokens": {"made_by": IN_JOURNAL, "made_at": IN_JOURNAL, "id": NUMBER},
    "archive": dict.fromkeys(
        ("media_type", "filename", "stored_at"),
        "the bytes are what is proven, not how a browser shows them",
    ),
    "attachments": {"id": NUMBER, "client_id": "they may go to another code"},
    "client_corrections": {
        "client_id": "they may go to another code",
        "ended_on": IN_JOURNAL,
        "ended_by": IN_JOURNAL,
    },
    "client_contacts": {
        "client_id": "they may go to another code",
        "ended_on": IN_JOURNAL,
        "ended_by": IN_JOURNAL,
    },
    "consents": {
        "client_id": "they may go to another code",
        "ended_on": IN_JOURNAL,
        "ended_by": IN_JOURNAL,
    },
    "client_totals": {"counted_on": MACHINE, "stale_on": MACHINE},
    "clients": {
        "fingerprint": READ_AGAIN,
        "operator_id": WORK,
        "responsible_id": WORK,
        "successor_id": "`client.merged` is in the journal",
    },
    "conversations": {"client_id": "they may go to another code"},
    "deliveries": {
        "attempts": MACHINE,
        "next_attempt_at": MACHINE,
        "claimed_by": MACHINE,
        "sending_at": MACHINE,
        "final_at": IN_JOURNAL,
        "cost": IN_JOURNAL,
        "cost_currency": IN_JOURNAL,
        "reason": IN_JOURNAL,
        "tracking": IN_JOURNAL,
        "known_as": "answers of clients are found by it; no proof rests on it",
    },
    "delivery_events": {
        "id": NUMBER,
        **dict.fromkeys(
            ("update_id", "at", "state", "note", "trust", "standing", "sender_refused"), IN_JOURNAL
        ),
    },
    "installments": {
        "id": NUMBER,
        "fingerprint": READ_AGAIN,
        "first_seen_on": HISTORY,
        "closed_on": HISTORY,
        "finished": COURSE,
    },
    "order_blocks": {
        "client_id": "it may go to another code",
        "erp": "what the ERP says, read again",
        "erp_at": "what the ERP says, read again",
    },
    "price_lists": {"id": NUMBER},
    "providers": {"id": NUMBER},
    "sources": {
        **dict.fromkeys(
            (
                *("clients_cursor", "installments_cursor", "documents_cursor", "payments_cursor"),
                *("history_read_on", "compared_on", "clients_compared_on", "balances_after"),
                *("read_mark", "open_totals"),
            ),
            MACHINE,
        ),
        **dict.fromkeys(
            (
                *("writes_back", "country", "province", "currency", "bank_grace_days"),
                *("promise_grace_days", "returned_bill_charges"),
            ),
            "the configuration, written again at each sync",
        ),
    },
    "steps": {
        "medium": "that of the delivery is covered",
        "mode": WAITING,
        "due_on": WAITING,
        "operator_id": WORK,
        "attempts": WORK,
        "done_on": FOLLOWS,
        "counted_on": FOLLOWS,
        "proof_until": FOLLOWS,
        "address_closed": FOLLOWS,
        "reason": HISTORY,
        "outcome": HISTORY,
    },
    "templates": {"made_at": IN_JOURNAL, "made_by": IN_JOURNAL},
    "users": {"id": NUMBER, "made_at": IN_JOURNAL},
}
"""Of tables that are covered: the columns that are not."""

PUT_IN: Final[dict[str, str]] = {
    "journal_head": "only row 1 is ever read",
    "office_settings": "under other names stand notes; `tests/proof` puts in one that counts",
}
"""Tables in which another row may be put."""

ELSEWHERE: Final = frozenset({"api_tokens", "delivery_events"})
"""Covered tables of which this office has no rows: `tests/proof` tries them."""
