"""A real SFTP server on loopback, on a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncssh

from incasso.testing.folders.faults import Fault, Operation

T = TypeVar("T")

HOST: Final = "127.0.0.1"
logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


class SftpServer:
    """Files below `root`, served to one user. `keys`: of the server, at most one of a kind. `old`:
    without the rename of OpenSSH.

    `done` counts the operations that were asked for. Reading and scripting are safe from any
    thread.
    """

    def __init__(
        self,
        root: Path,
        *,
        user: str = "acme",
        password: str = "segreta",  # noqa: S107
        public_key: str = "",
        keys: Sequence[asyncssh.SSHKey] = (),
        old: bool = False,
    ) -> None:
        self.root = root
        self.user = user
        self.password = password
        self.public_key = public_key
        self.old = old
        self.slow_s = 0.0
        self.done: Counter[str] = Counter()
        self.logins = 0
        self.host, self.port = HOST, 0
        self._keys = tuple(keys) or (asyncssh.generate_private_key("ssh-ed25519"),)
        self._faults: dict[str, tuple[Fault, int]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._up = threading.Event()
        self._lines: list[asyncssh.SSHServerConnection] = []

    @property
    def fingerprint(self) -> str:
        """Of its first key, as `ssh-keygen -lf` writes it."""
        return self._keys[0].get_fingerprint()

    def fault(self, operation: Operation, fault: Fault, *, after: int = 0) -> None:
        """The next time the operation is asked for, or after so many, this happens, once."""
        self._faults[operation] = fault, after

    def __enter__(self) -> SftpServer:
        self._thread.start()
        self._up.wait()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._begin())
        self._up.set()
        self._loop.run_forever()

    async def _begin(self) -> None:
        self._listener = await asyncssh.listen(
            HOST,
            0,
            server_factory=lambda: _Gate(self),
            server_host_keys=list(self._keys),
            sftp_factory=lambda channel: _Files(channel, self),
            allow_scp=False,
            compression_algs=None,
        )
        self.port = self._listener.get_port()

    async def _end(self) -> None:
        self._listener.close()
        await self._listener.wait_closed()
        for each in self._lines:
            each.abort()
            await each.wait_closed()

    def _met(self, operation: Operation) -> Fault | None:
        """What happens now; a fault that was told happens once."""
        self.done[operation] += 1
        fault, after = self._faults.get(operation, (None, 0))
        if fault is None:
            return None
        if after:
            self._faults[operation] = fault, after - 1
            return None
        del self._faults[operation]
        return fault


class _Gate(asyncssh.SSHServer):
    """Who may log in."""

    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server._lines.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return not self._server.public_key

    def validate_password(self, username: str, password: str) -> bool:
        self._server.logins += 1
        return (username, password) == (self._server.user, self._server.password)

    def public_key_auth_supported(self) -> bool:
        return bool(self._server.public_key)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = asyncssh.import_public_key(self._server.public_key)
        return username == self._server.user and key.public_data == known.public_data


class _Files(asyncssh.SFTPServer):
    """The files, with faults."""

    def __init__(self, channel: Any, server: SftpServer) -> None:
        super().__init__(channel, chroot=os.fsencode(server.root))
        self._of = server

    def _act(self, operation: Operation, work: Callable[[], T]) -> T:
        fault = self._of._met(operation)
        match fault:
            case Fault.CUT_BEFORE:
                self._cut()
            case Fault.REFUSED:
                raise asyncssh.SFTPPermissionDenied("Permission denied")
            case Fault.FAILS:
                raise asyncssh.SFTPFailure("Failure")
            case Fault.FULL:
                raise asyncssh.SFTPFailure("No space left on device")
            case Fault.UNSUPPORTED:
                raise asyncssh.SFTPOpUnsupported("Operation unsupported")
            case Fault.SLOW:
                time.sleep(self._of.slow_s)
        done = work()
        if fault is Fault.CUT_AFTER:
            self._cut()
        return done

    def _cut(self) -> None:
        self.channel.get_connection().abort()
        raise asyncssh.SFTPConnectionLost("cut")

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        return self._act("open", lambda: asyncssh.SFTPServer.open(self, path, pflags, attrs))

    def read(self, file_obj: object, offset: int, size: int) -> Any:
        return self._act("read", lambda: asyncssh.SFTPServer.read(self, file_obj, offset, size))

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        return self._act("write", lambda: asyncssh.SFTPServer.write(self, file_obj, offset, data))

    def lstat(self, path: bytes) -> Any:
        return self._act("stat", lambda: asyncssh.SFTPServer.lstat(self, path))

    def scandir(self, path: bytes) -> Any:
        return self._act("list", lambda: asyncssh.SFTPServer.scandir(self, path))

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        return self._act("rename", lambda: asyncssh.SFTPServer.rename(self, oldpath, newpath))

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        if self._of.old:
            raise asyncssh.SFTPOpUnsupported("Operation unsupported")
        return self._act("rename", lambda: asyncssh.SFTPServer.posix_rename(self, oldpath, newpath))

    def remove(self, path: bytes) -> Any:
        return self._act("remove", lambda: asyncssh.SFTPServer.remove(self, path))

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> Any:
        return self._act("mkdir", lambda: asyncssh.SFTPServer.mkdir(self, path, attrs))
