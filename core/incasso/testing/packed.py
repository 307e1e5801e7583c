"""What can be read in a file once it is unpacked: workbooks and archives are zipped."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile, is_zipfile


def seen_in(content: bytes) -> bytes:
    """The bytes, and of a ZIP those of every file in it, whatever the depth."""
    if not is_zipfile(BytesIO(content)):
        return content
    with ZipFile(BytesIO(content)) as archive:
        return b"\n".join(seen_in(archive.read(name)) for name in archive.namelist())
