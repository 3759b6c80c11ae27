"""Module: what it owns, in which order, and what it says."""

import numpy as np
import pytest


def network(torch):
    """Nested, with a buffer of each kind, a shared module and a parameter of its own."""
    nn = torch.nn

    class Network(nn.Module):
        def __init__(self, width):
            super(Network, self).__init__()  # noqa: UP008  the assignment's way
            shared = nn.Linear(width, width)
            self.register_buffer("mean", torch.zeros(width))
            self.body = nn.Sequential(nn.Linear(3, width), nn.ReLU(), shared, nn.Sequential(shared))
            self.scale = nn.Parameter(torch.ones(width))
            self.register_buffer("scratch", torch.zeros(1), persistent=False)
            self.head = shared
            self.nothing = None
            self.register_parameter("missing", None)
            self.frozen = nn.Parameter(torch.ones(2), requires_grad=False)

        def forward(self, x):
            return self.body(x) * self.scale + self.mean

    torch.manual_seed(1)
    return Network(4)


LISTS = {
    "named_parameters": lambda m: [(n, p.shape) for n, p in m.named_parameters()],
    "with duplicates": lambda m: [n for n, _ in m.named_parameters(remove_duplicate=False)],
    "own parameters": lambda m: [n for n, _ in m.named_parameters(recurse=False)],
    "prefix": lambda m: [n for n, _ in m.named_parameters(prefix="net")],
    "parameters": lambda m: [p.detach() for p in m.parameters()],
    "named_buffers": lambda m: [n for n, _ in m.named_buffers()],
    "buffers": lambda m: len(list(m.buffers())),
    "named_modules": lambda m: [(n, type(x).__name__) for n, x in m.named_modules()],
    "modules": lambda m: [type(x).__name__ for x in m.modules()],
    "named_children": lambda m: [n for n, _ in m.named_children()],
    "children": lambda m: [type(x).__name__ for x in m.children()],
    "state_dict": lambda m: m.state_dict(),
    "state_dict prefix": lambda m: list(m.state_dict(prefix="net.")),
    "requires_grad": lambda m: [p.requires_grad for p in m.parameters()],
    "training": lambda m: [x.training for x in m.eval().modules()],
    "repr": repr,
    "repr of a child": lambda m: repr(m.body),
    "get_submodule": lambda m: repr(m.get_submodule("body.3.0")),
    "get_submodule of nothing": lambda m: m.get_submodule("") is m,
    "dir": lambda m: {"body", "scale", "mean", "forward"} <= set(dir(m)),
    "frozen": lambda m: [p.requires_grad for p in m.requires_grad_(False).parameters()],
    "hasattr": lambda m: [hasattr(m, n) for n in ("mean", "missing", "nothing", "never")],
    "values": lambda m: m(m.scale.detach()[:3]),
}


@pytest.mark.parametrize("what", LISTS)
def test_contents(agree, what):
    agree(lambda torch: LISTS[what](network(torch)), rtol=1e-6)


def test_apply_reaches_children_before_their_parent(agree):
    def order(torch):
        seen = []
        network(torch).apply(lambda m: seen.append(type(m).__name__))
        return seen

    agree(order)


def test_train_and_eval_return_the_module(torch):
    net = network(torch)
    assert net.eval() is net
    assert not net.body[0].training
    assert net.train() is net
    assert net.body[0].training


def test_the_state_shares_memory_and_takes_no_part_in_the_graph(torch):
    net = network(torch)
    state = net.state_dict()
    assert not state["scale"].requires_grad
    with torch.no_grad():
        net.scale.zero_()
    assert state["scale"].tolist() == [0.0] * 4
    assert net.state_dict(keep_vars=True)["scale"] is net.scale


def test_an_attribute_is_replaced(agree):
    def replace(torch):
        nn, net = torch.nn, network(torch)
        net.scale = nn.Parameter(torch.zeros(4))
        net.head = nn.Linear(1, 1)
        net.mean = torch.ones(4)
        net.frozen = None
        net.nothing = nn.Linear(2, 1)
        return list(net.state_dict()), repr(net), net.mean

    agree(replace)


