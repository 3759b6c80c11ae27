"""The published networks: keys, sizes, and the loss."""

import pytest

from pt_reference import networks


@pytest.mark.parametrize(
    ("network", "positions", "shape"),
    [
        (networks.mlp, [0, 2, 4, 6, 8], (3, 64)),
        (networks.cnn, [1, 3, 6, 8], (3, 64)),
        (networks.svhn, [0, 2, 4, 7, 9, 11], (3, 3, 32, 32)),
    ],
)
def test_keys_are_the_published_ones(backend, network, positions, shape):
    model = backend.classifier(network, seed=0)
    assert list(model.state_dict()) == [
        f"classnet.{i}.{kind}" for i in positions for kind in ("weight", "bias")
    ]
    out = model.classnet(backend.framework.zeros(*shape))
    assert tuple(out.shape) == (3, 10)
    assert out.exp().sum().item() == pytest.approx(3, rel=1e-5)


def test_loss_is_the_mean_unless_the_sum_is_asked_for(backend):
    model = backend.classifier(networks.mlp, seed=0)
    x = backend.framework.ones(4, 64)
    y = backend.framework.tensor([0, 3, 9, 9])
    assert model(x, y, reduction="sum").item() == pytest.approx(4 * model(x, y).item(), rel=1e-6)
    chosen = model.classnet(x)[0, [0, 3, 9, 9]].sum().item()
    assert model(x, y, reduction="sum").item() == pytest.approx(-chosen, rel=1e-6)
