"""Where a task is, and what is said of it, on its page and by the API."""

from tests.office import Json
from tests.web.browser import Browser


def page(one: Json) -> str:
    return f"/tugas/{one['id']}"


def offered(browser: Browser) -> set[str]:
    """The acts that the open page offers, beside commenting, which is for all who see it."""
    actions = (form.action.partition("?")[0] for form in browser.tree.xpath("//*[@id='rincian']//form"))
    return {action.rpartition("/")[2] for action in actions} - {"komentar"}


def office_of(browser: Browser, one: Json) -> Json:
    """What the office knows of a task."""
    found: Json = browser.office.read(f"tasks/{one['id']}", "inspektorat")
    return found