def test_a_plain_attribute_becomes_a_parameter_and_a_module(agree):
    def change(torch):
        m = torch.nn.Module()
        m.a = 1
        m.a = torch.nn.Parameter(torch.ones(1))
        first = list(m.state_dict())
        m.b = torch.nn.ReLU()
        m.b = torch.nn.Linear(1, 1)
        with pytest.raises(TypeError, match="ReLU' as parameter 'a'"):
            m.a = torch.nn.ReLU()
        return first, list(m.state_dict()), repr(m), sorted(m.__dict__.keys() & {"a", "b"})

    agree(change)


def test_attributes_are_deleted(torch):
    net = network(torch)
    del net.scale, net.mean, net.head, net.training
    assert [n for n in ("scale", "mean", "head") if hasattr(net, n)] == []
    assert "scale" not in net.state_dict()


def test_zero_grad(torch):
    net = torch.nn.Linear(2, 1)
    net(torch.ones(2)).backward()
    net.zero_grad(set_to_none=False)
    assert net.weight.grad.tolist() == [[0.0, 0.0]]
    net.zero_grad()
    net.zero_grad(set_to_none=False)
    assert net.weight.grad is None


def test_hooks_may_change_what_goes_in_and_out(agree):
    def run(torch):
        torch.manual_seed(0)
        seen = []
        layer = torch.nn.Linear(2, 2)
        before = layer.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
        after = layer.register_forward_hook(lambda m, args, out: seen.append(args[0]) or out + 1)
        x = torch.ones(1, 2)
        hooked = layer(x)
        before.remove()
        after.remove()
        after.remove()
        return hooked, layer(x), seen

    agree(run, rtol=1e-6)


def test_hooks_are_called_in_order_and_need_not_return(agree):
    def run(torch):
        seen = []
        torch.manual_seed(0)
        layer = torch.nn.Linear(2, 2)
        layer.register_forward_pre_hook(lambda m, args: seen.append("before"))
        layer.register_forward_pre_hook(lambda m, args: args[0] * 2, prepend=True)
        layer.register_forward_hook(lambda m, args, out: seen.append(args[0]))
        layer.register_forward_hook(lambda m, args, out: seen.append("first"), prepend=True)
        return layer(torch.ones(1, 2)), seen

    agree(run, rtol=1e-6)


@pytest.mark.parametrize("cast", ["double", "float", "to"])
def test_casts_reach_parameters_buffers_and_gradients(agree, cast):
    def run(torch):
        net = network(torch)
        weight = net.scale
        net(torch.ones(3)).sum().backward()
        net.register_buffer("count", torch.tensor([1, 2]))
        result = net.to(torch.float64) if cast == "to" else getattr(net, cast)()
        assert result is net
        assert net.scale is weight
        return net.state_dict(), [p.grad for p in net.parameters()]

    agree(run, rtol=1e-6)


def test_a_cast_module_trains(agree):
    def run(torch):
        torch.manual_seed(0)
        net = torch.nn.Linear(3, 2)
        net(torch.ones(3)).sum().backward()
        net.double()
        net(torch.ones(3, dtype=torch.float64)).sum().backward()
        grown = net.weight.grad.clone()
        net.zero_grad()
        net(torch.ones(3, dtype=torch.float64)).sum().backward()
        return grown, net.weight.grad, net.weight.detach()

    agree(run)


def test_users_modules_need_their_super(same_error):
    def forget(torch, value):
        class Forgetful(torch.nn.Module):
            def __init__(self):
                self.layer = value

        return Forgetful()

    same_error(lambda torch: forget(torch, torch.nn.Linear(1, 1)))
    same_error(lambda torch: forget(torch, torch.nn.Parameter(torch.ones(1))))


def test_a_plain_attribute_may_come_before_super(torch):
    class Plain(torch.nn.Module):
        def __init__(self):
            self.width = 3
            super().__init__()
            self.layer = torch.nn.Linear(self.width, 1)

    assert Plain().layer.weight.shape == (1, 3)


def test_modules_set_to_none_keep_their_place(agree):
    def run(torch):
        m = torch.nn.Module()
        m.first = torch.nn.Linear(1, 1)
        m.second = torch.nn.ReLU()
        m.first = None
        m.add_module("third", None)
        seen = [n for n, _ in m.named_modules()], [n for n, _ in m.named_children()]
        empty = repr(m), seen, list(m.state_dict()), m.first is m.third is None
        m.first = torch.nn.Tanh()
        return empty, repr(m)

    agree(run)


