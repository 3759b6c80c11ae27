"""What holds on the fake device. `test_fake_device.py` runs this file in a process of its own."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from pt_reference import networks

from . import fake_gpu
from .fake_gpu import NAME

pytestmark = pytest.mark.usefixtures("device")


def network():
    """Return the layers that the networks are made of, and those of a better one."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding="same"),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.1),
        nn.Conv2d(8, 16, 3, padding="same"),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(256, 10),
        nn.LogSoftmax(dim=1),
    )


def images(n=100):
    numbers = torch.Generator().manual_seed(3)
    x = torch.randint(0, 256, (n, 3, 32, 32), dtype=torch.uint8, generator=numbers)
    return x, torch.randint(0, 10, (n,), generator=numbers)


def plain_loop(device):
    """Train as on a GPU: all data there as uint8, indexed there; return all that it came to."""
    torch.manual_seed(0)
    model = networks.classifier(network()).to(device, memory_format=torch.channels_last)
    x, y = (data.to(device) for data in images())
    optimizer = torch.optim.Adamax(model.parameters(), lr=1e-2, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=8)
    found = []
    for epoch in range(2):
        model.train()
        total = torch.zeros((), device=device)
        order = torch.randperm(len(y), generator=torch.Generator().manual_seed(epoch)).to(device)
        for rows in order.split(32):
            batch = x[rows].to(torch.float32, memory_format=torch.channels_last)
            with torch.autocast(device, enabled=False):
                loss = F.nll_loss(model.classnet(batch), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.detach() * len(rows)
        model.eval()
        with torch.no_grad():
            log_probabilities = model.classnet(x.float())
            wrong = (log_probabilities.argmax(dim=1) != y).sum()
        found += [total, wrong, log_probabilities]
    found += [*model.state_dict().values(), *optimizer.state_dict()["state"][0].values()]
    return [tensor.detach().to("cpu") for tensor in found]


def test_a_training_loop_computes_what_the_cpu_computes():
    on_cpu, on_device = plain_loop("cpu"), plain_loop(NAME)
    for ours, theirs in zip(on_device, on_cpu, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_torch_takes_it_for_its_accelerator():
    assert torch.accelerator.current_accelerator(check_available=True).type == NAME
    assert torch.tensor([1, 2], device=NAME).tolist() == [1, 2]
    assert torch.zeros(2, 3).to(NAME).device == torch.device(NAME, 0)


def here(*shape, dtype=torch.float32):
    return torch.ones(shape, dtype=dtype)


def there(*shape, dtype=torch.float32):
    return torch.ones(shape, dtype=dtype, device=NAME)


MIXES = {
    "sum": lambda: here(3) + there(3),
    "product with a scalar on the CPU": lambda: there(3) * here(),
    "total on the CPU, in place": lambda: here().add_(there()),
    "total on the device, in place": lambda: there().add_(here()),
    "total on the CPU, by +=": lambda: exec("total += loss", {"total": here(), "loss": there()}),
    "comparison": lambda: here(3) == there(3),
    "indices on the CPU": lambda: there(3)[here(2, dtype=torch.int64)],
    "indices on the device": lambda: here(3)[there(2, dtype=torch.int64)],
    "mask on the CPU": lambda: there(3)[here(3, dtype=torch.bool)],
    "assignment by a mask": lambda: there(3).__setitem__(here(3, dtype=torch.bool), 0.0),
    "where": lambda: torch.where(here(3, dtype=torch.bool), there(3), there(3)),
    "concatenation": lambda: torch.cat([there(3), here(3)]),
    "convolution": lambda: F.conv2d(there(1, 3, 8, 8), here(2, 3, 3, 3)),
    "linear": lambda: F.linear(here(2, 3), there(4, 3)),
    "batch norm": lambda: F.batch_norm(there(2, 3), here(3), here(3), training=True),
    "loss": lambda: F.nll_loss(there(2, 3), here(2, dtype=torch.int64)),
    "out": lambda: torch.add(there(3), there(3), out=here(3)),
    "weights of the loss": lambda: F.nll_loss(there(2, 3), there(2, dtype=int), weight=here(3)),
    "generator": lambda: torch.rand(3, device=NAME, generator=torch.Generator()),
    "numpy()": lambda: there(3).numpy(),
    "asarray": lambda: np.asarray(there(3)),
}


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_what_is_here_and_what_is_there_do_not_meet(mix):
    with pytest.raises((RuntimeError, TypeError)):
        mix()


def test_a_mix_that_raises_has_changed_nothing():
    total, loss = here(), there()
    with pytest.raises(RuntimeError, match=r"cpu torch\.float32 .* and fakegpu:0"):
        total += loss
    assert (total.item(), loss.item()) == (1.0, 1.0)


def test_it_notes_what_waits_for_the_device():
    loss = there(3).sum() * 2
    fake_gpu.waits.clear()
    loss += loss.detach() / 3
    assert fake_gpu.waits == []
    assert loss.item() == loss.to("cpu").numpy() == here().copy_(loss).item() == 8
    assert len(fake_gpu.waits) == 3
