"""What this package brings: the channel kind "pec", with what it can and cannot do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    ChannelCapability,
    Declared,
    Family,
    Limits,
    PluginKind,
    Support,
    hookimpl,
    text,
)
from incasso_pec.channel import PecChannel
from incasso_pec.settings import PecSettings, limits_of

KIND = PluginKind(
    family=Family.CHANNEL,
    name="pec",
    summary=text("Certified mail (PEC) through any provider, with its signed receipts as proof."),
    factory=PecChannel,
    settings=PecSettings,
    capabilities={
        # Two sends with one Message-ID are two messages.
        ChannelCapability.IDEMPOTENT: IMPOSSIBLE,
        ChannelCapability.FIND: Declared(
            support=Support.PARTIAL,
            note=text(
                "Finds a message by its receipts, or by its copy among sent mail. Absence proves "
                "nothing, so it never says that a message certainly did not leave."
            ),
        ),
        ChannelCapability.POLL: IMPOSSIBLE,
        ChannelCapability.COLLECT: FULL,
        ChannelCapability.CALLBACKS: IMPOSSIBLE,
        ChannelCapability.ATTACHMENTS: FULL,
        ChannelCapability.HTML: FULL,
        ChannelCapability.COST: IMPOSSIBLE,
        ChannelCapability.LEGAL_PROOF: FULL,
    },
    # One line at a time: providers allow few, and count messages a minute.
    limits=Limits(max_parallel=1),
    limits_by=limits_of,
    media=("pec",),
    # The acceptance comes within seconds; providers promise no time, ten minutes are an alarm.
    acknowledges_within=timedelta(minutes=10),
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """Declare the kind."""
    return (KIND,)
