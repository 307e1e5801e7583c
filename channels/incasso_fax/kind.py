"""What this package brings: three kinds of channel, one for each way a fax can leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from incasso.api import (
    FULL,
    IMPOSSIBLE,
    Capability,
    ChannelCapability,
    Declared,
    Family,
    Limits,
    PluginKind,
    Support,
    hookimpl,
    text,
)
from incasso_fax.by_mail.channel import FaxMailChannel
from incasso_fax.by_mail.settings import FaxMailSettings
from incasso_fax.hylafax.channel import HylafaxChannel
from incasso_fax.hylafax.settings import HylafaxSettings
from incasso_fax.interfax.channel import InterfaxChannel
from incasso_fax.interfax.settings import InterfaxSettings

_ABSENCE = text(
    "Finds a fax by our reference. Absence proves nothing, so it never says that a fax certainly "
    "did not leave."
)

_FAX: Final[Mapping[Capability, Declared]] = {
    **dict.fromkeys(ChannelCapability, IMPOSSIBLE),
    ChannelCapability.FIND: Declared(support=Support.PARTIAL, note=_ABSENCE),
    ChannelCapability.POLL: FULL,
}
"""What a service can do that keeps a record of each fax under our reference."""

INTERFAX = PluginKind(
    family=Family.CHANNEL,
    name="interfax",
    summary=text("Faxes through the InterFAX service; its record of each fax is kept as evidence."),
    factory=InterfaxChannel,
    settings=InterfaxSettings,
    capabilities={
        **_FAX,
        ChannelCapability.COST: Declared(
            support=Support.IMPOSSIBLE, note=text("The price is known when the fax is done.")
        ),
    },
    limits=Limits(max_parallel=2),
    media=("fax",),
)

HYLAFAX = PluginKind(
    family=Family.CHANNEL,
    name="hylafax",
    summary=text("Faxes through a HylaFAX server; its report of each job is kept as evidence."),
    factory=HylafaxChannel,
    settings=HylafaxSettings,
    capabilities=_FAX,
    limits=Limits(max_parallel=1),
    media=("fax",),
)

FAX_MAIL = PluginKind(
    family=Family.CHANNEL,
    name="fax_mail",
    summary=text("Faxes through a gateway that takes a mail to an address made of the number."),
    factory=FaxMailChannel,
    settings=FaxMailSettings,
    capabilities={
        **dict.fromkeys(ChannelCapability, IMPOSSIBLE),
        ChannelCapability.COLLECT: Declared(
            support=Support.PARTIAL,
            note=text("With imap_host: what the gateway writes about each fax."),
        ),
    },
    limits=Limits(max_parallel=1),
    media=("fax",),
)


@hookimpl
def hub_kinds() -> Iterable[PluginKind]:
    """Declare the kinds."""
    return (INTERFAX, HYLAFAX, FAX_MAIL)
