"""The shipped contract suites can fail: each bad plugin here is caught by the check named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

COMMON = """
from datetime import date, datetime, UTC
from decimal import Decimal
from incasso.api import *
from incasso.testing.fakes import FakeConnector, kind_of
from incasso.testing.fakes.registry import package_of
import msgspec

CLIENTS = [ClientRecord(code="C1", name="Bianchi Anna"), ClientRecord(code="C2", name="Verdi")]
def rate(key, **more):
    return InstallmentRecord(**{**dict(key=key, client="C1", due_date=date(2026, 2, 10),
                                       residual=Decimal("10.50")), **more})
DOCUMENTS = {"12": Attachment(filename="12.pdf", media_type="application/pdf", content=b"%PDF-1")}
AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
NEWS = ()
last = None
def count(name):
    return len(getattr(last, name))
def keep(fake):
    global last
    last = fake
    return fake
def change(kind):
    return kind
def report(ref, state):
    if hasattr(last, "taken"):
        last.report(ref, state, AT)
        return
    return signed([last.report(ref.removeprefix("sent-"), state, AT)], AT)
def happen(ref):
    for kind in (UpdateKind.ACKNOWLEDGED, UpdateKind.NOTE):
        last.report(ref, kind, AT)
def return_file(updates):
    lines = (msgspec.json.encode(each) for each in (ReturnSheet(lot="L-2026-0001"), *updates))
    return "esiti.jsonl", bytes([10]).join(lines) + bytes([10])
def spoilt(content):
    return content.replace(b"2026-02-21", b"2026-02-31")
"""

TEST = """
import pytest
from types import ModuleType
from incasso.testing import {base}
from incasso.testing.fakes import *
from incasso.testing.fakes.registry import package_of
{setup}
class TestIt({base}):
    @pytest.fixture
    def plugin_module(self):
        fake = make()
        kind = kind_of(fake, "it")
        return package_of("incasso.testing.fakes", change(kind))
    @pytest.fixture
    def table(self):
        return {{"plugin": "it"}}
    @pytest.fixture
    def traces(self):
        return lambda: count("written")
    @pytest.fixture
    def received(self):
        return lambda: count("sent")
    @pytest.fixture
    def taken(self):
        return lambda: count("taken")
    @pytest.fixture
    def return_file(self):
        return return_file
    @pytest.fixture
    def spoil_row(self):
        return spoilt
    @pytest.fixture
    def drop(self):
        return lambda name, content: last.files.update({{name: content}})
    @pytest.fixture
    def delete_one(self):
        def delete():
            last.remove("1-1")
            return "1-1"
        return delete
    @pytest.fixture
    def callback(self):
        return signed(NEWS, AT)
    @pytest.fixture
    def outcome(self):
        return report
    @pytest.fixture
    def happenings(self):
        return happen
"""

HONEST = {
    "BaseConnectorContract": """
RATE = [rate("1-1", document_number="12"), rate("1-2", client="C2")]
def make():
    return keep(FakeConnector(CLIENTS, RATE, documents=DOCUMENTS))
""",
    "BaseChannelContract": """
NEWS = [DeliveryUpdate(ref="d", update_id="u", state=DeliveryState.SENT, at=AT)]
def make():
    return keep(FakeChannel(["email", "letter"]))
def change(kind):
    more = {each: kind.capabilities.get(each, IMPOSSIBLE) for each in ChannelCapability}
    more[ChannelCapability.CALLBACKS] = FULL
    return msgspec.structs.replace(kind, capabilities=more)
""",
    "BaseProviderContract": """
NEWS = [PlacementUpdate(
    placement=PlacementRef(ours="d"), update_id="u", kind=UpdateKind.NOTE, at=AT)]
def make():
    return keep(FakeProvider())
""",
}
"""The honest fake of each family, as its author would show it to the suite."""


BAD_CONNECTORS = {
    "test_records_hold_what_their_types_say": 'RATE[0] = rate("1-1", residual=10.5)',
    "test_keys_are_unique": """
def make():
    fake = keep(FakeConnector(CLIENTS, RATE))
    fake.always("erp_pull_clients", lambda honest: iter((Page(items=tuple(CLIENTS * 2)),)))
    return fake
""",
    "test_every_installment_has_its_client": 'RATE.append(rate("1-3", client="C9"))',
    "test_amounts_make_sense": 'RATE.append(rate("1-3", amount=Decimal(5)))',
    "test_only_the_last_page_is_complete": """
