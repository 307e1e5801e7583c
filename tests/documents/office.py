"""An office with a CSV ledger, a folder of invoices and an iter that attaches them."""

from __future__ import annotations

import email
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from email.message import Message
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.ledger.sync import sync
from incasso.services.recovery.iters import import_file
from incasso.services.recovery.plan import plan
from incasso.services.running.setup import init
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.report import DispatchReport
from incasso.store.tables import recovery, sending
from tests.documents.fatture import CUSTOMER_VAT

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

CLIENTS = "code,name,vat,email,address,zip,city\n"
INSTALLMENTS = (
    "key,client,document_kind,document_number,document_date,due_date,amount,residual,"
    "payment_method\n"
)
CHANNELS = """
[channels.out]
plugin = "folder"
media = ["email", "pec", "letter"]
folder = "outbox"
"""


def installment(
    number: str = "123/A",
    *,
    key: str = "",
    client: str = "C1",
    kind: str = "invoice",
    day: str = "2026-09-01",
    due: str = "2026-10-01",
    amount: str = "1220.00",
) -> str:
    """One row of the ledger."""
    key = key or f"{number}-{due}"
    return f"{key},{client},{kind},{number},{day},{due},{amount},{amount},transfer\n"


def client(code: str = "C1", vat: str = f"IT{CUSTOMER_VAT}") -> str:
    """One client who can be written to in every way."""
    return f"{code},Ferramenta {code},{vat},{code.lower()}@example.it,Via Po 2,10121,Torino\n"


def stage(attach: str = '["invoice"]', *, required: bool = False, channel: str = "email") -> str:
    """An iter of one reminder."""
    return (
        '[[iter]]\nkey = "bonifico"\n\n[[iter.stage]]\nkey = "sollecito"\ndays = 5\n'
        f'channels = ["{channel}"]\ntemplate = "primo_sollecito"\nattach = {attach}\n'
        f"attach_required = {str(required).lower()}\n"
    )


class Office:
    """One hub in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        rows: Iterable[str] = (installment(),),
        clients: Iterable[str] = (client(),),
        iter: str = "",
        documents: str = 'documents = "fatture"\n',
        channels: str = CHANNELS,
        database: str = "",
    ) -> None:
        self.folder = folder
        (folder / "fatture").mkdir(parents=True)
        (folder / "clients.csv").write_text(CLIENTS + "".join(clients))
        (folder / "installments.csv").write_text(INSTALLMENTS + "".join(rows))
        (folder / "iters.toml").write_text(iter or stage())
        url = f'[hub]\ndatabase = "{database}"\n\n' if database else ""
        (folder / "plugins.toml").write_text(
            f'{url}[companies.acme]\nname = "ACME"\nvat = "01234560017"\n'
            'iban = "IT60X0542811101000000123456"\n\n'
            '[connectors.acme]\nplugin = "csv"\nclients = "clients.csv"\n'
            f'installments = "installments.csv"\n{documents}{channels}'
        )
        if not database:
            for name, content in _empty_office().items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)
        self.hub = self.open()
        if database:
            init(self.hub)

    def open(self) -> Hub:
        """The hub at a fixed instant."""
        return build_hub(self.folder / "plugins.toml", now=lambda: NOW)

    def put(self, files: Mapping[str, bytes]) -> None:
        """Put files into the folder of invoices."""
        for name, content in files.items():
            path = self.folder / "fatture" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def prepare(self) -> None:
        """Everything up to steps that are ready to leave."""
        import_file(self.hub, CLOCK, self.folder / "iters.toml", on=ON)
        sync(self.hub, CLOCK, "acme", ON)
        plan(self.hub, CLOCK, ON)

    def send(self, *, really: bool = True) -> DispatchReport:
        """Let everything leave that is ready."""
        return dispatch(self.hub, CLOCK, ON, really)

    def mails(self) -> list[Message]:
        """What lies in the outbox, oldest name first."""
        files = sorted((self.folder / "outbox").rglob("*.eml"))
        return [email.message_from_bytes(file.read_bytes()) for file in files]

    def letters(self) -> list[bytes]:
        """The pages in the outbox."""
        return [file.read_bytes() for file in sorted((self.folder / "outbox").rglob("*.pdf"))]

    def deliveries(self) -> list[sa.Row[tuple[object, ...]]]:
        """Every delivery."""
        with self.hub.store.read() as connection:
            return list(connection.execute(sa.select(sending.deliveries)))

    def reasons(self) -> list[str]:
        """Why steps wait."""
        with self.hub.store.read() as connection:
            return list(connection.scalars(sa.select(recovery.steps.c.reason)))


@cache
def _empty_office() -> dict[str, bytes]:
    """The files that `incasso init` makes, by name: once, because each test wants its own."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "plugins.toml").touch()
        with build_hub(folder / "plugins.toml", now=lambda: NOW) as hub:
            init(hub)
        made = (each for each in folder.rglob("*") if each.is_file())
        return {
            each.relative_to(folder).as_posix(): each.read_bytes()
            for each in made
            if each.name != "plugins.toml"
        }


def attached(message: Message) -> dict[str, bytes]:
    """The files of a mail by name."""
    return {
        part.get_filename() or "": bytes(part.get_payload(decode=True) or b"")
        for part in message.walk()
        if part.get_content_disposition() == "attachment"
    }
