"""An error that nobody foresaw, in words: for reports that go on with their other parts."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError, StatementError

from incasso.contract.text import Text, text
from incasso.plugins.masking import error_line


def broke(error: Exception) -> Text | str:
    """What broke, in one line: without SQL, and without the rows that a statement was given."""
    if isinstance(error, SQLAlchemyError) and not is_about_values(error):
        return text(
            "the database refuses ({kind}): run `incasso verify`, and look whether somebody "
            "replaced it under the running hub",
            kind=type(_cause(error)).__name__,
        )
    return line_of(error)


def is_about_values(error: Exception) -> bool:
    """Whether a statement failed by what it was to write, not by the database or the disk."""
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError)
    return isinstance(error, StatementError)


def line_of(error: Exception) -> str:
    """Class and words of an error; of one that a statement met, those of its cause."""
    cause = _cause(error)
    return f"{type(cause).__name__}: {error_line(cause)}"


def _cause(error: Exception) -> BaseException:
    """SQLAlchemy wraps it, and adds the whole statement with all its parameters."""
    return error.orig if isinstance(error, StatementError) and error.orig else error
