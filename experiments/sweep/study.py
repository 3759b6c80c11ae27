"""The study: the book that a sweep keeps, in a database that many processes may share."""

import contextlib
import json
import sqlite3
import warnings
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.storages import RDBStorage

from experiments import atomic
from experiments.errors import CheckpointError, UsageError
from experiments.sweep.sampler import SeededSampler
from experiments.sweep.space import Space
from experiments.sweep.trials import put_back_dead

# Seconds: how often a trial shows that it is alive, and after how long a silence it is not.
HEARTBEAT, GRACE = 20, 120
WAIT_FOR_LOCK = 60  # SQLite has one writer at a time
# The median of five trials is the first that says something, and so is a trial's fifth epoch.
FIRST_TRIALS, FIRST_EPOCH = 5, 5
PRUNERS: dict[str, BasePruner] = {
    "median": MedianPruner(FIRST_TRIALS, FIRST_EPOCH),
    "none": NopPruner(),
}
MADE_OF = "made of"
# What may be another when a study goes on: neither what is drawn nor what a trial gives.
FREE = (
    *("command", "execute", "debug", "space", "study", "storage", "trials", "jobs", "out"),
    *("data", "checkpoint_seconds", "download", "mirror", "device", "threads"),
)

optuna.logging.set_verbosity(optuna.logging.ERROR)  # the worker says what there is to say


def name_of(options: Namespace) -> str:
    """Return the study's name; it is a folder's too."""
    name = f"{options.experiment}-{options.space.stem}" if options.study is None else options.study
    if Path(name).name != name or name in ("", ".", ".."):
        raise UsageError(f"--study {name!r}: expected the name of a folder, as digits-1")
    return name


def folder_of(options: Namespace) -> Path:
    """Return the folder of the study's runs and results."""
    return options.out / "sweep" / name_of(options)


def begin(options: Namespace, space: Space, data: Any) -> None:
    """Make the study, or see that the one that is there was begun with the same space and options.

    `data` says which data files the trials are trained on.
    """
    asked = {name: value for name, value in vars(options).items() if name not in FREE}
    made_of = json.loads(json.dumps(asked | {"data": data, "space": space.as_data()}))
    folder = folder_of(options)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        atomic.alone(folder, "another process opens the study"),
        _storage(options) as storage,
    ):
        study = optuna.create_study(
            storage=storage, study_name=name_of(options), direction="minimize", load_if_exists=True
        )
        before = study.user_attrs.get(MADE_OF)
        if before is None:
            study.set_user_attr(MADE_OF, made_of)
        elif before != made_of:
            raise UsageError(
                f"the study {study.study_name} was begun with something else: "
                f"{'; '.join(_differences(before, made_of))}; name another with --study"
            )


@contextlib.contextmanager
def opened(options: Namespace) -> Iterator[optuna.Study]:
    """Open the study that `begin` made, with its sampler and its pruner."""
    with _storage(options) as storage:
        yield optuna.load_study(
            study_name=name_of(options),
            storage=storage,
            sampler=SeededSampler(options.sampler, options.seed),
            pruner=PRUNERS[options.pruner],
        )


def without_password(url: str) -> str:
    """Return a database's URL as it may be shown.

    >>> without_password("postgresql://me:secret@host/studies")
    'postgresql://me:***@host/studies'
    """
    return sqlalchemy.make_url(url).render_as_string(hide_password=True)


@contextlib.contextmanager
def _storage(options: Namespace) -> Iterator[RDBStorage]:
    url, connect = options.storage, {}
    try:
        if url is None:
            url, connect = _sqlite(folder_of(options) / "study.db"), {"timeout": WAIT_FOR_LOCK}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)  # of the heartbeat
            storage = RDBStorage(
                url,
                engine_kwargs={"connect_args": connect},
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=put_back_dead,
            )
    except (sqlite3.Error, RuntimeError) as error:  # no database, or of another Optuna
        raise CheckpointError(
            f"{folder_of(options) / 'study.db'}: {error}; name another study with --study"
        ) from error
    except (ImportError, ValueError, KeyError, IndexError, sqlalchemy.exc.SQLAlchemyError) as error:
        why = str(error).partition("(Background")[0]
        raise UsageError(
            f"--storage: {why}; expected the URL of a database, as postgresql://user@host/studies, "
            "and its driver installed"
        ) from error
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _sqlite(path: Path) -> str:
    """Return the URL of an SQLite file that can be read while it is written to."""
    with contextlib.closing(sqlite3.connect(path, timeout=WAIT_FOR_LOCK)) as database:
        database.execute("PRAGMA journal_mode=WAL")
    url = sqlalchemy.URL.create("sqlite", database=str(path.resolve())).render_as_string()
    return url.replace("{", "{{").replace("}", "}}")  # Optuna formats it


def _differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Name what differs, of the space each option by itself."""
    before, now = ({**d, **d["space"], "space": None} for d in (before, now))
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    show = json.dumps
    return [f"{name} was {show(before.get(name))}, is {show(now.get(name))}" for name in names]
