"""Find the plugin packages that are installed, each in its own try block, and what they bring."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, TypeVar

from incasso.contract.capabilities import Capability, Declared, Family, PluginKind, Support
from incasso.contract.text import in_a_row, text
from incasso.contract.values import API
from incasso.plugins.fields import storable, wrong_fields
from incasso.plugins.masking import error_line
from incasso.plugins.specs import CAPABILITIES, HookManager, SpecificationError, general
from incasso.plugins.states import State
from incasso.plugins.worker_pool import BusyError, DeadlineError, RaisedError, WorkerPool

T = TypeVar("T")

GROUP: Final = "incasso.plugins"
ACCEPTED: Final = (API, API - 1)
OURS: Final = "incasso"
"""The distribution of the hub and its own plugins."""

LOADING_S: Final = 60.0
"""A first import from a slow disk takes seconds; one that waits for something never ends."""

RENAME: Final = text("ask its author for another name, or remove one of the two packages")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The distribution that a package comes from; empty where it was handed over by a test."""

    distribution: str = ""
    version: str = ""
    installed: datetime | None = None

    @property
    def ours(self) -> bool:
        """Whether it is shipped with the hub."""
        return canonical(self.distribution) == OURS


@dataclass(frozen=True, kw_only=True)
class Package:
    """One loaded plugin package and its module-level hooks."""

    name: str
    module: object
    manager: HookManager
    origin: Origin = Origin()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a package, or one of its kinds, cannot be used."""

    package: str
    state: State
    reason: str
    hint: str = ""
    kind: str = ""
    origin: Origin = Origin()


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """Everything found: packages, kinds by family and name, failures as sentences."""

    packages: tuple[Package, ...] = ()
    kinds: Mapping[tuple[Family, str], PluginKind] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    brought_by: Mapping[tuple[Family, str], Package] = field(default_factory=dict)
    """Which package brings a kind."""

    def failure_of(self, kind: str) -> Failure | None:
        """The failure that explains why a kind is missing: packages are named after kinds."""
        for failure in self.failures:
            if kind in (failure.kind, failure.package):
                return failure
        return None


def discover() -> Discovery:
    """Load every entry point of the group; those in INCASSO_BLOCK are skipped.

    Those shipped with the hub come first, so that no stranger takes the name of one; the others by
    name. Each is loaded on a thread of its own, so that whatever it raises, prints or waits for is
    its own affair.
    """
    blocked = set(os.environ.get("INCASSO_BLOCK", "").replace(",", " ").split())
    found = [(point, _origin(point)) for point in entry_points(group=GROUP)]
    found.sort(key=lambda each: (not each[1].ours, each[0].name, each[1].distribution))
    loaded: dict[str, object] = {}
    taken: dict[str, tuple[EntryPoint, Origin]] = {}
    failures: list[Failure] = []
    for point, origin in found:
        if point.name in blocked:
            continue
        if point.name in taken:
            first, whose = taken[point.name]
            if (first.value, whose) != (point.value, origin):
                failures.append(_second(point, origin, whose))
            continue
        taken[point.name] = point, origin
        try:
            loaded[point.name] = _alone(point.name, point.load)
        except _FailedError as failed:
            failures.append(_not_loaded(point, origin, failed.error))
    origins = {name: origin for name, (_, origin) in taken.items()}
    inspected = inspect_packages(loaded, origins)
    return replace(inspected, failures=(*failures, *inspected.failures))


def inspect_packages(
    modules: Mapping[str, object], origins: Mapping[str, Origin] | None = None
) -> Discovery:
    """The kinds of the given packages; a faulty package is left out and reported."""
    packages: list[Package] = []
    kinds: dict[tuple[Family, str], PluginKind] = {}
    brought_by: dict[tuple[Family, str], Package] = {}
    failures: list[Failure] = []
    for name, module in modules.items():
        origin = (origins or {}).get(name, Origin())
        try:
            package, declared = _alone(name, partial(_inspected, name, module, origin))
        except _FailedError as failed:
            reason = _words(failed.error)
            failures.append(
                Failure(package=name, state=State.LOAD_FAILED, reason=reason, origin=origin)
            )
            continue
        packages.append(package)
        for kind in declared:
            if failure := _unusable(package, kind, brought_by):
                failures.append(failure)
                continue
            for each in (kind.name, *kind.formerly):
                # A former name is given up to whoever bears it now.
                kinds.setdefault((kind.family, each), kind)
                brought_by.setdefault((kind.family, each), package)
    return Discovery(
        packages=tuple(packages), kinds=kinds, failures=tuple(failures), brought_by=brought_by
    )


class _FailedError(Exception):
    """A package raised `error`, or did not come back in time."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def _alone(name: str, work: Callable[[], T]) -> T:
    """Do it on a thread of the package. Raises _FailedError around whatever goes wrong there.

    Ctrl-C reaches the main thread only, so a KeyboardInterrupt from there is the package's own.
    """
    pool = WorkerPool(f"package {name}", 1)
    try:
        done: T = pool.run(work, LOADING_S)
    except RaisedError as raised:
        raise _FailedError(raised.error) from None
    except (BusyError, DeadlineError):
        said = text("it did not load within {seconds} s", seconds=f"{LOADING_S:g}")
        raise _FailedError(SpecificationError(said)) from None
    finally:
        pool.close()
    return done


