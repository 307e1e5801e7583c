"""A process of a hub: says that it is ready, waits for a line, and sends so many messages, or as
many as the limits allow."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from incasso.contract.errors import RateLimitedError
from incasso.contract.media import Medium
from incasso.services.hub.hub import build_hub
from incasso.testing.samples import message

ON = date(2026, 11, 23)


def main(config: str, name: str, number: int) -> None:
    """Send them through the channel `gate`."""
    with build_hub(Path(config)) as hub:
        gate = hub.registry.channel("gate")
        print("ready", flush=True)
        sys.stdin.readline()
        for each in range(number):
            one = message(Medium.EMAIL, f"{name}-{each}")
            try:
                gate.send(one, gate.prepare(one, ON), attempt=1, dry_run=False, on=ON)
            except RateLimitedError:
                break


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
