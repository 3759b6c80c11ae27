"""Is a gradient right? gradcheck asks the function itself, by moving its inputs a little.

``backward`` claims to know the Jacobian J of a function: given an upstream gradient g, it returns
gᵀJ. With g = (0, ..., 1, ..., 0) that is one row of J. Moving one input up and down by h, and
dividing by 2h what the outputs do, gives one column. Both must tell of the same matrix.

Before that come questions that no comparison of numbers answers. Do two calls give the same? Are
the inputs and the upstream gradient left alone? Is nothing sent back where nothing arrives?

The parts are in ``_gradcheck/``: first ``differences.py``, on how far differences can be trusted.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import dtypes, engine
from minigrad.grad_mode import enable_grad
from minigrad.refuse import refuse
from minigrad.tensor import Array, Tensor, wrap

if TYPE_CHECKING:
    from minigrad._gradcheck.vector_function import VectorFunction


class GradcheckError(RuntimeError):
    """A gradient is wrong, or cannot be right."""


class _Default(float):
    """A default that can be told from the same number given by hand."""


_ATOL, _RTOL = _Default(1e-5), _Default(1e-3)


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = _ATOL,
    rtol: float = _RTOL,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Return True if the gradients of ``func`` are what differences of its values say.

    ``func`` takes ``inputs``, a tensor or several, and returns a tensor or several. Every
    derivative by an input that requires a gradient is compared. Otherwise GradcheckError is raised,
    which names the derivative that is farthest off; with ``raise_exception=False``, False is
    returned. Inputs should be float64: a difference of float32 numbers has few digits left.

    The arguments are those of ``torch.autograd.gradcheck``; some do more than there.

    ``eps`` is the step. It is longer where the input is greater than 1, or float32: a step that
    rounding swallows tells nothing.

    ``atol`` and ``rtol``, left out, stand for what the differences can tell, which is often more
    than 1e-5 and 1e-3: a derivative of 1e-6 with the wrong sign is found, and one that is 1.001
    times too large. Given, they are those of ``allclose``, as in PyTorch.

    ``fast_mode=True`` compares along a few random directions, each at the price of two evaluations
    and one backward, and looks closer only where they disagree.

    At a kink, as that of relu at 0, there is no derivative. Where backward's value lies between
    the slopes on both sides it is skipped, and a warning counts what was skipped.

    >>> import minigrad
    >>> x = minigrad.tensor([0.5, -2.0], dtype=minigrad.float64, requires_grad=True)
    >>> gradcheck(lambda x: x * x, x)
    True
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError(
            "Expected at least one of check_forward_ad or check_backward_ad to be True"
        )
    refuse(
        "gradcheck",
        check_batched_grad=check_batched_grad,
        check_batched_forward_grad=check_batched_forward_grad,
        check_forward_ad=check_forward_ad,
        masked=masked,
    )
    # Not with minigrad itself: a program that trains checks nothing.
    from minigrad._gradcheck import conduct, jacobian, report
    from minigrad._gradcheck.differences import Differences
    from minigrad._gradcheck.vector_function import VectorFunction

    args = _as_tuple(inputs)
    _check_inputs(args)
    f = VectorFunction(func, args)
    tolerances = [None if isinstance(t, _Default) else t for t in (atol, rtol)]
    random = _Random()
    try:
        with enable_grad(), np.errstate(all="ignore"), f.on_copies():
            outputs = conduct.forward_twice(f, nondet_tol)
            f.watch({k: o for k, o in enumerate(outputs) if o.requires_grad})
            if not f.outputs:
                return _check_constant(f, outputs, random, eps)
            upstream = random(len(f.owner))
            conduct.backward_twice(f, upstream, nondet_tol, check_grad_dtypes)
            if check_undefined_grad:
                conduct.missing_upstream(f, upstream)
            differences = Differences(f, random, eps, *tolerances)
            compare = jacobian.directions if fast_mode else jacobian.every_derivative
            comparison = compare(differences)
            if comparison is not None and comparison.wrong.any():
                raise GradcheckError(report.mismatch(comparison))
    except GradcheckError:
        if raise_exception:
            raise
        return False
    if comparison is not None and (skipped := report.skipped(comparison)):
        warnings.warn(skipped, stacklevel=2)
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = _ATOL,
    rtol: float = _RTOL,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Do ``gradcheck`` on the gradient of ``func``, whose derivatives are the second ones.

    The gradient is a function of ``inputs`` and of the upstream gradients ``grad_outputs``, random
    unless they are given; outputs and inputs are numbered in that order in the report.

    >>> import minigrad
    >>> x = minigrad.tensor([0.5, -2.0], dtype=minigrad.float64, requires_grad=True)
    >>> gradgradcheck(lambda x: x.exp() * x, x)
    True
    """
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError(
            "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True"
        )
    refuse("gradgradcheck", check_fwd_over_rev=check_fwd_over_rev)
    args = _as_tuple(inputs)
    if grad_outputs is None:
        random = _Random()
        with enable_grad():
            outputs = [o for o in _as_tuple(func(*args)) if o.requires_grad]
        upstream = tuple([_random_like(random, o, gen_non_contig_grad_outputs) for o in outputs])
    else:
        upstream = _as_tuple(grad_outputs)
    wanted = [isinstance(a, Tensor) and a.requires_grad for a in args]

    def gradient(*args_and_upstream: Any) -> tuple[Tensor, ...]:
        its_args = args_and_upstream[: len(args)]
        outputs = [o for o in _as_tuple(func(*its_args)) if o.requires_grad]
        by = [a for a, is_wanted in zip(its_args, wanted, strict=True) if is_wanted]
        grads = engine.grad(
            outputs, by, args_and_upstream[len(args) :], create_graph=True, allow_unused=True
        )
        return tuple([g for g in grads if g is not None])

    return gradcheck(
        gradient,
        args + upstream,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        fast_mode=fast_mode,
        masked=masked,
    )


