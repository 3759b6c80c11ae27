"""The random stream is PyTorch's, bit for bit."""

import numpy as np
import pytest
import torch as pytorch
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad

SEEDS = st.integers(-(2**63), 2**64 - 1) | st.integers(-3, 50) | st.integers(2**32 - 3, 2**32 + 3)
SHAPES = st.lists(st.integers(0, 5), max_size=3)


@given(SEEDS, SHAPES)
def test_rand(agree, seed, shape):
    def draw(torch):
        torch.manual_seed(seed)
        kinds = (torch.float32, torch.float64, None)
        return [torch.rand(shape, dtype=kind) for kind in kinds], torch.initial_seed()

    agree(draw)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_many_numbers(agree, dtype):
    def draw(torch):
        torch.manual_seed(5)
        return torch.rand(10_001, dtype=getattr(torch, dtype)), torch.rand(3)

    agree(draw)


# Between numbers so small that their products are subnormal, rounding is not the FMA's.
WIDTHS = st.just(0.0) | st.floats(1e-30, 100)


@given(SEEDS, st.floats(-100, 100), WIDTHS, st.sampled_from(["float32", "float64"]))
@example(seed=0, low=8.0, width=1e-5, dtype="float32")  # some numbers round up to the bound
def test_uniform(agree, seed, low, width, dtype):
    def draw(torch):
        torch.manual_seed(seed)
        numbers = torch.empty(33, dtype=getattr(torch, dtype))
        return torch.nn.init.uniform_(numbers, low, low + width), torch.rand(1)

    agree(draw)


def test_numbers_are_laid_into_memory_as_it_lies(agree):
    """A transposed tensor is filled column by column, for so it lies in memory."""

    def draw(torch):
        torch.manual_seed(0)
        x = torch.zeros(2, 3, 4)
        views = [x.T if x.ndim == 2 else x.permute(2, 0, 1), x[:, 1], x[0].T, x[:, ::2, 1:3]]
        like = [torch.rand_like(view) for view in [*views, x[:, :1].expand(2, 3, 4)]]
        return [torch.nn.init.uniform_(view) for view in views], like, x

    agree(draw)


# ---------------------------------------------------------------- normal numbers

# Processors without AVX2 compute the logarithm, sine and cosine of a float32 by other means, and
# PyTorch's numbers themselves differ there: by about one rounding of the radius, at most 6.
EXACT = {"float64": 0.0, "float32": 0.0}
if pytorch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
    EXACT["float32"] = 2e-6
SIZES = st.integers(0, 100) | st.sampled_from([15, 16, 17, 31, 32, 33])
SPREADS = st.just(0.0) | st.floats(1e-280, 10)  # subnormal products are rounded otherwise
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


@DTYPES
@given(SEEDS, st.lists(SIZES, max_size=5), st.floats(-10, 10), SPREADS)
@example(seed=0, sizes=[5, 4, 16, 3], mean=0.0, std=1.0)  # the second of a pair is kept, long
def test_normal_numbers(agree, dtype, seed, sizes, mean, std):
    def draw(torch):
        torch.manual_seed(seed)
        kind = getattr(torch, dtype)
        drawn = [torch.nn.init.normal_(torch.empty(n, dtype=kind), mean, std) for n in sizes]
        return drawn, [torch.randn(n, dtype=kind) for n in sizes], torch.rand(1)

    agree(draw, rtol=EXACT[dtype], atol=EXACT[dtype] * (abs(mean) + std + 1))


@DTYPES
@pytest.mark.parametrize("n", [1_000_000, 100_003])
def test_many_normal_numbers(agree, dtype, n):
    """Bit for bit: also where the cosine is nearly 0, and the logarithm that of nearly 1."""

    def draw(torch):
        torch.manual_seed(n)
        return torch.randn(n, dtype=getattr(torch, dtype))

    agree(draw, rtol=EXACT[dtype])


@DTYPES
def test_normal_numbers_are_normal(dtype):
    import minigrad

    minigrad.manual_seed(0)
    numbers = minigrad.randn(200_000, dtype=getattr(minigrad, dtype)).numpy()
    for power, moment in ((1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0)):
        assert np.mean(numbers**power) == pytest.approx(moment, abs=0.05)
    assert abs(np.mean(numbers[:-1] * numbers[1:])) < 0.01


