"""Read files of others in a child process that may use so much memory and so much time.

A file that makes its reader loop, crash or fill the memory ends the child and no more: the caller
gets a ReadApartError with one sentence. Plugins have this as `incasso.api.apart`.

The child is a fresh Python without the hub's memory, environment or connections. It is kept for the
next file and replaced when it dies, hangs or has grown. What it answers travels as msgpack, is
checked against the type that the caller expects, and is never unpickled.
"""

from incasso.apart.bounds import DOCUMENT, WORKBOOK, Bounds, Cause, ReadApartError
from incasso.apart.cells import Cell, packed_rows, unpacked_rows
from incasso.apart.reading import run, stream

__all__ = [
    "DOCUMENT",
    "WORKBOOK",
    "Bounds",
    "Cause",
    "Cell",
    "ReadApartError",
    "packed_rows",
    "run",
    "stream",
    "unpacked_rows",
]