def make():
    fake = keep(FakeConnector(CLIENTS, RATE))
    fake.always("erp_pull_clients", lambda honest: iter((
        Page(items=tuple(CLIENTS), complete=True), Page())))
    return fake
""",
    "test_pulling_twice_gives_the_same": """
def make():
    fake = keep(FakeConnector(CLIENTS, RATE))
    fake.always("erp_pull_clients", lambda honest: (fake.put(
        ClientRecord(code=f"D{len(fake.calls)}", name="x")), honest())[1])
    return fake
""",
    "test_an_unknown_cursor_is_told": """
class Silent(FakeConnector):
    def _since(self, cursor):
        return int(cursor) if cursor and cursor.isdigit() else 0
def make():
    return keep(Silent(CLIENTS, RATE))
""",
    "test_nothing_new_after_the_last_cursor": """
class Forgetful(FakeConnector):
    def _since(self, cursor):
        return 0
    def _pages(self, held, since, known):
        return super()._pages(held, since, None if since else known)
def make():
    return keep(Forgetful(CLIENTS, RATE))
""",
    "test_refresh_tells_the_same_as_the_pull": """
def make():
    fake = keep(FakeConnector(CLIENTS, RATE))
    fake.always("erp_refresh_installments", lambda honest: tuple(reversed(honest())))
    return fake
""",
    "test_totals_agree_with_the_pull": """
def make():
    fake = keep(FakeConnector(CLIENTS, RATE))
    fake.always("erp_totals", lambda honest: ControlTotals(open_items=99))
    return fake
""",
    "test_a_trace_is_left_once": """
class Twice(FakeConnector):
    @hookimpl
    def erp_write_back(self, change, ctx):
        self.written[str(len(self.written))] = change
        return Receipt(ref="t", at=ctx.now())
def make():
    return keep(Twice(CLIENTS, RATE))
""",
    "test_a_deletion_is_told": """
class Deaf(FakeConnector):
    def remove(self, *keys):
        pass
def make():
    return keep(Deaf(CLIENTS, RATE))
""",
    "test_fingerprints_spare_unchanged_rows": """
class Forgetful(FakeConnector):
    @hookimpl
    def erp_pull_installments(self, since):
        return self._pages(self._installments, since, None)
def make():
    return keep(Forgetful(CLIENTS, RATE))
""",
    "test_every_capability_is_decided": """
def change(kind):
    return msgspec.structs.replace(kind, capabilities={})
""",
    "test_capabilities_tell_the_truth": """
def change(kind):
    more = {**kind.capabilities, ConnectorCapability.REFRESH: PLANNED}
    return msgspec.structs.replace(kind, capabilities=more)
""",
    "test_the_kind_describes_itself": """
def change(kind):
    return msgspec.structs.replace(kind, summary="")
""",
    "test_no_hook_has_an_argument_with_a_default": """
class Eager(FakeConnector):
    @hookimpl
    def erp_totals(self, ctx=None):
        return ControlTotals()
def make():
    return keep(Eager(CLIENTS, RATE))
""",
    "test_the_check_succeeds_and_names_the_other_side": """
def make():
    fake = keep(FakeConnector(CLIENTS, RATE))
    fake.always("instance_check", lambda honest: CheckReport(remote_identity=""))
    return fake
""",
    "test_closing_twice_is_harmless": """
def make():
    fake = keep(FakeConnector(CLIENTS, RATE))
    fake.then("instance_close", None, KeyError("closed"))
    return fake
""",
    "test_making_it_uses_no_network": """
import socket
def change(kind):
    def factory(settings):
        try:
            socket.create_connection(("127.0.0.1", 9), 0.1)
        except OSError:
            pass
        return last
    return msgspec.structs.replace(kind, factory=factory)
""",
}

BAD_CHANNELS = {
    "test_preparing_is_repeatable_and_needs_no_network": """
import os
def make():
    fake = keep(FakeChannel(["email"]))
    fake.always("channel_prepare", lambda honest: msgspec.structs.replace(
        honest(), content=os.urandom(4)))
    return fake
""",
    "test_a_missing_address_is_refused": """
def make():
    fake = keep(FakeChannel(["email"]))
    fake.always("channel_prepare", lambda honest: Prepared(
        content=b"x", media_type="text/plain", filename="x"))
    return fake
""",
    "test_a_dry_run_sends_nothing": """
class Careless(FakeChannel):
    @hookimpl
    def channel_send(self, message, prepared, ctx):
        self.sent.append(message)
        return Receipt(ref=message.delivery, at=ctx.now())
