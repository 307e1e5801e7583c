"""What this package brings: the channel kind "postal", with what it can and cannot do."""

from __future__ import annotations

from collections.abc import Iterable

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
from incasso_postal.channel import PostalChannel
from incasso_postal.settings import PostalSettings

KIND = PluginKind(
    family=Family.CHANNEL,
    name="postal",
    summary=text(
        "Letters, registered letters and telegrams that Ufficio Postale prints and posts."
    ),
    factory=PostalChannel,
    settings=PostalSettings,
    capabilities={
        ChannelCapability.IDEMPOTENT: Declared(
            support=Support.PARTIAL,
            note=text(
                "The service knows no key of ours. The plugin keeps the number of its draft before "
                "it confirms it, and a draft can be confirmed once only."
            ),
        ),
        ChannelCapability.FIND: FULL,
        ChannelCapability.POLL: FULL,
        ChannelCapability.COLLECT: IMPOSSIBLE,
        ChannelCapability.CALLBACKS: Declared(
            support=Support.PARTIAL,
            note=text(
                "The service signs nothing: a callback is noted, and the service is asked itself."
            ),
        ),
        ChannelCapability.ATTACHMENTS: IMPOSSIBLE,
        ChannelCapability.HTML: IMPOSSIBLE,
        ChannelCapability.COST: Declared(
            support=Support.IMPOSSIBLE,
            note=text("The price is known with the draft, just before the letter is confirmed."),
        ),
        ChannelCapability.LEGAL_PROOF: FULL,
    },
    limits=Limits(max_parallel=4),
    media=("letter", "registered", "telegram"),
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """Declare the kind."""
    return (KIND,)
