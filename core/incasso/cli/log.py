"""What services and libraries log: nothing beside a command, a line each for the worker."""

from __future__ import annotations

import logging
import sys

from incasso.cli.failures import exit_code_and_lines
from incasso.contract.visible import visible_cell
from incasso.plugins.printing import hubs_own


class OneLine(logging.Formatter):
    """Time, event, and an error as the sentence that a command would print."""

    def format(self, record: logging.LogRecord) -> str:
        """A line without traceback, and without line breaks that would look like another event."""
        words = f"{self.formatTime(record)} {record.getMessage()}"
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            words = f"{words}: {' '.join(exit_code_and_lines(error)[1])}"
        return visible_cell(words)


def keep_quiet() -> None:
    """A command prints its problems itself; the log would only repeat them."""
    logging.lastResort = None


def speak_up() -> None:
    """For a background process: a line on standard error for each event."""
    handler = logging.StreamHandler(hubs_own(sys.stderr))
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # They log every step, an office only needs the events of its own work; and what they say of a
    # server that went away, in English and several times, the worker says itself, once.
    for talkative in ("alembic", "botocore", "imapclient"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    for chatty in ("procrastinate", "psycopg", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
