"""PyTorch's older names of tensor types: LongTensor, FloatTensor, ..."""

from __future__ import annotations

from typing import Any

from minigrad import dtypes
from minigrad.creation import legacy_array
from minigrad.dtypes import LEGACY_NAMES, dtype
from minigrad.tensor import Tensor, wrap


class TensorType:
    """A type to convert to, to construct with, and to test for.

    >>> import minigrad
    >>> x = minigrad.tensor([1.9]).type(LongTensor)
    >>> x, isinstance(x, LongTensor), LongTensor([1, 2])
    (tensor([1]), True, tensor([1, 2]))
    """

    def __init__(self, dtype: dtype) -> None:
        self.dtype = dtype
        self.__name__ = f"{LEGACY_NAMES[dtype]}Tensor"

    def __call__(self, *data: Any) -> Tensor:
        """Construct a tensor of this type from data, or of zeros of the given sizes."""
        return wrap(legacy_array(data, self.dtype))

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is self.dtype

    def __repr__(self) -> str:
        return f"<class 'torch.{self.__name__}'>"


FloatTensor = TensorType(dtypes.float32)
DoubleTensor = TensorType(dtypes.float64)
CharTensor = TensorType(dtypes.int8)
ShortTensor = TensorType(dtypes.int16)
IntTensor = TensorType(dtypes.int32)
LongTensor = TensorType(dtypes.int64)
ByteTensor = TensorType(dtypes.uint8)
BoolTensor = TensorType(dtypes.bool_)

_BY_NAME = {f"torch.{name}Tensor": d for d, name in LEGACY_NAMES.items()}


def type_name(tensor: Tensor) -> str:
    """Return ``torch.FloatTensor`` and the like."""
    return f"torch.{LEGACY_NAMES[tensor.dtype]}Tensor"


def named_type(kind: Any) -> dtype:
    """Return the dtype that a dtype, a tensor type or its name stands for."""
    if isinstance(kind, dtype):
        return kind
    if isinstance(kind, TensorType):
        return kind.dtype
    if isinstance(kind, str) and kind in _BY_NAME:
        return _BY_NAME[kind]
    if isinstance(kind, str | type):
        raise ValueError(f"invalid type: {kind!r}. Say minigrad.LongTensor, or minigrad.int64.")
    raise TypeError(f"dtype must be a type, str, or dtype object, not {type(kind).__name__}")
