"""Values of plugins.toml that live elsewhere: `{ env = "NAME" }` and `{ file = "path" }`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from incasso.contract.settings import UnfitError
from incasso.contract.text import text
from incasso.contract.values import Secret
from incasso.plugins.settings.rights import every_user_reads

_MOST_BYTES = 65_536  # a key or a password; a bigger file means a wrong path


def is_reference(value: object) -> bool:
    """Whether a TOML value is exactly `{ env = … }` or `{ file = … }`."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("env", "file")


def resolve(value: Any, base: Path) -> Any:
    """The text a reference stands for, or the value itself. `base`: the folder of relative paths.

    Raises UnfitError naming the variable or file, never its content.
    """
    if not is_reference(value):
        return value
    [(kind, name)] = value.items()
    if not isinstance(name, str) or not name:
        raise UnfitError(
            text("{kind} must name one", kind=kind), text('write {{ {kind} = "NAME" }}', kind=kind)
        )
    return _from_environment(name) if kind == "env" else _from_file(base / name)


def resolve_secret(value: Any, base: Path) -> Secret:
    """A secret out of a reference. Raises UnfitError for plain text in the file."""
    if not is_reference(value):
        raise UnfitError(
            text("a secret is never written in this file"),
            text('write {{ env = "VARIABLE" }} or {{ file = "secrets/name" }}'),
        )
    [(kind, name)] = value.items()
    if kind == "file" and isinstance(name, str):
        _refuse_exposed(base / name)
    return Secret(resolve(value, base))


def _refuse_exposed(path: Path) -> None:
    """A password that every user of the machine can read is none. Raises UnfitError."""
    try:
        exposed = path.is_file() and every_user_reads(path)
    except (OSError, ValueError):
        return  # reading it says what is wrong
    if exposed:
        raise UnfitError(
            text("{path} can be read by every user of this machine", path=str(path)),
            text("`chmod 600 {path}`", path=str(path)),
        )


def resolve_path(value: Any, base: Path) -> Path:
    """A path; relative ones start at `base`. Raises UnfitError for an invalid path."""
    value = resolve(value, base)
    if isinstance(value, str) and value:
        return base / value
    raise UnfitError(text("must be a path, not {value}", value=repr(value)), text('write "…"'))


def _from_environment(name: str) -> str:
    if not (found := os.environ.get(name, "")):
        raise UnfitError(
            text("the environment variable {name} is not set", name=name),
            text("set {name} where the hub runs, or name a file instead", name=name),
        )
    return found


def _from_file(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnfitError(
                text("{path} is too big for a value", path=str(path)), text("name the right file")
            )
        found = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or text("it is not text")
        raise UnfitError(
            text("{path} cannot be read: {reason}", path=str(path), reason=reason),
            text("make the file, one line, readable by the hub"),
        ) from None
    # Editors end a file with a line break that is no part of the password.
    found = found.rstrip("\r\n")
    if not found:
        raise UnfitError(text("{path} is empty", path=str(path)), text("write the value into it"))
    return found