def test_a_parameter_is_no_result(torch):
    result = torch.nn.Parameter(torch.ones(1)) * 2
    result.__class__ = torch.nn.Parameter
    with pytest.raises(ValueError, match="Cannot assign non-leaf Tensor to parameter 'p'"):
        torch.nn.Module().register_parameter("p", result)


def test_on_the_cpu_already(torch):
    layer = torch.nn.Linear(1, 1)
    assert layer.cpu() is layer.to("cpu") is layer
    assert layer.weight.dtype is torch.float32


def own(torch):
    module = torch.nn.Module()
    module.lin = torch.nn.Linear(2, 2)
    module.par = torch.nn.Parameter(torch.ones(1))
    module.register_buffer("buf", torch.ones(1))
    return module


def early(torch, register):
    class Early(torch.nn.Module):
        def __init__(self):
            register(self)

    return Early()


MISTAKES = {
    "a buffer too early": lambda torch, m: early(torch, lambda e: e.register_buffer("b", None)),
    "no forward": lambda torch, m: m(1),
    "a number for a module": lambda torch, m: setattr(m, "lin", 3),
    "a tensor for a parameter": lambda torch, m: setattr(m, "par", torch.ones(1)),
    "no such attribute": lambda torch, m: m.nothing,
    "no such attribute to delete": lambda torch, m: delattr(m, "nothing"),
    "a dot": lambda torch, m: m.register_parameter("a.b", None),
    "no name": lambda torch, m: m.add_module("", None),
    "no text": lambda torch, m: m.register_parameter(3, None),
    "taken": lambda torch, m: m.register_buffer("lin", None),
    "taken by a method": lambda torch, m: m.register_parameter("forward", None),
    "a tensor as parameter": lambda torch, m: m.register_parameter("q", torch.ones(1)),
    "a number as buffer": lambda torch, m: m.register_buffer("q", 3),
    "a number as module": lambda torch, m: m.add_module("q", 3),
    "no submodule": lambda torch, m: m.get_submodule("lin.foo"),
    "a mode": lambda torch, m: m.train("x"),
    "integers": lambda torch, m: m.to(torch.int64),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(same_error, mistake):
    same_error(lambda torch: MISTAKES[mistake](torch, own(torch)))


def test_a_buffer_stays_a_tensor(torch):
    with pytest.raises(TypeError, match="cannot assign 'int' as buffer 'buf'"):
        own(torch).buf = 3


def test_parameters(agree):
    def run(torch):
        data = torch.tensor([1.0, 2.0])
        p = torch.nn.Parameter(data)
        with torch.no_grad():
            p += 1
        frozen = torch.nn.Parameter(data, requires_grad=False)
        nothing = torch.nn.Parameter()
        assert nothing.requires_grad
        return (
            repr(nothing),
            repr(p),
            data,
            p.is_leaf,
            frozen.requires_grad,
            isinstance(p, torch.Tensor),
        )

    agree(run)


def test_a_copy_is_independent(agree):
    import copy

    def run(torch):
        net = network(torch)
        twin = copy.deepcopy(net)
        with torch.no_grad():
            twin.body[2].weight.zero_()
        shared = twin.head is twin.body[2]
        return net.state_dict(), twin.state_dict(), shared, repr(twin)

    agree(run)


def test_networks_look_alike(agree):
    from pt_reference import networks

    def text(torch):
        made = [networks.mlp, networks.cnn, networks.svhn]
        return [repr(networks.classifier(make(torch.nn), torch.nn)) for make in made]

    agree(text)


def test_networks_compute_alike(agree):
    from pt_reference import networks

    images = np.random.default_rng(0).uniform(0, 16, (5, 64))

    def run(torch):
        torch.manual_seed(3)
        made = [networks.mlp, networks.cnn]
        nets = [networks.classifier(make(torch.nn), torch.nn).double() for make in made]
        x, y = torch.tensor(images), torch.arange(5)
        losses = [net(x, y) for net in nets]
        sum(losses).backward()
        grads = [p.grad for net in nets for p in net.parameters()]
        return losses, grads, [net.classify(x) for net in nets]

    agree(run, rtol=1e-10, atol=1e-13)