@DTYPES
def test_normal_numbers_that_fill_no_contiguous_memory(agree, dtype):
    """They are drawn in pairs, however many they are, and laid into memory as it lies."""

    def draw(torch):
        torch.manual_seed(0)
        x = torch.zeros(4, 5, 6, dtype=getattr(torch, dtype))
        views = [x.permute(2, 0, 1), x[:, 1], x[0].T, x[:, ::2, 1:3], x[:3]]
        like = [torch.randn_like(view) for view in [*views, x[:, :1].expand(4, 5, 6)]]
        return [torch.nn.init.normal_(view, 1.0, 2.0) for view in views], like, x, torch.rand(1)

    agree(draw, rtol=EXACT[dtype], atol=EXACT[dtype])


def test_a_new_seed_forgets_the_second_of_a_pair(torch):
    def first(before):
        generator = torch.Generator().manual_seed(1)
        torch.randn(before, generator=generator)
        return torch.randn(1, generator=generator.manual_seed(2)).item()

    assert first(0) == first(1) == first(2)


def test_the_second_of_a_pair_belongs_to_its_stream(agree):
    def draw(torch):
        torch.manual_seed(0)
        other = torch.Generator().manual_seed(9)
        streams = [None, other, None, other, other]
        return [torch.randn(1, generator=stream, dtype=torch.float64) for stream in streams]

    agree(draw)


def test_like_another_tensor(agree):
    def draw(torch):
        torch.manual_seed(0)
        x, own = torch.ones(2, 3, dtype=torch.float64), torch.Generator().manual_seed(1)
        return (
            [torch.randn_like(x), torch.rand_like(x, generator=own)],
            torch.randn_like(x, generator=own, dtype=torch.float32, device="cpu"),
            torch.randn_like(x, requires_grad=True).requires_grad,
            torch.randn(2, 3, device="cpu", requires_grad=True).is_leaf,
        )

    agree(draw, rtol=EXACT["float32"])


# ---------------------------------------------------------------- integers


@pytest.mark.parametrize("n", [*range(40), 1000, 20_000])
def test_randperm(agree, n):
    def draw(torch):
        torch.manual_seed(n)
        return torch.randperm(n), torch.rand(1)

    agree(draw)


@given(SEEDS, st.integers(0, 1000))
def test_randperm_of_any_seed(agree, seed, n):
    agree(lambda torch: torch.randperm(n, generator=torch.Generator().manual_seed(seed)))


LIMITS = st.integers(-(2**62), 2**62 - 1) | st.integers(-100, 100)


@given(SEEDS, LIMITS, st.integers(1, 2**62))
@example(seed=3, low=0, width=2**28 - 1)  # one output of the generator for each number ...
@example(seed=3, low=0, width=2**28)  # ... and two
def test_randint(agree, seed, low, width):
    def draw(torch):
        torch.manual_seed(seed)
        return torch.randint(low, low + width, (7,)), torch.rand(1)

    agree(draw)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "float32", "float64"])
def test_randint_of_a_dtype(agree, dtype):
    def draw(torch):
        torch.manual_seed(1)
        return torch.randint(100, (3, 4), dtype=getattr(torch, dtype)), torch.rand(1)

    agree(draw)


DRAWS = {
    "rand": lambda torch, n: torch.rand(n),
    "rand64": lambda torch, n: torch.rand(n, dtype=torch.float64),
    "randperm": lambda torch, n: torch.randperm(n),
    "randint": lambda torch, n: torch.randint(-5, 9, (n,)),
    "large randint": lambda torch, n: torch.randint(2**40, (n,)),
    "randn": lambda torch, n: torch.randn(n % 16, dtype=torch.float64),
    "long randn": lambda torch, n: torch.randn(n, dtype=torch.float64),
    "linear": lambda torch, n: torch.nn.Linear(n + 1, 3).weight,
    "uniform": lambda torch, n: torch.nn.init.uniform_(torch.empty(n, 2), -2, 3),
}


