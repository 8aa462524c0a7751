"""Who may deploy, and that nobody else is let send his files."""

import pytest

from tests.core.test_strict_routes import bodies_read
from tests.drawings import one_task
from tests.office import Office, pointers, problem

FILES = [("files", ("a.bpmn", one_task("a"), "application/xml"))]


class TestSomebodyWhoMayNotDeploy:
    @pytest.mark.parametrize("user", ["staf", "sekretaris", "kepala_dinas", "inspektorat"])
    def test_is_told_which_permission_it_needs(self, shared_office: Office, user: str) -> None:
        for data in ({}, {"unit": "disnaker"}, {"unit": "nowhere"}, {"lain": "x"}):
            content = problem(shared_office.post("deployments", user, files=FILES, data=data), 403, "forbidden")

            assert "permission to deploy" in content["detail"]

    def test_is_refused_before_anything_is_read(self, shared_office: Office) -> None:
        kind = "multipart/form-data; boundary=x"

        assert bodies_read(shared_office, "deployments", "staf", kind) == (403, 0)
        assert bodies_read(shared_office, "deployments", "analis", "text/plain") == (422, 1)

    def test_may_no_more_once_the_permission_is_over(self, office: Office) -> None:
        today = office.clock.now().date()
        office.hire("lama", permissions=("deploy@disnaker",), valid_to=today.replace(day=1))
        office.hire("kini", permissions=("deploy@disnaker",))

        problem(office.post("deployments", "lama", files=FILES), 403, "forbidden")
        assert office.post("deployments", "kini", files=FILES).status_code == 201


class TestWhoeverMay:
    def test_deploys_into_the_unit_of_his_permission_before_one_that_he_administers(self, office: Office) -> None:
        office.hire("keduanya", permissions=("administer@tanjabbar", "deploy@disnaker"))
        office.hire("pengelola", permissions=("administer@tanjabbar",))

        units = []
        for user, key in (("keduanya", "a"), ("pengelola", "b")):
            files = [("files", (f"{key}.bpmn", one_task(key), "application/xml"))]
            assert office.post("deployments", user, files=files).status_code == 201
            units.append(office.read("process-definitions", "staf", key=key)["items"][0]["unit"])

        assert units == ["disnaker", "tanjabbar"]

    def test_may_name_another_that_he_may_deploy_into(self, office: Office) -> None:
        office.hire("keduanya", permissions=("administer@tanjabbar", "deploy@disnaker"))

        assert office.post("deployments", "keduanya", files=FILES, data={"unit": "tanjabbar"}).status_code == 201

    @pytest.mark.parametrize(
        ("data", "wrong"),
        [
            ({"unit": "nowhere"}, ["/unit"]),
            ({"unit": ""}, ["/unit"]),
            ({"lain/x": "1"}, ["/lain~1x"]),
            ({"name": "a\0b"}, ["/name"]),
            ({"name": ["a", "b"]}, ["/name"]),
            ({"name": "a", "deployment-name": "a"}, ["/name"]),
        ],
    )
    def test_gives_fields_that_mean_something(
        self, shared_office: Office, data: dict[str, str], wrong: list[str]
    ) -> None:
        answer = shared_office.post("deployments", "analis", files=FILES, data=data)

        assert pointers(problem(answer, 422, "invalid")) == wrong

    def test_may_use_the_names_that_the_modeler_has_for_them(self, office: Office) -> None:
        data = {"deployment-name": "Percobaan", "deployment-source": "Camunda Modeler"}

        assert office.post("deployments", "analis", files=FILES, data=data).json()["name"] == "Percobaan"