def _inspected(name: str, module: object, origin: Origin) -> tuple[Package, tuple[PluginKind, ...]]:
    package = Package(name=name, module=module, manager=general(module), origin=origin)
    return package, _kinds_of(package)


def _origin(point: EntryPoint) -> Origin:
    """The distribution behind an entry point: name, version, and since when it is there."""
    if point.dist is None:
        return Origin()
    try:
        folder = point.dist.locate_file(f"{point.dist.name}-{point.dist.version}.dist-info")
        own = getattr(point.dist, "_path", folder)
        installed = datetime.fromtimestamp(Path(str(own)).stat().st_mtime, UTC)
    except (OSError, ValueError):
        installed = None
    return Origin(
        distribution=point.dist.name, version=point.dist.version or "", installed=installed
    )


def canonical(distribution: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _second(point: EntryPoint, origin: Origin, whose: Origin) -> Failure:
    return Failure(
        package=point.name,
        state=State.LOAD_FAILED,
        reason=text(
            "{distribution} brings a package of the same name as one of {other}, which stays",
            distribution=origin.distribution or point.value,
            other=whose.distribution or point.name,
        ),
        hint=RENAME,
        origin=origin,
    )


def _kinds_of(package: Package) -> tuple[PluginKind, ...]:
    answers = package.manager.hook.hub_kinds()
    kinds: tuple[PluginKind, ...] = tuple(kind for answer in answers for kind in answer or ())
    for kind in kinds:
        if not isinstance(kind, PluginKind):
            raise SpecificationError(f"hub_kinds gave {type(kind).__name__}, not PluginKind")
    return kinds


def _unusable(
    package: Package, kind: PluginKind, taken: Mapping[tuple[Family, str], Package]
) -> Failure | None:
    """Whether a declared kind must be refused: its fields, api number, name, capabilities."""
    refused = partial(
        Failure,
        package=package.name,
        kind=storable(str(kind.name)),
        state=State.LOAD_FAILED,
        origin=package.origin,
    )
    fields = [each for each in wrong_fields(kind) if not each.field.startswith("capabilities[")]
    if fields:
        said = [text("{field}: {problem}", field=each.field, problem=each.words) for each in fields]
        return refused(reason=in_a_row(said))
    if kind.api not in ACCEPTED:
        reason = text("it speaks api {api}, this hub {known}", api=kind.api, known=list(ACCEPTED))
        return refused(state=State.INCOMPATIBLE, reason=reason)
    if first := taken.get((kind.family, kind.name)):
        return refused(reason=_name_is_taken(kind, first), hint=RENAME)
    if wrong := undecided(kind):
        return refused(reason=in_a_row(wrong))
    return None


def _name_is_taken(kind: PluginKind, first: Package) -> str:
    if first.origin.ours:
        return text(
            "the {family} kind {kind!r} is the hub's own and stays so",
            family=kind.family.value,
            kind=kind.name,
        )
    return text(
        "another package already brings the {family} kind {kind!r}",
        family=kind.family.value,
        kind=kind.name,
    )


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


def _not_loaded(point: EntryPoint, origin: Origin, error: BaseException) -> Failure:
    """The failure of an import: a missing third-party module or a broken package."""
    hint = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.partition(".")[0]
        if missing != point.module.partition(".")[0] and missing not in sys.stdlib_module_names:
            error = ModuleNotFoundError(_needs(point, missing))
            hint = _install(point)
    return Failure(
        package=point.name,
        state=State.LOAD_FAILED,
        reason=_words(error),
        hint=hint,
        origin=origin,
    )


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
