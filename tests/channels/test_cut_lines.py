"""Every kind of channel on a line that breaks at each piece of what is said: an error that says
"nothing was sent" is never wrong, and whatever left is found or in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from incasso.contract.errors import OutcomeUnknownError, TemporaryError
from incasso.contract.media import Medium
from incasso.plugins.registry import build_registry
from incasso.plugins.settings.config import load_config
from incasso.testing import samples
from tests.channels.cutting import At, Cutter
from tests.channels.every_kind import KINDS, Served

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MOST_PIECES = 60
"""More than any of them says to send one message."""


class Line:
    """One server, and what a fresh process makes of one message on a line that breaks."""

    def __init__(self, folder: Path, name: str, served: Served) -> None:
        self.served = served
        self._folder, self._name = folder, name
        self._ports = {int(found) for found in re.findall(r"(?:port = |:)(\d{4,5})", served.table)}
        self._messages = 0
        secret = folder / f"{name}.secret"
        secret.touch(0o600)
        secret.write_text(served.secret, "utf-8")

    def send(self, number: int, at: At) -> tuple[bool, Exception | None]:
        """Whether the line broke, and the error that came of it."""
        self._messages += 1
        with ExitStack() as stack:
            table, cutters = self.served.table, []
            for port in self._ports:
                cutter = stack.enter_context(Cutter(port, number, at))
                table = re.sub(rf"(port = |:){port}\b", rf"\g<1>{cutter.port}", table)
                cutters.append(cutter)
            error = self._sent(table, f"d-{self._messages:04}")
            return any(each.broke for each in cutters), error

    def _sent(self, table: str, delivery: str) -> Exception | None:
        kind, medium = KINDS[self._name][:2]
        head = f'[channels.{self._name}]\nplugin = "{kind}"\nmedia = ["{medium}"]\n'
        config = self._folder / "plugins.toml"
        config.write_text(f'[hub]\ntimezone = "Europe/Rome"\n\n{head}{table}', "utf-8")
        registry = build_registry(load_config(config), now=lambda: NOW)
        try:
            channel = registry.channel(self._name)
            message = samples.message(Medium(medium), delivery)
            prepared = channel.prepare(message, ON)
            channel.send(message, prepared, attempt=1, dry_run=False, on=ON)
        except (TemporaryError, OutcomeUnknownError) as error:
            return error
        finally:
            registry.close()
        return None


@pytest.fixture
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    with ExitStack() as stack:
        name = request.param
        yield Line(tmp_path, name, KINDS[name][2](stack))


@pytest.mark.parametrize("line", KINDS, indirect=True)
@pytest.mark.parametrize("at", At)
def test_what_is_said_of_a_message_on_a_broken_line_is_true(line: Line, at: At) -> None:
    broken = in_doubt = 0
    for number in range(1, MOST_PIECES):
        before = line.served.taken()
        broke, error = line.send(number, at)
        left = line.served.taken() - before
        told = (number, error, left)
        assert left <= 1, told
        if isinstance(error, TemporaryError):
            assert left == 0, told
        if error is None:
            assert left == 1, told
        if not broke:
            break
        broken += 1
        in_doubt += isinstance(error, OutcomeUnknownError)
    assert error is None, "the whole of it was tried"
    assert broken >= 1
    if at is At.ANSWERED:
        assert in_doubt >= 1, "the last word of the server did not come"
