"""Values of plugins.toml that live elsewhere: `{ env = "NAME" }` and `{ file = "path" }`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from incasso.contract.values import Secret

_MOST_BYTES = 65_536  # a key or a password; a file bigger than this is a mistake in the path


class DanglingError(Exception):
    """A reference leads nowhere; `args` are message and hint."""


def is_reference(value: object) -> bool:
    """Whether a TOML value is exactly `{ env = … }` or `{ file = … }`."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("env", "file")


def resolve(value: Any, base: Path) -> Any:
    """The text a reference stands for, or the value itself. `base`: where relative paths begin.

    Raises DanglingError naming the variable or file, never its content.
    """
    if not is_reference(value):
        return value
    [(kind, name)] = value.items()
    if not isinstance(name, str) or not name:
        raise DanglingError(f"{kind} must name one", f'write {{ {kind} = "NAME" }}')
    return _from_environment(name) if kind == "env" else _from_file(base / name)


def resolve_secret(value: Any, base: Path) -> Secret:
    """A secret out of a reference. Raises DanglingError for plain text in the file."""
    if not is_reference(value):
        raise DanglingError(
            "a secret is never written in this file",
            'write { env = "VARIABLE" } or { file = "secrets/name" }',
        )
    return Secret(resolve(value, base))


def _from_environment(name: str) -> str:
    if not (text := os.environ.get(name, "")):
        raise DanglingError(
            f"the environment variable {name} is not set",
            f"set {name} where the hub runs, or name a file instead",
        )
    return text


def _from_file(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DanglingError(f"{path} is too big for a value", "name the right file")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise DanglingError(
            f"{path} cannot be read: {reason}", "make the file, one line, readable by the hub"
        ) from None
    # Editors end a file with a line break that is no part of the password.
    text = text.rstrip("\r\n")
    if not text:
        raise DanglingError(f"{path} is empty", "write the value into it")
    return text
