"""An office with a channel of every kind that has a login, each on a server of its own kind, with a
company and a client of its own. A kind that is new joins `KINDS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qs

from incasso.messages import texts
from incasso.testing.fax import HylafaxServer, InterfaxService
from incasso.testing.network import Answer, Seen
from incasso.testing.postal import PostalService
from incasso.testing.signin import Directory, ServiceAccount, SignInServer, SignInSmtp
from incasso.testing.sms import sms_service
from tests.channels.servers import SmtpServer
from tests.sending.played import CONFIG, PlayedOffice

DAY = "2026-11-23"
BODY = "Corpomarcato7"
"""Stands in every text that leaves, and nowhere else."""

PLACE = {"address": "Via Po 2", "zip": "10121", "city": "Torino", "province": "TO"}
USER = "crediti@acme.example"


@dataclass
class Served:
    """A server of one kind, as the office sees it and as a test does."""

    table: str
    """The keys of its channel's table."""
    secret: str
    """The right one; the office reads it from the file `NAME.secret`."""
    logins: Callable[[], int]
    """How many requests came that carried a login."""
    echo: Callable[[], None]
    """From now on every answer is an error that brings back what was asked."""
    taken: Callable[[], int]
    """How many messages it has taken, to send them."""
    wrong: str = "not-this-one"
    """A secret of the right form that the server does not take."""
    more: Callable[[], list[str]] = list
    """Secrets that came about meanwhile: tokens, and what was signed to get them."""


def _smtp(name: str, more: str) -> Callable[[ExitStack], Served]:
    def start(stack: ExitStack) -> Served:
        secret = f"segretissima-{name}-41"
        server = stack.enter_context(SmtpServer(users={USER: secret}))
        table = (
            f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nuser = "{USER}"\n'
            f'password = {{ file = "{name}.secret" }}\n{more}'
        )

        def echo() -> None:
            server.script("end", f"451 4.3.0 try later, {USER} {secret}")

        return Served(
            table,
            secret,
            lambda: server.commands.count("AUTH"),
            echo,
            lambda: len(server.messages),
        )

    return start


def _sms(stack: ExitStack) -> Served:
    return _sms_by(stack, "twilio", "sms")


def _openapi(stack: ExitStack) -> Served:
    return _sms_by(stack, "openapi", "openapi")


def _sms_by(stack: ExitStack, name: str, channel: str) -> Served:
    service = stack.enter_context(sms_service(name))
    given = {**service.table}
    lines = [f"{key} = {_toml(value)}" for key, value in given.items() if key != "plugin"]
    table = "\n".join([*lines, f'token = {{ file = "{channel}.secret" }}', ""])

    def echo() -> None:
        service._server.answer = _echoed  # type: ignore[method-assign]

    return Served(table, service.token, lambda: len(service.seen), echo, lambda: len(service.sent))


def _fax(stack: ExitStack) -> Served:
    service = stack.enter_context(InterfaxService(password="segretissima-fax-41"))
    seen: list[Seen] = []
    answered = service._server.answer

    def counted(one: Seen) -> Answer:
        seen.append(one)
        return answered(one)

    service._server.answer = counted  # type: ignore[assignment,method-assign]
    table = (
        f'allow_private_addresses = true\naddress = "{service.url}"\nuser = "acme"\n'
        'password = { file = "fax.secret" }\n'
    )

    def echo() -> None:
        service._server.answer = _echoed  # type: ignore[method-assign]

    return Served(table, service.password, lambda: len(seen), echo, lambda: len(service.faxes))


def _hylafax(stack: ExitStack) -> Served:
    secret = "segretissima-hylafax-41"
    server = stack.enter_context(HylafaxServer(password=secret))
    table = (
        f'host = "127.0.0.1"\nport = {server.port}\nallow_private_addresses = true\n'
        'password = { file = "hylafax.secret" }\n'
    )

    def echo() -> None:
        server.says = {"JSUBM": f"460 Failed, try later: PASS {secret}"}

    return Served(table, secret, lambda: server.logins, echo, lambda: len(server.submitted))


def _directory() -> Directory:
    directory = Directory()
    directory.application.mailboxes = directory.account.mailboxes = (USER,)
    return directory


def _signing(stack: ExitStack) -> SignInServer:
    return stack.enter_context(SignInServer(Path(mkdtemp()), _directory()))


def _microsoft(tokens: SignInServer, channel: str) -> str:
    """The table of modern sign-in with an application's secret."""
    directory = tokens.directory
    return (
        f'[channels.{channel}.sign_in]\nwith = "microsoft"\ntenant = "{directory.tenant}"\n'
        f'client = "{directory.application.client}"\nserver = "{tokens.url}"\n'
        f'ca_file = "{tokens.ca_file}"\nsecret = {{ file = "{channel}.secret" }}\n'
    )


