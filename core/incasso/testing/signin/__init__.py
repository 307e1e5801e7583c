"""Modern sign-in for tests: token servers of Microsoft and Google, mail servers that take their
tokens, and Graph's sendMail. All have state: what was registered, granted, revoked, sent."""

from incasso.testing.signin.directory import Application, Directory, ServiceAccount
from incasso.testing.signin.graph import SentByGraph
from incasso.testing.signin.mail import ImapGate, SignInSmtp
from incasso.testing.signin.server import SignInServer

__all__ = [
    "Application",
    "Directory",
    "ImapGate",
    "SentByGraph",
    "ServiceAccount",
    "SignInServer",
    "SignInSmtp",
]
