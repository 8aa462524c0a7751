"""What the pages cost is measured for every page that there is."""

import re

from fastapi.routing import APIRoute

from app.web.app import SCREENS
from bench.pages import PAGES, POLLED

# Not pages of the office at work: where nobody is signed in, redirects, files, and what needs a deployment first.
_OTHERS = {
    *("/", "/masuk", "/static/{name}", "/sop/diberlakukan/{deployment_id}"),
    *("/pantauan/sop.csv", "/pantauan/langkah.csv", "/jejak/{instance_id}/unduh"),
}


class TestThePagesThatAreMeasured:
    def test_are_all_that_can_be_opened(self) -> None:
        routes = [one for screen in SCREENS for one in screen.router.routes if isinstance(one, APIRoute)]
        routes = [one for one in routes if one.methods is not None and "GET" in one.methods]
        opened = {one.path for one in routes} - _OTHERS
        measured = set()
        for _user, place in PAGES.values():
            path = re.sub(r"{\w+}", "x", place.partition("?")[0])
            measured.add(next(one.path for one in routes if one.path_regex.match(path)))

        assert opened == measured

    def test_are_polled_under_their_names(self) -> None:
        assert set(POLLED) <= set(PAGES)
