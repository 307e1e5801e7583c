"""An office that sends text messages through a simulated service, by its real commands."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from incasso.testing.sms import SmsService
from tests.cli.command import Ended, plain_environment
from tests.sending.played import CONFIG, PlayedOffice

DAY = "2026-11-23"
ITERS = """
[[iter]]
key = "ordinario"
[[iter.stage]]
key = "sollecito"
label = "Sollecito"
days = 5
channels = ["sms", "letter"]
template = "primo_sollecito"
advance_on = "delivered"
proof_days = 3
otherwise = "fallback"
[[iter.stage]]
key = "secondo"
label = "Secondo sollecito"
anchor = "previous"
days = 10
channels = ["sms", "letter"]
template = "secondo_sollecito"
advance_on = "sent"
"""


class SmsOffice(PlayedOffice):
    """Clients by their mobile; letters go into a folder."""

    def __init__(self, folder: Path, clients: Mapping[str, str]) -> None:
        super().__init__(folder, ITERS, config=CONFIG.replace(', "sms"', ""))
        place = {"address": "Via Po 2", "zip": "10121", "city": "Torino"}
        self.ledger(
            [
                {"code": code, "name": f"Ditta {code}", "mobile": number, **place}
                for code, number in clients.items()
            ],
            [
                {
                    "key": f"R{code}",
                    "client": code,
                    "document_number": f"{code}/26",
                    "document_date": "2026-09-10",
                    "due_date": "2026-11-10",
                    "amount": "100.00",
                    "residual": "100.00",
                    "currency": "EUR",
                    "payment_method": "transfer",
                }
                for code in clients
            ],
        )

    def use(self, service: SmsService, **more: Any) -> None:
        """Let text messages leave through that service."""
        lines = ["", "[channels.sms]", 'media = ["sms"]']
        for key, value in {**service.table, **more}.items():
            shown = str(value).lower() if isinstance(value, bool) else f'"{value}"'
            lines.append(f"{key} = {shown}")
        for key, value in service.secrets.items():
            secret = self.folder / f"sms-{key}"
            secret.touch(0o600)
            secret.write_text(value, "utf-8")
            lines.append(f'{key} = {{ file = "sms-{key}" }}')
        config = CONFIG.replace(', "sms"', "") + "\n".join(lines) + "\n"
        (self.folder / "plugins.toml").write_text(config, "utf-8")

    def leaves(self, on: str = DAY) -> Ended:
        """The ledger is read and planned, and what is due leaves."""
        self.do("sync", "--on", on)
        self.do("plan", "--on", on)
        return self.tries("dispatch", "--on", on, "--really-send")

    def refusals(self) -> list[dict[str, Any]]:
        """What clients refused."""
        return self.do("consents", "--format", "json").rows()

    def status(self) -> dict[str, list[tuple[str, str]]]:
        """By client: every medium and what became of it, text messages first."""
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self.do("deliveries", "--format", "json").rows():
            found.setdefault(row["client"], []).append((row["medium"], row["status"]))
        return {client: sorted(told, reverse=True) for client, told in found.items()}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def serving(office: PlayedOffice, port: int) -> Iterator[str]:
    """`incasso serve` in a process of its own; its address."""
    command = [sys.executable, "-m", "incasso.cli.main", "serve", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(  # type: ignore[call-overload]
        command, cwd=office.folder, env=plain_environment(), **quiet
    ) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(1200):
                assert server.poll() is None
                with suppress(httpx.HTTPError):
                    httpx.get(f"{url}/health")
                    break
                time.sleep(0.05)
            yield url
        finally:
            server.terminate()
