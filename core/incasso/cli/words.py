"""Words of tables in the office's language; machine formats never use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from incasso.contract.text import Text, text
from incasso.locale import (
    act_labels,
    exchange_labels,
    job_labels,
    labels,
    law_labels,
    list_labels,
    localize,
    news_labels,
    placement_labels,
    provider_labels,
)
from incasso.locale.fields import INSTALLMENT_FIELDS
from incasso.locale.forms import amount_text, flag_text
from incasso.locale.headings import heading
from incasso.locale.labels import Labels, has_word, label_of
from incasso.locale.reasons import LEFT_BY_ACT, reason_text
from incasso.locale.sentences import label

_STATES: Final[Labels] = {
    **news_labels.DELIVERY_STATES,
    **labels.TEXT_STATES,
    **labels.BLOCK_STATES,
    **labels.DELIVERY_STATUSES,
    **labels.INSTALLMENT_STATUSES,
    **labels.CASE_STATES,
    **labels.STEP_STATUSES,
}
_LABELS: Final = {
    # Only words with a fixed meaning: codes, keys and names stay as they are.
    "status": _STATES,
    "state": _STATES,
    "trust": news_labels.TRUSTS,
    "standing": news_labels.NEWS_STANDINGS,
    "erp": labels.ERP_BLOCK_STATES,
    "band": labels.BANDS,
    "kind": {**labels.WRITE_BACKS, **labels.PAYMENT_KINDS, **labels.DOCUMENT_KINDS},
    "action": labels.ACTIONS,
    # Keys of an iter stay as they are: people type them.
    "stage": labels.OFFICE_TASKS,
    "medium": {**labels.MEDIA, **list_labels.CONVERSATIONS},
    "payment_method": labels.PAYMENT_METHODS,
    "situation": labels.SITUATIONS,
    "contact_kind": labels.CONTACT_KINDS,
    "contact_outcome": labels.OUTCOMES,
    "address_state": act_labels.ADDRESS_STATES,
    "consent_kind": act_labels.CONSENT_KINDS,
    "client_field": labels.CLIENT_FIELDS,
    "reply_state": list_labels.REPLY_STATES,
    "reply_kind": list_labels.REPLY_KINDS,
    "field": {**labels.CLIENT_FIELDS, **INSTALLMENT_FIELDS, **list_labels.ROW_FIELDS},
    "container": {**labels.CONTAINERS, **list_labels.NO_CONTAINERS},
    "role": labels.ROLES,
    "services": labels.SERVICES,
    "provider_kind": provider_labels.KINDS,
    "reason": LEFT_BY_ACT,
    "agreement_kind": labels.AGREEMENT_KINDS,
    "agreement_status": labels.AGREEMENT_STATUSES,
    "promised_method": labels.PROMISED_METHODS,
    "dispute_result": labels.DISPUTE_RESULTS,
    "mode": list_labels.MODES,
    "job_state": job_labels.JOB_STATES,
    "job_task": job_labels.JOB_TASKS,
    "orders_blocked_by": list_labels.BLOCKERS,
    "release": list_labels.RELEASES,
    "service": labels.SERVICES,
    "lot_state": placement_labels.LOT_STATES,
    "placement_state": placement_labels.PLACEMENT_STATES,
    "row_state": placement_labels.ROW_STATES,
    "left_out": placement_labels.LEFT_OUT,
    "closing": placement_labels.CLOSINGS,
    "notice": placement_labels.NOTICE_KINDS,
    "notice_state": placement_labels.NOTICE_STATES,
    "batch_state": placement_labels.BATCH_STATES,
    "urgency": law_labels.URGENCIES,
    "batch_kind": placement_labels.BATCH_KINDS,
    "arrival_state": exchange_labels.ARRIVAL_STATES,
    "update_kind": exchange_labels.UPDATE_KINDS,
    "update_standing": exchange_labels.STANDINGS,
    "activity_result": exchange_labels.RESULTS,
    "entry_kind": exchange_labels.ENTRY_KINDS,
    "proposes": exchange_labels.PROPOSALS,
}

PLUGINS: Final = {"state": labels.PLUGIN_STATES, "family": labels.FAMILIES}


def word_of(field: str, code: str, language: str) -> str:
    """A code as tables of that field show it; the code itself if it has no word."""
    if isinstance(code, Enum) and has_word(code):
        return localize(label_of(code), language)
    return label(_LABELS.get(field, {}), str(code), language)


@dataclass(frozen=True)
class Words:
    """The language of an office, and the time zone its clocks show."""

    language: str
    timezone: tzinfo
    labels: Mapping[str, Labels] = field(default_factory=dict)
    """Words of this table's fields, where a field name alone is ambiguous."""

    @property
    def nothing(self) -> str:
        """The text of an empty table."""
        return localize(text("Nothing to show."), self.language)

    def cut(self, n: int) -> str:
        """The line below a table that does not show everything."""
        mark = text(
            "Only the first {n} rows: filters, --limit or --format jsonl for the rest.", n=n
        )
        return localize(mark, self.language)

    def heading(self, field: str) -> str:
        """The title of a column."""
        return heading(field, self.language)

    def shown(self, field: str, value: Any) -> str:
        """A value as a person of that office writes it."""
        match value:
            case None:
                return ""
            case Text():
                return localize(value, self.language)
            case bool():
                return flag_text(True, self.language) if value else ""
            case Decimal() | float():
                return self.amount(value)
            case datetime():
                local = value.astimezone(self.timezone)
                return local.strftime("%d/%m/%y %H:%M" if self._italian else "%Y-%m-%d %H:%M")
            case date():
                return value.strftime("%d/%m/%y" if self._italian else "%Y-%m-%d")
            case list() | tuple():
                words = _LABELS.get(field, {})
                return ", ".join(label(words, str(item), self.language) for item in value)
            case Enum() if has_word(value):
                return localize(label_of(value), self.language)
        if field == "blocked_by":
            return reason_text(value, self.language) if value else ""
        return label(self.labels.get(field) or _LABELS.get(field, {}), str(value), self.language)

    def amount(self, amount: Decimal | float) -> str:
        """1.234,56 in Italian, 1,234.56 in English."""
        return amount_text(Decimal(str(amount)), self.language)

    @property
    def _italian(self) -> bool:
        return self.language == "it"
