"""The interactive page of the API: there for everybody, from our own files, under the same policy as every page."""

import pytest

from tests.office import Office
from tests.web.browser import Browser


class TestTheApiPage:
    @pytest.mark.parametrize("user", [None, "staf"])
    def test_is_there_signed_in_or_not(self, shared_office: Office, user: str | None) -> None:
        browser = Browser(shared_office)
        if user is not None:
            browser.sign_in(user)
        browser.open("/api/v1/docs")
        assert browser.status == 200
        (place,) = browser.tree.xpath("//*[@id='api']/@data-description")
        assert shared_office.client.get(place).json()["info"]["title"] == "Alur"
        assert bool(browser.tree.xpath("//nav[@class='rooms']")) == (user is not None)

    def test_brings_its_own_scripts_and_styles(self, shared_office: Office) -> None:
        browser = Browser(shared_office).open("/api/v1/docs")
        places = browser.tree.xpath("//script/@src | //link[not(@rel='expect')]/@href")
        assert all(place.startswith("/static/") for place in places)
        assert all(shared_office.client.get(place).status_code == 200 for place in places)
        assert "unsafe" not in browser.answer.headers["content-security-policy"]

    def test_signs_in_as_its_form_does(self, shared_office: Office) -> None:
        """What swagger-ui sends: the OAuth 2.0 password form with empty members, and a password for the client."""
        form = {"grant_type": "password", "username": "staf", "password": "demo", "scope": ""}
        headers = {"Authorization": "Basic Og==", "X-Requested-With": "XMLHttpRequest"}
        answer = shared_office.client.post("/api/v1/auth/token", data=form, headers=headers)
        assert answer.status_code == 200, answer.text
