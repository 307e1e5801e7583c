"""Standard output is the command's own: what plugins write there goes elsewhere and is said.

A plugin that prints would spoil what a program reads. Text printed by Python code is kept by
`incasso.plugins.printing`; bytes that a library or a child process writes to the file itself
go to standard error.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper, UnsupportedOperation
from typing import Final

from incasso.contract.text import text
from incasso.plugins.printing import printed
from incasso.plugins.unheard import unheard

_EFFECTS: Final = {
    "hub_event": text("the hub went on, the plugin did not learn of it"),
    "hub_step_objections": text(
        "an objection that cannot be read holds its step, a plugin that breaks off holds none"
    ),
    "hub_placeholders": text("its words are missing in the texts"),
}


def keep_output_apart() -> None:
    """Give the command a standard output of its own; file 1 leads to standard error from here on.

    Only for a whole process. Where one of the two is closed, everything stays as it is.
    """
    with suppress(OSError, UnsupportedOperation, ValueError, AttributeError):
        old = sys.stdout
        if old.fileno() != 1:
            return
        old.flush()
        own = os.dup(1)
        os.dup2(2, 1)
        at_once = bool(getattr(old, "write_through", False))  # `python -u`
        sys.stdout = TextIOWrapper(
            os.fdopen(own, "wb", buffering=0 if at_once else -1),
            encoding=old.encoding,
            errors=old.errors,
            line_buffering=bool(old.line_buffering),
            write_through=at_once,
        )


def own_output() -> int:
    """The file that the command's output goes to."""
    try:
        return sys.stdout.fileno()
    except (UnsupportedOperation, OSError, ValueError):
        return 1


def tell_who_failed() -> None:
    """Name the packages that could not be heard, and what that means, on standard error."""
    from incasso.cli.output import complain

    for (package, hook), reason in sorted(unheard.items()):
        with suppress(OSError, ValueError):
            complain(
                text(
                    "the plugin {plugin} failed in {hook}: {reason}; {effect}; report this to "
                    "its author",
                    plugin=package,
                    hook=hook,
                    reason=reason,
                    effect=_EFFECTS.get(hook, ""),
                )
            )
    unheard.clear()


def tell_who_printed() -> None:
    """Name the plugins that printed something, on standard error."""
    from incasso.cli.output import complain

    for plugin in sorted(printed):
        with suppress(OSError, ValueError):
            complain(
                text(
                    "the plugin {plugin} printed something, which was left out; report this to "
                    "its author",
                    plugin=plugin.removeprefix("incasso-").removeprefix("package "),
                )
            )
    printed.clear()