@given(SEEDS, st.lists(st.tuples(st.sampled_from(sorted(DRAWS)), st.integers(0, 700)), max_size=9))
def test_mixed_draws_take_the_same_places_in_the_stream(agree, seed, draws):
    def draw(torch):
        torch.manual_seed(seed)
        return [DRAWS[name](torch, n) for name, n in draws], torch.rand(2)

    agree(draw)


def test_generators_are_streams_of_their_own(agree):
    def draw(torch):
        torch.manual_seed(0)
        one, other = torch.Generator(), torch.Generator().manual_seed(9)
        parts = [torch.rand(2, generator=g) for g in (one, other, None, one)]
        one.manual_seed(9)
        parts.append(torch.rand(2, generator=one))
        parts.append(torch.randint(9, (2,), generator=one))
        return parts, torch.rand(2), one.initial_seed(), other.initial_seed()

    agree(draw)


def test_manual_seed_returns_the_default_generator(torch):
    generator = torch.manual_seed(4)
    assert generator is torch.default_generator
    assert generator.initial_seed() == torch.initial_seed() == 4


def test_seed_starts_anew(torch):
    first, second = torch.seed(), torch.Generator().seed()
    assert torch.initial_seed() == first != second
    torch.manual_seed(0)


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1])
def test_seeds_out_of_range(torch, seed):
    with pytest.raises(ValueError):  # noqa: PT011  PyTorch's text tells of C++
        torch.manual_seed(seed)


def test_what_cannot_be_drawn(torch):
    with pytest.raises(RuntimeError, match="random_ expects 'from' to be less than 'to'"):
        torch.randint(3, 3, (1,))
    with pytest.raises(RuntimeError, match="to - 1 is out of bounds for u"):
        torch.randint(0, 257, (1,), dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="from is out of bounds for u"):
        torch.randint(-1, 5, (1,), dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="negative dimension -1"):
        torch.randperm(-1)
    with pytest.raises(RuntimeError, match="cannot be converted to type uint8"):
        torch.randperm(257, dtype=torch.uint8)


NOT_DRAWN = {
    "rand of integers": lambda torch: torch.rand(2, dtype=torch.int64),
    "randn of integers": lambda torch: torch.randn(2, dtype=torch.int64),
    "uniform_ of integers": lambda torch: torch.nn.init.uniform_(torch.tensor([1])),
    "normal_ of integers": lambda torch: torch.nn.init.normal_(torch.tensor([1])),
    "bool order": lambda torch: torch.randperm(3, dtype=torch.bool),
    "negative size": lambda torch: torch.randn(2, -1),
    "negative std": lambda torch: torch.nn.init.normal_(torch.empty(3), 0.0, -1.5),
    "NaN as std": lambda torch: torch.nn.init.normal_(torch.empty(3), 0.0, float("nan")),
}


@pytest.mark.parametrize("case", NOT_DRAWN)
def test_what_is_not_drawn(same_error, case):
    same_error(NOT_DRAWN[case])


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float64"])
def test_randperm_of_a_dtype(agree, dtype):
    def draw(torch):
        torch.manual_seed(2)
        return torch.randperm(9, dtype=getattr(torch, dtype), device="cpu")

    agree(draw)


# ---------------------------------------------------------------- shuffling


