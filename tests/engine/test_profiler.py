"""`minigrad.autograd.profiler`: what it counts, that it adds up, and that it leaves no trace."""

import importlib
import json
import threading

import numpy as np
import pytest

import minigrad as torch
from minigrad.autograd.profiler import profile, record_function
from minigrad.autograd.profiler_util import EventList, FunctionEvent
from minigrad.function import Function
from minigrad.functions.arithmetic import Add
from minigrad.optim import Optimizer
from pt_reference import networks


def methods():
    """Return every method that a profile replaces, by its class and name."""
    classes, found = [Function, Optimizer], {}
    for cls in classes:
        classes += cls.__subclasses__()
        found |= {(cls, name): value for name, value in vars(cls).items() if callable(value)}
    return found


class Step:
    """A training step of one of the assignment's networks, from the same seed each time."""

    def __init__(self, network=networks.mlp):
        torch.manual_seed(0)
        self.model = networks.classifier(network(torch.nn), torch.nn)
        self.optimizer = torch.optim.Adamax(self.model.parameters())
        self.x, self.y = torch.randn(8, 64), torch.randint(0, 10, (8,))

    def __call__(self):
        with record_function("forward"):
            loss = self.model(self.x, self.y)
        self.optimizer.zero_grad()
        with record_function("backward"):
            loss.backward()
        grads = [p.grad.numpy().copy() for p in self.model.parameters()]
        self.optimizer.step()
        return [loss.item(), *grads, *(p.detach().numpy() for p in self.model.parameters())]


def counts(prof):
    return {average.key: average.count for average in prof.key_averages()}


def test_calls_of_the_mlp_are_counted():
    step = Step()
    with profile() as prof:
        step()
        step()
    found = counts(prof)
    for name, calls in {"Linear": 5, "ReLU": 4, "LogSoftmax": 1, "NLLLoss": 1, "Mean": 1}.items():
        assert (found[name], found[f"{name}Backward"]) == (2 * calls, 2 * calls)
    blocks = ["forward", "backward"]
    blocks += ["Optimizer.step#Adamax.step", "Optimizer.zero_grad#Adamax.zero_grad"]
    assert [found[name] for name in blocks] == [2, 2, 2, 2]


def test_calls_of_the_cnn_are_counted():
    step = Step(networks.cnn)
    with profile() as prof:
        step()
    found = counts(prof)
    for name, calls in {"Conv2d": 2, "MaxPool2d": 2, "Linear": 2, "ReLU": 1}.items():
        assert (found[name], found[f"{name}Backward"]) == (calls, calls)
    # No gradient of the images: the first convolution asks for that of its kernel alone.
    assert (found["Conv2dInput"], found["Conv2dWeight"]) == (1, 2)


@pytest.mark.parametrize("network", [networks.mlp, networks.cnn])
def test_nothing_is_computed_otherwise(network):
    plain = Step(network)()
    step = Step(network)
    with profile(record_shapes=True):
        profiled = step()
    for one, other in zip(plain, profiled, strict=True):
        np.testing.assert_array_equal(one, other)


def test_self_times_add_up():
    step = Step(networks.cnn)
    with profile() as prof, record_function("step"):
        step()
    (whole,) = [e for e in prof.function_events if e.cpu_parent is None]
    assert whole.name == "step"
    assert prof.self_cpu_time_total == pytest.approx(whole.cpu_time_total, rel=1e-9)
    assert prof.self_cpu_time_total == pytest.approx(whole.time_range.elapsed_us(), rel=1e-6)
    averages = prof.key_averages()
    assert sum(a.self_cpu_time_total for a in averages) == pytest.approx(whole.cpu_time_total)
    for event in prof.function_events:
        assert 0 <= event.self_cpu_time_total <= event.cpu_time_total
        for child in event.cpu_children:
            assert child.cpu_parent is event
            assert event.time_range.start <= child.time_range.start
            assert child.time_range.end <= event.time_range.end
    total = prof.total_average()
    assert (total.key, total.count) == ("Total", len(prof.function_events))


def test_a_backward_has_the_number_of_its_forward():
    step = Step()
    with profile() as prof:
        step()
        step()
    events = prof.function_events
    forward = {e.sequence_nr: e.name for e in events if e.sequence_nr >= 0 and "Back" not in e.name}
    backward = [e for e in events if e.name.endswith("Backward")]
    assert len({e.sequence_nr for e in backward}) == len(backward) == 24
    assert all(forward[e.sequence_nr] == e.name.removesuffix("Backward") for e in backward)


def test_of_what_was_recorded_before_there_is_no_number():
    y = torch.ones(2, requires_grad=True).exp().sum()
    with profile() as prof:
        y.backward()
    assert {e.sequence_nr for e in prof.function_events if e.name.endswith("Backward")} == {-1}


def test_shapes():
    layer, x = torch.nn.Linear(3, 2), torch.ones(4, 3)
    with profile(record_shapes=True) as prof:
        layer(x).sum().backward()
        layer(x[:1])
    shapes = {(a.key, str(a.input_shapes)): a.count for a in prof.key_averages(True)}
    assert shapes["Linear", "[[4, 3], [2, 3], [2]]"] == 1
    assert shapes["Linear", "[[1, 3], [2, 3], [2]]"] == 1
    assert shapes["LinearBackward", "[[4, 2]]"] == 1
    assert prof.key_averages()[0].input_shapes == []
    assert "Input Shapes" in prof.key_averages(True).table()


