"""Each fingerprint recognises its kind of mistake, and the catalogue of mistakes is named."""
# ruff: noqa: E501

from dataclasses import replace

import numpy as np
import pytest

from pt_reference.check import oracle
from pt_reference.check.causes import (
    arrays,
    backward,
    diagnose,
    forward,
    options,
    updates,
)
from pt_reference.check.causes.evidence import Evidence
from pt_reference.check.causes.words import CHANGE, SAID, say
from pt_reference.check.compare import same
from pt_reference.check.results import Failure

from .mutants.classic import CLASSIC
from .mutants.further import FURTHER
from .mutants.measure import measure
from .mutants.unseen import UNSEEN

CHECK = {"output": "forward", "update": "optimizer"}


def told(layer, where, make):
    """Return the cause of a quantity that a student computes by ``make(case, answer)``."""
    failures, passed = [], []
    for case, answer in oracle.answers(layer, 0):
        if where not in answer or case.convention or case.beyond or case.other_call:
            continue
        yours, expected = make(case, answer), answer[where]
        if same(yours, expected):
            passed.append(case)
        else:
            problem = "values" if yours.shape == expected.shape else "shape"
            check = CHECK.get(where, "backward")
            failures.append(Failure(case, check, where, problem, yours, expected, text="a shape"))
    return diagnose(layer, failures, passed)


def asked(layer, where, **changes):
    """Return PyTorch's answer to cases changed by functions of the case and its answer."""

    def make(case, answer):
        wanted = {name: change(case, answer) for name, change in changes.items()}
        given = {"grad_output": answer.get("grad_output")} | wanted
        return oracle.answer(layer, replace(case, **given))[where]

    return make


def inputs(**changes):
    return lambda case, answer: {
        **case.inputs,
        **{k: f(case) for k, f in changes.items() if k in case.inputs},
    }


def turned(case):
    return case.inputs["weight"][..., ::-1, ::-1].copy()


def cut(case, answer):
    g = answer["grad_output"].copy()
    g[..., -1] = 0
    return g


def overwritten(case, answer):
    """Write the gradient window by window."""
    g, result = answer["grad_output"], np.zeros_like(answer["grad_input"])
    for at in np.ndindex(g.shape):
        one = np.zeros_like(g)
        one[at] = g[at]
        part = oracle.answer("MaxPool2d", replace(case, grad_output=one))["grad_input"]
        result = np.where(part != 0, part, result)
    return result


def first_group(case):
    groups = case.options.get("groups", 1)
    return np.concatenate([np.split(case.inputs["x"], groups, 1)[0]] * groups, 1)


def without(name):
    return lambda case, answer: {k: v for k, v in case.options.items() if k != name}


def padded(case, answer):
    y, p = answer["grad_input"], case.options.get("padding", 0)
    return np.pad(y, ((0, 0), (0, 0), (p, p), (p, p)))