def _signed(
    tokens: SignInServer,
    table: str,
    secret: str,
    echo: Callable[[], None],
    taken: Callable[[], int],
    **more: Any,
) -> Served:
    """A server behind a token endpoint."""

    def made() -> list[str]:
        forms = [parse_qs(each.body.decode("latin-1")) for each in tokens.web.seen]
        asserted = [value for form in forms for value in form.get("assertion", [])]
        return [*tokens.directory.tokens, *asserted]

    return Served(table, secret, lambda: tokens.asked, echo, taken, more=made, **more)


def _explaining(tokens: SignInServer, part: str) -> Callable[[], None]:
    """From now on what lies at such addresses explains each refusal by what it was asked."""
    answered = tokens.web.answer

    def explained(seen: Seen) -> Answer:
        if part not in seen.path:
            return answered(seen)
        tokens.web.seen.append(seen)
        return _explained(seen)

    def echo() -> None:
        tokens.web.answer = explained  # type: ignore[method-assign]

    return echo


def _graph(stack: ExitStack) -> Served:
    tokens = _signing(stack)
    table = (
        f'sender = "Crediti <{USER}>"\napi = "{tokens.url}/v1.0"\nca_file = "{tokens.ca_file}"\n'
        f"allow_private_addresses = true\n{_microsoft(tokens, 'graph')}"
    )
    echo = _explaining(tokens, "/users/")
    secret = tokens.directory.application.secret
    return _signed(tokens, table, secret, echo, lambda: len(tokens.graph.sent))


def _relay(stack: ExitStack, tokens: SignInServer) -> tuple[str, SignInSmtp]:
    """The table of a relay that takes tokens."""
    smtp = stack.enter_context(SignInSmtp(tokens.directory))
    smtp.echoes = True
    table = (
        f'host = "{smtp.host}"\nport = {smtp.port}\nsecurity = "none"\nuser = "{USER}"\n'
        f'sender = "Crediti <{USER}>"\nallow_private_addresses = true\n'
    )
    return table, smtp


def _exchange(stack: ExitStack) -> Served:
    tokens = _signing(stack)
    table, smtp = _relay(stack, tokens)
    table += _microsoft(tokens, "exchange")

    def echo() -> None:
        tokens.directory.application.mailboxes = ()  # the relay repeats what it refuses

    secret = tokens.directory.application.secret
    return _signed(tokens, table, secret, echo, lambda: len(smtp.messages))


def _gmail(stack: ExitStack) -> Served:
    tokens = _signing(stack)
    table, smtp = _relay(stack, tokens)
    table += (
        '[channels.gmail.sign_in]\nwith = "google"\nkey = { file = "gmail.secret" }\n'
        f'server = "{tokens.google_url}"\nca_file = "{tokens.ca_file}"\n'
    )
    key = tokens.directory.account.key_file(tokens.google_url)
    wrong = ServiceAccount(email="somebody@else.example").key_file(tokens.google_url)
    echo = _explaining(tokens, "/token")
    return _signed(tokens, table, key, echo, lambda: len(smtp.messages), wrong=wrong)


def _post(stack: ExitStack) -> Served:
    service = stack.enter_context(PostalService(token="segretissima-post-41"))
    table = (
        f'url = "{service.url}"\nallow_private_addresses = true\n'
        'token = { file = "post.secret" }\n'
        'sender_name = "Acme S.p.A."\nsender_address = "Via Roma 1"\nsender_zip = "10121"\n'
        'sender_city = "Torino"\nsender_province = "TO"\nsender_email = "crediti@acme.example"\n'
    )

    def echo() -> None:
        service.answer = _echoed  # type: ignore[method-assign]

    return Served(
        table, service.token, lambda: len(service.seen), echo, lambda: len(service.confirmed)
    )


def _explained(seen: Seen) -> Answer:
    """A token endpoint, or an interface behind it, that explains a refusal with the request."""
    echo = f"cannot read {seen.headers.get('authorization', '')} {seen.body.decode('latin-1')}"
    by_graph = {"error": {"code": "ErrorInvalidRequest", "message": echo}}
    by_endpoint = {"error": "invalid_request", "error_description": echo}
    return Answer.of(by_endpoint if "token" in seen.path else by_graph, 400)


def _echoed(seen: Seen) -> Answer:
    """What a careless service does when it breaks: the whole request, login and all."""
    heads = "\n".join(f"{name}: {value}" for name, value in seen.headers.items())
    return Answer(status=500, body=f"oops\n{seen.path}\n{heads}\n".encode() + seen.body)


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


