"""Which versions of the packages are installed. Nothing is imported for it, so none has to be."""

from importlib import metadata

PACKAGES = ("minigrad-teaching", "numpy", "torch", "scikit-learn", "safetensors")


def version(package: str) -> str | None:
    """Return the installed version of a package, without importing it; None if there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
