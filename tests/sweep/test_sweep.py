"""`minigrad sweep` in one process, its trainings made up."""

import csv
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from experiments.cli import main
from experiments.errors import StorageError
from experiments.interruption import Interrupted
from experiments.sweep import study, trials, worker
from experiments.training import Epoch

from .conftest import SPACE, WIDE, made_up

FOLDER = Path("runs/sweep/digits-space")


def rows():
    with (FOLDER / "trials.csv").open() as file:
        return list(csv.DictReader(file))


def states():
    return [row["state"] for row in rows()]


@pytest.fixture
def book():
    """The study of the sweep, as Optuna has it."""
    storages = []

    def read():
        storages.append(optuna.storages.RDBStorage(f"sqlite:///{FOLDER}/study.db"))
        return optuna.load_study(study_name="digits-space", storage=storages[-1])

    yield read
    for storage in storages:
        storage.remove_session()
        storage.engine.dispose()


def test_the_best_comes_first_and_all_is_written(sweep, pictures, capsys):
    Path("space.toml").write_text(WIDE)
    assert sweep("--trials", 10, "--seed", 1) == 0
    out, err = capsys.readouterr()
    finished = [row for row in rows() if row["state"] == "COMPLETE"]
    best = min(finished, key=lambda row: float(row["val_nll"]))
    assert f"The best is trial {best['trial']}, by its validation nll of {best['val_nll']}" in out
    assert f"To train it anew: minigrad digits --lr {best['lr']}\n" in out
    table = re.findall(r"^\| +(\d+) \|.*\| (finished|ended early|failed) +\|$", out, re.M)
    assert table[0] == (best["trial"], "finished")
    order = ["finished", "ended early", "failed"]
    assert [order.index(state) for _, state in table] == sorted(order.index(s) for _, s in table)
    assert set(states()) == {"COMPLETE", "PRUNED", "FAIL"}  # all of it is there to be shown
    assert sum(state != "FAIL" for state in states()) == 10
    assert out.count("-> TRIAL") == len(rows())
    assert "What mattered" in out
    assert err == f"report: {FOLDER / 'sweep.md'}\n"
    report = (FOLDER / "sweep.md").read_text()
    _, ranks, rest = out.split("\n\n", 2)
    assert ranks in report
    assert rest.splitlines()[-1] in report  # what mattered
    assert "`minigrad sweep digits --space space.toml --trials 10 " in report
    for figure in re.findall(r"\]\((\S+)\)", report):
        assert (FOLDER / figure).stat().st_size > 1000

    for row in rows():  # with their reasons
        if row["state"] == "PRUNED":
            assert int(row["epochs"]) < 6
        if row["state"] == "FAIL":
            assert float(row["lr"]) > 0.3
            assert row["reason"] == "the training loss is nan in epoch 1"


def test_no_pruner_ends_none_early(sweep):
    Path("space.toml").write_text(WIDE)
    assert sweep("--trials", 10, "--seed", 1, "--pruner", "none") == 0
    assert set(states()) == {"COMPLETE", "FAIL"}


def test_the_same_seed_is_the_same_sweep_and_another_is_another(sweep):
    drawn = {}
    for out, seed in (("a", 3), ("b", 3), ("c", 4)):
        assert sweep("--trials", 2, "--seed", seed, "--out", out) == 0
        with open(f"{out}/sweep/digits-space/trials.csv") as file:
            drawn[out] = [(row["lr"], row["val_nll"]) for row in csv.DictReader(file)]
    assert drawn["a"] == drawn["b"] != drawn["c"]


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_it_goes_on_where_it_ended(sampler, sweep, capsys):
    assert sweep("--trials", 6, "--sampler", sampler, "--out", "at once") == 0
    assert sweep("--trials", 3, "--sampler", sampler) == 0
    capsys.readouterr()
    assert sweep("--trials", 6, "--sampler", sampler) == 0
    assert capsys.readouterr().err.startswith("3 of 6 trials are finished already\n")
    with open("at once/sweep/digits-space/trials.csv") as file:
        at_once = [(row["lr"], row["state"]) for row in csv.DictReader(file)]
    assert [(row["lr"], row["state"]) for row in rows()] == at_once


def test_done_is_done(sweep, training, capsys):
    assert sweep("--trials", 3) == 0
    table = capsys.readouterr().out.partition("\n\n")[2]
    training.run = None
    assert sweep("--trials", 3) == 0
    assert capsys.readouterr().out.strip() == table.strip()


