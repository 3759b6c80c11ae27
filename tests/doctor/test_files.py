"""What `minigrad doctor` says of the data and the runs."""

from experiments.cli import parser
from experiments.doctor import files
from experiments.run_folder import RunFolder

from ..svhn_files import digits, make_official, write_mat
from .asked import options


def test_good_cut_and_missing_files(found, tmp_path, monkeypatch):
    folder = tmp_path / "my data"
    assert found("--data", folder)["svhn"]["text"].startswith("there is no folder ")
    folder.mkdir()
    train = write_mat(folder / "train_32x32.mat", *digits(12))
    official = make_official(monkeypatch, train, "train")
    assert found("--data", folder)["svhn"] == {
        "text": f"{folder}: train official, extra missing, test missing",
        "warnings": [],
    }
    train.write_bytes(train.read_bytes()[:-100])
    said = found("--data", folder)["svhn"]
    assert f"train {official.bytes - 100:,} of {official.bytes:,} bytes" in said["text"]
    assert said["warnings"][0].endswith(f"type: minigrad data check '{folder}'")
    train.write_bytes(b"<html>" + bytes(1000))
    said = found("--data", folder)["svhn"]
    assert "train broken" in said["text"]
    assert "web page" in said["warnings"][0]


def test_digits_that_are_others(found, monkeypatch):
    assert found()["digits"] == {"text": "1797 images, as they should be", "warnings": []}
    import sklearn.datasets

    pixels, labels = sklearn.datasets.load_digits(return_X_y=True)
    pixels[5, 5] += 1
    monkeypatch.setattr(sklearn.datasets, "load_digits", lambda **_: (pixels, labels))
    assert "--force-reinstall scikit-learn" in files.digits(options()).warnings[0]


def test_runs(found, tmp_path):
    for name, kept in {
        "digits/a": ["result.json", "last.ckpt"],
        "digits/b b": ["last.ckpt", ".lock"],
        "digits/c": ["prev.ckpt"],  # killed between two renames
        "digits/d": ["last.ckpt", ".lock"],
        "svhn/e": [],
        "svhn/report": None,
    }.items():
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        for file in ["config.json", *kept] if kept is not None else []:
            (folder / file).write_text("{}")
    with RunFolder.at(tmp_path / "runs" / "digits" / "d").locked():
        said = found("--out", "runs")["runs"]
    assert said == {
        "text": "runs: 1 finished, 1 at work, 2 to be continued, 1 that cannot be",
        "warnings": [
            "to continue it, type: minigrad resume 'runs/digits/b b'",
            "to continue it, type: minigrad resume runs/digits/c",
        ],
    }
    assert parser().parse_args(["resume", "runs/digits/c"]).command == "resume"
