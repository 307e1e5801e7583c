"""An SMTP server that takes every message and keeps none; prints its port, then serves.

It is written by hand because it shares the machine with what is measured: a full server spends
more on a message than the plain loop that sends it, and so would hide what sending costs.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

_ANSWERS: Final = {
    b"EHLO": b"250-sink.example\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
    b"HELO": b"250 sink.example\r\n",
    b"MAIL": b"250 2.1.0 taken\r\n",
    b"RCPT": b"250 2.1.5 taken\r\n",
    b"RSET": b"250 2.0.0 forgotten\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}
_END: Final = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One line of a client that waits for each answer, as smtplib does."""

    def __init__(self, thinks: float = 0.0) -> None:
        """`thinks`: so many seconds it takes for each message."""
        self._thinks = thinks
        self._unread = bytearray()
        self._in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each command; of a message, only its end."""
        self._unread += data
        end = _END if self._in_message else b"\r\n"
        if not self._unread.endswith(end):
            return
        verb = bytes(self._unread[:4]).upper()
        self._unread.clear()
        if self._in_message:
            self._in_message = False
            taken = b"250 2.0.0 taken\r\n"
            if self._thinks:
                asyncio.get_running_loop().call_later(self._thinks, self._transport.write, taken)
            else:
                self._transport.write(taken)
            return
        self._in_message = verb == b"DATA"
        self._transport.write(_ANSWERS.get(verb, b"500 5.5.2 what?\r\n"))
        if verb == b"QUIT":
            self._transport.close()


async def serve(thinks: float) -> None:
    """Serve on a free port of the loopback until stopped."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(thinks), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int([*sys.argv, "0"][1]) / 1000))