def _check_inputs(args: tuple[Any, ...]) -> None:
    wanted = {k: a for k, a in enumerate(args) if isinstance(a, Tensor) and a.requires_grad}
    if not wanted:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, "
            "but none of them have requires_grad=True."
        )
    for number, tensor in wanted.items():
        if tensor.dtype is not dtypes.float64:
            warnings.warn(
                f"Input #{number} requires gradient and is not a double precision floating point "
                "or complex. This check will likely fail if all the inputs are not of double "
                "precision floating point or complex. ",
                stacklevel=3,
            )
        sides = zip(tensor.shape, tensor._array.strides, strict=True)
        if tensor.numel() and any([size > 1 and not stride for size, stride in sides]):
            raise RuntimeError(
                f"The {number}th input has a dimension with stride 0. gradcheck only supports "
                "inputs that are non-overlapping to be able to compute the numerical gradients "
                "correctly. You should call .contiguous on the input before passing it to "
                "gradcheck."
            )


def _check_constant(
    f: VectorFunction, outputs: tuple[Tensor, ...], random: _Random, eps: float
) -> bool:
    """Without a differentiable output, no output may depend on the inputs."""
    from minigrad._gradcheck import jacobian, report
    from minigrad._gradcheck.differences import Differences

    f.watch({k: o for k, o in enumerate(outputs) if o.is_floating_point()})
    differences = Differences(f, random, eps, None, None)
    zeros = np.zeros((len(differences.center), len(differences.x)))
    comparison = jacobian.Comparison(differences, range(len(differences.x)), zeros)
    if comparison.wrong.any():
        raise GradcheckError(
            "Numerical gradient for function expected to be zero, since no output requires a "
            "gradient. Was its history cut, by detach(), no_grad() or a way through NumPy?\n"
            + report.mismatch(comparison)
        )
    return True


class _Random:
    """Random numbers of a stream of its own, which is the same in every check."""

    def __init__(self) -> None:
        from minigrad.generator import Generator
        from minigrad.random import rand

        self._generator, self._rand = Generator().manual_seed(0), rand

    def __call__(self, n: int) -> Array:
        """Return n numbers of both signs, 0.5 to 1.5 in size: none hides what it multiplies."""
        numbers = 2 * self._rand(n, generator=self._generator, dtype=dtypes.float64).numpy() - 1
        return numbers + np.copysign(0.5, numbers)


def _random_like(random: _Random, output: Tensor, strided: bool) -> Tensor:
    array = random(output.numel()).reshape(output.shape).astype(output._array.dtype)
    if strided and array.ndim:
        array = np.repeat(array, 2, axis=-1)[..., ::2]
    return wrap(array).requires_grad_()


def _as_tuple(tensors: Any) -> tuple[Any, ...]:
    return tuple(tensors) if isinstance(tensors, tuple | list) else (tensors,)
