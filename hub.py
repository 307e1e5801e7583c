"""Launcher of a checkout: `python hub.py …` is the `incasso` command."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run the command line, or say how to install it."""
    if find_spec("incasso") is None:
        sys.stderr.write(
            "Incasso is not installed for this Python. Install it with:\n"
            f'  "{sys.executable}" -m pip install -e "{HERE}"\n'
        )
        return 2
    from incasso.cli.main import main as incasso

    return incasso()


if __name__ == "__main__":
    sys.exit(main())
