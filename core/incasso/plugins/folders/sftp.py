"""Folders on an SFTP server."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import BinaryIO

import paramiko
from paramiko.sftp import SFTPError

from incasso.contract.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    PluginError,
    TemporaryError,
)
from incasso.contract.folder_login import SftpServer
from incasso.contract.text import text
from incasso.plugins.folders.lines import Line, Lines
from incasso.plugins.folders.places import Entry
from incasso.plugins.folders.spool import AT_ONCE
from incasso.plugins.folders.ssh import connected
from incasso.plugins.folders.ssh_login import unreachable


class SftpTree:
    """A tree on a server. Each operation takes a line, and drops it if it failed on it."""

    def __init__(
        self,
        server: SftpServer,
        lines: Lines,
        patience: Callable[[], float],
        *,
        allow_private: bool,
    ) -> None:
        self._server = server
        self._lines = lines
        self._patience = patience
        self._allow_private = allow_private

    @property
    def identity(self) -> str:
        """Who logs in where."""
        return f"sftp://{self._server.user}@{self._server.host}:{self._server.port}"

    def check(self) -> Mapping[str, str]:
        """Reach it over a new line."""
        line = self._connected()
        line.close()
        return {text("server"): line.version, text("host key"): line.seen}

    def listing(self, folder: str) -> Sequence[Entry]:
        """The files of a folder."""
        with self._told(folder) as sftp:
            found = sftp.listdir_attr(folder)
        return [_entry(each.filename, each) for each in found if _is_file(each)]

    def entry(self, path: str) -> Entry | None:
        """One file."""
        try:
            with self._told(path) as sftp:
                return _entry(path.rpartition("/")[2], sftp.lstat(path))
        except FileNotFoundError:
            return None

    def write(self, path: str, content: BinaryIO) -> None:
        """A file, in chunks of which none waits for the one before, but the last for all: the
        library does not look at answers that are open when a file is closed."""
        with self._told(path) as sftp, sftp.file(path, "wb") as file:
            some = content.read(AT_ONCE)
            while some:
                following = content.read(AT_ONCE)
                file.set_pipelined(bool(following))
                file.write(some)
                some = following

    def read(self, path: str, sink: BinaryIO) -> None:
        """A file's content, one request after the other: the library asks ahead on a thread that
        prints its stack, or never ends, when the line breaks."""
        with self._told(path) as sftp, sftp.open(path, "rb") as file:
            while some := file.read(AT_ONCE):
                sink.write(some)

    def move(self, old: str, new: str) -> None:
        """Another name, by the extension that does it in one step, else by the plain request.

        The plain one is asked only where the first has certainly done nothing. Copying and
        deleting, as some libraries do then, loses the file when the copy fails.
        """
        with self._told(old, effect=new) as sftp:
            try:
                sftp.posix_rename(old, new)
            except OSError as error:
                if _is_lost(error) or error.errno in (errno.ENOENT, errno.EACCES):
                    raise
                if not _exists(sftp, new) and _exists(sftp, old):
                    sftp.rename(old, new)
                elif not _exists(sftp, new):
                    raise FileNotFoundError(old) from None

    def publish(self, old: str, new: str) -> None:
        """The same, if the name is free."""
        if self.entry(new) is not None:
            raise FileExistsError(new)
        self.move(old, new)

    def remove(self, path: str) -> None:
        """Delete a file."""
        with suppress(FileNotFoundError), self._told(path) as sftp:
            sftp.remove(path)

    def make(self, folder: str) -> None:
        """A folder, if it is not there: servers say "failure" if it is."""
        with self._told(folder) as sftp:
            if not _exists(sftp, folder):
                try:
                    sftp.mkdir(folder)
                except OSError as error:
                    if _is_lost(error) or not _exists(sftp, folder):  # nobody was faster
                        raise

    def _connected(self) -> Line:
        seconds = self._patience()
        transport, seen = connected(self._server, seconds, allow_private=self._allow_private)
        try:
            return Line(transport, seen, transport.remote_version)
        except (paramiko.SSHException, OSError, EOFError) as error:
            transport.close()
            raise unreachable(self._server, error) from None

    @contextmanager
    def _told(self, path: str, *, effect: str = "") -> Iterator[paramiko.SFTPClient]:
        """A line for one operation; its failures as classes of the contract.

        With `effect`, a line that is lost leaves it unknown whether that name was given.
        """
        line = self._lines.take(self._server, self._connected)
        channel = line.client.get_channel()
        if channel is not None:
            channel.settimeout(self._patience())
        try:
            yield line.client
        except (FileNotFoundError, FileExistsError):
            self._lines.give_back(self._server, line)
            raise
        except (paramiko.SSHException, SFTPError, OSError, EOFError) as error:
            if line.alive and not _is_lost(error):
                self._lines.give_back(self._server, line)
                raise _failure(self._server, path, error) from None
            line.close()
            if effect:
                raise _unknown(self._server, effect, error) from None
            raise unreachable(self._server, error) from None
        except BaseException:
            line.close()
            raise
        self._lines.give_back(self._server, line)


def _is_lost(error: Exception) -> bool:
    """Whether the line itself broke; a refusal of the server leaves it whole.

    A refusal is an OSError with ENOENT, EACCES or without number.
    """
    if isinstance(error, (paramiko.SSHException, SFTPError, EOFError, TimeoutError)):
        return True
    return isinstance(error, OSError) and error.errno not in (None, errno.ENOENT, errno.EACCES)


def _failure(server: SftpServer, path: str, error: Exception) -> PluginError:
    """What the server refused; it has few codes, and says the rest in words."""
    said = text(
        "{host} refuses {path}: {reason}",
        host=server.host,
        path=path,
        reason=str(getattr(error, "strerror", None) or error).strip() or "failure",
    )
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return AuthenticationError(
            text("{problem}; ask the other side for the right to it", problem=said)
        )
    return TemporaryError(said)


def _unknown(server: SftpServer, name: str, error: Exception) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        text(
            "{host} was asked to name a file {name} and did not answer ({reason})",
            host=server.host,
            name=name,
            reason=str(error).strip() or type(error).__name__,
        ),
        ref=name.rpartition("/")[2][:128],
    )


def _exists(sftp: paramiko.SFTPClient, path: str) -> bool:
    try:
        sftp.lstat(path)
    except FileNotFoundError:
        return False
    return True


def _is_file(found: paramiko.SFTPAttributes) -> bool:
    """A server that says nothing of modes lists files."""
    return found.st_mode is None or stat.S_ISREG(found.st_mode)


def _entry(name: str, found: paramiko.SFTPAttributes) -> Entry:
    at = datetime.fromtimestamp(found.st_mtime or 0, UTC)
    return Entry(name=name, size=found.st_size or 0, at=at)
