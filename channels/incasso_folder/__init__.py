"""Write messages into a folder: for a print room, a trial, or a demo without a network."""

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
from incasso_folder.channel import FolderChannel, FolderSettings

KIND = PluginKind(
    family=Family.CHANNEL,
    name="folder",
    summary=text("Messages as files in a folder: a print room, a trial, a demo."),
    factory=FolderChannel,
    settings=FolderSettings,
    capabilities={
        ChannelCapability.IDEMPOTENT: FULL,
        ChannelCapability.FIND: FULL,
        ChannelCapability.POLL: Declared(
            support=Support.PARTIAL,
            note=text(
                "A folder never learns that a message was delivered; with "
                "counts_as_delivered every written file counts, for demos and trials."
            ),
        ),
        ChannelCapability.COLLECT: IMPOSSIBLE,
        ChannelCapability.CALLBACKS: IMPOSSIBLE,
        ChannelCapability.ATTACHMENTS: Declared(
            support=Support.PARTIAL, note=text("For email and pec; a letter or fax is its one PDF.")
        ),
        ChannelCapability.HTML: Declared(support=Support.PARTIAL, note=text("For email and pec.")),
        ChannelCapability.COST: IMPOSSIBLE,
        ChannelCapability.LEGAL_PROOF: IMPOSSIBLE,
    },
    limits=Limits(max_parallel=4),
    media=("email", "pec", "letter", "registered", "fax", "sms", "telegram"),
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """Declare the kind."""
    return (KIND,)