@pytest.mark.parametrize(
    ("lines", "options", "says"),
    [
        (SPACE.replace("1e-3", "1e-4"), (), ('lr was {"low": 0.001,', 'is {"low": 0.0001,')),
        (SPACE + "weight_decay = 0.1", (), ("weight_decay was null, is 0.1",)),
        (SPACE, ("--backend", "minigrad"), ('backend was "torch", is "minigrad"',)),
        (SPACE, ("--seed", "1"), ("seed was 0, is 1",)),
    ],
)
def test_another_search_under_the_same_name_is_refused(lines, options, says, sweep, capsys):
    assert sweep("--trials", 1) == 0
    Path("space.toml").write_text(lines)
    capsys.readouterr()
    assert sweep("--trials", 2, *options) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    for text in (*says, "--study"):
        assert text in err
    assert sweep("--trials", 1, "--study", "another", *options) == 0


def test_what_may_change(sweep):
    assert sweep("--trials", 1) == 0
    Path("space.toml").write_text("# the same in other words\n" + SPACE.replace("1e-3", "0.001"))
    assert sweep("--trials", 2, "--device", "auto", "--debug") == 0


@pytest.mark.parametrize(
    ("error", "status"), [(Interrupted, 143), (KeyboardInterrupt, 130), (StorageError, 4)]
)
def test_an_interrupted_trial_is_put_back(error, status, sweep, training, capsys):
    calls = []

    def interrupted(options, folder, each_epoch):
        calls.append((options.lr, folder))
        if len(calls) == 2:
            raise error(15) if error is Interrupted else error
        return made_up(options, folder, each_epoch)

    training.run = interrupted
    assert sweep("--trials", 3) == status
    err = capsys.readouterr().err
    if status != 4:
        assert "to go on, type: minigrad sweep digits --space space.toml --trials 3" in err
    assert sweep("--trials", 3) == 0
    assert calls[1] == calls[2]  # the same values, in the same folder
    assert states() == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert "interrupted: see 2" in (FOLDER / "sweep.md").read_text()


def test_a_sweep_of_failures_ends(sweep, training, capsys):
    Path("space.toml").write_text(WIDE.replace("low = 1e-3", "low = 0.5"))
    assert sweep("--trials", 4) == 3
    err = capsys.readouterr().err
    assert err == (
        "minigrad: 4 trials have failed, the last one: the training loss is nan in epoch 1; "
        "try a narrower range in the space\n"
    )


def test_a_bug_in_a_training_is_no_failed_trial(sweep, training, capsys):
    def bug(*_):
        raise ValueError("a bug")

    training.run = bug
    assert sweep("--trials", 2) == 70
    assert "a bug" in capsys.readouterr().err


def test_a_nan_in_validation_is_never_the_best(sweep, training):
    def run(options, folder, each_epoch):
        each_epoch(Epoch(0, None, 0.001, 0.9, 0.1))  # nor is the untrained network
        each_epoch(Epoch(1, 1.0, math.nan, 0.9, 0.1))
        return made_up(options, folder, each_epoch)

    training.run = run
    assert sweep("--trials", 1) == 0
    assert float(rows()[0]["val_nll"]) > 0.1


def test_the_last_trial_is_taken_once(sweep, monkeypatch, capsys):
    """Another machine takes one between the look at the book and the taking."""
    real = worker.Worker.one

    def slow(self):
        if trials.finished(self.study.trials) == 2:
            with pytest.warns(UserWarning, match="Heartbeat"):
                other = self.study.ask()
            real(self)
            self.study.tell(other, 0.1)
        else:
            real(self)

    monkeypatch.setattr(worker.Worker, "one", slow)
    assert sweep("--trials", 3) == 0
    assert states() == ["COMPLETE"] * 3
    assert "not needed" not in capsys.readouterr().out


def test_a_trial_that_was_taken_for_dead_does_no_harm(sweep, training, capsys):
    taken = []

    def slow(options, folder, each_epoch):
        if not taken:
            taken.append(True)
            with study.opened(known) as book:
                book.tell(0, state=optuna.trial.TrialState.FAIL)
                trials.put_back(book, book.trials[0])
        return made_up(options, folder, each_epoch)

    from experiments.cli import parser

    known = parser().parse_args(["sweep", "digits", "--space", "space.toml"])
    training.run = slow
    assert sweep("--trials", 2) == 0
    assert "trial 0 was taken for dead meanwhile" in capsys.readouterr().err
    assert states() == ["FAIL", "COMPLETE", "COMPLETE"]


