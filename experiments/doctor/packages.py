"""Python and the packages: what is installed, and whether minigrad was tried with it."""

import importlib.metadata
import importlib.util
import platform
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from experiments.doctor.finding import Finding
from experiments.installed import OURS, PACKAGES, version


def python(options: Namespace) -> Finding:
    """Return Python, where it is, and where minigrad is taken from."""
    kind = "an environment of its own" if sys.prefix != sys.base_prefix else "no environment"
    where = Path(str(importlib.util.find_spec("minigrad").origin)).parent.parent
    found = Finding(
        f"{platform.python_implementation()} {platform.python_version()}, {kind}: {sys.prefix}; "
        f"minigrad {version(OURS) or '(not installed)'} from {where}"
    )
    if version(OURS) is None:
        found.warnings.append("minigrad is not installed; in its folder, type: pip install -e .")
    return found


def packages(options: Namespace) -> Finding:
    """Return the packages that minigrad needs; a version that it was not tried with is said."""
    found = Finding("")
    there = {}
    for requirement in requirements(""):
        there[requirement.name] = installed = version(requirement.name)
        if installed is None or not requirement.specifier.contains(installed, prereleases=True):
            wrong = "is not installed" if installed is None else f"{installed} was not tried"
            found.warnings.append(
                f"{requirement.name} {wrong}; type: "
                f"pip install '{requirement.name}{requirement.specifier}'"
            )
    there = there or {name: version(name) for name in PACKAGES[1:]}  # minigrad is not installed
    found.text = ", ".join(f"{name} {number or 'missing'}" for name, number in there.items())
    return found


def extras(options: Namespace) -> Finding:
    """Return which of the optional parts are there, and what the others lack."""
    if version(OURS) is None:
        return Finding("not known: minigrad is not installed")
    names = importlib.metadata.metadata(OURS).get_all("Provides-Extra") or []
    missing = {extra: [*lacking(extra)] for extra in names}
    whole = [extra for extra, without in missing.items() if not without]
    parts = [f"{extra} (without {', '.join(names)})" for extra, names in missing.items() if names]
    return Finding("; ".join(filter(None, [", ".join(whole), *parts])))


def lacking(extra: str) -> Iterator[str]:
    """Yield the packages of an extra that are not installed."""
    for requirement in requirements(extra):
        if version(requirement.name) is None:
            yield requirement.name


def requirements(extra: str) -> list:
    """Return what minigrad needs, or what one of its extras needs besides."""
    from packaging.requirements import Requirement

    try:
        lines = importlib.metadata.requires(OURS) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = [Requirement(line) for line in lines]
    base = [r for r in found if not r.marker or r.marker.evaluate({"extra": ""})]
    if not extra:
        return base
    return [r for r in found if r not in base and r.marker.evaluate({"extra": extra})]
