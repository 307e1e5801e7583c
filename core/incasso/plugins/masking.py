"""Masks secrets in every text that leaves the runtime, and limits each plugin's log lines."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import quote, quote_plus

from incasso.contract.errors import ConfigurationError, PluginError, RejectedError
from incasso.contract.text import Text
from incasso.contract.values import Problem, Secret

STARS: Final = "********"
_SHORTEST: Final = 4  # masking a shorter secret would hit ordinary words
_LINES_PER_MINUTE: Final = 600

Mask = Callable[[str], str]


def masking(secrets: Iterable[Secret]) -> Mask:
    """A function that masks the given secrets, also in their URL-encoded form."""
    texts = {
        form for secret in secrets for form in _forms(secret.reveal()) if len(form) >= _SHORTEST
    }
    ordered = sorted(texts, key=len, reverse=True)

    def mask(text: str) -> str:
        # A Text without a secret in it stays one, so that it can be translated.
        for secret in [each for each in ordered if each in text]:
            text = text.replace(secret, STARS)
        return text

    return mask


def masked_error(error: PluginError, mask: Mask) -> PluginError:
    """The same error with masked texts, without the exceptions that caused it."""
    error.args = tuple(mask(each) if isinstance(each, str) else each for each in error.args)
    if isinstance(error, (ConfigurationError, RejectedError)):
        error.problems = tuple(_masked_problem(problem, mask) for problem in error.problems)
    # The chain may hold an HTTP library's exception with the token in its URL.
    error.__cause__ = error.__context__ = None
    return error


def masked_traceback(error: BaseException, mask: Mask) -> str:
    """Where a plugin crashed, for its author."""
    return mask("".join(traceback.format_exception(error))[-8000:])


def error_line(error: BaseException) -> str:
    """An exception's text in one line; works for exceptions whose `__str__` fails too."""
    try:
        said = str(error)
    except BaseException:
        return ""
    return said if isinstance(said, Text) else " ".join(said.split())[:300]


class InstanceLog(logging.Filter):
    """Masks one instance's log and lets at most 600 lines a minute through."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask
        self._minute = 0
        self._lines = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Masks the finished text; of a flood keeps the beginning and one notice."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._lines = minute, 0
        self._lines += 1
        if self._lines > _LINES_PER_MINUTE + 1:
            return False
        if self._lines > _LINES_PER_MINUTE:
            record.msg, record.args = "more than 600 lines in a minute: the rest is dropped", ()
            return True
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        if record.exc_info and record.exc_info[1]:
            text += "\n" + masked_traceback(record.exc_info[1], self._mask)
            record.exc_info = None
        record.msg, record.args = self._mask(text)[:8000], ()
        return True


def instance_log(instance_id: str, mask: Mask) -> logging.Logger:
    """The logger a plugin instance gets; it belongs to no other instance."""
    logger = logging.getLogger(f"incasso.plugin.{instance_id}")
    for old in tuple(logger.filters):
        logger.removeFilter(old)
    logger.addFilter(InstanceLog(mask))
    return logger


def _forms(text: str) -> tuple[str, ...]:
    return (text, quote(text, safe=""), quote_plus(text), repr(text)[1:-1])


def _masked_problem(problem: Problem, mask: Mask) -> Problem:
    return Problem(
        code=problem.code,
        message=mask(problem.message),
        field=problem.field,
        hint=mask(problem.hint),
    )
