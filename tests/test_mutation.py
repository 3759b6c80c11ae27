"""The catalogue of mistakes fits the sources; the run of them notices what it should."""

import subprocess
import sys

import pytest

from .mutation import workshop
from .mutation.catalogue import CATALOGUE
from .mutation.catalogue.page import PAGE
from .mutation.mutant import StaleError, Target, editor, mutant
from .mutation.workshop import ROOT, Workshop


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_mistake_can_still_be_made(name):
    for mistake in CATALOGUE[name].mutants:
        for file, text in mistake.texts(ROOT).items():
            assert text != (ROOT / file).read_text(encoding="utf-8"), mistake.name
            compile(text, file, "exec")


@pytest.mark.parametrize("name", CATALOGUE)
def test_its_tests_are_there(name):
    for argument in CATALOGUE[name].tests:
        assert not argument.startswith("tests/") or (ROOT / argument).exists()


@pytest.mark.parametrize("name", PAGE)
def test_the_page_is_covered(name):
    made = [mistake.name for mistake in CATALOGUE[name].mutants]
    assert made[: len(PAGE[name])] == list(PAGE[name])


def test_an_edit_that_does_not_fit_is_stale():
    edit = editor("file.py")("a", "b")
    for text in ("", "a a"):
        with pytest.raises(StaleError, match=r"file.py has this text \d times, not once: 'a'"):
            edit.apply(text)


def test_what_becomes_of_mistakes(tmp_path, monkeypatch):
    edit = editor("minigrad/functions/relu.py")
    forward, backward = "y = np.maximum(0, x)", "return Mask.apply(grad_output, y != 0)"
    tests = ("tests/functions/test_gradients.py", "-k", "[relu-special")
    relu = Target("relu", tests, ())
    with Workshop(tmp_path) as copy:
        assert copy.try_out(relu) == (False, "")
        caught, by = copy.try_out(relu, mutant("wrong", edit(backward, "return grad_output")))
        assert caught
        assert by.startswith("functions/test_gradients.py::test_equals_pytorch_on_samples[relu-")
        harmless = mutant("harmless", edit(forward, "y = np.maximum(x, 0)"))
        assert copy.try_out(relu, harmless) == (False, "")
        with pytest.raises(StaleError, match="broken: the tests did not run"):
            copy.try_out(
                relu, mutant("broken", edit("class ReLU(ArrayFunction):", "class ReLU(Rectifier):"))
            )
        monkeypatch.setattr(workshop, "LIMIT", 2)
        endless = mutant("endless", edit(forward, f"while True:\n            {forward}"))
        assert copy.try_out(relu, endless) == (True, "the clock: timed out after 2 s")
        assert (tmp_path / "minigrad/functions/relu.py").read_text(encoding="utf-8") == (
            ROOT / "minigrad/functions/relu.py"
        ).read_text(encoding="utf-8")


@pytest.mark.long
def test_every_mistake_is_caught():
    run = subprocess.run([sys.executable, "-m", "tests.mutation"], cwd=ROOT, check=False)
    assert run.returncode == 0
