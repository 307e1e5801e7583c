"""What an SFTP server may do instead of its work."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

Operation: TypeAlias = Literal["list", "stat", "open", "read", "write", "rename", "remove", "mkdir"]


class Fault(StrEnum):
    """What happens at an operation."""

    CUT_BEFORE = "cut before"
    """The line breaks, and nothing was done."""
    CUT_AFTER = "cut after"
    """It is done, and the line breaks before the answer."""
    REFUSED = "refused"
    """Permission denied."""
    FAILS = "fails"
    """The answer is "Failure", as for everything that has no code of its own."""
    FULL = "full"
    """No space is left on the disk."""
    UNSUPPORTED = "unsupported"
    """The server does not know the request."""
    SLOW = "slow"
    """Done after `SftpServer.slow_s`, while other requests go on waiting."""