def test_a_dead_process_on_this_machine_is_seen_at_once(sweep, book):
    assert sweep("--trials", 1) == 0
    dead, alive, elsewhere = (book().ask() for _ in range(3))
    for trial, host in ((dead, trials.HOST), (alive, trials.HOST), (elsewhere, "another")):
        folder = FOLDER.resolve() / "trials" / str(trial.number)
        folder.mkdir(parents=True)
        (folder / ".lock").touch()
        trial.suggest_float("lr", 1e-3, 1, log=True)
        trial.set_user_attr(trials.PLACE, [host, str(folder)])
    opened = book()
    with trials.lock(FOLDER / "trials" / str(alive.number)):
        trials.revive(opened)
    found = [trial.state.name for trial in opened.trials]
    assert found == ["COMPLETE", "FAIL", "RUNNING", "RUNNING", "WAITING"]
    assert opened.trials[4].params == opened.trials[1].params
    trials.revive(opened)  # its lock is free now
    assert opened.trials[2].state.name == "FAIL"


def test_what_kills_its_process_again_and_again_is_left_alone(sweep, book):
    assert sweep("--trials", 1) == 0
    opened = book()
    for _ in range(trials.RETRIES + 1):
        trial = opened.ask()
        opened.tell(trial, state=optuna.trial.TrialState.FAIL)
        trials.put_back_dead(opened, opened.trials[trial.number])
    waiting = [t for t in opened.trials if t.state == optuna.trial.TrialState.WAITING]
    assert len(opened.trials) == 1 + 1 + trials.RETRIES
    assert len(waiting) == 0


def test_a_trial_may_be_interrupted_as_often_as_one_likes(sweep, training):
    folders = []

    def interrupted(options, folder, each_epoch):
        folders.append(folder)
        if len(folders) < trials.RETRIES + 3:
            raise Interrupted(15)
        return made_up(options, folder, each_epoch)

    training.run = interrupted
    for _ in range(trials.RETRIES + 2):
        assert sweep("--trials", 1) == 143
    assert sweep("--trials", 1) == 0
    assert len(set(folders)) == 1  # where its checkpoints are


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--trials", "0"), "--trials"),
        (("--jobs", "0"), "--jobs"),
        (("--study", "../up"), "--study '../up': expected the name of a folder"),
        (("--study", ""), "--study"),
        (("--storage", "nonsense"), "--storage"),
        (("--storage", "redis://here"), "--storage"),
        (("--storage", "sqlite:///{x"), "--storage"),
        (("--storage", "sqlite:////dev/null/x.db"), "--storage: (sqlite3.OperationalError)"),
        (("--storage", "oracle://me:secret@host/x"), "driver"),
        (("--lr", "0.1"), "--lr"),  # it is for the space
        (("--seeds", "2"), "--seeds"),
        (("--backend", "both"), "minigrad"),
        (("--out", "/dev/null/x"), "--out"),
    ],
)
def test_refusals_are_one_line(options, says, sweep, training, capsys):
    training.run = None
    assert sweep(*options) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err
    assert "secret" not in err


def test_no_experiment(capsys):
    assert main(["sweep"]) == 2
    assert "EXPERIMENT" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"no database" * 100, b""])
def test_a_study_that_is_no_database(content, sweep, capsys):
    FOLDER.mkdir(parents=True)
    (FOLDER / "study.db").write_bytes(content)
    if not content:  # as a kill right at the start leaves it
        assert sweep("--trials", 1) == 0
        return
    assert sweep("--trials", 1) == 4
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "study.db" in err
    assert (FOLDER / "study.db").read_bytes() == content


@pytest.mark.fault(34)
@pytest.mark.parametrize("name", ["a b", "ü$x_1$", "{0}", "50%?#", "two\nlines", "x" * 240])
def test_34_any_name(name, sweep):
    assert sweep("--trials", 1, "--study", name, "--out", name[:100]) == 0
    assert {"study.db", "sweep.md", "trials.csv"} <= set(os.listdir(f"{name[:100]}/sweep/{name}"))


def test_another_database_is_shared(sweep, capsys):
    there = Path("elsewhere.db").resolve()
    assert sweep("--trials", 2, "--storage", f"sqlite:///{there}", "--out", "one") == 0
    assert sweep("--trials", 3, "--storage", f"sqlite:///{there}", "--out", "two") == 0
    assert "2 of 3 trials are finished already" in capsys.readouterr().err
    done = [set(os.listdir(f"{out}/sweep/digits-space/trials")) for out in ("one", "two")]
    assert done[0].isdisjoint(done[1])


def test_without_optuna(sweep):
    code = (
        "import sys\n"
        "sys.modules['optuna'] = None\n"
        "from experiments.cli import main\n"
        "sys.exit(main(['sweep', 'digits', '--space', 'space.toml']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == (
        'minigrad: optuna is not installed; type: pip install "minigrad-teaching[sweep]"\n'
    )
