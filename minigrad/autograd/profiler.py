"""Where the time goes: ``torch.autograd.profiler``, for the operations of minigrad.

While a ``profile`` is active, ``forward`` and ``backward`` of every Function, and the optimizers'
``step`` and ``zero_grad``, are replaced by ones that look at the clock first and last. When it
ends they are put back, also after an error: code that is not profiled pays nothing.

An event that happens within another is its child. What an operation, or a block marked by
``record_function``, took without its children is its *self* time, so self times add up to the
whole: the self time of a block around ``model(x)`` is what modules and recording take, that of a
block around ``loss.backward()`` is the walk of the graph.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ContextDecorator, ExitStack
from os import PathLike
from threading import get_ident
from time import perf_counter_ns
from typing import Any, ClassVar

from minigrad.autograd.profiler_util import EventList, FunctionEvent, FunctionEventAvg
from minigrad.function import Function
from minigrad.refuse import refuse

__all__ = ["profile", "record_function"]

_NAME_OF_STEPS = "Optimizer.{0}#{1}.{0}"  # PyTorch's


class profile:  # noqa: N801 (PyTorch's name)
    """Record the operations that run within a ``with`` block, and when.

    Each is an event of the name of its Function, as ``Linear``, or of its backward, as
    ``LinearBackward``. ``record_shapes`` keeps the shapes of what each was given. Functions that
    are defined while it is active are not seen, nor are other threads. RuntimeError where another
    ``profile`` is active, or where this one has been.

    >>> import minigrad
    >>> x = minigrad.ones(4, requires_grad=True)
    >>> with profile() as prof:
    ...     (x * x).exp().sum().backward()
    >>> [event.name for event in prof.function_events if event.cpu_parent is None]
    ['Mul', 'Exp', 'Sum', 'SumBackward', 'ExpBackward', 'MulBackward']
    >>> table = prof.key_averages().table(sort_by="self_cpu_time_total", row_limit=3)
    """

    _active: ClassVar[profile | None] = None

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
        use_kineto: bool = False,
        use_cpu: bool = True,
        experimental_config: Any = None,
        acc_events: bool = False,
        custom_trace_id_callback: Callable[[], str] | None = None,
        post_processing_timeout_s: float | None = None,
        activity_filters: dict[Any, set[str]] | None = None,
    ) -> None:
        refuse(
            "profile", use_cuda=use_cuda, use_device=use_device, with_flops=with_flops,
            profile_memory=profile_memory, with_stack=with_stack, with_modules=with_modules,
            use_kineto=use_kineto, experimental_config=experimental_config, acc_events=acc_events,
            custom_trace_id_callback=custom_trace_id_callback,
            post_processing_timeout_s=post_processing_timeout_s, activity_filters=activity_filters,
        )  # fmt: skip
        if not use_cpu:
            raise NotImplementedError("minigrad's profile has no use_cpu=False")
        self.enabled, self.record_shapes = enabled, record_shapes
        self.function_events: EventList | None = None
        self._events: list[FunctionEvent] = []  # in the order in which they began
        self._open: FunctionEvent | None = None  # the innermost that has not ended
        self._numbers: dict[int, int] = {}  # from the id of a living context to its number
        self._thread: int | None = None
        self._replaced = ExitStack()

    def __enter__(self) -> profile:
        if self.enabled:
            if self._thread is not None:
                raise RuntimeError("Profiler context manager is not reentrant")
            if profile._active is not None:
                raise RuntimeError("Profiler is already enabled on this thread")
            self._thread = get_ident()
            profile._active = self
            with ExitStack() as undo:  # if anything fails on the way, what was replaced comes back
                undo.callback(setattr, profile, "_active", None)
                self._replace_all(undo)
                self._replaced = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        if self.enabled:
            self._replaced.close()
            self.function_events = EventList(self._events)

    def key_averages(
        self,
        group_by_input_shape: bool = False,
        group_by_stack_n: int = 0,
        group_by_overload_name: bool = False,
    ) -> EventList:
        """Return the sums over all events of one name, and of the same shapes if asked for."""
        return self._finished().key_averages(
            group_by_input_shape, group_by_stack_n, group_by_overload_name
        )

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = 55,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
    ) -> str:
        """Return a table of all events: ``key_averages().table()`` is a shorter one."""
        widths = max_src_column_width, max_name_column_width, max_shapes_column_width
        return self._finished().table(sort_by, row_limit, *widths, header, top_level_events_only)

    def export_chrome_trace(
        self, path: str | PathLike[str], metadata: Any = None, use_python_export: bool = False
    ) -> None:
        """Write a time line of the events, for ``chrome://tracing`` or ui.perfetto.dev."""
        refuse("export_chrome_trace", metadata=metadata, use_python_export=use_python_export)
        self._finished().export_chrome_trace(path)

    def total_average(self) -> FunctionEventAvg:
        """Return the sum over all events."""
        return self._finished().total_average()

    @property
    def self_cpu_time_total(self) -> float:
        """The time within events, in microseconds."""
        return self._finished().self_cpu_time_total

    def _finished(self) -> EventList:
        if self.function_events is None:
            raise RuntimeError("Profiler didn't finish running")
        return self.function_events

    def __repr__(self) -> str:
        events = self.function_events
        return "<unfinished torch.autograd.profile>" if events is None else events.table()

    def _replace_all(self, undo: ExitStack) -> None:
        from minigrad.optim import Optimizer

        for function in _subclasses(Function):
            # An ArrayFunction's _forward is its forward as `apply` calls it.
            for name in ("forward", "_forward"):
                self._replace(undo, function, name, self._began_forward)
            self._replace(undo, function, "backward", self._began_backward)
        for name in ("step", "zero_grad"):
            self._replace(undo, Optimizer, name, functools.partial(self._began_method, name))

    def _replace(
        self, undo: ExitStack, owner: type[Any], name: str, began: Callable[..., FunctionEvent]
    ) -> None:
        """Put a timed method in the place of the one that a class itself defines."""
        found = vars(owner).get(name)
        if found is None:
            return
        is_static = isinstance(found, staticmethod)
        method = found.__func__ if is_static else found

        @functools.wraps(method)
        def timed(*args: Any, **kwargs: Any) -> Any:
            if get_ident() != self._thread:
                return method(*args, **kwargs)
            event = began(*args)
            try:
                return method(*args, **kwargs)
            finally:
                self._ended(event)

        undo.callback(setattr, owner, name, found)
        setattr(owner, name, staticmethod(timed) if is_static else timed)

    def _began_forward(self, ctx: Any, *args: Any) -> FunctionEvent:
        self._numbers[id(ctx)] = number = len(self._events)
        return self._began(type(ctx).__name__.removesuffix("Backward"), number, args)

    def _began_backward(self, ctx: Any, *grads: Any) -> FunctionEvent:
        return self._began(type(ctx).__name__, self._numbers.get(id(ctx), -1), grads)

    def _began_method(self, name: str, owner: Any, *_: Any) -> FunctionEvent:
        return self._began(_NAME_OF_STEPS.format(name, type(owner).__name__))

    def _began(self, name: str, sequence_nr: int = -1, args: tuple[Any, ...] = ()) -> FunctionEvent:
        shapes = [list(getattr(a, "shape", ())) for a in args] if self.record_shapes else []
        self._open = event = FunctionEvent(name, self._open, sequence_nr, shapes)
        self._events.append(event)
        event.start_ns = perf_counter_ns()  # last: the time before this is the caller's
        return event

    def _ended(self, event: FunctionEvent) -> None:
        event.end_ns = perf_counter_ns()
        self._open = event.cpu_parent


class record_function(ContextDecorator):  # noqa: N801 (PyTorch's name)
    """Give a block a name in the profile; without a profile it does nothing.

    >>> with profile() as prof, record_function("nothing"):
    ...     pass
    >>> prof.key_averages()[0].key
    'nothing'
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        refuse("record_function", args=args)
        self.name = name

    def __enter__(self) -> record_function:
        self._profile = profile._active
        if self._profile:
            self._event = self._profile._began(self.name)
        return self

    def __exit__(self, *_: object) -> None:
        if self._profile:
            self._profile._ended(self._event)


def _subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    """Yield all subclasses, also of subclasses."""
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)
