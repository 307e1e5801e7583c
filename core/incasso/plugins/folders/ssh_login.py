"""Logs in on an SSH line: one attempt, with a password or a private key."""

from __future__ import annotations

import io
from collections.abc import Sequence

import paramiko
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from incasso.contract.errors import AuthenticationError, ConfigurationError, TemporaryError
from incasso.contract.folder_login import SftpServer
from incasso.contract.settings import wrong_key
from incasso.contract.text import text
from incasso.plugins import reaching


def unreachable(server: SftpServer, error: Exception) -> TemporaryError:
    """What went wrong with a server, in one sentence."""
    return reaching.unreachable(server.host, server.port, error)


def log_in(server: SftpServer, transport: paramiko.Transport) -> None:
    """One attempt: many servers close an account after a few."""
    key = _private_key(server) if server.private_key.reveal() else None
    try:
        if key is not None:
            rest: Sequence[str] = transport.auth_publickey(server.user, key)
        else:
            rest = transport.auth_password(server.user, server.password.reveal())
    except paramiko.AuthenticationException as error:
        raise _refused(server, error) from None
    if rest or not transport.is_authenticated():
        raise AuthenticationError(
            text(
                "{host} wants more than one proof of {user}: {ways}",
                host=server.host,
                user=server.user,
                ways=list(rest),
            )
        )


def _refused(
    server: SftpServer, error: paramiko.AuthenticationException
) -> AuthenticationError | TemporaryError:
    ways = list(getattr(error, "allowed_types", ()))
    if isinstance(error, paramiko.BadAuthenticationType) and ways:
        return AuthenticationError(
            text(
                "{host} does not let {user} in by this way, but by: {ways}",
                host=server.host,
                user=server.user,
                ways=ways,
            )
        )
    if "timeout" in str(error).lower():
        return unreachable(server, error)
    return AuthenticationError(
        text("{host} refused the login of {user}", host=server.host, user=server.user)
    )


def _private_key(server: SftpServer) -> paramiko.PKey:
    """The key of the settings, in whichever form. Raises ConfigurationError."""
    given = server.private_key.reveal().strip() + "\n"
    phrase = server.passphrase.reveal().encode() or None
    load = load_ssh_private_key if "OPENSSH PRIVATE" in given else load_pem_private_key
    try:
        loaded = load(given.encode(), phrase)
    except TypeError:  # a key with a passphrase and none given, or the other way
        missing = text("missing: the private key has one")
        words = text("the private key has none") if phrase else missing
        raise _bad_key("passphrase", words) from None
    except ValueError as error:
        words = text("the private key cannot be read: {reason}", reason=str(error)[:200])
        raise _bad_key("private_key", words) from None
    return _for_the_library(loaded)


def _for_the_library(loaded: object) -> paramiko.PKey:
    """paramiko reads fewer forms than there are, each with its passphrase a second time."""
    match loaded:
        case rsa.RSAPrivateKey():
            kind: type[paramiko.PKey] = paramiko.RSAKey
        case ed25519.Ed25519PrivateKey():
            kind = paramiko.Ed25519Key
        case ec.EllipticCurvePrivateKey():
            kind = paramiko.ECDSAKey
        case _:
            raise _bad_key("private_key", text("is of no usable kind: use RSA, ECDSA or Ed25519"))
    plain = loaded.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return kind.from_private_key(io.StringIO(plain.decode()))


def _bad_key(key: str, message: str) -> ConfigurationError:
    return ConfigurationError([wrong_key(f"sftp.{key}", message)])
