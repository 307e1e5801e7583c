"""The results of composing a step's message: it can leave, it waits, or the medium is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from incasso.contract.channel import OutboundMessage, Prepared, Recipient
from incasso.domain.recovery.iters import Stage
from incasso.services.sending.enclosed import NOTHING, Enclosed
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine

if TYPE_CHECKING:
    from incasso.plugins.handles import ChannelHandle


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A message ready to leave, with the exact bytes. `attempts` were made before."""

    step: ReadyStep
    delivery: str
    attempts: int
    address: str
    channel: ChannelHandle
    message: OutboundMessage
    prepared: Prepared
    stage: Stage
    lines: Sequence[StepLine]
    credits: tuple[int, ...] = ()
    """The credits it takes off what it asks, by the number of their installment."""
    enclosed: Enclosed = NOTHING
    copies: tuple[Recipient, ...] = ()
    """Our own people who get the same for information, once it has left."""
    sha256: str = ""
    """Of `prepared.content`, once it is in the archive."""


@dataclass(frozen=True, kw_only=True)
class Waits:
    """The step stays ready until a person corrects what the reason names."""

    step: ReadyStep
    reason: str


@dataclass(frozen=True, kw_only=True)
class Closed:
    """This medium does not reach the client: planning takes the next one, or a person's task."""

    step: ReadyStep
    reason: str
    bad_address: str = ""


@dataclass(frozen=True, kw_only=True)
class Crashed:
    """The channel's plugin broke while preparing this one message; nothing left."""

    step: ReadyStep
    delivery: str
    attempts: int
    channel: ChannelHandle
    address: str
    reason: str


Composed: TypeAlias = Leaving | Waits | Closed | Crashed