def make():
    return keep(Careless(["email"]))
""",
    "test_the_same_key_twice_sends_once": """
class Careless(FakeChannel):
    @hookimpl
    def channel_send(self, message, prepared, ctx):
        if not ctx.dry_run:
            self.sent.append(message)
        return Receipt(ref=message.delivery, at=ctx.now())
def make():
    return keep(Careless(["email"]))
""",
    "test_what_was_sent_can_be_found": """
def make():
    fake = keep(FakeChannel(["email"]))
    fake.always("channel_find", lambda honest: None)
    return fake
""",
    "test_unknown_references_are_left_out": """
def make():
    fake = keep(FakeChannel(["email"]))
    fake.always("channel_poll", lambda honest: (DeliveryUpdate(
        ref="?", update_id="1", state=DeliveryState.SENT,
        at=datetime(2026, 3, 2, tzinfo=UTC)),))
    return fake
""",
    "test_collecting_twice_is_harmless": """
class Renaming(FakeChannel):
    @hookimpl
    def channel_collect(self):
        self.sent.append(1)
        yield Page(items=(DeliveryUpdate(ref="d", update_id=str(len(self.sent)),
            state=DeliveryState.SENT, at=datetime(2026, 3, 2, tzinfo=UTC)),))
def make():
    return keep(Renaming(["email"]))
""",
    "test_news_say_what_happened": """
def swapped(update):
    other = {DeliveryState.DELIVERED: DeliveryState.BOUNCED,
             DeliveryState.BOUNCED: DeliveryState.DELIVERED}
    return msgspec.structs.replace(update, state=other.get(update.state, update.state))
class Swapped(FakeChannel):
    @hookimpl
    def channel_poll(self, refs):
        return tuple(map(swapped, self.updates))
    @hookimpl
    def channel_collect(self):
        yield Page(items=tuple(map(swapped, self.updates)))
    @hookimpl
    def channel_parse_callback(self, request):
        return tuple(map(swapped, self.updates))
def make():
    return keep(Swapped(["email"]))
""",
    "test_later_news_come_after_the_cursor": """
class Forgetful(FakeChannel):
    @hookimpl
    def channel_collect(self, since):
        yield Page(items=tuple(self.updates), cursor=str(len(self.updates)))
def make():
    return keep(Forgetful(["email"]))
""",
    "test_an_unknown_cursor_is_told": """
class Silent(FakeChannel):
    @hookimpl
    def channel_collect(self, since):
        yield Page(cursor=since)
def make():
    return keep(Silent(["email"]))
""",
    "test_a_message_arrives": """
def make():
    fake = keep(FakeChannel(["email"]))
    fake.always("channel_send", lambda honest: Receipt(
        ref="never", at=datetime(2026, 3, 2, tzinfo=UTC)))
    return fake
""",
}

BAD_PROVIDERS = {
    "test_updates_say_what_happened": """
class Swapped(FakeProvider):
    @hookimpl
    def provider_pull_updates(self):
        other = {UpdateKind.CLOSED: UpdateKind.RETURNED,
                 UpdateKind.RETURNED: UpdateKind.CLOSED}
        yield Page(items=tuple(msgspec.structs.replace(each, kind=other.get(each.kind, each.kind))
                               for each in self.updates))
def make():
    return keep(Swapped())
""",
    "test_later_updates_come_after_the_cursor": """
class Forgetful(FakeProvider):
    @hookimpl
    def provider_pull_updates(self, since):
        yield Page(items=tuple(self.updates), cursor=str(len(self.updates)))
def make():
    return keep(Forgetful())
""",
    "test_an_unknown_cursor_is_told": """
class Silent(FakeProvider):
    @hookimpl
    def provider_pull_updates(self, since):
        start = int(since) if since and since.isdigit() else 0
        yield Page(items=tuple(self.updates[start:]), cursor=str(len(self.updates)))
def make():
    return keep(Silent())
""",
    "test_a_lot_is_written_whole": """
class Short(FakeProvider):
    @hookimpl
    def provider_prepare_lot(self, batch, lot, dossiers, sink):
        honest = FakeProvider.provider_prepare_lot
        return honest(self, batch, lot, iter(list(dossiers)[:50]), sink)
def make():
    return keep(Short())
""",
    "test_writing_is_repeatable_and_needs_no_network": """
