"""Make the office that is measured: ledger files of any size, one iter, a hub around them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import xxhash

from incasso.contract.ledger import ClientRecord, DocumentKind, InstallmentRecord, PersonRecord
from incasso.demo.portfolio import Portfolio
from incasso.demo.portfolio_change import change
from incasso.demo.portfolio_files import write_records
from incasso.services.hub.hub import Hub, build_hub

START = date(2026, 11, 23)
SEED = 7
PER_CLIENT = 5

_TOML = """
[hub]
timezone = "Europe/Rome"
database = {{ env = "BENCH_DATABASE" }}

[companies.acme]
name = "ACME S.r.l."
address = ["Via dell'Artigianato 21", "10148 Torino (TO)"]
iban = "IT60X0542811101000000123456"
email = "crediti@acme.example"
max_age_hours = 100000
max_drop = 0.9

[connectors.acme]
plugin = "csv"
clients = "ledger/clients.csv"
installments = "ledger/installments.csv"
read = "full"

[channels.mail]
plugin = "smtp"
media = ["email"]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Ufficio crediti <crediti@acme.example>"
allow_private_addresses = true
"""

ITERS = """
[contact_policy]
enabled = false

[[iter]]
key = "all"
label = "Every overdue credit"
priority = 10
grouping = "stage"
catch_up = "first"
min_gap_days = 5
tolerance = "5.00"
net_credits = true

[[iter.stage]]
key = "first"
label = "First reminder"
anchor = "due_date"
days = 1
action = "send"
channels = ["email", "letter"]
template = "primo_sollecito"
mode = "auto"
advance_on = "sent"

[[iter.stage]]
key = "second"
label = "Second reminder"
anchor = "previous"
days = 15
action = "send"
channels = ["email", "letter"]
template = "secondo_sollecito"
mode = "auto"
advance_on = "sent"
"""


def make(folder: Path, installments: int, *, due: str, port: int = 2525) -> None:
    """Write the office. `due`: "past" is 93 % overdue by 1-90 days, "ahead" 4 % due each day."""
    ledger = folder / "ledger"
    ledger.mkdir(parents=True, exist_ok=True)
    portfolio = Portfolio(
        SEED, START, clients=max(installments // PER_CLIENT, 1), installments=installments
    )
    write_records(ledger / "clients.csv", ClientRecord, _clients(portfolio))
    write_records(ledger / "agents.csv", PersonRecord, portfolio.agents())
    rows = _dated(portfolio.ledger(START), due)
    write_records(ledger / "installments.csv", InstallmentRecord, rows)
    (folder / "plugins.toml").write_text(_TOML.format(port=port), encoding="utf-8")
    (folder / "iters.toml").write_text(ITERS, encoding="utf-8")


def make_changed(folder: Path, installments: int) -> Path:
    """The next night's ledger beside the first: 5 % changed, 2 % new, 2 % gone."""
    portfolio = Portfolio(
        SEED, START, clients=max(installments // PER_CLIENT, 1), installments=installments
    )
    path = folder / "ledger" / "changed.csv"
    write_records(path, InstallmentRecord, change(_dated(portfolio.ledger(START), "past")))
    return path


def database_url(folder: Path, server: str) -> str:
    """SQLite in the folder, or the PostgreSQL database prepared for it."""
    return f"sqlite:///{folder / 'incasso.db'}" if server == "sqlite" else server


def hub(folder: Path, url: str) -> Hub:
    """Open the office's hub on a database."""
    os.environ["BENCH_DATABASE"] = url
    return build_hub(folder / "plugins.toml")


def _clients(portfolio: Portfolio) -> Iterator[ClientRecord]:
    # Everybody has a mail address, so that hub and plain statement plan the same credits.
    for record in portfolio.client_records():
        email = record.email or f"{record.code.lower()}@clienti.example"
        yield msgspec.structs.replace(record, email=email, excluded=False)


def _dated(rows: Iterator[InstallmentRecord], due: str) -> Iterator[InstallmentRecord]:
    """Plain credits only, due as the case needs; what banks and credit notes add is left out."""
    for row in rows:
        roll = xxhash.xxh32_intdigest(row.key.encode())
        days = -(roll % 90 + 1) if due == "past" else roll % 25 + 1
        if due == "past" and roll % 100 >= 93:
            days = roll % 60 + 1
        amount = abs(row.amount or row.residual) or row.residual
        yield msgspec.structs.replace(
            row,
            due_date=START + timedelta(days=days),
            document_kind=DocumentKind.INVOICE,
            residual=abs(row.residual) or amount,
            amount=amount,
            unpaid_on=None,
            presented_on=None,
            document_date=START + timedelta(days=days - 60),
        )
