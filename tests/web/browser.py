"""A browser without a window and without scripts, for what the pages say and do over plain HTTP."""

import re
from html import unescape
from typing import Any

import httpx2 as httpx
from lxml import html
from starlette.testclient import TestClient

from app.demo.users import PASSWORD
from app.web.visit import SESSION_COOKIE
from tests.office import Office


class Browser:
    """One person's browser: it keeps cookies, follows where it is led, and sends forms as they stand on its page."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.client = TestClient(office.app, base_url="http://alur.test", follow_redirects=True)
        self.page = ""
        self.status = 0
        self.url = ""

    def open(self, path: str) -> "Browser":
        return self._keep(self.client.get(path))

    def sign_in(self, username: str, password: str = PASSWORD) -> "Browser":
        self.open("/masuk")
        return self.send("/masuk", username=username, password=password)

    def send(self, action: str, **typed: Any) -> "Browser":
        """Send the first form of the page that leads to `action`, with what it holds and what is typed."""
        form = next(one for one in self.tree.forms if one.action == action)
        fields = dict(form.form_values())
        # lxml takes an empty value of a radio button for none at all.
        fields |= {one.get("name"): "" for one in form.xpath(".//input[@type='radio'][@checked][@value='']")}
        return self._keep(self.client.post(action, data=fields | typed))

    def post(self, path: str, **fields: Any) -> "Browser":
        """Send what no page offered."""
        return self._keep(self.client.post(path, data=fields))

    def lose_session(self) -> None:
        self.client.cookies.delete(SESSION_COOKIE)

    @property
    def tree(self) -> Any:
        return html.document_fromstring(self.page)

    @property
    def text(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.page)).split())

    def _keep(self, answer: httpx.Response) -> "Browser":
        self.page, self.status, self.url = answer.text, answer.status_code, answer.url.path
        self.answer = answer
        return self