KINDS = {
    "zero": ("Linear", "grad_input", lambda c, a: 0 * a["grad_input"]),
    "sign": ("Linear", "grad_input", lambda c, a: -a["grad_input"]),
    "scaled": ("Linear", "grad_weight", lambda c, a: 3.7 * a["grad_weight"]),
    "averaged": ("Linear", "grad_weight", lambda c, a: a["grad_weight"] / len(c.inputs["x"])),
    "transposed": ("Linear", "grad_weight", lambda c, a: a["grad_weight"].T),
    "flipped": ("Conv2d", "grad_weight", lambda c, a: a["grad_weight"][..., ::-1, ::-1]),
    "not_summed": ("Conv2d", "grad_bias", lambda c, a: a["grad_output"].sum((2, 3))),
    "summed_over_wrong_axis": ("Conv2d", "grad_bias", lambda c, a: a["grad_output"].sum((1, 2, 3))),
    "not_cropped": ("Conv2d", "grad_input", padded),
    "shifted": ("Conv2d", "grad_input", lambda c, a: np.roll(padded(c, a), -1, 2)[:, :, : a["grad_input"].shape[2], : a["grad_input"].shape[3]]),
    "permuted": ("Conv2d", "grad_weight", lambda c, a: a["grad_weight"].swapaxes(0, 1).reshape(a["grad_weight"].shape)),
    "leaks": ("ReLU", "grad_input", lambda c, a: np.where(c.inputs["x"] > 0, 1, 0.2) * a["grad_output"]),
    "offset": ("LogSoftmax", "output", lambda c, a: a["output"] + c.inputs["x"].max(c.options.get("dim", 1), keepdims=True)),
    "all_pairs": ("NLLLoss", "output", lambda c, a: np.add.outer(a["output"], 0 * a["output"]) if a["output"].ndim else a["output"]),
    "inexact": ("LogSoftmax", "output", lambda c, a: a["output"] + 1e-7 * np.exp(-a["output"])),
    "dtype": ("Linear", "output", lambda c, a: a["output"].astype(np.float32).astype(a["output"].dtype)),
    "not_finite": ("Linear", "output", lambda c, a: a["output"] * np.nan),
    "unstable": ("LogSoftmax", "output", lambda c, a: a["output"] + np.where(np.abs(c.inputs["x"]) > 700, np.nan, 0)),
    "layout": ("Linear", "output", lambda c, a: a["output"] if c.layout == "C" else a["output"] ** 3),
    "boundary": ("Conv2d", "grad_input", asked("Conv2d", "grad_input", grad_output=cut)),
    "overwritten_not_added": ("MaxPool2d", "grad_input", overwritten),
    "ignores_grad_output": ("ReLU", "grad_input", asked("ReLU", "grad_input", grad_output=lambda c, a: np.ones_like(a["grad_output"]))),
    "missing_term": ("LogSoftmax", "grad_input", lambda c, a: a["grad_output"]),
    "wrong_operand": ("ReLU", "grad_input", lambda c, a: a["grad_input"] * c.inputs["x"]),
    "wrong_axis": ("LogSoftmax", "output", asked("LogSoftmax", "output", options=lambda c, a: {"dim": 1 - c.options.get("dim", 1)})),
    "applied_twice": ("LogSoftmax", "output", lambda c, a: oracle.answer("LogSoftmax", replace(c, inputs={"x": np.exp(a["output"])}))["output"]),
    "padding_value": ("Conv2d", "output", lambda c, a: _padded_by_edge(c, a)),
    "ignores_option:bias": ("Linear", "output", asked("Linear", "output", inputs=inputs(bias=lambda c: 0 * c.inputs["bias"]))),
    "ignores_option:stride": ("MaxPool2d", "grad_input", lambda c, a: a["grad_input"] * (1 + 0.1 * a["grad_input"] * ("stride" in c.options))),
    "ignores_option:reduction": ("NLLLoss", "grad_input", asked("NLLLoss", "grad_input", options=without("reduction"), grad_output=lambda c, a: np.resize(a["grad_output"], ())) ),
    "ignores_option:dilation": ("Conv2d", "output", lambda c, a: a["output"] ** (3 if "dilation" in c.options else 1)),
    "wrong_default:reduction": ("NLLLoss", "output", lambda c, a: oracle.answer("NLLLoss", replace(c, options={"reduction": "sum", **c.options}))["output"]),
    "forward_differs": ("Linear", "output", lambda c, a: a["output"] ** 3),
    "backward_differs": ("Linear", "grad_input", lambda c, a: a["grad_input"] ** 3),
    "misuses_option:groups": ("Conv2d", "output", asked("Conv2d", "output", inputs=inputs(x=first_group))),
    "misuses_option:weight": ("NLLLoss", "grad_input", lambda c, a: a["grad_input"] * c.options.get("weight", 1)),
    "shape": ("Linear", "output", lambda c, a: np.ones((7, 7))),
}  # fmt: skip


