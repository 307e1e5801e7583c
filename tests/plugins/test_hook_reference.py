"""The hook reference is written from the declarations; run this module to write it anew."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import incasso_csv
import incasso_folder
import incasso_mago4
import incasso_mexal
import incasso_pec
import incasso_smtp
from incasso.contract.capabilities import Family, PluginKind
from incasso.contract.context import CallContext
from incasso.contract.general import GeneralSpec
from incasso.contract.hooks import Hook, InstanceSpec
from incasso.plugins.results import result_of
from incasso.plugins.specs import SPECS, declarations, implemented

PAGE = Path(__file__).parents[2] / "docs" / "plugins" / "hooks.md"
MARK = "<!-- From here on written by `python -m tests.plugins.test_hook_reference`. -->\n"
SHIPPED = (incasso_csv, incasso_folder, incasso_mago4, incasso_mexal, incasso_pec, incasso_smtp)
HEADINGS: dict[type, str] = {
    InstanceSpec: "Every instance",
    SPECS[Family.CONNECTOR]: "Connectors",
    SPECS[Family.CHANNEL]: "Channels",
    SPECS[Family.PROVIDER]: "Providers",
    GeneralSpec: "The package itself",
}


def test_the_page_tells_what_is_declared() -> None:
    """If this fails: run the module, look at the difference, commit the page."""
    _, mark, written = PAGE.read_text(encoding="utf-8").partition(MARK)
    assert mark
    assert written == reference()


@pytest.mark.parametrize("spec", HEADINGS)
def test_every_public_method_of_a_specification_is_declared(spec: type) -> None:
    public = {name for name in vars(spec) if not name.startswith("_")}
    assert public <= set(declarations(spec))


@pytest.mark.parametrize("family", Family)
def test_a_hook_of_an_instance_takes_the_context_last(family: Family) -> None:
    for name in declarations(SPECS[family]):
        hints = inspect.get_annotations(getattr(SPECS[family], name), eval_str=True)
        if name != "instance_close":
            assert [*hints][-2:] == ["ctx", "return"] and hints["ctx"] is CallContext, name


def test_provisional_is_what_no_shipped_plugin_implements() -> None:
    used = {hook for module in SHIPPED for hook in _implemented_in(module)}
    declared = {name: hook for spec in HEADINGS for name, hook in declarations(spec).items()}
    assert {name for name, hook in declared.items() if hook.provisional} == set(declared) - used


def _implemented_in(module: ModuleType) -> Iterator[str]:
    """The hooks of a package and of the classes its kinds are made of."""
    yield from implemented(module)
    kinds: tuple[PluginKind, ...] = tuple(module.hub_kinds())
    for kind in kinds:
        assert isinstance(kind.factory, type), "a factory that is a function hides its class"
        yield from implemented(kind.factory)


def reference() -> str:
    """Every declared hook: how it is called, what it gives, what holds for it."""
    return "\n".join(line for spec, heading in HEADINGS.items() for line in _lines(spec, heading))


def _lines(spec: type, heading: str) -> Iterator[str]:
    yield f"\n## {heading}"
    for name, hook in declarations(spec).items():
        if name not in vars(spec):
            continue
        method = getattr(spec, name)
        arguments = [each for each in inspect.signature(method).parameters if each != "self"]
        yield f"\n### `{name}({', '.join(arguments)})`\n"
        yield f"{inspect.getdoc(method)}\n"
        if (told := result_of(method).wanted) != "None":
            yield f"- gives {told}"
        yield from _terms(hook, bool(result_of(method).pages_of))
    yield ""


def _terms(hook: Hook, paged: bool) -> Iterator[str]:
    yield f"- {hook.deadline_s:g} s{' a page' if paged else ''}"
    if hook.local:
        yield "- no network"
    if hook.effect:
        yield "- has an effect: at its deadline nobody knows whether it happened"
    if hook.needs is not None:
        yield f"- asked if the kind declares `{hook.needs.name}`"
    elif hook.required:
        yield "- required"
    if hook.provisional:
        yield "- **provisional**"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else MARK
    PAGE.write_text(text.partition(MARK)[0] + MARK + reference(), encoding="utf-8")
