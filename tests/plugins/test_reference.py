"""The reference of records, doors and states is written from the code; run this module to write it.

`python -m tests.plugins.test_reference`
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from incasso.contract.capabilities import Declared, Family, Limits, PluginKind
from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.context import CallContext
from incasso.contract.errors import PluginError
from incasso.contract.general import GeneralSpec
from incasso.contract.hooks import InstanceSpec
from incasso.domain.sending.delivery import DeliveryStatus, after_news
from incasso.domain.sending.trust import Trust, weigh
from incasso.plugins.fields import type_name
from incasso.plugins.specs import SPECS, declarations
from incasso.plugins.states import CURES, InstanceView, State, refusal

PAGE = Path(__file__).parents[2] / "docs" / "plugins" / "reference.md"
INTRO = """# Records, doors and states

<!-- Written by `python -m tests.plugins.test_reference`. Do not edit. -->

Everything is imported from `incasso.api`. A field without default must be given. The hub checks
every record that a plugin gives, field by field: a wrong one is put aside with the plugin's name,
the record and the field, and the others go on. Text holds no NUL and no half of a surrogate pair,
a `Decimal` is finite, an instant has its time zone, a whole number fits into four bytes.
"""
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SPOKEN = (
    DeliveryStatus.SENDING,
    DeliveryStatus.UNCERTAIN,
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.BOUNCED,
)


def test_the_page_is_current() -> None:
    """If this fails: run the module, look at the difference, commit the page."""
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_it_names_every_field_of_every_record_and_every_door() -> None:
    page = reference()
    for kind in records():
        assert f"### `{kind.__name__}`" in page
        for name in kind.__struct_fields__:
            assert f"| `{name}` |" in page, f"{kind.__name__}.{name}"
    assert {"HttpClient", "SqlClient", "SmtpClient", "MailboxClient"} <= {
        d.__name__ for d in doors()
    }
    assert all(f"`{name}`" in page for name in CallContext.__struct_fields__)
    assert all(f"| `{state}` |" in page for state in (*DeliveryState, *State))


def reference() -> str:
    """The whole page."""
    lines = "\n".join(_lines()).splitlines()
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def records() -> list[type[msgspec.Struct]]:
    """Every record in the signature of a hook, and those inside them, in the order they are met."""
    found: dict[type[msgspec.Struct], None] = {}
    waiting: list[Any] = [PluginKind, Declared, Limits]
    specs: tuple[type, ...] = (InstanceSpec, *SPECS.values(), GeneralSpec)
    for spec in specs:
        for name in declarations(spec):
            waiting += get_type_hints(getattr(spec, name)).values()
    while waiting:
        each = waiting.pop(0)
        waiting += [inner for inner in get_args(each) if inner is not Ellipsis]
        kind = get_origin(each) or each
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)) or kind in found:
            continue
        if kind is not CallContext:
            found[kind] = None
            waiting += get_type_hints(kind).values()
    return list(found)


def enums() -> list[type[Enum]]:
    """Every enumeration in a field of these records."""
    found: dict[type[Enum], None] = {}
    for kind in records():
        for hint in get_type_hints(kind).values():
            for each in (hint, *get_args(hint)):
                if isinstance(each, type) and issubclass(each, Enum):
                    found[each] = None
    return list(found)


def doors() -> list[type]:
    """The protocols behind the fields of the context, and what they give."""
    found: dict[type, None] = {}
    waiting: list[Any] = list(get_type_hints(CallContext).values())
    while waiting:
        each = waiting.pop(0)
        waiting += get_args(each)[-1:] if get_origin(each) else []
        for inner in get_args(each):
            waiting += inner if isinstance(inner, list) else []
        ours = isinstance(each, type) and each.__module__.startswith("incasso.")
        if not ours or each in found:
            continue
        found[each] = None
        if issubclass(each, msgspec.Struct):
            continue
        for method in _methods(each).values():
            waiting += get_type_hints(method).values()
    return list(found)


def _lines() -> Iterator[str]:
    yield INTRO
    yield "## Records\n"
    for kind in records():
        yield from _record(kind)
    yield "## Enumerations\n"
    for each in enums():
        yield f"### `{each.__name__}`\n\n{_said(each)}\n"
        yield ", ".join(f"`{member.value}`" for member in each) + "\n"
    yield "## The context of a call: `ctx`\n"
    yield from _fields(CallContext)
    for door in doors():
        yield from _door(door)
    yield from _what_becomes_of_news()
    yield from _what_becomes_of_instances()


def _record(kind: type[msgspec.Struct]) -> Iterator[str]:
    yield f"### `{kind.__name__}`\n"
    yield f"{_said(kind)}\n"
    yield from _fields(kind)


def _fields(kind: type[msgspec.Struct]) -> Iterator[str]:
    yield "| field | type | default | meaning |"
    yield "|---|---|---|---|"
    wanted, notes = get_type_hints(kind, include_extras=True), _notes(kind)
    for field in msgspec.structs.fields(kind):
        typed = _typed(wanted[field.name])
        yield f"| `{field.name}` | {typed} | {_default(field)} | {notes.get(field.name, '')} |"
    yield ""


def _default(field: Any) -> str:
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{field.default_factory()!r}`"
    if field.default is msgspec.NODEFAULT:
        return ""
    value = field.default
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, (str, int, bytes, tuple, bool, NoneType, Mapping)):
        return f"`{value!r}`"
    return (
        "given by the hub"
        if callable(value) or not isinstance(value, msgspec.Struct)
        else (f"`{type(value).__name__}()`")
    )


def _typed(wanted: Any) -> str:
    limits = ""
    if get_origin(wanted) is Annotated:
        meta = next((n for n in get_args(wanted)[1:] if isinstance(n, msgspec.Meta)), None)
        if meta is not None:
            least = f"{meta.min_length}–" if meta.min_length else "at most "
            limits = f", {least}{meta.max_length:,} long"
    if isinstance(wanted, TypeVar):
        return "the record"
    inner = " or ".join(_plain(each) for each in _members(wanted))
    return f"{inner}{limits}"


def _members(wanted: Any) -> tuple[Any, ...]:
    if get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    return get_args(wanted) if "Union" in type(wanted).__name__ else (wanted,)


def _plain(each: Any) -> str:
    origin, inside = get_origin(each), get_args(each)
    if origin is Annotated:
        return _plain(inside[0])
    if origin is tuple:
        return f"tuple of {_plain(inside[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping of {_plain(inside[0])} to {_plain(inside[1])}"
    if isinstance(each, TypeVar):
        return "the record"
    if (origin is not None and issubclass(origin, type(lambda: 0))) or str(each).startswith(
        "collections.abc.Callable"
    ):
        return "function"
    if inside and "Union" in type(each).__name__:
        return " or ".join(map(_plain, inside))
    return type_name(origin or each)


def _notes(kind: type) -> dict[str, str]:
    """What stands below each field in the source."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and is_text:
            words = " ".join(str(after.value.value).split())  # type: ignore[attr-defined]
            found[before.target.id] = words.replace("|", "\\|")
    return found


