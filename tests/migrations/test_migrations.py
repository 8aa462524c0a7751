"""Migrations, on both databases: up, as the models say, down to nothing, and up again."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from app.bootstrap import METADATA
from app.core import migrations
from app.core.shipped import shipped
from tests.databases import fill
from tests.definitions.test_calls import passing, repeating
from tests.drawings import one_task
from tests.office import Clock, problem, running_office


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(shipped("migrations")))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def tables(url: str) -> set[str]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


class TestMigrations:
    def test_build_what_the_models_say(self, empty_url: str) -> None:
        migrations.upgrade(empty_url)

        command.check(config(empty_url))
        assert tables(empty_url) == set(METADATA.tables)

    def test_would_notice_a_model_that_no_migration_built(self, empty_url: str) -> None:
        migrations.upgrade(empty_url)
        engine = sa.create_engine(empty_url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE wait ADD COLUMN more INTEGER"))

        with pytest.raises(CommandError, match="New upgrade operations detected"):
            command.check(config(empty_url))

    def test_lead_down_to_nothing_and_up_again(self, empty_url: str) -> None:
        fill(empty_url)

        command.downgrade(config(empty_url), "base")
        left = tables(empty_url)
        fill(empty_url)

        assert left == set()
        with running_office(empty_url, Clock()) as office:
            assert office.advance(office.start(), 9)["status"] == "completed"

    def test_again_change_nothing(self, url: str) -> None:
        with running_office(url, Clock()) as office:
            instance = office.start()

            migrations.upgrade(url)

            assert office.instance(instance["id"]) == instance

    def test_find_out_which_definitions_call_others(self, url: str) -> None:
        with running_office(url, Clock()) as office:
            assert office.deploy(anak=one_task("anak"), induk=repeating("induk", "anak")).status_code == 201
        command.downgrade(config(url), "0003")

        migrations.upgrade(url)

        with running_office(url, Clock()) as office:
            errors = problem(office.deploy(anak=passing("anak")), 422, "deployment-refused")["errors"]
        assert [error["code"] for error in errors] == ["breaks-caller"]

    def test_are_numbered_without_a_gap(self) -> None:
        names = sorted(path.name for path in Path(shipped("migrations") / "versions").glob("*.py"))

        assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


class TestAMissingMigration:
    def test_is_what_the_service_says_when_asked_whether_it_is_ready(self, empty_url: str) -> None:
        with running_office(empty_url, Clock()) as office:
            before = office.get("/health/ready", None)
            migrations.upgrade(empty_url)
            after = office.get("/health/ready", None)

        assert before.status_code == 503
        assert "alur migrate" in before.json()["checks"]["migrations"]
        assert (after.status_code, after.json()["status"]) == (200, "ok")
