"""A browser of this machine that draws a mail's page as a picture, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_WINDOW: Final = (680, 2000)
"""Pixels: the width of a mail with its margin, and more than a mail with three rows needs."""
_PATIENCE_S: Final = 60


def browser_here() -> str:
    """The path of a browser that draws without a screen; empty if there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), "")


def drawn(browser: str, page: Path) -> Path:
    """The picture beside the page, under its name. Raises OSError if the browser fails."""
    picture = page.with_suffix(".png").absolute()
    wide, high = _WINDOW
    with tempfile.TemporaryDirectory() as profile:
        command = [
            *(browser, "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
            f"--user-data-dir={profile}",
            f"--window-size={wide},{high}",
            f"--screenshot={picture}",
        ]
        if os.geteuid() == 0:  # as in containers: Chromium refuses its sandbox to root
            command.append("--no-sandbox")
        try:
            subprocess.run(
                [*command, page.absolute().as_uri()],
                check=True,
                capture_output=True,
                timeout=_PATIENCE_S,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise OSError(f"{browser}: {error}") from None
    return picture
