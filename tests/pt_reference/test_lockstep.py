"""Planted faults are named: step, tensor, element, and the decision that was turned."""

import numpy as np
import pytest
import torch

import minigrad
from pt_reference import networks
from pt_reference.decisions import Watch, first_difference
from pt_reference.lockstep import Twin, lockstep
from pt_reference.outcome import _difference

ROWS = 40


class Samples:
    """Random images with labels, or the same ones backwards."""

    def __init__(self, backwards=False):
        rng = np.random.default_rng(0)
        step = -1 if backwards else 1
        self.x = rng.normal(size=(ROWS, 64))[::step]
        self.y = rng.integers(0, 10, ROWS)[::step]

    def __len__(self):
        return ROWS

    def __getitem__(self, index):
        return self.x[index], int(self.y[index])


def twin(package, network=networks.mlp, dtype="float64", epochs=2, samples=None, shuffle=True):
    package.manual_seed(0)
    dtype = getattr(package, dtype)
    model = networks.classifier(network(package.nn), package.nn).to(dtype)
    optimizer = package.optim.Adamax(model.parameters(), lr=1e-3, weight_decay=1e-5)
    loader = package.utils.data.DataLoader(samples or Samples(), batch_size=16, shuffle=shuffle)
    epochs = (((x.to(dtype), y) for x, y in loader) for _ in range(epochs))
    return Twin(model, optimizer, epochs)


@pytest.mark.parametrize("network", [networks.mlp, networks.cnn])
def test_faithful_twins_do_not_part(network):
    outcome = lockstep(twin(minigrad, network, epochs=4), twin(torch, network, epochs=4), 1e-10)
    assert (outcome.parting, outcome.decision, outcome.steps) == (None, None, 12)
    assert str(outcome).startswith("In 12 steps no tensor parts by more than 1e-10 of its scale")
    assert sorted(outcome.growth) == [0, 1, 10, 12]
    assert "no max-pool or ReLU decides differently. Their rounding is all" in str(outcome)


def test_the_hooks_are_taken_away():
    ours, theirs = twin(minigrad, epochs=1), twin(torch, epochs=1)
    lockstep(ours, theirs)
    for model in (ours.model, theirs.model):
        assert not any(layer._forward_pre_hooks for layer in model.modules())


@pytest.mark.parametrize("changed", [minigrad, torch])
def test_one_weight_changed(changed):
    twins = {package: twin(package) for package in (minigrad, torch)}
    with changed.no_grad():
        twins[changed].model.classnet[4].weight[3, 5] += 1e-4
    outcome = lockstep(twins[minigrad], twins[torch])
    p = outcome.parting
    assert (p.step, p.tensor, p.index) == (0, "parameter classnet.4.weight", (3, 5))
    assert abs(p.values[0] - p.values[1]) == pytest.approx(1e-4)
    assert "part before step 1: parameter classnet.4.weight [3, 5] is" in str(outcome)
    assert outcome.losses == []


def test_one_weight_changed_in_the_middle_of_training():
    ours = twin(minigrad)

    step = ours.optimizer.step
    calls = []

    def faulty():
        step()
        calls.append(1)
        if len(calls) == 5:
            with minigrad.no_grad():
                ours.model.classnet[2].bias[7] += 1e-6

    ours.optimizer.step = faulty
    p = lockstep(ours, twin(torch)).parting
    assert (p.step, p.epoch, p.batch) == (5, 2, 2)
    assert (p.tensor, p.index) == ("parameter classnet.2.bias", (7,))


class Wrong(minigrad.autograd.Function):
    """The identity, with a gradient that is 1 % too large."""

    @staticmethod
    def forward(ctx, x):
        return x * 1.0

    @staticmethod
    def backward(ctx, grad):
        return grad * 1.01


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_wrong_gradient_is_named_where_backward_meets_it_first(dtype):
    ours = twin(minigrad, dtype=dtype)
    layer = ours.model.classnet[4]
    forward = layer.forward
    layer.forward = lambda x: Wrong.apply(forward(x))
    outcome = lockstep(ours, twin(torch, dtype=dtype))
    p = outcome.parting
    assert (p.step, p.tensor) == (1, "gradient of classnet.4.bias")
    assert p.difference == pytest.approx(0.01 / 1.01, rel=1e-3)
    assert p.values[0] == pytest.approx(1.01 * p.values[1], rel=1e-3)
    assert "the two compute different things" in str(outcome)