def loaders(torch, seed, size, batch_size, own):
    """Two epochs, with draws from the default stream before, between and after the batches."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed) if own else None
    loader = torch.utils.data.DataLoader(
        range(size), batch_size=batch_size, shuffle=True, generator=generator
    )
    seen = []
    for _ in range(2):
        batches = iter(loader)
        seen.append(torch.rand(1))
        for batch in batches:
            seen += [batch, torch.rand(1)]
    return seen


@given(SEEDS, st.integers(1, 200), st.integers(1, 70), st.booleans())
def test_shuffling(agree, seed, size, batch_size, own):
    agree(lambda torch: loaders(torch, seed, size, batch_size, own))


def test_a_loader_without_shuffling_draws_too(agree):
    def draw(torch):
        torch.manual_seed(0)
        loader = torch.utils.data.DataLoader(range(4), batch_size=2)
        return [list(loader), torch.rand(1), list(loader), torch.rand(1)]

    agree(draw)


@given(SEEDS, st.integers(1, 50), st.none() | st.integers(1, 120), st.booleans(), st.booleans())
def test_random_sampler(agree, seed, size, num_samples, replacement, own):
    def draw(torch):
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed) if own else None
        sampler = torch.utils.data.RandomSampler(
            range(size), replacement=replacement, num_samples=num_samples, generator=generator
        )
        return list(sampler), list(sampler), len(sampler), torch.rand(1)

    agree(draw)


# ---------------------------------------------------------------- the state

SOME_DRAWS = st.lists(
    st.sampled_from(["rand", "randn", "rand64", "randn17", "randperm", "many"]), max_size=6
)


def draw_some(torch, names, generator):
    for name in names:
        {
            "rand": lambda: torch.rand(3, generator=generator),
            "randn": lambda: torch.randn(1, generator=generator),
            "rand64": lambda: torch.rand(2, dtype=torch.float64, generator=generator),
            "randn17": lambda: torch.randn(17, generator=generator),
            "randperm": lambda: torch.randperm(7, generator=generator),
            "many": lambda: torch.rand(624, generator=generator),
        }[name]()


@given(SEEDS, SOME_DRAWS)
@example(seed=0, names=["many"])  # all words are drawn, and none made anew yet
def test_the_state_is_pytorchs_byte_for_byte(seed, names):
    generators = [torch.Generator().manual_seed(seed) for torch in (minigrad, pytorch)]
    for torch, generator in zip((minigrad, pytorch), generators, strict=True):
        draw_some(torch, names, generator)
    ours, theirs = (generator.get_state().numpy() for generator in generators)
    np.testing.assert_array_equal(ours, theirs)


@given(SEEDS, SOME_DRAWS, SOME_DRAWS)
def test_a_stream_goes_on_from_the_other_frameworks_state(seed, before, after):
    theirs = pytorch.Generator().manual_seed(seed)
    draw_some(pytorch, before, theirs)
    ours = minigrad.Generator().set_state(minigrad.from_numpy(theirs.get_state().numpy()))
    assert ours.initial_seed() == theirs.initial_seed()
    np.testing.assert_array_equal(ours.get_state().numpy(), theirs.get_state().numpy())
    draw_some(pytorch, after, theirs)
    draw_some(minigrad, after, ours)
    np.testing.assert_array_equal(
        minigrad.randn(3, generator=ours).numpy(), pytorch.randn(3, generator=theirs).numpy()
    )
    back = pytorch.Generator()
    back.set_state(pytorch.from_numpy(ours.get_state().numpy()))
    ours_next, theirs_next = (
        t.rand(2, generator=g).numpy() for t, g in ((minigrad, ours), (pytorch, back))
    )
    np.testing.assert_array_equal(ours_next, theirs_next)


def test_the_default_streams_state(agree):
    def draw(torch):
        torch.manual_seed(3)
        torch.randn(5)
        here = torch.get_rng_state()
        drawn = torch.rand(2)
        torch.set_rng_state(here)
        return drawn, torch.rand(2), here

    agree(draw)


def spoiled(torch, change):
    state = torch.Generator().manual_seed(0).get_state()
    change(state)
    return state


@pytest.mark.parametrize(
    "state",
    [
        lambda torch: torch.zeros(5056),
        lambda torch: torch.zeros(10, dtype=torch.uint8),
        lambda torch: torch.zeros(5056, dtype=torch.uint8),
        lambda torch: None,
        lambda torch: spoiled(torch, lambda s: s.__setitem__(8, 0)),  # words left
        lambda torch: spoiled(torch, lambda s: s.__setitem__(12, 0)),  # never seeded
    ],
)
def test_what_is_no_state_is_refused_and_changes_nothing(state):
    messages = []
    for torch in (minigrad, pytorch):
        generator = torch.Generator().manual_seed(4)
        with pytest.raises((TypeError, RuntimeError)) as caught:
            generator.set_state(state(torch))
        messages.append((caught.type, str(caught.value)))
        assert generator.initial_seed() == 4
    assert messages[0] == messages[1]
