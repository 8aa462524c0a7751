"""What the operator's guide and the deployment files say is true of the service."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric
from pydantic_core import PydanticUndefined

from app.core import metrics
from app.core.settings import Settings
from tests.house.tree import ROOT
from tests.office import Office

GUIDE = (ROOT / "docs" / "operations.md").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# What is told of a default that is no plain value.
IN_WORDS = {
    "secret_key": "required in production",
    "database_url": "SQLite in the data directory",
    "trail_key": "none: heads are unsigned",
    "smtp_url": "none: no e-mail",
}


class TestSettings:
    def test_are_all_in_the_guide_with_their_defaults(self) -> None:
        rows = re.findall(r"^\| `ALUR_([A-Z_]+)` \|.*\| ([^|]+) \|$", GUIDE, re.MULTILINE)

        told = {name.lower(): default.strip("`") for name, default in rows}
        assert told == {
            name: IN_WORDS.get(name, str(field.default) if field.default not in (None, "") else "none")
            for name, field in Settings.model_fields.items()
        }
        assert all(field.default is not PydanticUndefined for field in Settings.model_fields.values())

    @pytest.mark.parametrize("path", ["docs/operations.md", "README.md", "compose.yaml", "Dockerfile"])
    def test_that_are_named_anywhere_exist(self, path: str) -> None:
        named = set(re.findall(r"\bALUR_([A-Z][A-Z_]+)", (ROOT / path).read_text()))

        # The name that the proxy of the compose file answers to.
        assert {name.lower() for name in named} - {"site"} <= Settings.model_fields.keys()
        assert named


class TestMetrics:
    def test_are_all_in_the_guide(self, shared_office: Office) -> None:
        counted: list[Metric] = list(metrics.collected().collect())
        waiting = [depth.name for depth in (*shared_office.app.state.depths.now(), shared_office.app.state.build)]
        names = {*(f"{one.name}_total" if one.type == "counter" else one.name for one in counted), *waiting}

        told = set(
            re.findall(r"`(alur_[a-z_]+)(?:\{[a-z,]+\})?`", GUIDE.partition("### Metrics")[2].partition("```")[0])
        )
        assert told == names

    def test_that_alerts_ask_for_exist(self) -> None:
        (block,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
        rules = yaml.safe_load(block)["groups"][0]["rules"]

        asked = {name for rule in rules for name in re.findall(r"alur_[a-z_]+", rule["expr"])}
        table = GUIDE.partition("### Metrics")[2].partition("```")[0]
        assert len(rules) >= 8
        assert {name for name in asked if re.sub(r"_(bucket|count|sum)$", "", name) not in table} == set()


class TestTheGuide:
    def test_leads_to_places_that_are_there(self) -> None:
        heads = {_anchor(head) for head in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)}

        assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= heads


def _anchor(head: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-")


class TestDeployment:
    def test_names_every_image_by_its_version(self) -> None:
        images = [service["image"] for service in COMPOSE["services"].values()]
        images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

        assert {image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-[a-z-]+)?$", image)} == set()
        assert len(images) == 8

    def test_lets_a_node_drain_before_it_is_killed(self) -> None:
        for name in ("app1", "app2"):
            node = COMPOSE["services"][name]
            needed = sum(float(node["environment"][f"ALUR_{what}_SECONDS"]) for what in ("DRAIN", "SHUTDOWN"))
            assert float(node["stop_grace_period"].removesuffix("s")) > needed
            caddy = COMPOSE["configs"]["caddyfile"]["content"]
            interval, fails = re.search(r"health_interval (\d+)s", caddy), re.search(r"health_fails (\d+)", caddy)
            assert interval is not None
            assert fails is not None
            assert float(node["environment"]["ALUR_DRAIN_SECONDS"]) > int(interval[1]) * int(fails[1])

    def test_trusts_its_own_proxy_and_no_other(self) -> None:
        address = COMPOSE["services"]["proxy"]["networks"]["inside"]["ipv4_address"]

        assert COMPOSE["services"]["app1"]["environment"]["ALUR_TRUSTED_PROXIES"] == address

    def test_starts_nothing_before_what_it_needs(self) -> None:
        services = COMPOSE["services"]
        for name, service in services.items():
            for needed, how in service.get("depends_on", {}).items():
                assert needed in services, name
                if how["condition"] == "service_healthy":
                    assert "healthcheck" in services[needed], needed

    def test_runs_as_nobody_special(self) -> None:
        last = DOCKERFILE.rpartition("\nFROM ")[2]

        assert "USER alur" in last
        assert last.index("USER alur") < last.index("CMD [")
        assert Path(ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