class Noise(minigrad.autograd.Function):
    """The identity, with a gradient that is off in column 5 by as little as rounding is."""

    @staticmethod
    def forward(ctx, x):
        return x * 1.0

    @staticmethod
    def backward(ctx, grad):
        return grad + 1e-7 * (minigrad.arange(64) == 5)


def test_a_step_of_nothing_but_rounding_is_no_difference():
    """A pixel that is never lit has no gradient; of 1e-7 Adamax makes nine tenths of a step."""
    samples = Samples()
    samples.x[:, 5] = 0.0
    ours, theirs = (twin(p, dtype="float32", samples=samples) for p in (minigrad, torch))
    layer = ours.model.classnet[0]
    weights = []
    layer.forward = lambda x: minigrad.nn.functional.linear(
        x, Noise.apply(layer.weight), layer.bias
    )
    for side in (ours, theirs):
        side.optimizer.param_groups[0]["weight_decay"] = 0.0
    outcome = lockstep(ours, theirs)
    for side in (ours, theirs):
        weights.append(side.model.classnet[0].weight.detach().numpy()[:, 5])
    assert outcome.parting is None
    assert np.abs(weights[0] - weights[1]).min() > 1e-3  # a full step in each of 6


def test_a_gradient_that_is_missing():
    ours = twin(minigrad)
    ours.model.classnet[8].bias.requires_grad_(False)
    p = lockstep(ours, twin(torch)).parting
    assert (p.step, p.tensor, p.difference) == (1, "gradient of classnet.8.bias", 1.0)
    assert p.values[0] == 0


def test_another_order_of_the_batches():
    ours = twin(minigrad, samples=Samples(backwards=True), shuffle=False)
    outcome = lockstep(ours, twin(torch, shuffle=False))
    p = outcome.parting
    assert (p.step, p.epoch, p.batch, p.tensor) == (1, 1, 1, "batch x")
    assert str(outcome).endswith("The two were given different numbers.")


def test_another_number_of_batches():
    with pytest.raises(ValueError, match="longer"):
        lockstep(twin(minigrad, epochs=1), twin(torch, epochs=2))


def test_rounding_that_grows_is_called_so():
    outcome = lockstep(twin(minigrad, dtype="float32"), twin(torch, dtype="float32"), 1e-9)
    assert outcome.decision is None
    assert "No max-pool or ReLU decides differently: rounding has grown" in str(outcome)


def pooled(nn):
    """The two channels of an image added up, the largest of four pixels, two classes."""
    return nn.Sequential(
        nn.Conv2d(2, 1, 1), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1, 2), nn.LogSoftmax(dim=1)
    )


def near_tie(package, weight):
    """Pixel (0, 0) of the second image has the first weight for its value, (1, 1) the second."""
    twin_ = twin(package, pooled, "float32")
    with package.no_grad():
        twin_.model.classnet[0].weight.copy_(package.tensor(weight).view(1, 2, 1, 1))
        twin_.model.classnet[0].bias.zero_()
    x = np.zeros((2, 2, 2, 2), np.float32)
    x[0, :, 0, 1] = 1  # the first image leaves no doubt
    x[1, 0, 0, 0] = x[1, 1, 1, 1] = 1
    batch = package.tensor(x), package.tensor([0, 1])
    return Twin(twin_.model, twin_.optimizer, [[batch]])