class Counting(FakeProvider):
    count = 0
    @hookimpl
    def provider_prepare_lot(self, batch, lot, dossiers, sink):
        self.count += 1
        sink.write(b"%d" % self.count)
        return FakeProvider.provider_prepare_lot(self, batch, lot, dossiers, sink)
def make():
    return keep(Counting())
""",
    "test_each_batch_has_a_file_name_of_its_own": """
def make():
    fake = keep(FakeProvider())
    fake.always("provider_prepare_lot", lambda honest: msgspec.structs.replace(
        honest(), filename="lotto.jsonl"))
    return fake
""",
    "test_a_lot_arrives": """
class Forgetful(FakeProvider):
    @hookimpl
    def provider_submit(self, batch, source, ctx):
        return Submitted(ref="c", at=ctx.now())
def make():
    return keep(Forgetful())
""",
    "test_the_same_batch_twice_is_one": """
class Careless(FakeProvider):
    @hookimpl
    def provider_submit(self, batch, source, ctx):
        if not ctx.dry_run:
            self.taken[str(len(self.taken))] = source.read()
        return Submitted(ref="c", at=ctx.now())
def make():
    return keep(Careless())
""",
    "test_a_dry_run_hands_over_nothing": """
class Careless(FakeProvider):
    @hookimpl
    def provider_submit(self, batch, source, ctx):
        self.taken[batch.id] = source.read()
        return Submitted(ref="c", at=ctx.now())
def make():
    return keep(Careless())
""",
    "test_what_was_handed_over_can_be_found": """
class Believing(FakeProvider):
    @hookimpl
    def provider_find(self, batch, ctx):
        return Submitted(ref="c", at=ctx.now())
def make():
    return keep(Believing())
""",
    "test_a_quote_hands_over_nothing": """
def make():
    fake = keep(FakeProvider())
    fake.always("provider_quote", lambda honest: msgspec.structs.replace(
        honest(), rate=Decimal(8)))
    return fake
""",
    "test_every_notice_it_declares_is_written": """
def make():
    fake = keep(FakeProvider())
    fake.always("provider_prepare_notices", lambda honest: (_ for _ in ()).throw(KeyError("kind")))
    return fake
""",
    "test_what_is_reported_is_read": """
class Deaf(FakeProvider):
    @hookimpl
    def provider_read(self, name, source, ctx):
        for page in FakeProvider.provider_read(self, name, source, ctx):
            kept = [each for each in page.items if each.kind is not UpdateKind.REVERSAL]
            yield msgspec.structs.replace(page, items=tuple(kept), rows=page.rows[:len(kept)])
def make():
    return keep(Deaf())
""",
    "test_two_that_look_never_get_the_same_file": """
class Sharing(FakeProvider):
    @hookimpl
    def provider_arrivals(self, ctx):
        self.claimed.clear()
        return FakeProvider.provider_arrivals(self, ctx)
def make():
    return keep(Sharing())
""",
}

BAD = {
    f"{base}.{check}": (base, check, setup)
    for base, checks in (
        ("BaseConnectorContract", BAD_CONNECTORS),
        ("BaseChannelContract", BAD_CHANNELS),
        ("BaseProviderContract", BAD_PROVIDERS),
    )
    for check, setup in checks.items()
}


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The failed checks of every plugin here, all run by one pytest of their own."""
    folder = tmp_path_factory.mktemp("suites")
    wanted: list[str] = []
    for base in HONEST:
        wanted.append(written(folder, base, base, ""))
    for number, (base, check, setup) in enumerate(BAD.values()):
        wanted.append(f"{written(folder, f'Bad{number}', base, setup)}::TestIt::{check}")
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]
    done = subprocess.run(
        [*command, f"--rootdir={folder}", f"--junitxml={report}", *wanted],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr
    found: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None:
            module = case.attrib["classname"].split(".")[0].removeprefix("test_")
            found.setdefault(module, set()).add(case.attrib["name"].partition("[")[0])
    return found


def written(folder: Path, name: str, base: str, setup: str) -> str:
    """A partner's test file for one plugin."""
    file = folder / f"test_{name}.py"
    file.write_text(TEST.format(base=base, setup=COMMON + HONEST[base] + setup))
    return file.name


@pytest.mark.parametrize("base", HONEST)
def test_an_honest_fake_keeps_the_contract(failures: dict[str, set[str]], base: str) -> None:
    assert failures.get(base, set()) == set()


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_plugin_is_caught(failures: dict[str, set[str]], bad: str) -> None:
    assert failures.get(f"Bad{list(BAD).index(bad)}") == {BAD[bad][1]}
