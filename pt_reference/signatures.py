"""The signatures of PyTorch's callables, also of those that are compiled.

What Python can inspect it does. The rest is read from the type stubs that PyTorch is shipped with:
there each way to call a function, an overload, stands as a line of Python.
"""

import ast
import functools
import inspect
from collections.abc import Iterator
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import torch

Body = dict[str, list[ast.FunctionDef]]


def overloads(owner: Any, name: str) -> list[Signature]:
    """Return the signatures of ``owner.name``, without its ``self``; none where none is known.

    >>> [str(s) for s in overloads(torch, "relu")]
    ['(input)']
    """
    method = inspect.isclass(owner) and not isinstance(
        inspect.getattr_static(owner, name), staticmethod | classmethod
    )
    found = [_inspected(getattr(owner, name))]
    for file, class_name in _stubs(owner):
        if not found[0]:
            found = [_from_stub(f) for f in _functions(file, class_name).get(name, [])] or [None]
    return [_without_self(s) if method else s for s in found if s]


def _inspected(function: Any) -> Signature | None:
    """Return what Python finds, without annotations; None where that says nothing."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if [p.name for p in parameters] == ["args", "kwargs"]:
        if not inspect.isclass(function):  # a wrapper around a compiled function
            return None
        if "__init__" not in vars(function):  # a module's: what Module.__init__ would refuse
            return Signature()
    return Signature([p.replace(annotation=Parameter.empty) for p in parameters])


def _stubs(owner: Any) -> list[tuple[str, str | None]]:
    """Return the files, and the class in each, that describe a module's or a class's functions."""
    functions: tuple[str, str | None] = ("_C/_VariableFunctions.pyi", None)
    if owner is torch.nn.functional:
        return [("nn/functional.pyi", None), ("_C/_nn.pyi", None), functions]
    if inspect.isclass(owner) and issubclass(owner, torch.Tensor):
        return [("_C/__init__.pyi", "TensorBase")]
    return [functions] if owner is torch else []


@functools.cache
def _functions(file: str, class_name: str | None) -> Body:
    text = (Path(torch.__file__).parent / file).read_text(encoding="utf-8")
    body: list[ast.stmt] = ast.parse(text).body
    if class_name is not None:
        body = next(n.body for n in body if isinstance(n, ast.ClassDef) and n.name == class_name)
    found: Body = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return found


def _from_stub(function: ast.FunctionDef) -> Signature:
    return Signature(list(_parameters(function.args)))


def _parameters(args: ast.arguments) -> Iterator[Parameter]:
    positional = [*args.posonlyargs, *args.args]
    without_default = len(positional) - len(args.defaults)
    for position, arg in enumerate(positional):
        k = position - without_default
        default = _value(args.defaults[k]) if k >= 0 else Parameter.empty
        yield Parameter(arg.arg, Parameter.POSITIONAL_OR_KEYWORD, default=default)
    if args.vararg:
        yield Parameter(args.vararg.arg, Parameter.VAR_POSITIONAL)
    for arg, node in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        default = Parameter.empty if node is None else _value(node)
        yield Parameter(arg.arg, Parameter.KEYWORD_ONLY, default=default)


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:  # a name of PyTorch's, such as `strided`
        return ast.unparse(node)


def _without_self(signature: Signature) -> Signature:
    return Signature(list(signature.parameters.values())[1:])
