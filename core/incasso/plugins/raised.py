"""The errors that plugins raise, checked like their records: the hub acts on their fields."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from incasso.contract.errors import PluginError
from incasso.contract.values import Problem
from incasso.plugins.fields import is_storable, storable, wrong_fields

LONGEST_WAIT: Final = timedelta(days=366)
_LONGEST_REF: Final = 128
_LONGEST_WORDS: Final = 2000


def is_sound(error: PluginError) -> bool:
    """Whether every field that the hub reads from this error is what the contract says."""
    given = vars(error)
    wait, ref = given.get("retry_after"), given.get("ref")
    problems = given.get("problems", ())
    return (
        (wait is None or (isinstance(wait, timedelta) and timedelta(0) <= wait <= LONGEST_WAIT))
        and (
            ref is None or (isinstance(ref, str) and len(ref) <= _LONGEST_REF and is_storable(ref))
        )
        and isinstance(given.get("code", ""), str)
        and is_storable(given.get("code", ""))
        and isinstance(given.get("bad_address", False), bool)
        and isinstance(given.get("opted_out", False), bool)
        and isinstance(problems, tuple)
        and all(isinstance(each, Problem) and not wrong_fields(each) for each in problems)
    )


def storable_error(error: PluginError) -> PluginError:
    """The same error; of its words what a database keeps."""
    error.args = tuple(
        storable(each if len(each) <= _LONGEST_WORDS else each[:_LONGEST_WORDS])
        if isinstance(each, str)
        else each
        for each in error.args
    )
    return error
