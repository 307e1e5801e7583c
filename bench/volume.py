"""Case `volume`: the mail of four companies at once. The first one's server is quick, the second's
takes 20 messages a second, the third's thinks for 50 ms, the fourth's does not answer. How long the
quick one takes among them, against the time it takes alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench import office
from bench.sending import sink
from bench.trial import Row, Trial

SOURCES = ("acme", "beta", "gamma", "delta")
"""As many messages each: the case's size is that of all."""

_CONNECTOR = """
[companies.{source}]
name = "{source} S.r.l."
iban = "IT60X0542811101000000123456"
max_age_hours = 100000

[connectors.{source}]
plugin = "csv"
clients = "ledger/clients.csv"
installments = "ledger/installments.csv"
read = "full"
"""
_CHANNEL = """
[channels.mail_{source}]
plugin = "smtp"
media = ["email"]
sources = ["{source}"]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Ufficio crediti <crediti@{source}.example>"
allow_private_addresses = true
{more}
"""


def beside_others(trial: Trial) -> Iterator[Row]:
    """The quick channel, alone and among the others."""
    installments = trial.size // len(SOURCES) * office.PER_CLIENT
    with sink() as quick, sink(50) as thinking:
        alone = replace(trial, home=trial.home / "alone")
        office.make(alone.home, installments, due="past", port=quick)
        plain = alone.run("quick_channel", "mail", "0", module="bench.volume_jobs")
        among = replace(trial, home=trial.home / "among")
        office.make(among.home, installments, due="past", port=quick)
        with (among.home / "plugins.toml").open("a", encoding="utf-8") as config:
            ways = ((quick, "calls_per_second = 20"), (thinking, ""), (9, ""))
            for source, (port, more) in zip(SOURCES[1:], ways, strict=True):
                config.write(_CONNECTOR.format(source=source))
                config.write(_CHANNEL.format(source=source, port=port, more=more))
        config_path = among.home / "plugins.toml"
        words = config_path.read_text("utf-8").replace(
            '[channels.mail]\nplugin = "smtp"',
            '[channels.mail]\nsources = ["acme"]\nplugin = "smtp"',
        )
        config_path.write_text(words, "utf-8")
        sent = plain.count("accepted")
        hub = among.run("quick_channel", "mail", str(sent), module="bench.volume_jobs")
    yield Row(name="volume, quick channel", hub=hub, plain=plain, items=sent)
