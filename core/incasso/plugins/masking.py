"""Masks secrets in every text that leaves the runtime, and limits each plugin's log lines."""

from __future__ import annotations

import logging
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Final

import msgspec

from incasso.contract.channel import DeliveryUpdate, IncomingMessage
from incasso.contract.errors import ConfigurationError, PluginError, RejectedError
from incasso.contract.ledger import Unreadable
from incasso.contract.text import Several, Text, TextValue
from incasso.contract.values import Attachment, CheckReport, Page, Problem, Receipt, Secret
from incasso.plugins.secret_forms import STARS, SecretForms

__all__ = [
    "STARS",
    "InstanceLog",
    "Mask",
    "error_line",
    "instance_log",
    "masked_error",
    "masked_result",
    "masked_traceback",
    "masking",
]

_LINES_PER_MINUTE: Final = 600
_TOKENS: Final = 8  # of one instance, the newest; each lives an hour

Mask = Callable[[str], str]


class Masking:
    """Puts stars in the place of the given secrets, in every form of theirs: a Mask.

    A Text stays one, with stars among its values, so that it can still be translated.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._settings = SecretForms(secret.reveal() for secret in secrets)
        self._tokens: deque[SecretForms] = deque(maxlen=_TOKENS)

    def __call__(self, words: str) -> str:
        """The words with stars."""
        return _masked_text(words, self) if isinstance(words, Text) else self.starred(words)

    def also(self, secret: str) -> None:
        """A secret that came later: a token."""
        self._tokens.append(SecretForms([secret]))

    def starred(self, words: str) -> str:
        """The same object if it holds none."""
        for forms in (self._settings, *self._tokens):
            words = forms.starred(words)
        return words


def masking(secrets: Iterable[Secret]) -> Masking:
    """A function that puts stars in the place of the given secrets."""
    return Masking(secrets)


def _masked_text(sentence: Text, forms: Masking) -> str:
    """The sentence itself if nothing is in it; else with its values starred, one by one."""
    plain = str.__str__(sentence)
    if forms.starred(plain) == plain:
        return sentence
    values = {name: _masked_value(value, forms) for name, value in sentence.values.items()}
    masked = Text(sentence.template, values, sentence.plural, sentence.context)
    # A secret may also begin in one value and end in another.
    written = str.__str__(masked)
    return masked if forms.starred(written) == written else forms.starred(plain)


def _masked_value(value: TextValue, forms: Masking) -> TextValue:
    match value:
        case Text():
            return _masked_text(value, forms)
        case Several():
            return Several([_masked_value(each, forms) for each in value], value.between)
        case str() if not isinstance(value, Enum):
            return forms.starred(value)
        case list() | tuple():
            return [_masked_value(each, forms) for each in value]
    return value


_NEWS: Final = DeliveryUpdate | IncomingMessage | Unreadable


def masked_result(result: Any, mask: Mask) -> Any:
    """What a plugin told of the other side, masked: notes, facts, warnings, proofs that are texts.

    References and the records of a ledger pass as they are: they identify something, or are money.
    """
    match result:
        case Receipt():
            evidence = tuple(_masked_file(each, mask) for each in result.evidence)
            return _with(result, note=mask(result.note), evidence=evidence)
        case DeliveryUpdate():
            proof = result.evidence and _masked_file(result.evidence, mask)
            return _with(result, note=mask(result.note), evidence=proof)
        case IncomingMessage():
            return _with(result, subject=mask(result.subject), text=mask(result.text))
        case CheckReport():
            facts = {mask(name): mask(value) for name, value in result.facts.items()}
            warnings = tuple(_masked_problem(each, mask) for each in result.warnings)
            return _with(result, facts=facts, warnings=warnings)
        case tuple() if result and isinstance(result[0], _NEWS):
            return tuple(masked_result(each, mask) for each in result)
        case Page() if result.items and isinstance(result.items[0], _NEWS):
            items = tuple(masked_result(each, mask) for each in result.items)
            return msgspec.structs.replace(result, items=items)
    return result


def _with(record: Any, **masked: Any) -> Any:
    """The record itself unless something in it was masked."""
    if all(getattr(record, name) == value for name, value in masked.items()):
        return record
    return msgspec.structs.replace(record, **masked)


def _masked_file(file: Attachment, mask: Mask) -> Attachment:
    """A proof that is a text; any other is kept byte for byte, or it would prove nothing."""
    if not file.media_type.startswith("text/"):
        return file
    try:
        words = file.content.decode("utf-8")
    except (UnicodeError, AttributeError):
        return file
    masked = mask(words)
    return file if masked == words else msgspec.structs.replace(file, content=masked.encode())


def masked_error(error: PluginError, mask: Mask) -> PluginError:
    """The same error with masked texts, without the exceptions that caused it."""
    error.args = tuple(mask(each) if isinstance(each, str) else each for each in error.args)
    if isinstance(error, (ConfigurationError, RejectedError)):
        error.problems = tuple(_masked_problem(problem, mask) for problem in error.problems)
    # The chain may hold an HTTP library's exception with the token in its URL.
    error.__cause__ = error.__context__ = None
    return error


def masked_traceback(error: BaseException, mask: Mask) -> str:
    """Where a plugin crashed, for its author; masked before it is cut, or half a secret stays."""
    return mask("".join(traceback.format_exception(error)))[-8000:]


def error_line(error: BaseException, mask: Mask = str) -> str:
    """An exception's text in one line; works for exceptions whose `__str__` fails too."""
    try:
        said = str(error)
    except BaseException:
        return ""
    masked = mask(said)
    return masked if isinstance(masked, Text) else " ".join(masked.split())[:300]


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


def _masked_problem(problem: Problem, mask: Mask) -> Problem:
    return Problem(
        code=problem.code,
        message=mask(problem.message),
        field=problem.field,
        hint=mask(problem.hint),
    )
