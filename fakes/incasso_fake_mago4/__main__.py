"""`python -m incasso_fake_mago4`: a Mago4 to try a hub against, until Ctrl-C."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, TextIO

from incasso_fake_mago4.cloud import CloudServer
from incasso_fake_mago4.sample import sample
from incasso_fake_mago4.soap import MagoServer

_DAY: Final = "2026-11-23"


def main(
    words: Sequence[str] | None = None,
    stop: threading.Event | None = None,
    out: TextIO | None = None,
) -> int:
    """Make a small company in a file, serve it both ways, and say how to reach it."""
    options = _options().parse_args(words)
    path = options.database.absolute()
    if path.exists():
        print(f"{path} is there already; delete it or name another with --database")  # noqa: T201
        return 2
    company = sample(f"sqlite:///{path}", date.fromisoformat(options.on))
    with (
        MagoServer({"ACME": company.engine}, port=options.port) as server,
        CloudServer({"SUB-1": company.engine}, port=options.cloud_port) as cloud,
    ):
        print(_tables(server, cloud, path), file=out, flush=True)
        try:
            (stop or threading.Event()).wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m incasso_fake_mago4",
        description="A fake Mago4 on this machine: database, MagicLink and cloud of one company.",
    )
    parser.add_argument("--port", type=int, default=8081, help="of MagicLink; 0: any free one")
    parser.add_argument("--cloud-port", type=int, default=8082, help="of the cloud")
    parser.add_argument("--database", type=Path, default=Path("acme.db"), help="a file to make")
    parser.add_argument("--on", default=_DAY, help="the day as of which the company stands")
    return parser


def _tables(server: MagoServer, cloud: CloudServer, path: Path) -> str:
    [(user, password)] = server.users.items()
    [(account, secret)] = cloud.users.items()
    return f"""# The database
[connectors.acme]
plugin = "mago4"
url = "sqlite:///{path}"

# The same company through MagicLink
[connectors.acme_link]
plugin = "magolink"
url = "{server.url}"
user = "{user}"
password = {{ env = "MAGO_PASSWORD" }}            # {password}
company = "ACME"
customers_profile = "AllUsers/Incasso"
allow_private_addresses = true

# The same company in the cloud
[connectors.acme_cloud]
plugin = "magolink"
transport = "cloud"
url = "{cloud.url}"
user = "{account}"
password = {{ env = "MAGO_PASSWORD" }}            # {secret}
subscription = "SUB-1"
producer_key = {{ env = "MAGO_PRODUCER_KEY" }}    # {cloud.keys["ProducerKey"]}
app_key = {{ env = "MAGO_APP_KEY" }}              # {cloud.keys["AppKey"]}
customers_profile = "AllUsers/Incasso"
allow_private_addresses = true"""


if __name__ == "__main__":
    raise SystemExit(main())
