"""What this package brings: the channel kinds "smtp" and "graph", and what they can do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

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
from incasso_smtp.channel import SmtpChannel
from incasso_smtp.graph.channel import GraphChannel
from incasso_smtp.graph.settings import LARGEST, GraphSettings
from incasso_smtp.settings import SmtpSettings

KIND = PluginKind(
    family=Family.CHANNEL,
    name="smtp",
    summary=text("E-mail through any SMTP server; bounces are read from its mailbox by IMAP."),
    factory=SmtpChannel,
    settings=SmtpSettings,
    capabilities={
        # Two sends with one Message-ID are two mails: SMTP recognises nothing.
        ChannelCapability.IDEMPOTENT: IMPOSSIBLE,
        ChannelCapability.FIND: Declared(
            support=Support.PARTIAL,
            note=text(
                "With imap_sent, finds what the provider filed among sent mail. Absence "
                "proves nothing, so it never says that a message certainly did not leave."
            ),
        ),
        ChannelCapability.POLL: IMPOSSIBLE,
        ChannelCapability.COLLECT: Declared(
            support=Support.PARTIAL, note=text("With imap_host: bounces and delays, never replies.")
        ),
        ChannelCapability.CALLBACKS: IMPOSSIBLE,
        ChannelCapability.ATTACHMENTS: FULL,
        ChannelCapability.HTML: FULL,
        ChannelCapability.COST: IMPOSSIBLE,
        ChannelCapability.LEGAL_PROOF: IMPOSSIBLE,
    },
    # Exchange Online allows three lines per mailbox, and others not many more.
    limits=Limits(max_parallel=3),
    media=("email",),
)


GRAPH: Final = PluginKind(
    family=Family.CHANNEL,
    name="graph",
    summary=text("E-mail through Microsoft Graph; bounces are read from the mailbox by IMAP."),
    factory=GraphChannel,
    settings=GraphSettings,
    capabilities={
        **KIND.capabilities,
        ChannelCapability.FIND: Declared(
            support=Support.PARTIAL,
            note=text(
                "Finds what Graph filed among sent mail. Absence proves nothing, so it never says "
                "that a message certainly did not leave."
            ),
        ),
    },
    # Graph serves four requests of one mailbox at a time.
    limits=Limits(max_parallel=4, max_message_bytes=LARGEST),
    media=("email",),
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """Declare the kinds."""
    return (KIND, GRAPH)
