"""The mapping files that lead to the simulated service: one by one, and several at once."""

from __future__ import annotations

from typing import Final

_UPDATES: Final = """
[updates]
path = "/events"
items = "events"
after = "after"
cursor = "last"

[updates.fields]
update_id = "id"
at = "created_at"
kind = "type"
closing = "outcome"
placement = "claim.reference"
theirs = "claim.id"
row = "invoice"
on = "value_date"
amount = "amount.value"
currency = "amount.currency"
corrects = "reverses"
text = "note"

[updates.kinds]
INC = "payment"
STO = "reversal"
TEL = "activity"
CHI = "closed"
RES = "returned"

[updates.closings]
IRR = "untraceable"
"""

_CLAIM: Final = """
reference = "{placement}"
amount = "{total}"
currency = "{currency}"
subject = "Credito di {creditor}, lotto {lot}"
debtor = { code = "{debtor.code}", name = "{debtor.name}", phone = "{debtor.phone}", city = "{debtor.city}" }
invoices = "{credits}"

[place.credit]
id = "{row}"
number = "{document_number}"
due = "{due_date}"
amount = "{residual}"
"""  # noqa: E501

MAPPING: Final = f"""
[access]
header = "X-Api-Key"

[check]
path = "/me"
identity = "account"

[find]
path = "/claims/by-reference/{{placement}}"

[place]
path = "/claims"
amounts = "number"
error = "error.code"
error_text = "error.message"

[place.errors]
ZONE = "territory"

[place.placement]{_CLAIM}{_UPDATES}"""
"""Claims one by one, without idempotency keys."""

IN_BATCHES: Final = f"""
[access]
way = "oauth"

[check]
path = "/me"
identity = "account"

[place]
path = "/claims/batch"
at_most = 2
key_header = "Idempotency-Key"
answers = "results"
ours = "reference"
error = "error.code"
error_text = "error.message"

[place.errors]
ZONE = "territory"

[place.batch]
lot = "{{lot}}"
claims = "{{placements}}"

[place.placement]{_CLAIM}{_UPDATES}"""
"""Two claims at once, with an idempotency key, signed in by client credentials."""
