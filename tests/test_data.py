"""Data sets, samplers, DataLoader and what it makes of samples."""

from collections import OrderedDict, deque, namedtuple

import numpy as np
import pytest

Pair = namedtuple("Pair", "x y")


class Samples:
    """What a student's data set gives: an array of pixels and a NumPy integer."""

    def __init__(self, size=11):
        self.data = np.arange(size * 3, dtype=np.float32).reshape(size, 3)
        self.targets = np.arange(size) % 4

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self.data[index], self.targets[index]


BATCHES = {
    "whole": {"batch_size": 11},
    "short last": {"batch_size": 4},
    "drop_last": {"batch_size": 4, "drop_last": True},
    "drop_last, nothing to drop": {"batch_size": 11, "drop_last": True},
    "one": {},
    "larger than all": {"batch_size": 50},
    "larger than all, dropped": {"batch_size": 50, "drop_last": True},
    "no batches": {"batch_size": None},
    "no batches, shuffled": {"batch_size": None, "shuffle": True},
    "shuffled": {"batch_size": 4, "shuffle": True},
    "sampler": {"batch_size": 2, "sampler": [5, 3, 1]},
    "batch_sampler": {"batch_sampler": [[0, 1], [7], [2, 3, 4]]},
    "collate_fn": {"batch_size": 4, "collate_fn": lambda samples: [len(samples), samples[0][1]]},
}


@pytest.mark.parametrize("case", BATCHES)
def test_batches(agree, case):
    def load(torch):
        class Data(Samples, torch.utils.data.Dataset):
            pass

        torch.manual_seed(0)
        loader = torch.utils.data.DataLoader(Data(), **BATCHES[case])
        return list(loader), list(loader), len(loader), loader.batch_size, loader.drop_last

    agree(load)


def test_a_sampler_defines_its_order(torch):
    with pytest.raises(NotImplementedError):
        iter(torch.utils.data.Sampler())


def test_samplers(agree):
    def draw(torch):
        data = torch.utils.data
        inner = data.SequentialSampler("abcdefg")
        kinds = [data.BatchSampler(inner, 3, drop_last=drop) for drop in (False, True)]
        loader = data.DataLoader("abc", batch_size=2)
        names = [type(s).__name__ for s in (loader.sampler, loader.batch_sampler)]
        return [list(k) for k in kinds], [len(k) for k in kinds], names, len(inner)

    agree(draw)


def test_data_sets(agree):
    def take(torch):
        data = torch.utils.data
        rows = data.TensorDataset(torch.arange(6).reshape(3, 2), torch.ones(3))
        some = data.Subset(rows, [2, 0])
        return rows[1], len(rows), some[0], len(some), list(data.DataLoader(some, batch_size=2))

    agree(take)


