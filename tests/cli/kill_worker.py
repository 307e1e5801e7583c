"""A process that runs commands, made to be killed."""

from __future__ import annotations

import os
import sys
from contextlib import chdir, redirect_stdout
from datetime import timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from incasso.cli.main import main as incasso
from incasso.messages import builtin_templates
from incasso.services.sending import dispatch
from tests.cli.command import inside
from tests.killing import Begin, fork_workers

STEP = "step:"
"""Not in the warming: editing sets a letter, whose threads a fork would not have."""


def work(what: list[str], begin: Begin) -> None:
    """One command in its folder, from beginning to end, unless somebody kills it."""
    folder, *words = what
    with chdir(folder), redirect_stdout(TextIOWrapper(BytesIO())):
        begin()
        code = incasso(words)
    assert code == 0, (code, words)


def main(warm: Path, *stories: str) -> None:
    """Live the story once, so that most is imported; then a worker for every line."""
    builtin_templates()
    os.environ["INCASSO_USER"] = "anna"
    for words in stories:
        if STEP in words:
            continue
        ended = inside(warm, *words.split())
        assert ended.code == 0, (words, ended)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # A worker's last owner is surely dead here, also on PostgreSQL: nobody need wait for it.
    with (
        patch.object(dispatch.dispatch, "__kwdefaults__", _hurried()),
        patch.dict(os.environ, {"INCASSO_LANGUAGE": "en"}),
    ):
        fork_workers(work)


def _hurried() -> dict[str, object]:
    return {**(dispatch.dispatch.__kwdefaults__ or {}), "patience": timedelta(0)}


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
