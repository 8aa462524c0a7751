"""The service under a role of PostgreSQL that may not change the trail, as docs/operations.md sets it up."""

import re
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

import app
from app.audit.sealing import seal_all
from app.bootstrap import seal_trail
from tests.audit.written import KEY, NOON
from tests.office import Clock, running_office, settings_of

DOCUMENT = Path(app.__file__).parents[1] / "docs" / "operations.md"


class TestARoleThatMayNotChangeTheTrail:
    def test_does_all_the_work_of_the_service_and_nothing_else(self, url: str, tmp_path: Path) -> None:
        address = sa.make_url(url)
        if address.drivername == "sqlite":
            # There is no role of SQLite: its triggers are tested with the seals.
            assert "SQLite" in DOCUMENT.read_text()
            return
        (grants,) = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
        plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
        role = f"service_{address.database}"
        with psycopg.connect(plain, autocommit=True) as owner:
            owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'rahasia'".encode())
            owner.execute(grants.replace("alur_service", role).encode())
        as_role = address.set(username=role, password="rahasia").render_as_string(hide_password=False)

        with running_office(as_role, Clock()) as office:
            instance = office.advance(office.start(), 9)
            seal_trail(settings_of(as_role, data_dir=tmp_path), office.database, NOON)
            assert seal_all(office.database, KEY, NOON) == []
            verdict = office.read(f"process-instances/{instance['id']}/audit/verify", "sekretaris")
            refused = []
            for statement in ("UPDATE event SET at = at", "DELETE FROM event", "TRUNCATE event"):
                for said in (statement, statement.replace("event", "trail_head")):
                    with office.database.engine.connect() as connection:
                        with pytest.raises(sa.exc.ProgrammingError) as error:
                            connection.exec_driver_sql(said)
                        refused.append("permission denied" in str(error.value))
        with psycopg.connect(plain, autocommit=True) as owner:
            owner.execute(f"DROP OWNED BY {role}".encode())
            owner.execute(f"DROP ROLE {role}".encode())

        assert (instance["status"], verdict["valid"]) == ("completed", True)
        assert refused == [True] * 6
