"""An SMTP server that takes every message and keeps none; prints its port, then serves."""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Take the message, forget it."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        """The name is aiosmtpd's."""
        return "250 2.0.0 taken"


async def serve() -> None:
    """Serve on a free port of the loopback until stopped."""
    loop = asyncio.get_running_loop()

    def session() -> Any:
        return SMTP(Sink(), hostname="sink.example", enable_SMTPUTF8=True)

    server = await loop.create_server(session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