def _said(kind: type) -> str:
    return inspect.getdoc(kind) or ""


def _methods(door: type) -> dict[str, Any]:
    public = {name: member for name, member in vars(door).items() if not name.startswith("_")}
    return {
        name: member.fget if isinstance(member, property) else member
        for name, member in public.items()
        if isinstance(member, property) or inspect.isfunction(member)
    }


def _door(door: type) -> Iterator[str]:
    yield f"### `{door.__name__}`\n\n{_said(door)}\n"
    if issubclass(door, msgspec.Struct):
        yield from _fields(door)
        return
    for name, method in _methods(door).items():
        arguments = list(inspect.signature(method).parameters.values())
        shown = ", ".join(str(each) for each in arguments if each.name != "self").replace("'", "")
        is_property = isinstance(vars(door)[name], property)
        yield f"- `{name}`" if is_property else f"- `{name}({shown})`"
        yield textwrap.indent(f"{inspect.getdoc(method)}\n", "  ")
    yield ""


def _what_becomes_of_news() -> Iterator[str]:
    yield "## What the hub does with the state of a message\n"
    yield (
        "Where a delivery stands after news with this state, by where it stood before. A stage "
        "that waits for\nproof counts at `delivered`; a message that came back does not count, and "
        "the next medium is tried.\n`delayed` and `sent` change nothing that has left. This holds "
        "for proven news;\nwhat anybody can have written is a note, or waits for a person.\n"
    )
    yield f"| state | {' | '.join(f'was {each}' for each in SPOKEN)} |"
    yield f"|---{'|---' * len(SPOKEN)}|"
    for state in DeliveryState:
        yield f"| `{state}` | {' | '.join(_after(state, before) for before in SPOKEN)} |"
    yield ""


def _after(state: DeliveryState, before: DeliveryStatus) -> str:
    news = DeliveryUpdate(ref="r", update_id="u", state=state, at=NOW + timedelta(hours=1))
    final = NOW if before in (DeliveryStatus.DELIVERED, DeliveryStatus.BOUNCED) else None
    after = after_news(before, final, news, weigh(news, Trust.PROVEN))
    return "stays" if after is before else str(after.value)


def _what_becomes_of_instances() -> Iterator[str]:
    yield "## What the hub does with the state of an instance\n"
    yield "| state | a call | what an operator reads |"
    yield "|---|---|---|"
    for state in State:
        view = InstanceView(id="x", family=Family.CHANNEL, kind="x", state=state, since=NOW)
        error: PluginError = refusal(view)
        call = "is made" if state is State.READY else f"raises {type(error).__name__}"
        if state is State.UNREACHABLE:
            call = "waits, then one is tried; until then it raises TemporaryError"
        yield f"| `{state}` | {call} | {CURES[state]} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
