"""Every list there is."""

from typing import Final

from incasso.store.lists.agreements import AGREEMENTS, PROMISES
from incasso.store.lists.contacts import BAD_ADDRESSES, CALLBACKS, CONTACTS, CORRECTIONS
from incasso.store.lists.containers import CONTAINERS
from incasso.store.lists.credits import EXPOSURE
from incasso.store.lists.documents import INVOICES
from incasso.store.lists.exchange import (
    ARRIVALS,
    DIFFERENCES,
    ENDED,
    ENTRIES,
    REFUSALS,
    UPDATES,
)
from incasso.store.lists.history import BALANCES, DOCUMENTS, PAYMENTS
from incasso.store.lists.inbox import INBOX
from incasso.store.lists.jobs import JOBS
from incasso.store.lists.ledger import CLIENTS, INSTALLMENTS, QUARANTINE
from incasso.store.lists.listing import Fields, Listing
from incasso.store.lists.office import ASSIGNMENT, TOKENS, USERS
from incasso.store.lists.orders import BLOCKS, WRITES
from incasso.store.lists.parties import PROVIDERS
from incasso.store.lists.placement import (
    BATCHES,
    LEFT_OUT,
    LOTS,
    NOTICES,
    PLACED,
    PLACEMENTS,
)
from incasso.store.lists.proof import ATTACHMENTS, JOURNAL
from incasso.store.lists.punctuality import PUNCTUALITY
from incasso.store.lists.reaching import ADDRESSES, CLIENT_CONTACTS, CONSENTS
from incasso.store.lists.recovery import CASES, ITERS, STEPS
from incasso.store.lists.sending import DELIVERIES, DELIVERY_NEWS, REFUSED_NEWS, TEXTS

LISTS: Final = (
    AGREEMENTS,
    PROMISES,
    CLIENTS,
    INSTALLMENTS,
    QUARANTINE,
    JOURNAL,
    DOCUMENTS,
    PAYMENTS,
    BALANCES,
    CASES,
    STEPS,
    DELIVERIES,
    DELIVERY_NEWS,
    REFUSED_NEWS,
    BLOCKS,
    WRITES,
    INVOICES,
    ITERS,
    USERS,
    TOKENS,
    ASSIGNMENT,
    TEXTS,
    CONTACTS,
    CALLBACKS,
    BAD_ADDRESSES,
    ADDRESSES,
    CONSENTS,
    CLIENT_CONTACTS,
    CORRECTIONS,
    ATTACHMENTS,
    EXPOSURE,
    CONTAINERS,
    PUNCTUALITY,
    JOBS,
    INBOX,
    PROVIDERS,
    LOTS,
    PLACEMENTS,
    PLACED,
    LEFT_OUT,
    NOTICES,
    BATCHES,
    ARRIVALS,
    UPDATES,
    REFUSALS,
    ENTRIES,
    DIFFERENCES,
    ENDED,
)
"""Every list there is."""

__all__ = [
    "ADDRESSES",
    "AGREEMENTS",
    "ARRIVALS",
    "ASSIGNMENT",
    "ATTACHMENTS",
    "BAD_ADDRESSES",
    "BALANCES",
    "BATCHES",
    "BLOCKS",
    "CALLBACKS",
    "CASES",
    "CLIENTS",
    "CLIENT_CONTACTS",
    "CONSENTS",
    "CONTACTS",
    "CONTAINERS",
    "CORRECTIONS",
    "DELIVERIES",
    "DELIVERY_NEWS",
    "DIFFERENCES",
    "DOCUMENTS",
    "ENDED",
    "ENTRIES",
    "EXPOSURE",
    "INBOX",
    "INSTALLMENTS",
    "INVOICES",
    "ITERS",
    "JOBS",
    "JOURNAL",
    "LEFT_OUT",
    "LISTS",
    "LOTS",
    "NOTICES",
    "PAYMENTS",
    "PLACED",
    "PLACEMENTS",
    "PROMISES",
    "PROVIDERS",
    "PUNCTUALITY",
    "QUARANTINE",
    "REFUSALS",
    "REFUSED_NEWS",
    "STEPS",
    "TEXTS",
    "TOKENS",
    "UPDATES",
    "USERS",
    "WRITES",
    "Fields",
    "Listing",
]
