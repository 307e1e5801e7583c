"""Write migrations from the tables: `python -m incasso.store.migrate_write "what changed"`.

`--initial` rewrites the first one; only until the first release, no database outlives it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from incasso.store.engine import open_store
from incasso.store.migrate import alembic
from incasso.store.revision import FOLDER, head

VERSIONS = FOLDER / "versions"


def write(message: str, revision: str) -> Path:
    """One migration from where the files stand to where the tables are; gives its path."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/new.db", Path(folder))
        with store.write() as connection:
            config = alembic(connection)
            if any(VERSIONS.glob("*.py")):
                command.upgrade(config, "head")
            command.revision(config, message, autogenerate=True, rev_id=revision)
        store.close()
    path = next(VERSIONS.glob(f"{revision}_*.py"))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")
    for arguments in (["check", "-q", "--fix", "--select", "I,F,UP"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, str(path)], check=False)
    return path


def main(arguments: list[str]) -> int:
    """Command line; gives the exit code."""
    if not arguments:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    if arguments == ["--initial"]:
        for path in VERSIONS.glob("*.py"):
            path.unlink()
        made = write("The tables of the first release", "0001")
    else:
        made = write(arguments[0], f"{int(head()) + 1:04d}")
    print(made)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
