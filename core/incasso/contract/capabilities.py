"""What a plugin kind declares about itself: family, capabilities, limits, settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from incasso.contract.values import API, Value


class Family(StrEnum):
    """The three kinds of neighbours a hub has; the value is the table name in plugins.toml."""

    CONNECTOR = "connectors"
    CHANNEL = "channels"
    PROVIDER = "providers"


class Support(StrEnum):
    """How far a capability goes; only PARTIAL and FULL count as usable."""

    UNKNOWN = "unknown"
    IMPOSSIBLE = "impossible"
    PLANNED = "planned"
    PARTIAL = "partial"
    FULL = "full"

    @property
    def usable(self) -> bool:
        """Whether the hub may use it."""
        return self in (Support.PARTIAL, Support.FULL)


class ConnectorCapability(StrEnum):
    """What a connector may offer beside pulling clients and installments."""

    REFRESH = "refresh"
    DELETIONS = "deletions"
    DOCUMENTS = "documents"
    WRITE_BACK = "write_back"
    PEOPLE = "people"
    TOTALS = "totals"
    FINGERPRINTS = "fingerprints"
    SEVERAL_CURRENCIES = "several_currencies"
    DOCUMENT_LIST = "document_list"
    PAYMENTS = "payments"
    BALANCES = "balances"
    DISCOVERY = "discovery"
    RETURNED_BILLS = "returned_bills"
    """It gives `unpaid_on` itself; otherwise the hub infers it from a bill that is open again."""


class ChannelCapability(StrEnum):
    """What a channel may offer beside preparing and sending."""

    IDEMPOTENT = "idempotent"
    FIND = "find"
    POLL = "poll"
    COLLECT = "collect"
    CALLBACKS = "callbacks"
    ATTACHMENTS = "attachments"
    HTML = "html"
    COST = "cost"
    LEGAL_PROOF = "legal_proof"


class ProviderCapability(StrEnum):
    """What a provider may offer beside taking lots."""

    IDEMPOTENT = "idempotent"
    FIND = "find"
    QUOTE = "quote"
    FILES = "files"
    """It sends and takes files."""
    PULL = "pull"
    """Its web service is asked what happened."""
    CALLBACKS = "callbacks"
    REFUSALS = "refusals"
    """It takes back the rows that the hub could not use."""
    NOTICES = "notices"
    """It takes notices at all; the next ones say which."""
    DIRECT_PAYMENT = "direct_payment"
    CORRECTION = "correction"
    SUSPENSION = "suspension"
    RECALL = "recall"
    PARTIAL_RECALL = "partial_recall"
    """One row of a placement, or one placement of a lot."""
    EXTENSION = "extension"
    ANSWERS = "answers"
    DOCUMENTS = "documents"
    CLOSING = "closing"


Capability: TypeAlias = ConnectorCapability | ChannelCapability | ProviderCapability


class Declared(Value, frozen=True, kw_only=True):
    """A decision about one capability; PARTIAL needs a note that names the cases."""

    support: Support
    note: str = ""


FULL = Declared(support=Support.FULL)
IMPOSSIBLE = Declared(support=Support.IMPOSSIBLE)
PLANNED = Declared(support=Support.PLANNED)


class Limits(Value, frozen=True, kw_only=True):
    """Limits of one instance; the configuration may lower them, never raise them.

    `None` means: no limit known.
    """

    max_parallel: int = 1
    calls_per_second: Decimal | None = None
    """How many calls a second in the long run; a fraction for slower services: Decimal("0.2")."""
    burst: int = 1
    """So many calls may go at once after a quiet time; only with `calls_per_second`."""
    calls_per_minute: int | None = None
    calls_per_day: int | None = None
    max_page: int = 1000
    page_seconds: int = 60
    """Deadline of one page of a pull; longer where the ERP's own limit is."""
    max_body_chars: int | None = None
    max_message_bytes: int | None = None


class PluginKind(Value, frozen=True, kw_only=True):
    """One kind of plugin that a package brings, e.g. the connector "csv"."""

    family: Family
    name: str
    summary: str
    """One sentence for a credit officer."""
    factory: Callable[[Any], object]
    """Makes an instance from its settings; must not use network or files."""
    settings: type
    """Frozen dataclass or frozen msgspec Struct; see `incasso.api.setting` for help and unit."""
    capabilities: Mapping[Capability, Declared]
    limits: Limits = Limits()
    limits_by: Callable[[Any], Limits] | None = None
    """Limits that follow from an instance's settings, e.g. those of the provider it names; they
    replace `limits`. Without network or files."""
    media: tuple[str, ...] = ()
    """Channels only: the media an instance may carry."""
    acknowledges_within: timedelta | None = None
    """Channels only: within this time the other side writes that it has a message, whatever becomes
    of it then; silence is told to the office. None: it need not write."""
    poll_days: int = 120
    """Channels with POLL: so long after a message left its service may still have news of it. Later
    it is not asked any more: some messages never get a final word."""
    api: int = API
    api_minor: int = 0
    """The newest minor version whose members of enumerations the plugin knows: see
    `incasso.api.API_MINOR`. An older plugin gets an older member for what came later."""
    docs_url: str = ""
    formerly: tuple[str, ...] = ()
    """Old names still accepted in plugins.toml."""
    if_doubtful: str = ""
    """Connectors: what a person should look at before confirming a read that the hub did not
    believe, e.g. "look at the file"."""
    if_empty: str = ""
    """Connectors: the same after a read that brought nothing at all; absent: `if_doubtful`."""
