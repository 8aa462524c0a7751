"""The end of a server: it says that it is about to stop, finishes what it has begun, and takes nothing new."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog

_log = structlog.get_logger("alur.draining")


class Draining:
    """Whether this process is about to stop: then it is not ready, and whoever waits for news is answered at once.

    After SIGTERM the server goes on for `seconds`, so that a proxy sees that it is not ready and sends requests to
    others; only then does it close its door. A second signal, or Ctrl+C, does not wait.
    """

    def __init__(self, seconds: float = 0) -> None:
        self.begun = False
        self._seconds = seconds

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Hear the signals before the server does, for as long as this lasts; outside the main thread, do nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

        def stop(number: int, frame: FrameType | None) -> None:
            handler = before[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)

        def hear(number: int, frame: FrameType | None) -> None:
            waits = number == signal.SIGTERM and not self.begun and self._seconds > 0
            self.begun = True
            if waits:
                loop.call_soon_threadsafe(_log.info, "draining")
                loop.call_soon_threadsafe(loop.call_later, self._seconds, stop, number, frame)
            else:
                stop(number, frame)

        for number in before:
            signal.signal(number, hear)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
