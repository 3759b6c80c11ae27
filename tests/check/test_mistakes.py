"""Each kind of mistake is found, where it is, and called by its name."""

import pytest

from pt_reference.check.checker import check_file
from pt_reference.check.results import FAIL, PASS

from .mistakes import MISTAKES

pytestmark = pytest.mark.long  # each test starts a process, or several


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found(name, tmp_path):
    mistake = MISTAKES[name]
    (tmp_path / "wrong.py").write_text(mistake.source)
    layer = check_file(tmp_path / "wrong.py", [mistake.layer]).layers[mistake.layer]
    first = next(f for f in layer.findings if f.check != "initialisation")
    assert (first.where, first.cause.id, first.severity) == (
        mistake.where,
        mistake.cause,
        mistake.severity,
    )
    assert layer.verdict == (FAIL if mistake.severity == "error" else PASS)


def test_a_wrong_forward_is_not_told_as_a_wrong_backward(tmp_path):
    """The gradients are those of the forward there is: they are right, for it."""
    (tmp_path / "wrong.py").write_text(MISTAKES["no dilation"].source)
    layer = check_file(tmp_path / "wrong.py", ["Conv2d"]).layers["Conv2d"]
    (only,) = [f for f in layer.findings if f.severity == "error"]
    assert only.check == "forward"
    assert only.failure.fits is True


def test_a_wrong_backward_does_not_fit_its_forward(tmp_path):
    (tmp_path / "wrong.py").write_text(MISTAKES["sign of grad_input"].source)
    layer = check_file(tmp_path / "wrong.py", ["Linear"]).layers["Linear"]
    assert layer.findings[0].failure.fits is False