def test_a_loader_reads_when_it_is_asked(torch):
    asked = []

    class Data(torch.utils.data.Dataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            asked.append(index)
            return index

    batches = iter(torch.utils.data.DataLoader(Data(), batch_size=2))
    assert asked == []
    next(batches)
    assert asked == [0, 1]


SAMPLES = {
    "ints": [1, 2],
    "floats": [1.5, 2.0],
    "bools": [True, False],
    "float, then int": [1.5, 2],
    "int, then float": [1, 2.5],
    "bool, then int": [True, 2],
    "float32": [np.float32(1), np.float32(2)],
    "float64": [np.float64(1)],
    "int8": [np.int8(1)] * 2,
    "int64": [np.int64(1)] * 2,
    "uint8": [np.uint8(1)] * 2,
    "bool_": [np.bool_(True)] * 2,
    "arrays": [np.arange(3.0), np.ones(3)],
    "float32 arrays": [np.ones((2, 2), dtype=np.float32)] * 3,
    "bool arrays": [np.array([True, False])] * 2,
    "0-d arrays": [np.array(3), np.array(4)],
    "empty arrays": [np.empty(0)] * 2,
    "not contiguous": [np.arange(6.0).reshape(2, 3).T] * 2,
    "texts": ["a", "b"],
    "bytes": [b"a", b"b"],
    "NumPy text": [np.str_("a")],
    "tuples": [(1, 2.5), (2, 3.5)],
    "lists": [[1, [2, 3]], [4, [5, 6]]],
    "named tuples": [Pair(1, 2.0), Pair(3, 4.0)],
    "dictionaries": [{"a": 1, "b": [1.5, "x"]}] * 2,
    "ordered dictionaries": [OrderedDict(a=1)] * 2,
    "deques": [deque([1, 2])] * 2,
    "ranges": [range(2), range(2)],
    "pixels and label": [(np.ones(4, dtype=np.float32), np.int64(3))] * 5,
}


@pytest.mark.parametrize("case", SAMPLES)
def test_collate(agree, case):
    def collate(torch):
        batch = torch.utils.data.default_collate(SAMPLES[case])
        return batch, type(batch).__name__

    agree(collate)


@pytest.mark.parametrize("case", SAMPLES)
def test_convert(agree, case):
    def convert(torch):
        sample = torch.utils.data.default_convert(SAMPLES[case])
        return sample, [type(part).__name__ for part in sample]

    agree(convert)


def test_collate_tensors(agree):
    def collate(torch):
        tensors = [torch.arange(3) + k for k in range(2)]
        return torch.utils.data.default_collate([(t, t * 0.5) for t in tensors])

    agree(collate)


def test_a_batch_is_a_copy(torch):
    array = np.zeros(2)
    batch = torch.utils.data.default_collate([array, array])
    batch += 1
    assert array.tolist() == [0.0, 0.0]


NOT_COLLATED = {
    "None": [None],
    "sets": [{1}, {2}],
    "text array": [np.array("x")],
    "object array": [np.array([None])],
    "shapes": [np.ones(2), np.ones(3)],
    "lengths": [(1, 2), (1,)],
    "keys": [{"a": 1}, {"b": 1}],
    "nothing": [],
}


@pytest.mark.parametrize("case", NOT_COLLATED)
def test_what_is_not_collated(same_error, case):
    same_error(lambda torch: torch.utils.data.default_collate(NOT_COLLATED[case]))


def test_types_that_minigrad_has_not():
    from minigrad.utils.data import default_collate

    for kind in (np.float16, np.uint16, np.complex128):
        with pytest.raises(TypeError, match=np.dtype(kind).name):
            default_collate([np.ones(2, dtype=kind)])


MISTAKES = {
    "batch_size 0": {"batch_size": 0},
    "batch_size -1": {"batch_size": -1},
    "batch_size 2.5": {"batch_size": 2.5},
    "batch_size True": {"batch_size": True},
    "sampler and shuffle": {"sampler": [1], "shuffle": True},
    "batch_sampler and batch_size": {"batch_sampler": [[0]], "batch_size": 2},
    "batch_sampler and shuffle": {"batch_sampler": [[0]], "shuffle": True},
    "batch_sampler and drop_last": {"batch_sampler": [[0]], "drop_last": True},
    "no batches and drop_last": {"batch_size": None, "drop_last": True},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(same_error, mistake):
    same_error(lambda torch: torch.utils.data.DataLoader([1, 2, 3], **MISTAKES[mistake]))


OTHER_MISTAKES = {
    "nothing to shuffle": lambda data: data.DataLoader([], shuffle=True),
    "no samples": lambda data: data.RandomSampler([1], num_samples=0),
    "half a sample": lambda data: data.RandomSampler([1], num_samples=1.5),
    "replacement": lambda data: data.RandomSampler([1], replacement=3),
    "no __getitem__": lambda data: data.Dataset()[0],
    "no __len__": lambda data: len(data.Dataset()),
}


@pytest.mark.parametrize("mistake", OTHER_MISTAKES)
def test_other_mistakes(same_error, mistake):
    same_error(lambda torch: OTHER_MISTAKES[mistake](torch.utils.data))


def test_tensors_of_different_lengths(same_error):
    same_error(lambda torch: torch.utils.data.TensorDataset(torch.ones(2), torch.ones(3)))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("num_workers", 2),
        ("pin_memory", True),
        ("timeout", 1),
        ("worker_init_fn", print),
        ("multiprocessing_context", "fork"),
        ("prefetch_factor", 2),
        ("persistent_workers", True),
        ("pin_memory_device", "cuda"),
        ("in_order", False),
    ],
)
def test_what_is_not_supported_says_so(option, value):
    from minigrad.utils.data import DataLoader

    with pytest.raises(NotImplementedError, match=option):
        DataLoader([1, 2], **{option: value})


def test_arguments_and_defaults(agree):
    import inspect

    def signature(torch):
        data = torch.utils.data
        kinds = (data.DataLoader, data.RandomSampler, data.BatchSampler, data.Subset)
        listed = [inspect.signature(kind).parameters.values() for kind in kinds]
        return [[(p.name, p.kind, p.default) for p in parameters] for parameters in listed]

    agree(signature)
