"""The published network is the published one; each component changes what it says, and no more."""

import pytest
import torch
from torch import nn

from experiments.svhn.augmentation import augmented
from experiments.svhn.recipe import COMPONENTS, recipe
from experiments.svhn_command import COMPONENTS as OFFERED
from pt_reference import networks

BUDGET = 1_500_000


def kinds(model, kind):
    return [layer for layer in model.modules() if isinstance(layer, kind)]


def network(without=None):
    torch.manual_seed(0)
    return recipe("improved", without).network(nn)


def test_published_is_the_published_network_and_protocol():
    r = recipe("published")
    torch.manual_seed(5)
    ours = r.network(nn).state_dict()
    torch.manual_seed(5)
    theirs = networks.svhn().state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert (r.epochs, r.patience, r.lr, r.weight_decay, r.batch_size) == (100, 2, 1e-3, 1e-5, 256)
    assert (r.augment, r.schedule(None, 10)) == (None, None)


@pytest.mark.parametrize("without", [None, *COMPONENTS])
def test_within_the_budget_and_log_probabilities_come_out(without):
    model = network(without).eval()
    assert sum(p.numel() for p in model.parameters()) <= BUDGET
    out = model(torch.randint(0, 256, (2, 3, 32, 32)).float())
    torch.testing.assert_close(out.exp().sum(dim=1), torch.ones(2))


def test_the_command_offers_the_components_there_are():
    assert tuple(COMPONENTS) == OFFERED


def test_without_relu_and_batch_norm_and_dropout_and_depth():
    whole = network()
    convolutions = len(kinds(whole, nn.Conv2d))
    assert len(kinds(whole, nn.ReLU)) == len(kinds(whole, nn.BatchNorm2d)) == convolutions
    assert not kinds(network("relu"), nn.ReLU)
    assert not kinds(network("batch-norm"), nn.BatchNorm2d)
    assert not kinds(network("dropout"), nn.Dropout)
    assert len(kinds(network("depth"), nn.MaxPool2d)) == len(kinds(whole, nn.MaxPool2d))
    assert len(kinds(network("depth"), nn.Conv2d)) == len(kinds(whole, nn.MaxPool2d)) + 1
    for without, kind in {
        "relu": nn.ReLU, "batch-norm": nn.BatchNorm2d, "dropout": nn.Dropout,
    }.items():  # fmt: skip
        rest = [type(layer) for layer in network(without)]
        assert rest == [type(layer) for layer in whole if not isinstance(layer, kind)]


def test_normalised_images_have_one_brightness_and_contrast():
    x = torch.rand(4, 3, 32, 32) * 100
    brighter = 2 * x + 30
    whole, raw = network().eval(), network("normalise").eval()
    torch.testing.assert_close(whole(x), whole(brighter), atol=0.1, rtol=0)
    assert not torch.allclose(raw(x), raw(brighter), atol=0.1, rtol=0)
    even = torch.full((1, 3, 32, 32), 7.0)
    assert whole(even).isfinite().all()


@pytest.mark.parametrize("without", COMPONENTS)
def test_each_flag_changes_its_own_part_alone(without):
    """Of what is not the network: augmentation, and the schedule with its rate."""
    x = torch.rand(3, 3, 32, 32) * 255
    whole, less = recipe("improved"), recipe("improved", without)
    optimizer = torch.optim.Adamax([nn.Parameter(torch.zeros(1))])
    parts = {"geometry": without != "geometry", "colours": without != "colours"}
    chance = torch.rand(8, 3)
    expected = augmented(x, lambda _: chance, **parts)
    assert torch.equal(less.augment(x, lambda _: chance), expected)
    assert (less.schedule(optimizer, 10) is None) == (without == "schedule")
    assert (less.lr == whole.lr) == (without != "schedule")
    architecture = without in ("normalise", "relu", "batch-norm", "depth", "dropout")
    assert (str(network(without)) != str(network())) == architecture
    same = ("epochs", "patience", "weight_decay", "batch_size")
    assert [getattr(less, name) for name in same] == [getattr(whole, name) for name in same]


def test_the_schedule_is_moved_by_steps():
    optimizer = torch.optim.Adamax([nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = recipe("improved").schedule(optimizer, 50)
    rates = []
    for _ in range(50):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.5)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0, abs=1e-12)