def test_a_near_tie_that_falls_the_other_way():
    above = float(np.nextafter(np.float32(1), np.float32(2)))
    outcome = lockstep(near_tie(minigrad, [1.0, above]), near_tie(torch, [above, 1.0]))
    assert (outcome.parting.step, outcome.parting.tensor) == (1, "gradient of classnet.0.weight")
    d = outcome.decision
    assert (d.layer, d.kind, d.index) == ("classnet.1", "MaxPool2d", (1, 0, 0, 0))
    assert d.choices == ("pixel (1, 1) wins", "pixel (0, 0) wins")
    assert d.values == ((np.float32(above), 1), (np.float32(above), 1))
    assert d.margin == pytest.approx(6e-8, rel=0.1)  # of the largest value, which is 2
    assert (
        "In this step, classnet.1 (MaxPool2d) decides differently at sample 1, channel 0, row 0, "
        "column 0: in minigrad pixel (1, 1) wins, 1.0000001 against 1.0; in torch pixel (0, 0) "
        "wins, 1.0000001 against 1.0. That is 6e-08 of the layer's largest value: a near-tie, "
        "decided by rounding"
    ) in str(outcome)


def decided(layer, layer2, x, x2):
    """Return the first difference between two modules, one of each framework."""
    with Watch(layer) as ours, Watch(layer2) as theirs:
        layer(minigrad.tensor(x))
        layer2(torch.tensor(x2))
    return first_difference(ours, theirs)


def test_a_unit_that_is_on_in_one_alone():
    x = np.full((3, 4), 2.0)
    x2 = x.copy()
    x[2, 1], x2[2, 1] = 1e-9, 0.0  # at zero a unit is off
    d = decided(minigrad.nn.ReLU(), torch.nn.ReLU(), x, x2)
    assert (d.index, d.choices, d.margin) == ((2, 1), ("the unit is on", "the unit is off"), 5e-10)
    assert "at sample 2, unit 1: in minigrad the unit is on, 1e-09 against 0.0; in torch" in d.text(
        ("minigrad", "torch")
    )


def test_windows_that_overlap_and_are_not_square():
    x = np.zeros((1, 1, 5, 7))
    x2 = x.copy()
    x[0, 0, 3, 4] = x2[0, 0, 4, 3] = 1.0
    sizes = (3, 2), (2, 1)
    d = decided(minigrad.nn.MaxPool2d(*sizes), torch.nn.MaxPool2d(*sizes), x, x2)
    assert (d.index, d.choices) == ((0, 0, 1, 2), ("pixel (2, 2) wins", "pixel (4, 3) wins"))


def test_equal_pixels_go_to_the_first_in_both():
    assert (
        decided(minigrad.nn.MaxPool2d(2), torch.nn.MaxPool2d(2), *[np.ones((1, 1, 4, 4))] * 2)
        is None
    )


def test_a_decision_without_consequence_is_not_taken_for_the_cause():
    """In step 1 the last layer is all zeros, so that no gradient comes back to the near-tie."""
    above = float(np.nextafter(np.float32(1), np.float32(2)))
    ours, theirs = near_tie(minigrad, [1.0, above]), near_tie(torch, [above, 1.0])
    twins = []
    for package, one in ((minigrad, ours), (torch, theirs)):
        ((batch,),) = one.epochs
        with package.no_grad():
            one.model.classnet[3].weight.zero_()
        sgd = package.optim.SGD(one.model.parameters(), lr=0.5)
        twins.append(Twin(one.model, sgd, [[batch, batch]]))
    outcome = lockstep(*twins)
    assert outcome.parting.step == outcome.steps == 2
    assert outcome.parting.tensor == "gradient of classnet.0.weight"
    assert list(outcome.decisions) == [1, 2]
    assert "In this step, classnet.1" in str(outcome)
    assert str(outcome).endswith("(Others differ from step 1 on, with no such consequence.)")


def test_differences():
    nan, inf = np.nan, np.inf
    assert _difference(np.array([1.0, nan, inf]), np.array([1.0, nan, inf])) == (0.0, (0,))
    assert _difference(np.array([1.0, nan]), np.array([1.0, 2.0])) == (inf, (1,))
    assert _difference(np.array([inf, 1.0]), np.array([inf, 2.0])) == (0.5, (1,))
    assert _difference(np.array([inf]), np.array([-inf])) == (inf, (0,))
    assert _difference(np.zeros((0, 2)), np.zeros((0, 2))) == (0.0, ())
    assert _difference(np.array([2, 3]), np.array([2, 6])) == (0.5, (1,))  # labels