def _padded_by_edge(case, answer):
    p = case.options.get("padding", 0)
    x = np.pad(case.inputs["x"], ((0, 0), (0, 0), (p, p), (p, p)), mode="edge")
    changed = replace(case, inputs={**case.inputs, "x": x}, options={**case.options, "padding": 0})
    return oracle.answer("Conv2d", changed)["output"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_recognised(kind):
    with np.errstate(all="ignore"):
        assert told(*KINDS[kind]).id == kind


def test_a_forward_with_the_kernel_turned_is_recognised():
    make = asked("Conv2d", "output", inputs=inputs(weight=turned))
    assert told("Conv2d", "output", make).id == "flipped"


def test_all_of_several_maxima_are_paid():
    case, answer = next((c, a) for c, a in oracle.answers("MaxPool2d", 0) if c.name == "all equal")
    everywhere = np.full_like(answer["grad_input"], answer["grad_output"].sum())
    failure = Failure(case, "backward", "grad_input", "values", everywhere, answer["grad_input"])
    plain = next(c for c, _ in oracle.answers("MaxPool2d", 0) if c.name == "base")
    assert diagnose("MaxPool2d", [failure], [plain]).id == "ties"


@pytest.mark.parametrize("name", ["sign", "scaled", "ignores_option:betas", "lagging", "stateless"])
def test_a_kind_of_update_is_recognised(name):
    case = next(c for c, _ in oracle.answers("Adamax", 0) if c.name == "10 steps")
    step = 1 if name == "lagging" else 4
    update = Failure(case, "optimizer", "update", "values", np.zeros(1), np.zeros(1), step=step)
    expected = updates.Update("Adamax", update)
    move = expected._move(case, "param0")
    grad = case.inputs[f"param0.grad{step}"]
    yours = {
        "sign": -move,
        "scaled": 3 * move,
        "ignores_option:betas": expected._move(replace(case, options={"betas": (0.0, 0.999)}), "param0"),
        "lagging": 0 * move,
        "stateless": -0.01 * np.sign(grad) * np.abs(grad) / (np.abs(grad) + 1e-8),
    }[name]  # fmt: skip
    failure = replace(update, yours=yours, expected=move)
    assert diagnose("Adamax", [failure], []).id == name


def test_several_parameters_with_one_state():
    cases = {c.name: c for c, _ in oracle.answers("Adamax", 0)}
    failure = Failure(cases["two parameters"], "optimizer", "update", "values", step=2)
    assert diagnose("Adamax", [failure], [cases["3 steps"]]).id == "shared_state"


@pytest.mark.parametrize(
    "shape", [(), (0,), (1,), (7,), (2, 2), (5, 4, 1), (2, 3, 6, 5), (1, 1, 1, 1, 1)]
)
def test_no_array_is_too_odd_to_be_asked_about(shape):
    """Whatever a student returns, the questions have an answer: they never raise."""
    questions = (*arrays.FINGERPRINTS, *backward.COUNTERFACTUALS, *forward.COUNTERFACTUALS)
    assert questions
    for layer in ("Linear", "Conv2d", "MaxPool2d", "ReLU", "LogSoftmax", "NLLLoss"):
        case, answer = oracle.answers(layer, 0)[0]
        for where in ("output", "grad_input", "grad_weight", "grad_bias"):
            for fill in (np.nan, 0.0, 1.5):
                if where in answer:
                    check = CHECK.get(where, "backward")
                    yours = np.full(shape, fill)
                    failure = Failure(case, check, where, "values", yours, answer[where])
                    assert diagnose(layer, [failure], []).id


def test_hints_are_short_and_give_no_number_away():
    assert all(len(sentence) <= 140 for sentence in CHANGE.values())
    for kind, sentences in SAID.items():
        for sentence in sentences:
            assert len(sentence) <= 140, kind
    cause = told(*KINDS["forward_differs"])
    _, answer = oracle.answers("Linear", 0)[0]
    for sentence in (cause.axis, cause.cause, cause.line):
        assert sentence
        assert f"{answer['output'].flat[0]:.3f}" not in sentence
    assert say("ignores_option:stride").cause.startswith("stride makes no difference")


def test_a_cause_needs_most_of_the_failures():
    """One case that looks like another mistake by chance does not decide."""
    case, answer = oracle.answers("Linear", 0)[0]
    expected = answer["grad_weight"]
    cubed = Failure(case, "backward", "grad_weight", "values", expected**3, expected)
    doubled = replace(cubed, yours=2 * expected)
    assert diagnose("Linear", [cubed, cubed, doubled]).id == "backward_differs"
    assert diagnose("Linear", [cubed, doubled, doubled]).id == "scaled"
    assert options.layout("Linear", [cubed], [case]) is None
    assert Evidence("Linear", cubed).if_(inputs={"x": np.ones((5, 9))}) is None


SAMPLE = [m for m in CLASSIC if m.name in ("weight gradient transposed", "crop starts at 0", "overlapping windows overwrite", "one mask for all calls", "normalises over the other axis", "'sum' has the gradient of 'mean'", "one step counter for all parameters")]  # fmt: skip


def test_a_sample_of_the_mistakes_is_caught_and_named():
    assert len(SAMPLE) >= 7
    assert [str(one) for one in measure(SAMPLE) if not one.named] == []


@pytest.mark.long
@pytest.mark.parametrize("mistakes", [CLASSIC, FURTHER], ids=["classic", "further"])
def test_all_mistakes_are_caught_and_most_named(mistakes):
    measured = [one for one in measure(mistakes) if not one.equivalent]
    assert [str(one) for one in measured if not one.caught] == []
    assert sum(one.named for one in measured) >= 0.9 * len(measured)


@pytest.mark.long
def test_mistakes_that_nobody_tuned_for_are_caught():
    measured = list(measure(UNSEEN))
    assert [str(one) for one in measured if not one.caught] == []
    assert sum(one.named for one in measured) >= 0.8 * len(measured)
