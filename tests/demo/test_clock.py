"""The demonstration's clock: ahead by working time, never back, the same for every process, and for work alone."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.audit import trail
from app.bootstrap import chores_of, office_clock
from app.core.problems import Invalid
from app.core.settings import Settings
from app.core.unit_of_work import UnitOfWork
from app.demo.clock import LEAPS, ShiftedClock, advance
from app.identity.models import unit
from app.instances.timers import fire_due
from tests.drawings import with_deadline
from tests.office import MONDAY, Office, running_office, settings_of


def clock_of(office: Office) -> ShiftedClock:
    clock = office.app.state.parts.clock
    assert isinstance(clock, ShiftedClock)
    return clock


def leap(office: Office, by: str) -> datetime:
    """Move the clock of an office on, and let this process know of it."""

    def work(uow: UnitOfWork) -> datetime:
        known = office.app.state.directory.office(uow.connection)
        return advance(uow, clock_of(office), office=known, actor="staf", leap=by)

    said = office.database.write(work)
    clock_of(office).refresh()
    return said


class TestTheClock:
    def test_is_the_real_one_until_it_is_moved(self, office: Office) -> None:
        assert clock_of(office).now() == MONDAY
        office.clock.advance(timedelta(minutes=5))
        assert clock_of(office).now() == MONDAY + timedelta(minutes=5)

    def test_is_the_real_one_in_production(self, office: Office) -> None:
        settings = Settings.model_construct(environment="production")

        assert office_clock(settings, office.database, office.clock) is office.clock

    @pytest.mark.parametrize(
        ("by", "moment"),
        [
            # From ten o'clock on a Monday; in Jakarta it is seven hours later than in UTC.
            ("1j", datetime(2026, 8, 3, 4, 0, 1, tzinfo=UTC)),
            ("1h", datetime(2026, 8, 4, 3, 0, 1, tzinfo=UTC)),
            ("2h", datetime(2026, 8, 5, 3, 0, 1, tzinfo=UTC)),
            ("1m", datetime(2026, 8, 10, 3, 0, 1, tzinfo=UTC)),
        ],
    )
    def test_moves_by_working_time(self, office: Office, by: str, moment: datetime) -> None:
        assert leap(office, by) == moment
        assert clock_of(office).now() == moment

    def test_leaps_over_a_weekend(self, office: Office) -> None:
        office.clock.moment = datetime(2026, 8, 7, 9, 0, tzinfo=UTC)

        assert leap(office, "1j").astimezone(UTC).date().isoformat() == "2026-08-10"

    def test_goes_on_from_where_it_was_moved_to_and_never_back(self, office: Office) -> None:
        before = clock_of(office).now()
        for by in (*LEAPS, *LEAPS):
            after = leap(office, by)
            assert after > before
            before = after
        office.clock.advance(timedelta(hours=1))
        assert clock_of(office).now() == before + timedelta(hours=1)

    def test_is_not_moved_by_what_is_no_leap(self, office: Office) -> None:
        for by in ("", "-1h", "9999999m"):
            with pytest.raises(Invalid, match="cannot be moved"):
                leap(office, by)
        assert clock_of(office).now() == MONDAY

    def test_is_the_same_for_every_server_and_after_a_restart(self, office: Office) -> None:
        with running_office(office.url, office.clock) as other:
            assert clock_of(other).now() == MONDAY
            moment = leap(office, "2h")
            state = other.app.state
            chores = chores_of(
                settings_of(other.url), other.database, state.directory, state.catalogue, clock_of(other)
            )
            next(chore for chore in chores.chores if chore.name == "shifted clock").work()
            assert clock_of(other).now() == moment
        with running_office(office.url, office.clock) as restarted:
            assert clock_of(restarted).now() == moment

    def test_is_in_the_trail_when_it_is_moved(self, office: Office) -> None:
        moment = leap(office, "1h")

        with office.database.read() as connection:
            row = connection.execute(
                sa.select(unit.c.id, unit.c.chain_length, unit.c.chain_head).where(unit.c.key == "disnaker")
            ).one()
            assert trail.verify(connection, f"unit:{row.id}", length=row.chain_length, head=row.chain_head).valid
            kept = connection.execute(
                sa.text("SELECT content FROM event WHERE type = 'demo.clock_advanced'")
            ).scalar_one()
        assert moment.isoformat() in kept


class TestAnOfficeWhoseClockWasMoved:
    def test_is_late_with_what_was_due(self, office: Office) -> None:
        office.start()
        assert office.read("tasks", "sekretaris")["items"][0]["overdue"] is False

        leap(office, "2h")

        assert office.read("tasks", "sekretaris")["items"][0]["overdue"] is True

    def test_fires_a_timer_once(self, office: Office) -> None:
        assert office.deploy(tenggat=with_deadline()).status_code == 201
        instance = office.start("staf", "tenggat", variables={})
        leap(office, "1h")
        state, clock = office.app.state, clock_of(office)

        fired = [fire_due(office.database, state.directory, state.catalogue, clock) for _ in range(3)]

        assert fired == [1, 0, 0]
        (task,) = office.instance(instance["id"])["open_tasks"]
        assert task["element_id"] == "naik"

    def test_lets_nobody_sign_in_again(self, office: Office) -> None:
        office.token("staf")
        for _ in range(20):
            leap(office, "1m")

        assert office.read("me", "staf")["username"] == "staf"
