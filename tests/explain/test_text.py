"""The tape in the terminal: every operation, every contribution, in 80 columns."""

import inspect
import re

import numpy as np
import pytest

import minigrad
import minigrad.functions
from minigrad.explain import explain, rules
from minigrad.function import Function
from pt_reference.networks import classifier, cnn, mlp

from .random_graphs import leaves, random_function


def network(net):
    minigrad.manual_seed(0)
    model = classifier(net(minigrad.nn), minigrad.nn)
    return explain(model, minigrad.rand(2, 64) * 16, minigrad.tensor([3, 1]))


@pytest.mark.parametrize("net", [mlp, cnn])
def test_it_is_read_in_80_columns_of_ascii(net):
    text = network(net).text()
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80
    assert text == "\n".join(row.rstrip() for row in text.splitlines()) + "\n"


def test_backward_runs_from_the_last_operation_to_the_first():
    explanation = network(cnn)
    _, backward = explanation.text().split("\nBACKWARD\n")
    titles = re.findall(r"^ *(\d+)  (\w+)", backward, flags=re.MULTILINE)
    steps = explanation.trace.steps
    expected = [
        (str(k + 1), steps[k].op) for k in reversed(range(len(steps))) if steps[k].needs_grad
    ]
    assert titles == expected


def test_numbers_are_those_of_the_gradient():
    explanation = network(mlp)
    _, gradients = explanation.text().split("\nGRADIENTS\n")
    weights = {v.name: v for v in explanation.trace.values if v.kind == "parameter"}
    for name, value in weights.items():
        (row,) = re.findall(rf"^{re.escape(name)} .*\n?", gradients, flags=re.MULTILINE)
        (norm,) = re.findall(r"\|(.*)\|", row)
        assert float(norm) == pytest.approx(np.linalg.norm(value.grad), rel=1e-2)


def test_contributions_are_counted_and_a_broadcast_is_undone():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    w = minigrad.ones(3, 2)
    _, backward = explain(lambda x: ((x * w) * x).sum(), x).text().split("\nBACKWARD\n")
    assert "-> x (2,), 1 of 2" in backward
    assert "-> x (2,), 2 of 2" in backward
    assert "the rule gives (3, 2)" in backward
    assert "x was broadcast: summed to its shape" in backward
    (added,) = re.findall(r"g of x = \((\d)\) \+ \((\d)\) +(.*)", backward)
    assert added == ("2", "1", "6 12  |13.4|")


@pytest.mark.parametrize("seed", range(5))
def test_every_contribution_of_a_random_graph_is_there(seed):
    explanation = explain(random_function(seed), *leaves(seed))
    text = explanation.text()
    arrows = text.count("     -> ")
    assert arrows == sum(len(v.contributions) for v in explanation.trace.values)
    assert max(map(len, text.splitlines())) <= 80


def test_what_the_graph_did_not_keep_is_said():
    x = minigrad.tensor([1.0, -2.0], requires_grad=True)
    assert "not kept: no rule needs it" in explain((x + x).relu().sum()).text()


def test_the_optimizers_step_is_shown():
    x = minigrad.tensor([1.0, -2.0], requires_grad=True)
    optimizer = minigrad.optim.Adamax([x], lr=0.5)
    text = explain(lambda x: (x * x).sum(), x, optimizer=optimizer).text()
    for row in (
        "before the step +1 -2",
        r"Adamax's exp_avg +0.2 -0.4",
        r"Adamax's exp_inf +2 4",
        r"after the step +0.5 -1.5",
    ):
        assert re.search(row, text)


def test_rules_are_of_operations_and_arguments_that_there_are():
    kinds = {kind.__name__: kind for kind in functions()}
    for key in {*rules._FORWARD, *rules._BACKWARD}:
        assert key.partition(" ")[0] in kinds
    for key, by_argument in rules._BACKWARD.items():
        arguments = inspect.signature(kinds[key.partition(" ")[0]].forward).parameters
        assert by_argument.keys() <= arguments.keys()


def functions(kind=Function):
    """Every operation that has been imported."""
    for below in kind.__subclasses__():
        yield below
        yield from functions(below)
