"""Which versions of the packages are installed. Nothing is imported for it, so none has to be."""

from importlib import metadata

OURS = "minigrad-teaching"
PACKAGES = (OURS, "numpy", "torch", "scikit-learn", "safetensors")

# What pip calls a package that is imported by another name.
PIP_NAMES = {"sklearn": "scikit-learn", "optuna": f'"{OURS}[sweep]"'}


def version(package: str) -> str | None:
    """Return the installed version of a package, without importing it; None if there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
