"""What this package brings: the channel kind "sms", with what it can and cannot do."""

from __future__ import annotations

from collections.abc import Iterable

from incasso.api import (
    API_MINOR,
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
from incasso_sms.channel import SmsChannel
from incasso_sms.settings import SmsSettings

KIND = PluginKind(
    family=Family.CHANNEL,
    name="sms",
    summary=text("Text messages through Twilio or Openapi, with their delivery and their cost."),
    factory=SmsChannel,
    settings=SmsSettings,
    capabilities={
        # Neither service recognises a repeated request.
        ChannelCapability.IDEMPOTENT: IMPOSSIBLE,
        ChannelCapability.FIND: Declared(
            support=Support.PARTIAL,
            note=text(
                "Finds a message by recipient, words and time, or by its id where the service "
                "shows it. Absence proves nothing, so it never says that a message certainly did "
                "not leave."
            ),
        ),
        ChannelCapability.POLL: FULL,
        ChannelCapability.COLLECT: IMPOSSIBLE,
        ChannelCapability.CALLBACKS: FULL,
        ChannelCapability.ATTACHMENTS: IMPOSSIBLE,
        ChannelCapability.HTML: IMPOSSIBLE,
        # Told afterwards at best; before it the office's own price counts for each segment.
        ChannelCapability.COST: IMPOSSIBLE,
        ChannelCapability.LEGAL_PROOF: IMPOSSIBLE,
    },
    limits=Limits(max_parallel=4),
    media=("sms",),
    # Networks try for three days at most; many never say what became of a message.
    poll_days=10,
    api_minor=API_MINOR,
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """Declare the kind."""
    return (KIND,)
