"""Keep lines to SFTP servers open between calls: a new one costs a second at a distant server."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Final

import paramiko

from incasso.contract.folder_login import SftpServer

_IDLE_S: Final = 60.0


class Line:
    """One open line."""

    def __init__(self, transport: paramiko.Transport, seen: str, version: str) -> None:
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise paramiko.SSHException("no channel")
        self.client = client
        self.seen = seen
        self.version = version
        self._transport = transport

    @property
    def alive(self) -> bool:
        """Whether the server has not closed it."""
        return self._transport.is_active()

    def close(self) -> None:
        """Close it."""
        self._transport.close()


class Lines:
    """Idle lines of one instance, by server; there are as many as there were parallel calls."""

    def __init__(self) -> None:
        self._idle: dict[SftpServer, list[tuple[Line, float]]] = {}
        self._lock = Lock()
        self._closed = False

    def take(self, server: SftpServer, connect: Callable[[], Line]) -> Line:
        """An idle line, or a new one."""
        with self._lock:
            idle = self._idle.setdefault(server, [])
            while idle:
                line, since = idle.pop()
                if line.alive and time.monotonic() - since < _IDLE_S:
                    return line
                line.close()
        return connect()

    def give_back(self, server: SftpServer, line: Line) -> None:
        """Keep it for the next call."""
        with self._lock:
            if not self._closed and line.alive:
                self._idle.setdefault(server, []).append((line, time.monotonic()))
                return
        line.close()

    def close(self) -> None:
        """Close all that are idle; those in use are closed when they are given back."""
        with self._lock:
            self._closed = True
            for idle in self._idle.values():
                while idle:
                    idle.pop()[0].close()
