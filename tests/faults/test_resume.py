"""Whose run it is, and where: what `minigrad resume` refuses, and what it only mentions."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import checkpoint_file, settings
from experiments.backend import NAMES
from experiments.run_folder import RunFolder
from tests.faults.small_runs import copied, outcome, resume, start

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return {name: start(name, tmp_path_factory.mktemp(name)) for name in NAMES}


@pytest.fixture
def run(finished, tmp_path):
    """A run that was killed before its result was written."""
    folder = copied(finished["torch"], tmp_path / "run")
    (folder / "result.json").unlink()
    return folder


def contents(folder):
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


@pytest.mark.fault(38)
def test_a_second_run_gets_a_folder_of_its_own(tmp_path):
    first = start("minigrad", tmp_path)
    before = contents(first)
    second = start("minigrad", tmp_path)
    assert (first.name, second.name) == ("minigrad-mlp-seed3", "minigrad-mlp-seed3.2")
    assert contents(first) == before
    assert outcome(first) == outcome(second)


@pytest.mark.fault(39)
def test_a_folder_in_which_another_process_is_at_work(run, capsys):
    """The other one holds the lock, as a run does, until its stdin ends."""
    code = (
        "import sys; from pathlib import Path; from experiments.run_folder import RunFolder\n"
        "with RunFolder.at(Path(sys.argv[1])).locked(): print('locked', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, run], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as other:
        assert other.stdout.readline() == b"locked\n"
        before = contents(run)
        assert resume(run) == 4
        assert "is in use by another process" in capsys.readouterr().err
        assert contents(run) == before
        other.kill()  # a lock ends with its process, however that ends
    assert resume(run) == 0


def test_a_run_holds_the_lock_of_its_folder(tmp_path, monkeypatch):
    from experiments import run as running
    from experiments.errors import CheckpointError

    def locked(state, *_):
        folder = RunFolder.at(tmp_path / "minigrad-mlp-seed3")
        with pytest.raises(CheckpointError, match="in use"), folder.locked():
            pass
        held.append(True)
        return iter(())

    held = []
    monkeypatch.setattr(running, "training", locked)
    with pytest.raises(IndexError):  # there is no history
        start("minigrad", tmp_path)
    assert held == [True]


@pytest.mark.fault(45)
@pytest.mark.parametrize("backend", NAMES)
def test_resuming_twice_and_resuming_a_finished_run(backend, finished, tmp_path, capsys):
    folder = copied(finished[backend], tmp_path / "run")
    before = contents(folder)
    assert resume(folder) == 0
    out, err = capsys.readouterr()
    assert "is already finished: epoch 2 of 2 was the best" in out
    assert err == ""
    assert contents(folder) == before

    (folder / "result.json").unlink()
    for _ in range(2):
        assert resume(folder) == 0
        assert outcome(folder) == outcome(finished[backend])


@pytest.mark.fault(49)
def test_a_checkpoint_of_another_run(run, tmp_path, capsys):
    other = start("torch", tmp_path, seed=4, lr=0.005)
    for name in ("last.ckpt", "prev.ckpt"):
        (run / name).write_bytes((other / name).read_bytes())
    before = contents(run)
    assert resume(run) == 4
    err = capsys.readouterr().err
    assert "of a run with other settings: lr is 0.005, not 0.01; seed is 4, not 3" in err
    assert contents(run) == before


@pytest.mark.fault(49)
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda s: s["model"].pop("classnet.0.bias"), "other tensors than the network: classnet.0"),
        (lambda s: s["model"].update(more=s["model"]["classnet.0.bias"]), "the network: more"),
        (
            lambda s: s["model"].update({"classnet.0.bias": s["model"]["classnet.0.bias"][:5]}),
            "classnet.0.bias is float32 (5,), not float32 (128,)",
        ),
        (lambda s: s["best"].popitem(), "other tensors than the network"),
        (lambda s: s["optimizer"]["param_groups"].clear(), "does not fit this run (ValueError"),
        (lambda s: s.pop("random"), "does not fit this run (KeyError: 'random'"),
        (lambda s: s.update(history=[(1, 2)]), "does not fit this run (TypeError"),
        (lambda s: s.update(model=5), "does not fit this run (AttributeError"),
        (lambda s: s["random"]["framework"].update(cpu=s["model"]["classnet.0.bias"]),
         "does not fit this run (TypeError"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(spoil, says, run, capsys):
    content = checkpoint_file.read(run / "last.ckpt")
    spoil(content["state"])
    checkpoint_file.write(run / "last.ckpt", content)
    assert resume(run) == 4
    assert says in capsys.readouterr().err
    assert not (run / "result.json").exists()


@pytest.mark.fault(51)
def test_what_was_saved_on_a_gpu_goes_on_on_the_cpu(run, finished, capsys):
    """Nothing in a checkpoint lies on a device; the GPU's own stream is left alone."""
    config = json.loads((run / "config.json").read_text()) | {"device": "cuda"}
    (run / "config.json").write_text(json.dumps(config))
    content = checkpoint_file.read(run / "last.ckpt")
    content["settings"]["device"] = content["machine"]["device"] = "cuda"
    content["state"]["random"]["framework"]["cuda"] = content["state"]["random"]["framework"]["cpu"]
    checkpoint_file.write(run / "last.ckpt", content)
    assert resume(run) == 2
    assert "--device cuda is not there" in capsys.readouterr().err
    assert resume(run, "--device", "cpu") == 0
    err = capsys.readouterr().err
    assert "bit-identity with the run as it was begun is not promised" in err
    assert "device cuda then, cpu now" in err
    assert outcome(run) == outcome(finished["torch"])


