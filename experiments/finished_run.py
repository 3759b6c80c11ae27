"""A finished run, read back from its folder. Nothing in it is trusted: it may have been changed."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from experiments.backend import Backend
from experiments.errors import CheckpointError
from experiments.settings import Settings
from pt_reference import networks, weights

WEIGHTS = "best.safetensors"


@dataclass(frozen=True)
class FinishedRun:
    """The settings and the result of a run that came to its end."""

    folder: Path
    settings: Settings
    config: dict[str, Any]
    result: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "FinishedRun":
        """Read a run; raise CheckpointError if there is none, or it did not come to its end."""
        config, result = (read_json(folder / name) for name in ("config.json", "result.json"))
        return cls(folder, settings_from(config, folder), config, result)

    def model(self, backend: Backend) -> Any:
        """Return the run's network with its best weights, as they were tested."""
        try:
            content = (self.folder / WEIGHTS).read_bytes()
        except OSError as error:
            raise CheckpointError(f"{self.folder / WEIGHTS}: {error.strerror}") from error
        expected = self.result.get("sha256", {}).get(WEIGHTS)
        if (found := hashlib.sha256(content).hexdigest()) != expected:
            raise CheckpointError(
                f"{self.folder / WEIGHTS} is not the file that the run wrote: its SHA-256 is "
                f"{found}, in result.json it is {expected}"
            )
        model = untrained(self.settings, backend)
        backend.load_weights(model, checked(content, model, self.folder / WEIGHTS))
        return model


def read_json(path: Path) -> dict[str, Any]:
    """Read an object from a JSON file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(
            f"{path}: {error.strerror}; name the folder of a run, for example "
            "runs/digits/torch-mlp-seed0, and go on with one that did not come to its end: "
            "minigrad resume RUN"
        ) from error
    except ValueError as error:  # no UTF-8, or no JSON
        raise CheckpointError(f"{path} is not as the run wrote it: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} is not as the run wrote it: no object")
    return content


def settings_from(config: dict[str, Any], folder: Path) -> Settings:
    """Return the settings that a config.json was written from."""
    kind: type[Settings] = Settings
    if config.get("experiment") == "svhn":
        from experiments.svhn.settings import SVHNSettings

        kind = SVHNSettings
    try:
        values = {field.name: config[field.name] for field in dataclasses.fields(kind)}
        return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
    except KeyError as error:
        raise CheckpointError(f"{folder / 'config.json'} has no {error}") from error


def untrained(settings: Settings, backend: Backend) -> Any:
    """Build the network that the settings name, from nothing but its name."""
    if settings.experiment == "svhn" and settings.model in ("published", "improved"):
        from experiments.svhn_experiment import network

        return network(settings, backend)
    if settings.experiment == "digits" and settings.model in ("mlp", "cnn"):
        return backend.classifier(getattr(networks, settings.model), settings.seed)
    raise CheckpointError(
        f"config.json: there is no network {settings.model!r} for {settings.experiment!r}"
    )


def checked(content: bytes, model: Any, path: Path) -> dict[str, np.ndarray]:
    """Return the arrays in a safetensors file, which must be those of the model, and finite."""
    try:
        found = load(content)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:  # KeyError: the dtype
        raise CheckpointError(f"{path} is no safetensors file: {error}") from error
    fitting(found, model, path)
    return found


def fitting(found: dict[str, np.ndarray], model: Any, path: Path) -> None:
    """Raise CheckpointError unless these are arrays for the model, and finite."""
    expected = weights.arrays(model.state_dict())
    if found.keys() != expected.keys():
        wrong = ", ".join(sorted(found.keys() ^ expected.keys()))
        raise CheckpointError(f"{path} has other tensors than the network: {wrong}")
    for name, array in found.items():
        wanted = expected[name]
        if (array.shape, array.dtype) != (wanted.shape, wanted.dtype):
            raise CheckpointError(
                f"{path}: {name} is {array.dtype} {array.shape}, not {wanted.dtype} {wanted.shape}"
            )
        if not np.isfinite(array).all():
            raise CheckpointError(f"{path}: {name} has values that are not finite")
