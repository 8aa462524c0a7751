"""Windows of a real browser on a running service, each of one person; what goes wrong in any is written down."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Literal
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response
from starlette.types import ASGIApp

from app.demo.users import PASSWORD
from app.web.language import INDONESIAN
from app.web.visit import LANGUAGE_COOKIE, SESSION_COOKIE

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
_HOST = "127.0.0.1"
_PATIENCE = 10_000
# The browser itself says so of every answer from 400 on; which of them are faults is judged by the answers.
_SAID_OF_ANSWERS = "Failed to load resource: the server responded with a status of"
_TELL_POLICY = (
    "document.addEventListener('securitypolicyviolation', (event) => console.error("
    "`Content-Security-Policy: ${event.violatedDirective} forbids ${event.blockedURI || event.sample}`))"
)


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of this machine; yields its address."""
    with socket.socket() as listening:
        listening.bind((_HOST, 0))
        listening.listen()
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://{_HOST}:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


class Windows:
    """The windows of one test, and their faults.

    A fault is an error of a script or on the console, a breach of the content security policy, a request to another
    machine, an answer from 500 on, and a part of a page that is refused.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.faults: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def open(
        self,
        username: str | None = None,
        path: str | None = None,
        *,
        width: int = 1280,
        height: int = 900,
        theme: Theme = "light",
        language: str = INDONESIAN,
        scripts: bool = True,
    ) -> Page:
        """Open a window of its own for somebody who is signed in already, or for nobody, at a page."""
        context = self._browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        self._contexts.append(context)
        context.set_default_timeout(_PATIENCE)
        context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": self.address}])
        context.add_init_script(_TELL_POLICY)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._see_request)
        context.on("response", self._see_response)
        page = context.new_page()
        if username is not None:
            sign_in(page, username)
        if path is not None:
            page.goto(path)
        return page

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_SAID_OF_ANSWERS):
            where = message.location
            self.faults.append(f"console: {message.text} ({where.get('url', '')}:{where.get('lineNumber', '')})")

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((self.address + "/", "data:", "blob:")):
            self.faults.append(f"request to elsewhere: {request.method} {request.url}")

    def _see_response(self, response: Response) -> None:
        request = response.request
        is_part = request.method == "GET" and not request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and is_part):
            self.faults.append(f"{request.method} {urlsplit(response.url).path}: {response.status}")


def sign_in(page: Page, username: str) -> None:
    """Give a window the session of a user, past the form; the window shows nothing of it until it opens a page."""
    answer = page.context.request.post("/masuk", form={"username": username, "password": PASSWORD}, max_redirects=0)
    assert answer.status == 303, answer.text()


def end_session(page: Page) -> None:
    """Let the session of a window end, as time does."""
    page.context.clear_cookies(name=SESSION_COOKIE)
