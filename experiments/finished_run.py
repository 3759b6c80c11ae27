"""A finished run, read back from its folder. Nothing in it is trusted: it may have been changed."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from experiments.backend import NAMES, Backend
from experiments.errors import CheckpointError
from experiments.settings import Settings
from experiments.shell import quoted
from pt_reference import networks, weights

WEIGHTS = "best.safetensors"
# Names that become code.
MODELS = {"digits": ("mlp", "cnn"), "svhn": ("published", "improved")}
KNOWN = {"experiment": tuple(MODELS), "backend": NAMES, "dtype": ("float32", "float64")}
RESULTS = ("test_nll", "test_ce", "best_epoch", "epochs")
NO_RUN = "name the folder of a run, for example runs/digits/torch-mlp-seed0"


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
        config = read_json(folder / "config.json")
        settings = settings_from(config, folder)
        go_on = f"the run did not come to its end; to go on: minigrad resume {quoted(folder)}"
        result = read_json(folder / "result.json", go_on)
        for name in RESULTS:
            if name not in result:
                raise CheckpointError(f"{folder / 'result.json'} has no {name!r}")
        return cls(folder, settings, config, result)

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


def read_json(path: Path, advice: str = NO_RUN) -> dict[str, Any]:
    """Read an object from a JSON file of a run; `advice` is for one that is missing."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror}; {advice}") from error
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
    except KeyError as error:
        raise CheckpointError(f"{folder / 'config.json'} has no {error}") from error
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    for name, hint in get_type_hints(kind).items():
        value, allowed = values[name], KNOWN.get(name)
        if not (value in allowed if allowed else fits(value, hint)):
            raise CheckpointError(
                f"{folder / 'config.json'} is not as the run wrote it: {name} is {value!r}"
            )
    settings = kind(**values)
    if settings.model not in MODELS[settings.experiment]:
        raise CheckpointError(
            f"config.json: there is no network {settings.model!r} for {settings.experiment!r}"
        )
    return settings


def fits(value: Any, hint: Any) -> bool:
    """Return whether a value has the type of a setting; an integer is a number, too."""
    if isinstance(hint, UnionType):
        return any(fits(value, one) for one in get_args(hint))
    kind = get_origin(hint) or hint
    return type(value) is kind or (type(value) is int and kind is float)


def untrained(settings: Settings, backend: Backend) -> Any:
    """Build the network that the settings name, from nothing but its name."""
    if settings.experiment == "svhn":
        from experiments.svhn_experiment import network

        return network(settings, backend)
    return backend.classifier(getattr(networks, settings.model), settings.seed)


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
