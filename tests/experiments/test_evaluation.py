"""Sums over examples, one forward pass a batch, the assignment's lines."""

import numpy as np
import pytest

from experiments.backend import NAMES, Backend
from experiments.digits import Digits
from experiments.evaluation import evaluation
from pt_reference import networks


@pytest.fixture(params=NAMES)
def double(request):
    return Backend(request.param, dtype="float64")


def test_agrees_with_one_batch_of_everything(double):
    """350 examples are five batches of 64 and one of 30: a mean of means would be another value."""
    data = Digits("val")
    model = double.classifier(networks.mlp, seed=1)
    whole = evaluation(double.loader(data, 350), model, double)
    short = evaluation(double.loader(data, 64), model, double)
    assert short.nll == pytest.approx(whole.nll, rel=1e-12)
    assert short.ce == whole.ce
    np.testing.assert_array_equal(short.predicted, whole.predicted)

    x, y = double.batch(*next(iter(double.loader(data, 350))))
    assert whole.nll == pytest.approx(model(x, y).item(), rel=1e-12)
    np.testing.assert_array_equal(whole.predicted, double.array(model.classify(x)))
    assert whole.ce == np.mean(whole.predicted != data.targets)


def test_evaluates_in_eval_mode_without_a_graph_once_a_batch(backend):
    model = backend.classifier(networks.mlp, seed=0)
    model.train()
    seen = []
    forward = model.classnet.forward

    def watched(x):
        out = forward(x)
        seen.append((x.shape[0], model.training, out.requires_grad))
        return out

    model.classnet.forward = watched
    evaluation(backend.loader(Digits("val"), 200), model, backend)
    assert seen == [(200, False, False), (150, False, False)]


def test_lines_are_the_assignments(backend, capsys):
    model = backend.classifier(networks.mlp, seed=0)
    loader = backend.loader(Digits("val"), 64)
    for epoch in (0, 1, 10, 15):
        result = evaluation(loader, model, backend, epoch)
    evaluation(loader, model, backend)
    values = f"nll={result.nll!r}, {{}}ce={result.ce!r}"
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch: 0, val {values.format('val ')}",
        f"Epoch: 10, val {values.format('val ')}",
        f"-> FINAL PERFORMANCE: {values.format('')}",
    ]
