"""A HylaFAX server without telephone: its client protocol, and jobs that end as a test decides.

The real one runs without a modem too, but then no call ever ends.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

HOST: Final = "127.0.0.1"
_NOT_READY: Final = "460 Failed to submit job {n}: Unspecified reason (scheduler NAK'd request)."


@dataclass
class FaxJob:
    """A job of the queue."""

    number: int
    parameters: dict[str, str] = field(default_factory=dict)
    letter: str = ""
    """Empty until it is submitted; then as `faxstat` shows it: W, S, D, F."""
    status: str = ""
    attempts: int = 0

    @property
    def reference(self) -> str:
        """What the client calls it."""
        return self.parameters.get("JOBINFO", "")

    def line(self) -> str:
        """In the form `%j|%J|%a|%t|%P|%s`."""
        pages = "1:1" if self.letter == "D" else "0:1"
        return (
            f"{self.number}|{self.reference}|{self.letter}|{self.attempts}| {pages} |{self.status}"
        )


class HylafaxServer:
    """`hang_up_at` names a command at which the line is cut: before it is obeyed, or after it
    with `obey`. `busy`: the scheduler takes no job. `password`: asked for, if not empty; `logins`
    counts how often it was given. `says` holds answers given to a command instead of obeying."""

    def __init__(self, *, password: str = "") -> None:
        self.jobs: list[FaxJob] = []
        self.files: dict[str, bytes] = {}
        self.password = password
        self.hang_up_at = ""
        self.obey = False
        self.busy = False
        self.logins = 0
        self.says: dict[str, str] = {}

    def __enter__(self) -> HylafaxServer:
        server = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                session = _Session(server, self.rfile.readline, self.wfile.write)
                with suppress(OSError):
                    session.serve()
                session.close()

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._listener = Listener((HOST, 0), Session)
        self.port: int = self._listener.server_address[1]
        serve = self._listener.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    @property
    def submitted(self) -> list[FaxJob]:
        """The jobs that the scheduler has."""
        return [job for job in self.jobs if job.letter]

    def end(self, letter: str = "D", status: str = "", *, reference: str = "") -> None:
        """Decide how the waiting jobs end, or one of them."""
        for job in self.submitted:
            if job.letter not in "DF" and reference in ("", job.reference):
                job.letter, job.status, job.attempts = letter, status, job.attempts + 1


class _HangUpError(OSError):
    """The line is cut."""


class _Session:
    """One client."""

    def __init__(
        self,
        server: HylafaxServer,
        read: Callable[[], bytes],
        write: Callable[[bytes], object],
    ) -> None:
        self._server, self._read, self._write = server, read, write
        self._current: FaxJob | None = None
        self._passive: socket.socket | None = None
        self._logged_in = False

    def serve(self) -> None:
        """Greet with the warning that real servers give, then obey."""
        self._say("130 Warning, no inverse address mapping for client host name.")
        self._say("220 localhost server (HylaFAX (tm) Version 6.0.7) ready.")
        while line := self._read().decode("utf-8", "replace").strip():
            name, _, rest = line.partition(" ")
            cut = name.upper() == self._server.hang_up_at
            if cut and not self._server.obey:
                raise _HangUpError
            answer = self._obey(name.upper(), rest)
            if cut:
                raise _HangUpError
            self._say(answer)
            if name.upper() == "QUIT":
                return

    def close(self) -> None:
        """Give up a port that no transfer came to."""
        if self._passive is not None:
            self._passive.close()

    def _say(self, words: str) -> None:
        self._write(f"{words}\r\n".encode())

    def _obey(self, name: str, rest: str) -> str:
        if name in self._server.says:
            return self._server.says[name]
        if not self._logged_in and name not in ("USER", "PASS"):
            return "530 Please login with USER and PASS."
        obeyed = getattr(self, f"on_{name.lower()}", None)
        return str(obeyed(rest)) if obeyed else "200 OK."

    def on_user(self, _: str) -> str:
        """Who it is."""
        self._logged_in = not self._server.password
        return "230 User logged in." if self._logged_in else "331 Need password for user."

    def on_pass(self, word: str) -> str:
        """And whether it is."""
        self._server.logins += 1
        self._logged_in = word == self._server.password
        return "230 User logged in." if self._logged_in else "530 Login incorrect."

    def on_pasv(self, _: str) -> str:
        """A port for the next transfer."""
        self._passive = socket.create_server((HOST, 0))
        high, low = divmod(self._passive.getsockname()[1], 256)
        return f"227 Entering passive mode (127,0,0,1,{high},{low})"

    def on_stot(self, _: str) -> str:
        """Pages come in; they get a name."""
        name = f"/tmp/doc{len(self._server.files) + 1}.pdf"  # noqa: S108 - a name of the protocol
        self._say(f"150 FILE: {name} (Opening new data connection).")
        with self._data() as data:
            self._server.files[name] = b"".join(iter(lambda: data.recv(65_536), b""))
        return f"226 Transfer complete (FILE: {name})."

    def on_list(self, queue: str) -> str:
        """The jobs of a queue."""
        self._say(f'150 Opening new data connection for "{queue}".')
        over = "DF" if queue == "doneq" else "WS"
        with self._data() as data:
            lines = [job.line() for job in self._server.submitted if job.letter in over]
            data.sendall("".join(f"{line}\r\n" for line in lines).encode())
        return "226 Transfer complete."

    def _data(self) -> socket.socket:
        assert self._passive is not None
        with self._passive:
            return self._passive.accept()[0]

    def on_jnew(self, _: str) -> str:
        """A new job, which the next commands describe."""
        self._current = FaxJob(len(self._server.jobs) + 1)
        self._server.jobs.append(self._current)
        number = self._current.number
        return f"200 New job created: jobid: {number} groupid: {number}."

    def on_job(self, number: str) -> str:
        """An earlier job, to be asked about."""
        found = [job for job in self._server.jobs if str(job.number) == number]
        if not found:
            return f"500 Cannot set job {number}; job does not exist."
        self._current = found[0]
        return f"200 Current job: jobid: {number} groupid: {number}."

    def on_jparm(self, rest: str) -> str:
        """Set a parameter, or say what it is."""
        job = self._current
        if job is None:
            return "504 No current job."
        name, _, value = rest.partition(" ")
        if value:
            job.parameters[name] = value
            return f'213 {name} set to "{value}".'
        known = {"JOBID": str(job.number), "STATE": job.letter, "STATUS": job.status}
        return f"213 {known.get(name, job.parameters.get(name, ''))}"

    def on_jsubm(self, _: str) -> str:
        """The job goes to the scheduler; without pages, or when it is busy, it fails at once."""
        job = self._current
        if job is None:
            return "504 No current job."
        if self._server.busy or job.parameters.get("DOCUMENT") not in self._server.files:
            job.letter, job.status = "F", "REJECT: No work found in job file"
            return _NOT_READY.format(n=job.number)
        job.letter = "W"
        return f"200 Job {job.number} submitted."

    def on_retr(self, name: str) -> str:
        """Transcripts of calls are not for clients here."""
        return f"550 {name}: Operation not permitted."

    def on_quit(self, _: str) -> str:
        """The client leaves."""
        return "221 Goodbye."
