"""An SFTP server on your machine, which fails as told.

>>> with SftpServer(tmp_path) as server:
...     server.fault("rename", Fault.CUT_AFTER)
...     with opened(login) as folder:  # as server.user with server.password
...         ...  # its key is server.fingerprint

A bucket for tests is moto's: `ThreadedMotoServer`; mailboxes are those of `incasso.testing.pec`.
"""

from incasso.testing.folders.faults import Fault, Operation
from incasso.testing.folders.opened import opened
from incasso.testing.folders.sftp import SftpServer

__all__ = ["Fault", "Operation", "SftpServer", "opened"]
