"""The processes of all files that are being checked, to end them at once: after Ctrl-C, say."""

import contextlib
import threading
from collections.abc import Iterator

from pt_reference.check.sandbox import Sandbox


class Running:
    """The sandboxes that are in use, so that all of them can be ended at once, and no other begun.

    Each belongs to a thread, which waits for its process, and closes it once that is killed.
    """

    def __init__(self) -> None:
        self.ended = False
        self._lock = threading.Lock()
        self._open: set[Sandbox] = set()

    @contextlib.contextmanager
    def using(self, sandbox: Sandbox) -> Iterator[None]:
        """Count a sandbox among them, for as long as it is in use."""
        with self._lock:
            self._open.add(sandbox)
            if self.ended:
                sandbox.kill()
        try:
            yield
        finally:
            with self._lock:
                self._open.remove(sandbox)

    def end(self) -> None:
        """End all of them."""
        with self._lock:
            self.ended = True
            for sandbox in self._open:
                sandbox.kill()
