"""A second process that writes the messages of the next pages while the first one sends this page.

Why: writing a message takes as long as everything else a dispatch does with it, and Python uses one
core in a process. What must hold: a message written there is the one that the dispatcher would
write itself, and nothing else depends on that process. So it only reads the database, keeps bytes
in the archive and gives back what can leave; whatever it cannot write, and everything if it is
late, ends or never starts, the dispatcher writes itself, with the guard, the log and the breaker of
plugins where they always are. `tests/sending/test_ahead.py` holds it.

It is a fresh Python (`composer_desk`): a fork would inherit threads, locks and connections.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any, Final

from incasso.services.sending.written_ahead import Opening, Order, Written

_MODULE: Final = "incasso.services.sending.composer_desk"

_PATIENCE_S: Final = 20.0
"""A page takes less than a second. Whoever waits longer writes it himself."""

_log = logging.getLogger(__name__)


class ComposerProcess:
    """The dispatcher's side. No method raises because of the other process: it is `gone` then."""

    def __init__(self, opening: Opening) -> None:
        """Begins to start it; that takes a second, while the first pages leave."""
        self._line, theirs = Pipe()
        self._waited_for = 0
        self._is_ready = False
        command = [sys.executable, "-P", "-m", _MODULE, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                start_new_session=True,
            )
        self.gone = False
        self._tell(opening)

    @property
    def ready(self) -> bool:
        """Whether it takes orders; it does not until it has started."""
        if not self._is_ready and not self.gone:
            self._is_ready = self._has_said_something() and self._heard() is True
        return self._is_ready and not self.gone

    def order(self, order: Order) -> None:
        """Let it write these messages; they come in the order in which they were asked for."""
        self._tell(order)
        self._waited_for += 1

    def taken(self) -> Sequence[Written]:
        """The messages of the oldest order; none if they do not come."""
        self._waited_for -= 1
        found = None if self.gone else self._heard()
        return found if isinstance(found, list) else ()

    def drop(self) -> None:
        """Forget every order that is not taken."""
        while self._waited_for:
            self.taken()

    def close(self) -> None:
        """End it; harmless twice."""
        self.gone = True
        self._line.close()
        self._process.kill()
        self._process.wait()

    def _tell(self, what: object) -> None:
        try:
            self._line.send(what)
        except Exception as error:  # gone, or something that cannot travel
            self._give_up(error)

    def _has_said_something(self) -> bool:
        try:
            return self._line.poll()
        except OSError as error:
            self._give_up(error)
            return False

    def _heard(self) -> Any:
        try:
            if self._line.poll(_PATIENCE_S):
                return self._line.recv()
            raise TimeoutError
        except Exception as error:  # whatever it said cannot be read
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        if not self.gone:
            _log.warning("messages are no longer written ahead: %s", type(error).__name__)
            self.close()


def _environment() -> dict[str, str]:
    """As ours, with secrets that plugins.toml takes from it, and where our code is."""
    path = os.pathsep.join(str(Path(each).absolute()) for each in sys.path)
    return {**os.environ, "PYTHONPATH": path}
