"""What a dispatcher and its second process say to each other about messages written ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from multiprocessing.reduction import ForkingPickler
from types import MappingProxyType
from typing import Any

from incasso.contract.channel import OutboundMessage, Prepared, Recipient
from incasso.domain.recovery.iters import Stage
from incasso.messages import Template
from incasso.plugins.settings.config import HubConfig
from incasso.store.proof.archive import Entry
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine


def _read_only(content: dict[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(content)


# A configuration holds such views, which Python does not let travel.
ForkingPickler.register(MappingProxyType, lambda view: (_read_only, (dict(view),)))


@dataclass(frozen=True)
class Opening:
    """What is the same for every page of a dispatch."""

    config: HubConfig
    on: date
    templates: Mapping[tuple[str, str], Template]
    envelope_key: bytes


@dataclass(frozen=True)
class Order:
    """The steps of a page, and the channels that are not to be used any more."""

    steps: Sequence[ReadyStep]
    stopped: Mapping[str, str]


@dataclass(frozen=True)
class Written:
    """A message that can leave; its bytes are in the archive. See `Leaving`."""

    step: int
    channel: str
    delivery: str
    address: str
    message: OutboundMessage
    prepared: Prepared
    stage: Stage
    lines: Sequence[StepLine]
    credits: tuple[int, ...]
    copies: tuple[Recipient, ...]
    entry: Entry
