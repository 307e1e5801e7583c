"""An SSH line to a server that is recognised by the fingerprint of its key, and by nothing else.

A server that is not the one in the settings gets no password: whoever answers at the address could
read every file and send false ones.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Final

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from incasso.contract.errors import (
    AuthenticationError,
    PluginError,
)
from incasso.contract.folder_login import SftpServer
from incasso.contract.text import text
from incasso.plugins import reaching
from incasso.plugins.folders.ssh_login import log_in, unreachable

_LOG: Final = "incasso.ssh"
"""The library's own log, with stack traces of its threads: what an operator needs is in the error
that follows."""

_KINDS: Final = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
"""Most servers have a key of each kind and show the one that is asked for; the agency may have told
the fingerprint of any."""

logging.getLogger(_LOG).setLevel(logging.CRITICAL + 1)


def connected(
    server: SftpServer, seconds: float, *, allow_private: bool
) -> tuple[paramiko.Transport, str]:
    """A line on which we are logged in, and the fingerprint of the server's key.

    Raises AuthenticationError, ConfigurationError, TemporaryError.
    """
    shown: dict[str, str] = {}
    for kinds in _KINDS:
        transport = _asked(server, kinds, seconds, allow_private=allow_private)
        if transport is None:
            continue
        key = transport.get_remote_server_key()
        shown[fingerprint(key)] = key.get_name()
        if fingerprint(key) in server.host_keys:
            return _logged_in(server, transport), fingerprint(key)
        transport.close()  # nothing was said to it
    raise _another(server, shown)


def fingerprint(key: paramiko.PKey) -> str:
    """As OpenSSH writes it: `SHA256:` and 43 letters."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _asked(
    server: SftpServer, kinds: tuple[str, ...], seconds: float, *, allow_private: bool
) -> paramiko.Transport | None:
    """A line on which the server has shown a key of these kinds; None if it has none."""
    line = reaching.connected(
        server.host, server.port, seconds, allow_private=allow_private, field="sftp.host"
    )
    transport = paramiko.Transport(line)
    transport.set_log_channel(_LOG)
    transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = seconds
    transport.get_security_options().key_types = kinds
    try:
        transport.start_client(timeout=seconds)
    except IncompatiblePeer as error:
        transport.close()
        if "host key" in str(error):
            return None
        raise unreachable(server, error) from None
    except (paramiko.SSHException, OSError, EOFError) as error:
        transport.close()
        raise unreachable(server, error) from None
    return transport


def _logged_in(server: SftpServer, transport: paramiko.Transport) -> paramiko.Transport:
    try:
        log_in(server, transport)
    except PluginError:
        transport.close()
        raise
    except (paramiko.SSHException, OSError, EOFError) as error:
        transport.close()
        raise unreachable(server, error) from None
    return transport


def _another(server: SftpServer, shown: dict[str, str]) -> AuthenticationError:
    seen = [f"{key} ({kind})" for key, kind in shown.items()]
    return AuthenticationError(
        text(
            "{host}:{port} shows another key than the one in the settings: {seen}, not {wanted}. "
            "Somebody else may be answering there. Ask the other side by telephone; if one of "
            "these is theirs, write it as host_key",
            host=server.host,
            port=str(server.port),
            seen=seen,
            wanted=list(server.host_keys),
        )
    )
