"""The door as a plugin in a hub gets it: settings from a file, errors without secrets, its end."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incasso.api import (
    IMPOSSIBLE,
    AuthenticationError,
    CallContext,
    ChannelCapability,
    CheckReport,
    Family,
    FolderLogin,
    OutboundMessage,
    PluginKind,
    Prepared,
    Receipt,
    hookimpl,
    setting,
)
from incasso.contract.media import Medium
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig
from incasso.plugins.states import State
from incasso.testing import samples
from incasso.testing.fakes.registry import package_of
from incasso.testing.folders import SftpServer
from tests.plugins.conftest import ON, view

TABLE = """
plugin = "exchanging"
{private}
[folder]
place = "sftp"
[folder.sftp]
host = "127.0.0.1"
port = {port}
user = "acme"
host_key = "{key}"
password = {{ file = "password" }}
"""


@dataclass(frozen=True, kw_only=True)
class Settings:
    folder: FolderLogin = setting(help="Where files are exchanged")


class Exchanging:
    """A channel that puts each message into a folder."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folder

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        found = ctx.folder(self._folder).check()
        return CheckReport(
            remote_identity=found.identity, facts=found.facts, warnings=found.warnings
        )

    @hookimpl
    def channel_prepare(self, message: OutboundMessage) -> Prepared:
        return Prepared(content=b"<lot/>", media_type="text/xml", filename="lot.xml")

    @hookimpl
    def channel_send(self, prepared: Prepared, ctx: CallContext) -> Receipt:
        ctx.folder(self._folder).put(prepared.filename, io.BytesIO(prepared.content))
        return Receipt(ref=prepared.filename, at=ctx.now())


KIND = PluginKind(
    family=Family.CHANNEL,
    name="exchanging",
    summary="puts messages into a folder",
    factory=Exchanging,
    settings=Settings,
    capabilities=dict.fromkeys(ChannelCapability, IMPOSSIBLE),
    media=("email",),
)

Start = Callable[..., Registry]


@pytest.fixture
def start(tmp_path: Path, server: SftpServer) -> Iterator[Start]:
    """A hub with one instance, whose table may be changed."""
    started: list[Registry] = []
    for folder in ("out", "in"):
        (tmp_path / folder).mkdir()

    def begin(password: str = "segreta", private: bool = True, key: str = "") -> Registry:
        secret = tmp_path / "password"
        secret.touch(0o600)
        secret.write_text(password)
        table: dict[str, Any] = tomllib.loads(
            TABLE.format(
                private="allow_private_addresses = true" if private else "",
                port=server.port,
                key=key or server.fingerprint,
            )
        )
        config = HubConfig(
            path=tmp_path / "plugins.toml",
            database_url="",
            archive=tmp_path,
            tables={Family.CHANNEL: {"alfa": table}},
        )
        discovery = inspect_packages({"exchanging": package_of("exchanging", KIND)})
        registry = build_registry(config, now=lambda: datetime.now(UTC), discovery=discovery)
        started.append(registry)
        return registry

    yield begin
    for registry in started:
        registry.close()


def test_a_message_goes_into_the_folder(start: Start, tmp_path: Path) -> None:
    registry = start()
    checked = registry.check("alfa", ON)
    assert checked.view.state is State.READY
    channel = registry.channel("alfa")
    message = samples.message(Medium.EMAIL)
    prepared = channel.prepare(message, ON)
    assert channel.send(message, prepared, attempt=1, dry_run=False, on=ON).ref == "lot.xml"
    assert (tmp_path / "out" / "lot.xml").read_bytes() == b"<lot/>"


def test_a_server_in_our_network_is_reached_only_if_the_table_says_so(start: Start) -> None:
    registry = start(private=False)
    registry.check("alfa", ON)
    assert view(registry, "alfa").state is State.MISCONFIGURED
    assert "is the private address" in view(registry, "alfa").reason


def test_another_server_pauses_the_instance(start: Start, server: SftpServer) -> None:
    registry = start(key="SHA256:" + "A" * 43)
    registry.check("alfa", ON)
    assert view(registry, "alfa").state is State.PAUSED
    assert server.fingerprint in view(registry, "alfa").reason
    assert server.logins == 0


def test_a_wrong_password_pauses_and_is_never_shown(start: Start) -> None:
    registry = start(password="sbagliatissima")
    registry.check("alfa", ON)
    assert view(registry, "alfa").state is State.PAUSED
    assert "sbagliatissima" not in view(registry, "alfa").reason
    message = samples.message(Medium.EMAIL)
    channel = registry.channel("alfa")
    with pytest.raises(AuthenticationError):
        channel.send(message, channel.prepare(message, ON), attempt=1, dry_run=False, on=ON)
