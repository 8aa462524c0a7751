"""A part of the service that is made when it is first asked for: a worker that never is does not pay for it."""

from collections.abc import Awaitable, Callable
from threading import Lock

from starlette.concurrency import run_in_threadpool

from app.core.http import Message, Receive, Send

Application = Callable[[Message, Receive, Send], Awaitable[None]]


class WhenAsked:
    """An ASGI application that another stands for until its first request; it is made once, whoever comes together."""

    def __init__(self, make: Callable[[], Application]) -> None:
        self._make = make
        self._made: Application | None = None
        self._being_made = Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        application = self._made if self._made is not None else await run_in_threadpool(self._once)
        await application(scope, receive, send)

    def _once(self) -> Application:
        with self._being_made:
            if self._made is None:
                self._made = self._make()
            return self._made
