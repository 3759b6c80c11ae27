"""The lock that CI installs from: all that is needed, each package with its hashes."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def locked():
    """The version of each package in the lock, and how many hashes it has."""
    text = (ROOT / ".ci" / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", re.sub("^#.*\n", "", text, flags=re.M).strip())
    found = {}
    for entry in entries:
        first, *hashes = entry.split(" \\\n    --hash=sha256:")
        assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)
        name, version = first.split("==")
        found[name] = version, len(hashes)
    return found


def required(extra):
    """What pyproject.toml wants for one of its extras, and for those that it takes in."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in map(Requirement, project["optional-dependencies"][extra]):
        if requirement.name == project["name"]:
            for other in requirement.extras:
                yield from required(other)
        else:
            yield requirement
    yield from map(Requirement, project["dependencies"])


def test_the_lock_holds_all_that_is_needed_and_no_cuda():
    """To renew it, type .ci/lock."""
    pins = locked()
    assert all(hashes for _, hashes in pins.values())
    wrong = [
        str(requirement)
        for requirement in required("dev")
        if requirement.name not in pins
        or not requirement.specifier.contains(pins[requirement.name][0])
    ]
    assert wrong == []
    assert [name for name in pins if name.startswith(("nvidia", "cuda", "triton"))] == []
    assert "setuptools" in pins  # what builds is locked, too


def test_the_lock_names_no_place():
    text = (ROOT / ".ci" / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links", text)
