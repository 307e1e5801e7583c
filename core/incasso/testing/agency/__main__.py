"""`python -m incasso.testing.agency FOLDER --form excel --on 2026-06-02`: one day of an agency."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from incasso.testing.agency.desk import Agency, Form


def main() -> None:
    """Take what is there, work a day, say which files were left."""
    parser = argparse.ArgumentParser(prog="python -m incasso.testing.agency")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--form", type=Form, default=Form.EXCEL, choices=list(Form))
    parser.add_argument("--on", type=date.fromisoformat, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    agency = Agency(given.folder, form=given.form, seed=given.seed)
    left = agency.day(given.on)
    print(f"{len(agency.accounts)} placements")  # noqa: T201
    for path in left:
        print(path)  # noqa: T201


if __name__ == "__main__":
    main()
