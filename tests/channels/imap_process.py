"""The process that is an IMAP server: forked from one that has imported pymap, which takes long."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pymap.main import main

_forking = get_context("forkserver")
_forking.set_forkserver_preload([__name__])


def start(options: Sequence[str]) -> BaseProcess:
    """A server with these options of pymap's command line."""
    process = _forking.Process(target=_serve, args=(list(options),), daemon=True)
    process.start()
    return process


def _serve(options: list[str]) -> None:
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    sys.argv = ["pymap", *options]
    main()
