"""Find the plugin packages that are installed, each in its own try block, and what they bring."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from incasso.contract.capabilities import Capability, Declared, Family, PluginKind, Support
from incasso.contract.text import in_a_row, text
from incasso.contract.values import API
from incasso.plugins.masking import error_line
from incasso.plugins.specs import CAPABILITIES, HookManager, SpecificationError, general
from incasso.plugins.states import State

GROUP: Final = "incasso.plugins"
ACCEPTED: Final = (API, API - 1)


@dataclass(frozen=True, kw_only=True)
class Package:
    """One loaded plugin package and its module-level hooks."""

    name: str
    module: object
    manager: HookManager


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a package, or one of its kinds, cannot be used."""

    package: str
    state: State
    reason: str
    hint: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """Everything found: packages, kinds by family and name, failures as sentences."""

    packages: tuple[Package, ...] = ()
    kinds: Mapping[tuple[Family, str], PluginKind] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    def failure_of(self, kind: str) -> Failure | None:
        """The failure that explains why a kind is missing: packages are named after kinds."""
        for failure in self.failures:
            if kind in (failure.kind, failure.package):
                return failure
        return None


def discover() -> Discovery:
    """Load every entry point of the group, sorted by name; those in INCASSO_BLOCK are skipped."""
    blocked = set(os.environ.get("INCASSO_BLOCK", "").replace(",", " ").split())
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    loaded: dict[str, object] = {}
    failures: list[Failure] = []
    for point in found:
        if point.name in blocked or point.name in loaded:
            continue
        try:
            loaded[point.name] = point.load()
        except (Exception, SystemExit) as error:
            failures.append(_not_loaded(point, error))
    inspected = inspect_packages(loaded)
    return Discovery(
        packages=inspected.packages,
        kinds=inspected.kinds,
        failures=(*failures, *inspected.failures),
    )


def inspect_packages(modules: Mapping[str, object]) -> Discovery:
    """The kinds of the given packages; a faulty package is left out and reported."""
    packages: list[Package] = []
    kinds: dict[tuple[Family, str], PluginKind] = {}
    failures: list[Failure] = []
    for name, module in modules.items():
        try:
            package = Package(name=name, module=module, manager=general(module))
            declared = _kinds_of(package)
        except (Exception, SystemExit) as error:
            failures.append(Failure(package=name, state=State.LOAD_FAILED, reason=_words(error)))
            continue
        packages.append(package)
        for kind in declared:
            if failure := _unusable(name, kind, kinds):
                failures.append(failure)
            else:
                kinds |= {(kind.family, each): kind for each in (kind.name, *kind.formerly)}
    return Discovery(packages=tuple(packages), kinds=kinds, failures=tuple(failures))


def _kinds_of(package: Package) -> tuple[PluginKind, ...]:
    answers = package.manager.hook.hub_kinds()
    kinds: tuple[PluginKind, ...] = tuple(kind for answer in answers for kind in answer or ())
    for kind in kinds:
        if not isinstance(kind, PluginKind):
            raise SpecificationError(f"hub_kinds gave {type(kind).__name__}, not PluginKind")
    return kinds


def _unusable(
    package: str, kind: PluginKind, taken: Mapping[tuple[Family, str], PluginKind]
) -> Failure | None:
    """Whether a declared kind must be refused: its api number, its name, its capabilities."""
    if kind.api not in ACCEPTED:
        return Failure(
            package=package,
            kind=kind.name,
            state=State.INCOMPATIBLE,
            reason=text(
                "it speaks api {api}, this hub {known}", api=kind.api, known=list(ACCEPTED)
            ),
        )
    if (kind.family, kind.name) in taken:
        reason = text(
            "another package already brings the {family} kind {kind!r}",
            family=kind.family.value,
            kind=kind.name,
        )
        return Failure(package=package, kind=kind.name, state=State.LOAD_FAILED, reason=reason)
    if wrong := undecided(kind):
        reason = in_a_row(wrong)
        return Failure(package=package, kind=kind.name, state=State.LOAD_FAILED, reason=reason)
    return None


def undecided(kind: PluginKind) -> list[str]:
    """What is wrong with the declared capabilities; an absent one counts as not offered."""
    wrong: list[str] = []
    for capability, declared in kind.capabilities.items():
        if capability not in CAPABILITIES[kind.family]:
            wrong.append(
                text(
                    "{capability} is no capability of {family}",
                    capability=_name(capability),
                    family=kind.family.value,
                )
            )
        elif not isinstance(declared, Declared):
            wrong.append(
                text("{capability} must be Declared(support=…)", capability=_name(capability))
            )
        elif declared.support is Support.PARTIAL and not declared.note:
            wrong.append(
                text(
                    "{capability} is partial and needs a note that names the cases",
                    capability=_name(capability),
                )
            )
    return wrong


def _name(capability: Capability) -> str:
    return getattr(capability, "name", str(capability))


def _not_loaded(point: EntryPoint, error: BaseException) -> Failure:
    """The failure of an import: a missing third-party module or a broken package."""
    hint = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.partition(".")[0]
        if missing != point.module.partition(".")[0] and missing not in sys.stdlib_module_names:
            error = ModuleNotFoundError(_needs(point, missing))
            hint = _install(point)
    return Failure(package=point.name, state=State.LOAD_FAILED, reason=_words(error), hint=hint)


def _extras(point: EntryPoint) -> Iterable[str]:
    return (point.dist.metadata.get_all("Provides-Extra") or ()) if point.dist else ()


def _needs(point: EntryPoint, missing: str) -> str:
    if point.name in _extras(point):
        return text(
            "needs extra `{extra}`: {missing} is not installed", extra=point.name, missing=missing
        )
    return text("needs {missing}, which is not installed", missing=missing)


def _install(point: EntryPoint) -> str:
    distribution = point.dist.name if point.dist else point.module
    extra = f"[{point.name}]" if point.name in _extras(point) else ""
    return f'pip install "{distribution}{extra}"'


def _words(error: BaseException) -> str:
    """An exception in one line."""
    said, kind = error_line(error), type(error).__name__
    if not said:
        return kind
    if isinstance(error, (SpecificationError, ModuleNotFoundError)):
        return said
    return text("{kind}: {error}", kind=kind, error=said)
