"""Sequential: a list of modules that is a module."""

from collections import OrderedDict

import pytest


def make(torch):
    nn = torch.nn
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.LogSoftmax(dim=-1))


def named(torch):
    nn = torch.nn
    layers = [("first", nn.Linear(3, 4)), ("second", nn.ReLU()), ("third", nn.Linear(4, 2))]
    return nn.Sequential(OrderedDict(layers))


CASES = {
    "repr": lambda torch, s: repr(s),
    "empty": lambda torch, s: (repr(torch.nn.Sequential()), len(torch.nn.Sequential())),
    "len": lambda torch, s: len(s),
    "index": lambda torch, s: [repr(s[k]) for k in (0, 3, -1, -4)],
    "slice": lambda torch, s: [repr(s[1:]), repr(s[:-1]), repr(s[::2]), list(s[2:].state_dict())],
    "slice shares": lambda torch, s: s[:2][0] is s[0],
    "iter": lambda torch, s: [repr(m) for m in s],
    "append": lambda torch, s: (repr(s.append(torch.nn.ReLU())), len(s)),
    "forward": lambda torch, s: s(torch.ones(2, 3)),
    "names": lambda torch, s: [repr(named(torch)), list(named(torch).state_dict())],
    "attribute": lambda torch, s: repr(named(torch).first),
    "nested": lambda torch, s: list(torch.nn.Sequential(s, named(torch)).state_dict()),
    "nested repr": lambda torch, s: repr(torch.nn.Sequential(s, named(torch))),
    "the same twice": lambda torch, s: repr(torch.nn.Sequential(s[1], s[1], s[0], s[0])),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_the_same(agree, case):
    agree(lambda torch: CASES[case](torch, make(torch)), rtol=1e-6)


@pytest.mark.parametrize("index", [4, -5])
def test_out_of_range(same_error, index):
    same_error(lambda torch: make(torch)[index])


def test_only_modules(torch):
    with pytest.raises(TypeError, match="ReLU is not a Module subclass"):
        torch.nn.Sequential(torch.nn.ReLU)  # the brackets forgotten
