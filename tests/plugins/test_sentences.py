"""What an operator reads of a plugin keeps template and values, through guard and state."""

from __future__ import annotations

from incasso.contract.errors import ConfigurationError, TemporaryError
from incasso.contract.text import Text, in_a_row, lines, text
from incasso.contract.values import Problem, Secret
from incasso.locale import localize
from incasso.plugins.masking import STARS, error_line, masked_error, masking

SAID = text("{place} cannot be reached", place="erp.example.it")


def test_an_error_without_a_secret_can_still_be_translated() -> None:
    error = masked_error(TemporaryError(SAID), masking([Secret("hunter22")]))
    assert isinstance(str(error), Text) and str(error) == SAID
    assert error_line(error) is error.args[0]


def test_a_secret_in_a_sentence_is_starred_whatever_it_costs() -> None:
    leaky = text("{place} cannot be reached", place="erp?token=hunter22")
    error = masked_error(TemporaryError(leaky), masking([Secret("hunter22")]))
    assert str(error) == f"erp?token={STARS} cannot be reached"
    said = str(error)
    assert isinstance(said, Text) and "hunter22" not in repr(dict(said.values))


def test_problems_of_settings_are_one_sentence_that_can_be_translated() -> None:
    two = Problem(code="x", field="port", message=text("missing"))
    error = ConfigurationError([two, Problem(code="x", message=text("unknown table"))])
    assert str(error) == "port: missing; unknown table"
    assert isinstance(str(error), Text)


def test_sentences_told_together_are_each_in_the_readers_language() -> None:
    both = [text("first"), text("second")]
    assert (str(lines(both)), str(in_a_row(both))) == ("first\nsecond", "first; second")
    assert localize(lines(both), "en") == "first\nsecond"


def test_a_frame_that_is_equal_in_both_languages_translates_what_stands_in_it() -> None:
    framed = text("{key}: {problem}", key="port", problem=text("unknown key"))
    assert localize(framed, "it") == "port: chiave sconosciuta"
