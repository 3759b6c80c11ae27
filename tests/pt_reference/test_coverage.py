"""The table of what minigrad supports: it is what the command prints, and it can say no."""

import pytest

import minigrad
from pt_reference import coverage
from pt_reference.probes import PROBES, Probe, numbers


def test_the_table_is_what_the_command_prints():
    assert coverage.TABLE.read_text(encoding="utf-8") == coverage.table()


def test_every_layer_has_a_probe_and_every_probe_a_layer():
    assert PROBES.keys() == set(coverage.names())


@pytest.mark.parametrize("name", sorted(PROBES))
def test_the_calls_themselves_agree(name):
    ours, theirs = [
        coverage.outcome(framework, PROBES[name]) for framework in (minigrad, coverage.torch)
    ]
    assert coverage.equal(ours, theirs)


def test_an_ignored_argument_is_found():
    probe = Probe(lambda fw, ignored=None: fw.relu(numbers(fw, 5)), {"ignored": 3})
    with pytest.raises(AssertionError, match="ignored changes nothing"):
        coverage.answer("relu", probe, "ignored")


def test_a_wrong_result_is_found():
    probe = Probe(
        lambda fw, scale=1: numbers(fw, 5) * (scale if fw is minigrad else 1), {"scale": 2}
    )
    with pytest.raises(AssertionError, match="something else in PyTorch"):
        coverage.answer("relu", probe, "scale")


def test_a_refusal_must_name_the_argument():
    def refuses(fw, groups=1):
        if groups != 1:
            raise NotImplementedError("no")

    with pytest.raises(NotImplementedError, match="no"):
        coverage.answer("conv2d", Probe(refuses, {"groups": 2}), "groups")
