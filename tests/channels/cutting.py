"""A line to a server that breaks at a chosen piece of what is said on it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import Enum
from typing import Self


class At(Enum):
    """Where the line breaks."""

    ASKED = "asked"
    """The chosen piece does not reach the server."""
    ANSWERED = "answered"
    """It does, and what the server says to it does not come back."""


class Cutter:
    """Passes connections on to a port of this machine. The pieces that clients say are counted over
    all connections from 1; at the chosen one every connection breaks, and no other is taken."""

    def __init__(self, port: int, number: int, at: At) -> None:
        self._target, self._number, self._at = port, number, at
        self._said = 0
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self.broke = False

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._break()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open += [client, server]
                if self.broke:
                    self._break()
                for work in (self._up, self._down):
                    threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(65_536):
                with self._lock:
                    self._said += 1
                    is_it = self._said == self._number
                if is_it and self._at is At.ASKED:
                    self._break()
                    return
                self.broke = self.broke or is_it
                server.sendall(piece)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(65_536):
                if self.broke:
                    self._break()
                    return
                client.sendall(piece)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)

    def _break(self) -> None:
        self.broke = True
        with self._lock:
            broken, self._open = self._open, []
        for line in broken:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