@pytest.mark.fault(55)
def test_what_a_killed_process_left_half_written_is_swept(run, tmp_path):
    left = run / f".{'0123456789abcdef' * 2}.tmp"
    left.write_bytes(b"half")
    others = [run / "mine.tmp", run / ".notes.tmp", tmp_path / left.name]
    for other in others:
        other.write_bytes(b"not ours")
    assert resume(run) == 0
    assert not left.exists()
    assert all(other.read_bytes() == b"not ours" for other in others)


@pytest.mark.fault(55)
def test_nothing_is_swept_where_another_process_is_at_work(run):
    left = run / f".{'0123456789abcdef' * 2}.tmp"
    left.write_bytes(b"half")
    with RunFolder.at(run).locked():
        left.write_bytes(b"half")  # the owner is writing
        assert resume(run) == 4
        assert left.exists()


@pytest.mark.fault(56)
@pytest.mark.parametrize("backend", NAMES)
def test_checkpoints_change_nothing(backend, finished, tmp_path):
    never = start(backend, tmp_path / "never", seconds=1e9)
    now_and_then = start(backend, tmp_path / "now and then", seconds=0.02)
    assert outcome(never) == outcome(now_and_then) == outcome(finished[backend])


@pytest.mark.fault(59)
def test_another_version_is_mentioned(run, finished, capsys, monkeypatch):
    assert resume(copied(run, run.with_name("same"))) == 0
    assert "bit-identity" not in capsys.readouterr().err
    usual = settings.version
    monkeypatch.setattr(settings, "version", lambda p: "2.99" if p == "torch" else usual(p))
    assert resume(run) == 0
    err = capsys.readouterr().err
    assert "bit-identity with the run as it was begun is not promised" in err
    assert f"torch {usual('torch')} then, 2.99 now" in err
    assert outcome(run) == outcome(finished["torch"])


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["nowhere"], "No such file or directory; name the folder of a run"),
        (["."], "config.json"),
        (["{run}", "--data", "."], "--data is for SVHN"),
        (["{run}", "--device", "gpu"], "invalid choice: 'gpu'"),
        (["{run}", "--checkpoint-seconds", "-1"], "expected a number of at least 0"),
    ],
)
def test_refusals_are_one_line(argv, says, run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folder, *options = (word.format(run=run) for word in argv)
    assert resume(folder, *options) in (2, 4)
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert says in err
