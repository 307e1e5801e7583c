"""`python -m incasso_fake_mexal`: a Mexal to try a hub against, until Ctrl-C."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TextIO

from incasso_fake_mexal.certificate import self_signed
from incasso_fake_mexal.clock import MORNING
from incasso_fake_mexal.sample import small_company
from incasso_fake_mexal.server import MexalServer


def main(
    words: Sequence[str] | None = None,
    stop: threading.Event | None = None,
    out: TextIO | None = None,
) -> int:
    """Serve a small company and say how to reach it."""
    options = _options().parse_args(words)
    certificate = None if options.plain else self_signed()
    with MexalServer(
        tls=certificate.tls if certificate else None, domain=options.domain, port=options.port
    ) as server:
        at = datetime.strptime(options.on, "%Y-%m-%d")  # noqa: DTZ007 - a day
        server.clock.set(at.replace(hour=MORNING.hour))
        small_company(server)
        print(_table(server, certificate.pin if certificate else ""), file=out, flush=True)
        try:
            (stop or threading.Event()).wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m incasso_fake_mexal", description="A fake Mexal WebAPI on this machine."
    )
    parser.add_argument("--port", type=int, default=9004, help="where to listen; 0: any free one")
    parser.add_argument("--domain", default="", help="be a cloud installation of this domain")
    parser.add_argument("--plain", action="store_true", help="http instead of https")
    parser.add_argument("--on", default=f"{MORNING:%Y-%m-%d}", help="the server's day")
    return parser


def _table(server: MexalServer, pin: str) -> str:
    lines = [
        "[connectors.acme]",
        'plugin = "mexal"',
        f'base_url = "{server.url}"',
        f'user = "{server.user.name}"',
        f'password = {{ env = "MEXAL_PASSWORD" }}    # {server.user.password}',
        'company = "ACM"',
        "allow_private_addresses = true",
    ]
    if pin:
        lines.insert(3, f'certificate = "{pin}"')
    if server.access.domain:
        lines.insert(3, f'domain = "{server.access.domain}"')
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