def test_functions_of_users_are_seen():
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * 2

    with profile() as prof:
        Twice.apply(torch.ones(2, requires_grad=True)).sum().backward()
    found = counts(prof)
    assert (found["Twice"], found["TwiceBackward"]) == (1, 1)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_everything_is_put_back(error):
    before = methods()
    with profile():
        assert methods() != before
    assert methods() == before

    def fail():
        with profile() as prof, record_function("outer"):
            torch.ones(2, requires_grad=True).exp()
            failed.append(prof)
            raise error

    failed = []
    with pytest.raises(error):
        fail()
    assert methods() == before
    assert [e.name for e in failed[0].function_events] == ["outer", "Exp"]
    with profile() as prof:  # and another can begin
        torch.ones(2).exp()
    assert counts(prof) == {"Exp": 1}


def test_an_operation_that_fails_has_ended():
    with profile() as prof, record_function("block"):
        with pytest.raises(RuntimeError, match="Boolean"):
            torch.relu(torch.ones(2) > 0)
        with pytest.raises(ValueError, match="operands"):
            Add.apply(torch.ones(2), torch.ones(3))
        torch.ones(2).exp()
    assert [(e.name, e.cpu_parent and e.cpu_parent.name) for e in prof.function_events] == [
        ("block", None), ("Add", "block"), ("Exp", "block")
    ]  # fmt: skip


def test_a_second_profile_is_refused_and_the_first_goes_on():
    with profile() as prof:
        with pytest.raises(RuntimeError, match="already enabled"), profile():
            pass
        with pytest.raises(RuntimeError, match="not reentrant"), prof:
            pass
        torch.ones(2).exp()
    assert counts(prof) == {"Exp": 1}
    with pytest.raises(RuntimeError, match="not reentrant"), prof:
        pass


def test_another_thread_is_not_seen():
    with profile() as prof:
        thread = threading.Thread(target=Step())
        thread.start()
        thread.join()
    assert "Linear" not in counts(prof)


def test_disabled_it_records_nothing():
    before = methods()
    with profile(enabled=False) as prof:
        assert methods() == before
        with record_function("block"):
            torch.ones(2).exp()
    with pytest.raises(RuntimeError, match="finish"):
        prof.key_averages()


@record_function("decorated")
def decorated():
    return 7


def test_record_function_decorates_too():
    assert decorated() == 7
    with profile() as prof:
        assert decorated() == 7
    assert counts(prof) == {"decorated": 1}


@pytest.mark.parametrize(
    "options",
    [{"use_cuda": True}, {"with_flops": True}, {"profile_memory": True}, {"use_cpu": False}],
)
def test_what_there_is_not_is_refused_by_name(options):
    with pytest.raises(NotImplementedError, match=next(iter(options))):
        profile(**options)


def made_up(*events):
    """Return events of these names and (start, end) in microseconds, each within the last."""
    parent, made = None, EventList()
    for name, start, end in events:
        parent = FunctionEvent(name, parent, -1, [])
        parent.start_ns, parent.end_ns = 1000 * start, 1000 * end
        made.append(parent)
    return made


def test_table_is_laid_out_as_pytorchs():
    table = made_up(("outer", 0, 2500), ("inner", 100, 1100)).key_averages().table("cpu_time_total")
    rule = "  ".join(["-" * 9] + ["-" * 12] * 6)
    lines = table.splitlines()
    assert len({len(line) for line in lines[:-1]}) == 1
    assert [lines[0], lines[2], lines[5]] == [rule] * 3
    assert [line.split() for line in lines[3:5]] == [
        ["outer", "60.00%", "1.500ms", "100.00%", "2.500ms", "2.500ms", "1"],
        ["inner", "40.00%", "1.000ms", "40.00%", "1.000ms", "1.000ms", "1"],
    ]
    assert lines[-1] == "Self CPU time total: 2.500ms"


def test_table_sorts_and_limits():
    events = made_up(("outer", 0, 300), ("inner", 100, 300))
    rows = events.table(sort_by="self_cpu_time_total", row_limit=1, header="title").splitlines()
    assert rows[1] == "title"
    assert [row.split()[0] for row in rows[5:-2]] == ["inner"]
    assert len(events.table(row_limit=-1).splitlines()) == 7
    assert EventList().table() == ""
    with pytest.raises(AttributeError, match="bogus"):
        events.table(sort_by="bogus")
    with pytest.raises(NotImplementedError, match="time_unit"):
        events.table(time_unit="ms")


@pytest.fixture(scope="module")
def theirs():
    """A profile of PyTorch's."""
    framework = importlib.import_module("torch")
    with framework.autograd.profiler.profile() as prof:
        framework.ones(2).exp()
    return prof


def test_chrome_trace_is_as_pytorchs(theirs, tmp_path):
    events = made_up(("outer", 0, 2500), ("inner", 100, 1100))
    events.export_chrome_trace(tmp_path / "ours.json")
    theirs.function_events.export_chrome_trace(str(tmp_path / "theirs.json"))
    ours, its = [json.loads((tmp_path / f"{name}.json").read_text()) for name in ("ours", "theirs")]
    assert [(e["name"], e["ts"], e["dur"]) for e in ours] == [
        ("outer", 0.0, 2500.0), ("inner", 100.0, 1000.0)
    ]  # fmt: skip
    assert ours[0].keys() == its[0].keys()
    assert all(e[key] == its[0][key] for e in ours for key in ("ph", "pid", "args"))
    with profile() as prof:
        torch.ones(2).exp()
    prof.export_chrome_trace(tmp_path / "profile.json")
    (event,) = json.loads((tmp_path / "profile.json").read_text())
    assert event["name"] == "Exp"


def test_headings_are_pytorchs(theirs):
    line = theirs.key_averages().table().splitlines()[1]
    ours = made_up(("a", 0, 1)).table().splitlines()[1]
    assert ours.split() == line.split()
