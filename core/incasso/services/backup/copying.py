"""The archive's files into the folder of backups, each once, and those that were changed named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Final

from incasso.contract.text import Text, text
from incasso.services.backup.manifest import Kept
from incasso.services.backup.sealing import Seal, Written, digest_of
from incasso.services.backup.shelf import Shelf
from incasso.services.backup.stream import Tell
from incasso.store.proof import anchor

_LANES: Final = 4
"""Files written through at once, as in the archive itself."""
_ADDRESSED: Final = re.compile(r"([0-9a-f]{2})/([0-9a-f]{62})")


class Copying:
    """The archive into the folder of backups, each file once."""

    def __init__(
        self,
        archive: Path,
        shelf: Shelf,
        seal: Seal,
        sizes: dict[str, int],
        tell: Tell,
        since: float,
    ) -> None:
        """`sizes` are those of the files that the database names, by SHA-256. A file changed after
        `since`, in seconds of the system's clock, is read although an earlier backup has it."""
        self._archive, self._shelf, self._seal, self._tell = archive, shelf, seal, tell
        self._sizes, self._since = sizes, since
        self.copied = 0
        self.problems: list[Text] = []

    def all(self) -> list[Kept]:
        """Every file of the archive that is as it was written, or that an earlier backup has."""
        kept: list[Kept] = []
        self._look_for_missing(kept)
        with ThreadPoolExecutor(_LANES) as pool:
            for one in pool.map(self._one, archived(self._archive)):
                if isinstance(one, Kept):
                    kept.append(one)
                    self._tell("files", len(kept))
                else:
                    self.problems.append(one)
        return kept

    def _look_for_missing(self, kept: list[Kept]) -> None:
        for sha256, size in self._sizes.items():
            name = f"{sha256[:2]}/{sha256[2:]}"
            if (self._archive / name).is_file():
                continue
            if self._has(sha256):
                kept.append(Kept(name, sha256, size))
                self.problems.append(_damaged_but_kept(name))
            else:
                self.problems.append(
                    text(
                        "{file} of the archive is missing and is not in the backup: see "
                        "`incasso verify`",
                        file=name,
                    )
                )

    def _has(self, sha256: str) -> bool:
        return self._shelf.file(self._seal.name(sha256), self._seal).exists()

    def _one(self, path: Path) -> Kept | Text:
        name = path.relative_to(self._archive).as_posix()
        if sha256 := digest_in(name):
            return self._addressed(path, name, sha256)
        content = path.read_bytes()
        written = digest_of(BytesIO(content))
        self._put(BytesIO(content), written.sha256)
        return Kept(name, written.sha256, written.size)

    def _addressed(self, path: Path, name: str, sha256: str) -> Kept | Text:
        """A file that its own name describes; read if no earlier backup has it as it is now."""
        target = self._shelf.file(self._seal.name(sha256), self._seal)
        size = path.stat().st_size
        if target.exists():
            whole = self._sizes.get(sha256, size)
            if whole != size or self._is_another(path, sha256):
                self.problems.append(_damaged_but_kept(name))
            return Kept(name, sha256, whole)
        with path.open("rb") as source:
            written = self._put(source, sha256)
        if written is not None and written.sha256 != sha256:
            target.unlink(missing_ok=True)
            return text(
                "{file} of the archive is not what it was and is not in the backup: see "
                "`incasso verify`",
                file=name,
            )
        return Kept(name, sha256, size)

    def _is_another(self, path: Path, sha256: str) -> bool:
        """Whether a file was changed since it was last looked at, and is not what it was.

        The instant of the last change to its inode cannot be set back like that of its content.
        """
        status = path.stat()
        if max(status.st_mtime, status.st_ctime) < self._since:
            return False
        with path.open("rb") as source:
            return digest_of(source).sha256 != sha256

    def _put(self, source: BytesIO | object, sha256: str) -> Written | None:
        target = self._shelf.file(self._seal.name(sha256), self._seal)
        if target.exists():
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        self.copied += 1
        return self._seal.write(source, target)  # type: ignore[arg-type]


def _damaged_but_kept(name: str) -> Text:
    return text(
        "{file} of the archive is missing or not what it was; the backup has it from an earlier "
        "one: see `incasso verify`",
        file=name,
    )


def archived(archive: Path) -> Iterator[Path]:
    """The files of an archive, in order; unfinished ones, locks and the anchor are none."""
    for path in sorted(archive.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.name != anchor.FILE:
            yield path


def digest_in(name: str) -> str:
    """The SHA-256 that a path of the archive says; empty if it says none."""
    found = _ADDRESSED.fullmatch(name)
    return "".join(found.groups()) if found else ""
