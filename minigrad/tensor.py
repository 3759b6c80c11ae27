"""Tensor: an array that remembers how it was made.

``_array`` holds the numbers. Where a gradient is needed, ``grad_fn`` is the operation that made
them, and ``backward()`` walks from there back to the leaves, whose ``grad`` it fills. Everything
else is PyTorch's ``torch.Tensor`` by name and meaning; each method stands for the function of the
same name in ``minigrad.functions``.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad import dtypes
from minigrad.device import cpu, device
from minigrad.dtypes import dtype
from minigrad.graph import AccumulateGrad, Edge, Node
from minigrad.numpy_names import numpy_names
from minigrad.size import Size

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Number: TypeAlias = bool | int | float
Dims: TypeAlias = int | Sequence[int]


class Tensor:
    """A NumPy array with a gradient.

    Made with ``minigrad.tensor(data)``; ``Tensor(data)`` and ``Tensor(*sizes)`` are PyTorch's older
    constructors of the default floating-point type.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    >>> y = (x * x).sum()
    >>> y
    tensor(5., grad_fn=<SumBackward>)
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    # What NumPy reads before `array + tensor`: None makes it ask the tensor's __radd__.
    __array_ufunc__ = None

    _array: Array
    grad: Tensor | None = None
    _requires_grad = False
    _edge: Edge | None = None  # where its gradient goes: the operation that made it, or its grad
    _base: Tensor | None = None  # the tensor whose memory this one shows, for a view
    _is_view = False  # shows memory that another laid out, so its strides may be any
    _has_views = False
    _versions: list[int]  # counts in-place changes; shared by all views of a memory

    def __init__(self, *data: Any) -> None:
        from minigrad.creation import legacy_array

        self._array = legacy_array(data, dtypes.get_default_dtype())
        self._versions = [0]

    # ------------------------------------------------------------------ what it is

    @property
    def shape(self) -> Size:
        """The size along each axis."""
        return Size(self._array.shape)

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the size along ``dim``."""
        return self.shape if dim is None else self._array.shape[F.normalize_dim(dim, self.ndim)]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    def dim(self) -> int:
        """Return the number of axes."""
        return self._array.ndim

    def numel(self) -> int:
        """Return the number of elements."""
        return self._array.size

    @property
    def dtype(self) -> dtype:
        """The type of the elements."""
        return dtypes.from_numpy_dtype(self._array.dtype)

    @property
    def device(self) -> device:
        """Where the numbers are: the CPU."""
        return cpu

    def is_floating_point(self) -> bool:
        """Return True for float32 and float64."""
        return self._array.dtype.kind == "f"

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __repr__(self) -> str:
        from minigrad._repr import tensor_text

        return tensor_text(self)

    def _repr_html_(self) -> str:
        from minigrad.explain.notebook import tensor_html

        return tensor_html(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and not self.ndim else format(str(self), spec)

    # ------------------------------------------------------------------ the gradient

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded. Only floating-point tensors may."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set ``requires_grad`` in place."""
        if not self.is_leaf and not requires_grad:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a "
                "computed variable in a subgraph that doesn't require differentiation use "
                "var_no_grad = var.detach()."
            )
        if requires_grad and not self.is_floating_point():
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        self._requires_grad = bool(requires_grad)
        return self

    @property
    def grad_fn(self) -> Node | None:
        """The operation that made this tensor; None for a leaf."""
        if self._edge is None or isinstance(self._edge[0], AccumulateGrad):
            return None
        return self._edge[0]

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor was made by the user and not by a recorded operation."""
        return self.grad_fn is None

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add the gradient of this tensor to the ``grad`` of the leaves it was computed from.

        ``gradient`` is what arrives from above: it has this tensor's shape, and may be left out
        where that is a single number.
        """
        engine.backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor in ``grad`` though it is not a leaf."""
        if not self._requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if self.grad_fn is not None:
            retained = self.grad_fn.retained = self.grad_fn.retained or {}
            retained[self._source()[1]] = weakref.ref(self)

    def detach(self) -> Tensor:
        """Return the same numbers, in the same memory, without their history."""
        return self._alias()

    @property
    def data(self) -> Tensor:
        """The same numbers without their history; changes through it go unnoticed."""
        return wrap(self._array.view())

    @data.setter
    def data(self, new: Tensor) -> None:
        self._array = new._array.view()
        self._edge = None  # it was made for the old shape and type

    @property
    def _version(self) -> int:
        return self._versions[0]

    def _count_change(self) -> None:
        """Note that the numbers were changed in place: backward may still need the old ones."""
        self._versions[0] += 1

    def _alias(self) -> Tensor:
        """Return a tensor on the same memory that knows of in-place changes, without history."""
        alias = wrap(self._array.view())  # each tensor has an array object of its own
        alias._versions = self._versions
        alias._base, alias._is_view = self._base, self._is_view
        return alias

    def _begin_grad(self, array: Array) -> None:
        self.grad = wrap(array)

    def _source(self) -> Edge:
        """Return where the gradient goes: to the operation that made this tensor, or its grad."""
        if self._edge is None:
            self._edge = (AccumulateGrad(self), 0, self._array.shape, self._array.dtype)
        return self._edge

    # ------------------------------------------------------------------ to Python and to NumPy

    def numpy(self, *, force: bool = False) -> Array:
        """Return the numbers as an array on the same memory; without its history if ``force``."""
        if self._requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def item(self) -> Any:
        """Return the one number as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._array.size} elements cannot be converted to Scalar"
            )
        return self._array.item()

    def tolist(self) -> Any:
        """Return the numbers as nested lists."""
        return self._array.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._array.size != 1 or self.is_floating_point():
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __bool__(self) -> bool:
        if self._array.size != 1:
            what = "no values" if not self._array.size else "more than one value"
            raise RuntimeError(f"Boolean value of Tensor with {what} is ambiguous")
        return bool(self.item())

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter([self[i] for i in range(len(self._array))])

    def __contains__(self, element: Any) -> bool:
        return bool((self._array == getattr(element, "_array", element)).any())

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self.grad_fn is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                "protocol at the moment: copy tensor.detach() instead."
            )
        copy = type(self).__new__(type(self))
        memo[id(self)] = copy
        copy._array, copy._versions = self._array.copy(), [0]
        copy._requires_grad = self._requires_grad
        copy.grad = None if self.grad is None else self.grad.clone()
        return copy

    def __reduce__(self) -> Any:
        raise TypeError("tensors are not pickled: minigrad.save writes them as data, without code")

    # ------------------------------------------------------------------ arithmetic
    def add(self, other: Any, *, alpha: Number = 1) -> Tensor:
        """Return ``self + alpha * other``."""
        return F.add(self, other, alpha=alpha)

    def sub(self, other: Any, *, alpha: Number = 1) -> Tensor:
        """Return ``self - alpha * other``."""
        return F.sub(self, other, alpha=alpha)

    def mul(self, other: Any) -> Tensor:
        """Return ``self * other``, element by element."""
        return F.mul(self, other)

    def div(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Return ``self / other``; ``rounding_mode`` is None, ``'floor'`` or ``'trunc'``."""
        return F.div(self, other, rounding_mode=rounding_mode)

    def pow(self, exponent: Any) -> Tensor:
        """Return ``self ** exponent``."""
        return F.pow(self, exponent)

    def neg(self) -> Tensor:
        """Return ``-self``."""
        return F.neg(self)

    def abs(self) -> Tensor:
        """Return the absolute value; its gradient at 0 is 0."""
        return F.abs(self)

    def exp(self) -> Tensor:
        """Return e to the power of each element."""
        return F.exp(self)

    def log(self) -> Tensor:
        """Return the natural logarithm."""
        return F.log(self)

    def sqrt(self) -> Tensor:
        """Return the square root."""
        return F.sqrt(self)

    def matmul(self, other: Any) -> Tensor:
        """Return the matrix product."""
        return F.matmul(self, other)

    def relu(self) -> Tensor:
        """Return the larger of each element and 0."""
        return F.relu(self)

    def sigmoid(self) -> Tensor:
        """Return ``1 / (1 + exp(-x))`` of each element."""
        return F.sigmoid(self)

    def tanh(self) -> Tensor:
        """Return the hyperbolic tangent."""
        return F.tanh(self)

    def softmax(self, dim: int, dtype: dtypes.dtype | None = None) -> Tensor:
        """Return the softmax along ``dim``."""
        return F.softmax(self, dim, dtype)

    def log_softmax(self, dim: int, dtype: dtypes.dtype | None = None) -> Tensor:
        """Return the logarithm of the softmax along ``dim``."""
        return F.log_softmax(self, dim, dtype)

    def __add__(self, other: Any) -> Tensor:
        return F.binary(F.add, self, other)

    def __radd__(self, other: Any) -> Tensor:
        return F.binary(F.add, other, self)

    def __sub__(self, other: Any) -> Tensor:
        return F.binary(F.sub, self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return F.binary(F.sub, other, self)

    def __mul__(self, other: Any) -> Tensor:
        return F.binary(F.mul, self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return F.binary(F.mul, other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return F.binary(F.div, self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return F.binary(F.div, other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return F.binary(F.floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return F.binary(F.floor_divide, other, self)

    def __mod__(self, other: Any) -> Tensor:
        return F.binary(F.remainder, self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return F.binary(F.remainder, other, self)

    def __pow__(self, other: Any) -> Tensor:
        return F.binary(F.pow, self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return F.binary(F.pow, other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return F.binary(F.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return F.binary(F.matmul, other, self)

    def __neg__(self) -> Tensor:
        return F.neg(self)

    def __abs__(self) -> Tensor:
        return F.abs(self)

    def __invert__(self) -> Tensor:
        if self.is_floating_point():
            raise TypeError(
                "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
            )
        return F.bitwise_not(self)

    def __pos__(self) -> Tensor:
        return self

    # ------------------------------------------------------------------ comparison and logic

    def __eq__(self, other: Any) -> Tensor:  # type: ignore[override]
        return F.binary(F.eq, self, other)

    def __ne__(self, other: Any) -> Tensor:  # type: ignore[override]
        return F.binary(F.ne, self, other)

    def __lt__(self, other: Any) -> Tensor:
        return F.binary(F.lt, self, other)

    def __le__(self, other: Any) -> Tensor:
        return F.binary(F.le, self, other)

    def __gt__(self, other: Any) -> Tensor:
        return F.binary(F.gt, self, other)

    def __ge__(self, other: Any) -> Tensor:
        return F.binary(F.ge, self, other)

    __hash__ = object.__hash__  # by identity: == compares the elements

    def __and__(self, other: Any) -> Tensor:
        return F.binary(F.bitwise_and, self, other)

    def __rand__(self, other: Any) -> Tensor:
        return F.binary(F.bitwise_and, other, self)

    def __or__(self, other: Any) -> Tensor:
        return F.binary(F.bitwise_or, self, other)

    def __ror__(self, other: Any) -> Tensor:
        return F.binary(F.bitwise_or, other, self)

    def __xor__(self, other: Any) -> Tensor:
        return F.binary(F.bitwise_xor, self, other)

    def __rxor__(self, other: Any) -> Tensor:
        return F.binary(F.bitwise_xor, other, self)

    def eq(self, other: Any) -> Tensor:
        """Return where ``self == other``."""
        return F.eq(self, other)

    def ne(self, other: Any) -> Tensor:
        """Return where ``self != other``."""
        return F.ne(self, other)

    def lt(self, other: Any) -> Tensor:
        """Return where ``self < other``."""
        return F.lt(self, other)

    def le(self, other: Any) -> Tensor:
        """Return where ``self <= other``."""
        return F.le(self, other)

    def gt(self, other: Any) -> Tensor:
        """Return where ``self > other``."""
        return F.gt(self, other)

    def ge(self, other: Any) -> Tensor:
        """Return where ``self >= other``."""
        return F.ge(self, other)

    def isnan(self) -> Tensor:
        """Return where an element is NaN."""
        return F.isnan(self)

    def isfinite(self) -> Tensor:
        """Return where an element is neither infinite nor NaN."""
        return F.isfinite(self)

    # ------------------------------------------------------------------ reduction

    @numpy_names
    def sum(
        self, dim: Dims | None = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None
    ) -> Tensor:
        """Return the sum of all elements, or along ``dim``."""
        return F.sum(self, dim, keepdim, dtype=dtype)

    @numpy_names
    def mean(
        self, dim: Dims | None = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None
    ) -> Tensor:
        """Return the mean of all elements, or along ``dim``."""
        return F.mean(self, dim, keepdim, dtype=dtype)

    @numpy_names
    def max(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the largest element, or ``(values, indices)`` along ``dim``."""
        return F.max(self, dim, keepdim)

    @numpy_names
    def min(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Return the smallest element, or ``(values, indices)`` along ``dim``."""
        return F.min(self, dim, keepdim)

    @numpy_names
    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Return the position of the first largest element, flat or along ``dim``."""
        return F.argmax(self, dim, keepdim)

    @numpy_names
    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Return the position of the first smallest element, flat or along ``dim``."""
        return F.argmin(self, dim, keepdim)

    @numpy_names
    def all(self, dim: Dims | None = None, keepdim: bool = False) -> Tensor:
        """Return whether every element is true."""
        return F.all(self, dim, keepdim)

    @numpy_names
    def any(self, dim: Dims | None = None, keepdim: bool = False) -> Tensor:
        """Return whether some element is true."""
        return F.any(self, dim, keepdim)

    # ------------------------------------------------------------------ shape

    def view(self, *size: Any) -> Tensor:
        """Return the same memory in another shape."""
        return F.view(self, *size)

    def view_as(self, other: Tensor) -> Tensor:
        """Return the same memory in the shape of ``other``."""
        return F.view(self, other.shape)

    def reshape(self, *shape: Any) -> Tensor:
        """Return the elements in another shape: a view where possible, else a copy."""
        return F.reshape(self, shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """Return the axes from ``start_dim`` to ``end_dim`` made one."""
        return F.flatten(self, start_dim, end_dim)

    def unflatten(self, dim: int, sizes: Sequence[int]) -> Tensor:
        """Return axis ``dim`` split into ``sizes``, of which one may be -1."""
        return F.unflatten(self, dim, sizes)

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Return a view with two axes exchanged."""
        return F.transpose(self, dim0, dim1)

    def permute(self, *dims: Any) -> Tensor:
        """Return a view with the axes in another order."""
        return F.permute(self, dims)

    def t(self) -> Tensor:
        """Return the transpose of a tensor with at most two axes."""
        return F.t(self)

    @property
    def T(self) -> Tensor:  # noqa: N802  PyTorch's name
        """The view with all axes reversed."""
        return F.permute(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:  # noqa: N802  PyTorch's name
        """The view with the last two axes exchanged."""
        return F.transpose(self, -2, -1)

    def squeeze(self, dim: Dims | None = None) -> Tensor:
        """Return the tensor without its axes of size 1."""
        return F.squeeze(self, dim)

    def unsqueeze(self, dim: int) -> Tensor:
        """Return the tensor with an axis of size 1 put in at ``dim``."""
        return F.unsqueeze(self, dim)

    def expand(self, *size: Any) -> Tensor:
        """Return a view with axes of size 1 repeated; -1 keeps a size."""
        return F.expand(self, *size)

    def expand_as(self, other: Tensor) -> Tensor:
        """Return a view with axes of size 1 repeated to the shape of ``other``."""
        return F.expand(self, other.shape)

    def sum_to_size(self, *size: Any) -> Tensor:
        """Return the sum over the axes along which ``size`` would be broadcast."""
        return F.sum_to_size(self, *size)

    def clone(self) -> Tensor:
        """Return a copy, through which gradients flow."""
        return F.clone(self)

    def contiguous(self) -> Tensor:
        """Return the tensor laid out in memory in the order of its axes."""
        return F.contiguous(self)

    def is_contiguous(self) -> bool:
        """Return whether the elements lie in memory in the order of the axes."""
        return not self._is_view or self._array.flags.c_contiguous

    def __getitem__(self, index: Any) -> Tensor:
        return F.getitem(self, index)

    # ------------------------------------------------------------------ change in place

    def __setitem__(self, index: Any, value: Any) -> None:
        inplace.setitem(self, index, value)

    def copy_(self, other: Any, non_blocking: bool = False) -> Tensor:
        """Overwrite the elements with those of ``other``, broadcast and cast to fit."""
        return inplace.copy(self, other)

    def fill_(self, value: Any) -> Tensor:
        """Overwrite every element with ``value``."""
        return inplace.copy(self, value)

    def zero_(self) -> Tensor:
        """Overwrite every element with 0."""
        return inplace.copy(self, 0)

    def add_(self, other: Any, *, alpha: Number = 1) -> Tensor:
        """Do ``add`` in place."""
        return inplace.update(self, F.add(self, other, alpha=alpha))

    def sub_(self, other: Any, *, alpha: Number = 1) -> Tensor:
        """Do ``sub`` in place."""
        return inplace.update(self, F.sub(self, other, alpha=alpha))

    def mul_(self, other: Any) -> Tensor:
        """Do ``mul`` in place."""
        return inplace.update(self, F.mul(inplace.old(self, other), other))

    def div_(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Do ``div`` in place."""
        old = inplace.old(self, other)
        return inplace.update(self, F.div(old, other, rounding_mode=rounding_mode))

    def __iadd__(self, other: Any) -> Tensor:
        return inplace.update(self, F.add(self, other))

    def __isub__(self, other: Any) -> Tensor:
        return inplace.update(self, F.sub(self, other))

    def __imul__(self, other: Any) -> Tensor:
        return inplace.update(self, F.mul(inplace.old(self, other), other))

    def __itruediv__(self, other: Any) -> Tensor:
        return inplace.update(self, F.div(inplace.old(self, other), other))

    # ------------------------------------------------------------------ another type or place
    # (Last, for these methods hide the types int, float and bool from annotations below them.)

    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        """Return the numbers as another dtype: ``to(dtype)``, ``to(other)``, ``to("cpu", dtype)``.

        The tensor itself where nothing changes, unless ``copy=True``.
        """
        return F.to(self, *args, **kwargs)

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """Return the name of the type, ``torch.FloatTensor``; or the numbers as another one.

        ``dtype`` is a dtype, a type such as ``minigrad.LongTensor``, or its name.
        """
        from minigrad.tensor_types import named_type, type_name

        return type_name(self) if dtype is None else F.to(self, named_type(dtype))

    def float(self) -> Tensor:
        """Return the numbers as float32."""
        return F.to(self, dtypes.float32)

    def double(self) -> Tensor:
        """Return the numbers as float64."""
        return F.to(self, dtypes.float64)

    def long(self) -> Tensor:
        """Return the numbers as int64, cut towards zero."""
        return F.to(self, dtypes.int64)

    def int(self) -> Tensor:
        """Return the numbers as int32, cut towards zero."""
        return F.to(self, dtypes.int32)

    def bool(self) -> Tensor:
        """Return True where an element is not zero."""
        return F.to(self, dtypes.bool_)

    def type_as(self, other: Tensor) -> Tensor:
        """Return the numbers as the type of ``other``."""
        return F.to(self, other.dtype)

    def cpu(self) -> Tensor:
        """Return the tensor itself: it is on the CPU."""
        return self


def wrap(array: Any) -> Tensor:
    """Make a tensor on an array, without a copy and without history."""
    tensor = Tensor.__new__(Tensor)
    # NumPy returns a scalar, not an array, where no axis is left.
    tensor._array = array if type(array) is np.ndarray else np.asarray(array)
    tensor._versions = [0]
    return tensor


def wrap_view(array: Array, base: Tensor) -> Tensor:
    """Make a tensor on part of the memory of ``base``: a change of one is a change of both."""
    view = wrap(array)
    view._versions = base._versions
    view._base = base if base._base is None else base._base
    view._base._has_views = True
    view._is_view = True
    return view


# At the end, for these are made of tensors, and need the class above.
from minigrad import engine, inplace  # noqa: E402
from minigrad import functions as F  # noqa: E402
