"""Faults 35 to 37: an environment in which something is missing or odd."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import atomic
from experiments.cli import main

from ..svhn_files import digits, write_mat

ROOT = Path(__file__).parents[2]
SHORT = ("digits", "--backend", "minigrad", "--model", "mlp", "--epochs", "1")
FINAL = "-> FINAL PERFORMANCE: nll="
ASCII = {
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",
    "PYTHONIOENCODING": "ascii",
}


def run(*argv, environment=None, without=(), python=(), **kwargs):
    """Run a command in an environment that is changed; it never ends with a traceback."""
    variables = {name: value for name, value in os.environ.items() if name not in without}
    done = subprocess.run(
        [sys.executable, *python, "-m", "experiments", *map(str, argv)],
        cwd=ROOT,
        env=variables | (environment or {}),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=120,
        **{"stdout": subprocess.PIPE} | kwargs,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.fault(35)
def test_35_no_home_and_no_display(tmp_path):
    done = run(*SHORT, "--out", tmp_path, without=("HOME", "DISPLAY", "XDG_CACHE_HOME"))
    assert done.returncode == 0, done.stderr
    assert FINAL in done.stdout
    assert len(list(tmp_path.glob("digits/*/*_curve.pdf"))) == 2


@pytest.mark.fault(35)
def test_35_an_ascii_terminal(tmp_path):
    """Files are in UTF-8 whatever the locale is, and hold the names as they are on the disk."""
    out = tmp_path / "ü"
    done = run(*SHORT, "--out", out, environment=ASCII)
    assert done.returncode == 0, done.stderr
    assert FINAL in done.stdout
    assert "Made by" in (out / "digits" / "report" / "report.md").read_text(encoding="utf-8")
    page = tmp_path / "µ.html"
    done = run("explain", "--run", next(out.glob("digits/*mlp*")), "--out", page, environment=ASCII)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "<html" in page.read_text(encoding="utf-8")


@pytest.mark.fault(35)
def test_35_data_in_an_ascii_terminal(tmp_path):
    write_mat(tmp_path / "train_32x32.mat", *digits(12))
    odd = tmp_path.rename(tmp_path.with_name("ü"))
    done = run("data", "convert", odd, "--subset", environment=ASCII)
    assert done.returncode == 0, done.stderr
    assert len(list((odd / "converted").glob("*.npy"))) == 2
    assert done.stdout.splitlines()[-1].endswith("/\\xc3\\xbc' --subset")


@pytest.mark.fault(35)
def test_35_a_name_that_is_no_text(tmp_path):
    """As names are read in such a terminal: it comes out as the bytes that it is on the disk."""
    atomic.write(tmp_path / "report.md", "in \udcc3\udcbc")
    assert (tmp_path / "report.md").read_bytes() == "in ü".encode()


@pytest.mark.fault(35)
@pytest.mark.parametrize("streams", ["1", pytest.param("0 1 2", marks=pytest.mark.long)])
def test_35_closed_streams(streams, tmp_path):
    """As `minigrad digits >&- 2>&-`."""

    def close():
        for number in streams.split():
            os.close(int(number))

    done = run(*SHORT, "--out", tmp_path, stdout=None, preexec_fn=close)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "digits" / "minigrad-mlp-seed0" / "result.json").exists()


@pytest.mark.fault(35)
def test_35_a_pipe_that_is_closed_after_the_first_line(tmp_path):
    """As `minigrad digits | head -1`."""
    endless = ["--epochs", "1000000000", "--patience", "1000000000"]
    with subprocess.Popen(
        [sys.executable, "-m", "experiments", *SHORT, *endless, "--out", tmp_path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


# Of each kind of check one: an option, an option's meaning, a file's bytes, a loss, a shape.
REFUSED = [
    ("digits --lr nan", 2),
    ("digits --backend minigrad --out /dev/null/x", 2),
    ("data check {folder}", 4),
    ("digits --backend minigrad --model mlp --lr 1e30 --out {folder}", 3),
    ("explain --run {folder}", 4),
]
OPTIMISED = """
import sys
import minigrad
from experiments.cli import main

assert False, "they are not left out"
for line in sys.argv[1:]:
    print(main(line.split()))
for wrong in (
    lambda: minigrad.ones(2, 3) @ minigrad.ones(2, 3),
    lambda: minigrad.nn.BatchNorm1d(3)(minigrad.ones(1, 3)),
    lambda: minigrad.nn.functional.nll_loss(minigrad.ones(2, 3), minigrad.tensor([0, 3])),
):
    try:
        wrong()
    except (RuntimeError, ValueError, IndexError) as error:
        print(type(error).__name__)
"""


@pytest.mark.fault(36)
def test_36_without_assertions(folder, capsys):
    """`python -O` leaves out each `assert`, and no check is one."""
    (folder / "train_32x32.mat").write_bytes(b"cut")
    lines = [line.format(folder=folder) for line, _ in REFUSED]
    done = subprocess.run(
        [sys.executable, "-O", "-c", OPTIMISED, *lines], cwd=ROOT, capture_output=True, text=True
    )
    statuses = [str(status) for _, status in REFUSED]
    found = [line for line in done.stdout.splitlines() if line.isalnum()]
    assert found == [*statuses, "RuntimeError", "ValueError", "IndexError"], done.stderr
    refusals = [line for line in done.stderr.splitlines() if line.startswith("minigrad: ")]
    for line in lines:
        main(line.split())
    assert refusals == capsys.readouterr().err.splitlines()


@pytest.mark.fault(36)
def test_36_no_check_is_an_assertion():
    """An `assert` may tell the type checker of a type, and nothing else."""
    asserted = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for room in ("minigrad", "pt_reference", "experiments")
        for path in (ROOT / room).rglob("*.py")
        if "lessons" not in path.parts and path.name != "assignment.py"  # programs that show
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert) and not narrows(node.test)
    ]
    assert asserted == []


def narrows(test):
    """Whether a condition is `x is not None` or `isinstance(x, ...)`."""
    if isinstance(test, ast.Compare):
        return isinstance(test.ops[0], ast.IsNot) and ast.unparse(test.comparators[0]) == "None"
    return isinstance(test, ast.Call) and ast.unparse(test.func) == "isinstance"


@pytest.mark.fault(37)
@pytest.mark.parametrize("backend", ["minigrad", pytest.param("torch", marks=pytest.mark.long)])
@pytest.mark.parametrize("value", [pytest.param("0", marks=pytest.mark.long), "abc"])
def test_37_a_number_of_threads_that_is_none(value, backend, tmp_path, capsys):
    """The libraries say so or not, and take another; the numbers are those of one thread anyway."""
    argv = ["digits", "--backend", backend, *SHORT[3:]]
    done = run(*argv, "--out", tmp_path / "odd", environment={"OMP_NUM_THREADS": value})
    assert done.returncode == 0, done.stderr
    assert main([*argv, "--out", str(tmp_path / "usual")]) == 0
    said = done.stdout, capsys.readouterr().out
    odd, usual = (text.partition(FINAL)[2].splitlines()[0] for text in said)
    assert odd == usual
