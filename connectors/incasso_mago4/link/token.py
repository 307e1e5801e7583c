"""The token of a session that outlives the process, in a file that only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from incasso.api import ConfigurationError, text


class KeptToken:
    """Where a token is kept; without a path nothing ever is."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __bool__(self) -> bool:
        return self._path is not None

    def read(self) -> str:
        """The token of an earlier run; empty if there is none."""
        if self._path is None or not self._path.is_file():
            return ""
        try:
            return self._path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise self._trouble(error) from None

    def write(self, token: str) -> None:
        """Keep it. Raises ConfigurationError if the file cannot be written."""
        if self._path is None:
            return
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(token)
        except OSError as error:
            raise self._trouble(error) from None

    def forget(self) -> None:
        """Deletes the token, which is no longer valid."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _trouble(self, error: Exception) -> ConfigurationError:
        reason = getattr(error, "strerror", None) or error
        return ConfigurationError(
            text("keep_token: {path} cannot be used: {reason}", path=self._path, reason=reason)
        )
