"""In-place changes: counted, refused where they cannot be, noticed where they would be wrong."""

import pytest

import minigrad

CHANGED = "modified by an inplace operation.*is at version 1; expected version 0"


def test_versions_count_the_changes(torch):
    x = torch.zeros(3)
    versions = [x._version]
    for change in (
        lambda: x.add_(1),
        lambda: x.mul_(2),
        lambda: x.zero_(),
        lambda: x.__setitem__(0, 5.0),
        lambda: x.copy_(torch.ones(3)),
        lambda: x.fill_(2.0),
        lambda: x.sub_(1),
        lambda: x.div_(2),
    ):
        change()
        versions.append(x._version)
    assert versions == list(range(9))


def test_augmented_assignment_is_in_place(torch):
    x = y = torch.ones(2)
    x += 1
    x *= 3
    x -= 2
    x /= 4
    assert x is y
    assert (y._version, y.tolist()) == (4, [1.0, 1.0])


def test_a_view_counts_with_its_base(torch):
    x = torch.zeros(4)
    view = x.view(2, 2)
    view[0, 0] = 1.0
    cut = x.detach()
    cut += 1
    assert (x._version, view._version, cut._version) == (2, 2, 2)
    assert x.clone()._version == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(1),
        lambda x: x.__setitem__(0, 1.0),
        lambda x: x.zero_(),
        lambda x: x.__iadd__(1),
    ],
)
def test_a_leaf_that_requires_grad_is_refused(torch, change):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"a leaf Variable that requires grad .*in-place"):
        change(x)
    assert x.tolist() == [1.0, 1.0]


def test_a_leaf_may_change_under_no_grad(torch):
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        x -= 0.5
    assert x.tolist() == [0.5, 0.5]
    assert x.requires_grad
    assert x.is_leaf


@pytest.mark.parametrize(
    "operation", [lambda x: x * x, lambda x: x @ x, lambda x: x**2, lambda x: x.log()]
)
def test_a_changed_input_is_noticed(torch, operation):
    x = torch.ones(2, 2, requires_grad=True)
    middle = x * 1
    loss = operation(middle).sum()
    middle.add_(1)
    with pytest.raises(RuntimeError, match=CHANGED):
        loss.backward()


@pytest.mark.parametrize("operation", [lambda x: x.exp(), lambda x: x.relu(), lambda x: x.sqrt()])
def test_a_changed_output_is_noticed(torch, operation):
    x = torch.ones(2, requires_grad=True)
    y = operation(x)
    loss = y.sum()
    y.add_(1)
    with pytest.raises(RuntimeError, match=CHANGED):
        loss.backward()


def test_minigrad_names_the_operation_that_saved_it():
    middle = minigrad.ones(2, requires_grad=True) * 1
    loss = (middle * middle).sum()
    middle.add_(1)
    with pytest.raises(RuntimeError, match="output 0 of AddBackward, saved by MulBackward"):
        loss.backward()


def test_a_changed_weight_is_noticed(torch):
    """The usual mistake: an optimizer's step between forward and a second backward."""
    w = torch.ones(2, 2, requires_grad=True)
    x = torch.ones(2, 2, requires_grad=True)
    loss = (x @ w).sum()
    loss.backward(retain_graph=True)
    with torch.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match=CHANGED):
        loss.backward()


def test_a_change_of_what_no_one_needs_is_recorded(agree):
    def change(torch):
        x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        y = x + 1
        y *= x
        y += 3
        y[0] = 7.0
        y.exp().backward(torch.tensor([2.0, 3.0], dtype=torch.float64))
        return y.detach(), x.grad

    agree(change, rtol=1e-12)


def test_a_value_written_into_a_constant_gets_its_gradient(torch):
    x = torch.tensor(3.0, requires_grad=True)
    y = torch.zeros(2)
    y[1] = x * 2
    assert y.requires_grad
    (y * 5).sum().backward()
    assert x.grad.item() == 10.0


def test_minigrad_refuses_what_it_cannot_record():
    x = minigrad.ones(4, requires_grad=True) * 1
    view = x.view(2, 2)
    with pytest.raises(RuntimeError, match="does not record an in-place change of memory that sev"):
        view.add_(1)


def test_shapes_and_types_stay(torch):
    x = torch.ones(2)
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        x.add_(torch.ones(3, 2))
    with pytest.raises(RuntimeError, match="result type Float can't be cast"):
        torch.ones(2, dtype=torch.int64).add_(0.5)
