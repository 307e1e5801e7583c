"""A partner's gateway, found as an installed distribution is found: numbers its messages without a
gap, keeps an even pace, and hears over HTTP what became of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PLUGIN: Final = """
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from incasso.api import (
    FULL, IMPOSSIBLE, CallbackAnswer, CallbackRequest, CallContext, ChannelCapability, CheckReport,
    DeliveryState, DeliveryUpdate, Family, Limits, OutboundMessage, PluginKind, Prepared, Receipt,
    RejectedError, hookimpl, setting,
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    folder: Path = setting(help="Where the messages go")


class Gateway:
    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folder

    @hookimpl
    def instance_check(self) -> CheckReport:
        return CheckReport(remote_identity="gateway")

    @hookimpl
    def channel_prepare(self, message: OutboundMessage) -> Prepared:
        name = f"{message.delivery}.txt"
        return Prepared(content=message.text.encode(), media_type="text/plain", filename=name)

    @hookimpl
    def channel_send(self, prepared: Prepared, ctx: CallContext) -> Receipt:
        began = time.time()
        while True:
            seen = ctx.state.get("sequence")
            number = int(seen.value) + 1 if seen else 1
            if ctx.state.swap("sequence", str(number), seen=seen):
                break
        with (self._folder / "sent").open("a") as file:
            file.write(f"{number} {began} {ctx.idempotency_key}\\n")
        return Receipt(ref=f"g{number}", at=ctx.now())

    @hookimpl
    def channel_parse_callback(self, request: CallbackRequest) -> CallbackAnswer[DeliveryUpdate]:
        if challenge := request.query.get("challenge"):
            return CallbackAnswer(body=challenge.encode())
        if request.headers.get("x-key") != "s3cret":
            raise RejectedError("wrong key", code="signature")
        told = msgspec.json.decode(request.body)
        update = DeliveryUpdate(
            ref=told["ref"], update_id=told["id"], state=DeliveryState(told["state"]),
            at=datetime.fromisoformat(told["at"]), note="from the gateway",
        )
        return CallbackAnswer(
            updates=(update,), status=202, body=b"<ok/>", media_type="application/xml"
        )


@hookimpl
def hub_kinds() -> tuple[PluginKind, ...]:
    can = dict.fromkeys(ChannelCapability, IMPOSSIBLE) | {ChannelCapability.CALLBACKS: FULL}
    return (PluginKind(
        family=Family.CHANNEL, name="gateway", summary="Sends through a gateway.", factory=Gateway,
        settings=Settings, capabilities=can, media=("email",),
        limits=Limits(calls_per_second=Decimal(10), burst=1, max_parallel=1),
    ),)
"""

TABLE: Final = """
[channels.gate]
plugin = "gateway"
media = ["email"]
folder = "sent"
"""


def install(folder: Path) -> str:
    """Put the plugin beside an office; the PYTHONPATH with which the hub finds it."""
    (folder / "incasso_gateway.py").write_text(PLUGIN)
    (folder / "sent").mkdir()
    info = folder / "incasso_gateway-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: incasso-gateway\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[incasso.plugins]\ngateway = incasso_gateway\n")
    return os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", ""))))