MAILBOX = (
    f'mailbox = "Crediti <{USER}>"\nimap_host = "127.0.0.1"\nimap_port = 9\n'
    'imap_security = "none"\n'
)
GATEWAY = f'sender = "{USER}"\naddress = "{{digits}}@fax.example"\n'
KINDS: Mapping[str, tuple[str, str, Callable[[ExitStack], Served], Mapping[str, str]]] = {
    # channel: its kind, its medium, its server, the client whom only it reaches
    "mail": (
        "smtp",
        "email",
        _smtp("mail", f'sender = "Crediti <{USER}>"\n'),
        {"email": "ada@example.it"},
    ),
    "pec": ("pec", "pec", _smtp("pec", MAILBOX), {"pec": "ada@pec.example.it"}),
    "sms": ("sms", "sms", _sms, {"mobile": "+39 333 1234567"}),
    "fax": ("interfax", "fax", _fax, {"fax": "02 1111 1111"}),
    "post": ("postal", "registered", _post, PLACE),
    "graph": ("graph", "email", _graph, {"email": "ada@example.it"}),
    "exchange": ("smtp", "email", _exchange, {"email": "ada@example.it"}),
    "gmail": ("smtp", "email", _gmail, {"email": "ada@example.it"}),
    "openapi": ("sms", "sms", _openapi, {"mobile": "+39 333 1234568"}),
    "hylafax": ("hylafax", "fax", _hylafax, {"fax": "02 1111 1112"}),
    "gateway": ("fax_mail", "fax", _smtp("gateway", GATEWAY), {"fax": "02 1111 1113"}),
}
ITERS = """
[[iter]]
key = "ordinario"
[[iter.stage]]
key = "sollecito"
label = "Sollecito"
days = 5
channels = ["email", "pec", "sms", "fax", "registered"]
template = "primo_sollecito"
"""


COMPANY = """
[companies.of_{name}]
name = "{name} S.p.A."
address = ["Via Roma 1", "20121 Milano MI"]
iban = "IT60X0542811101000000123456"

[connectors.of_{name}]
plugin = "csv"
clients = "ledger/{name}-clients.csv"
installments = "ledger/{name}-installments.csv"

[channels.{name}]
plugin = "{kind}"
media = ["{medium}"]
sources = ["of_{name}"]
{table}
"""


class EveryKind(PlayedOffice):
    """The office, and its servers by the name of their channel. Each has a company of its own, with
    one client: so no channel takes over what another one refuses."""

    def __init__(self, folder: Path, servers: Mapping[str, Served]) -> None:
        config = CONFIG.partition("[companies.acme]")[0]
        for name, server in servers.items():
            kind, medium = KINDS[name][:2]
            config += COMPANY.format(name=name, kind=kind, medium=medium, table=server.table)
        super().__init__(folder, ITERS, config=config)
        self.servers = servers
        for name in servers:
            self.ledger(
                [{"code": name, "name": f"Ditta {name}", **KINDS[name][3]}],
                [
                    {
                        "key": f"R-{name}",
                        "client": name,
                        "document_number": f"{name}/26",
                        "document_date": "2026-09-10",
                        "due_date": "2026-11-10",
                        "amount": "100.00",
                        "residual": "100.00",
                        "currency": "EUR",
                        "payment_method": "transfer",
                    }
                ],
            )
            for file in ("clients", "installments"):
                (folder / f"ledger/{file}.csv").rename(folder / f"ledger/{name}-{file}.csv")

    def secret(self, name: str, value: str) -> None:
        """What the office believes to be the channel's secret."""
        file = self.folder / f"{name}.secret"
        file.touch(0o600)
        file.write_text(value, "utf-8")

    def marked_texts(self) -> None:
        """A text of the office's own with a word that stands nowhere else."""
        builtin = Path(texts.__path__[0]) / "it/primo_sollecito.toml"
        words = builtin.read_text("utf-8").replace("non ci risulta", f"{BODY} non ci risulta")
        own = self.folder / "texts/it/primo_sollecito.toml"
        own.parent.mkdir(parents=True)
        own.write_text(words, "utf-8")
        self.do("templates", "import", "texts/it/primo_sollecito.toml")
        self.do("templates", "publish", "primo_sollecito", "--on", DAY)

    def planned(self) -> None:
        """The ledger is read, and every client's first step is ready."""
        self.open(DAY)
        self.marked_texts()
        self.do("sync", "--on", DAY)
        self.do("plan", "--on", DAY)


@contextmanager
def every_kind(folder: Path) -> Iterator[EveryKind]:
    """The office with all its servers running, and the right secrets."""
    with ExitStack() as stack:
        servers = {name: start(stack) for name, (_, _, start, _) in KINDS.items()}
        office = EveryKind(folder, servers)
        for name, server in servers.items():
            office.secret(name, server.secret)
        yield office
