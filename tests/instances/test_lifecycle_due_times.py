"""When a task is due: its row's `waktu`, counted from its opening in the working time of the office."""

from datetime import datetime

import pytest

from tests.drawings import END, START, chain, drawing, task
from tests.office import Office

# Moments where the office is. Monday 17 August and Tuesday 25 August 2026 are national holidays; the office closes at
# 16.00, on Fridays at 16.30.
MONDAY = "2026-08-03T10:00+07:00"
FRIDAY_EVENING = "2026-08-14T19:00+07:00"
SATURDAY = "2026-08-15T09:00+07:00"
END_OF_JANUARY = "2026-01-30T10:00+07:00"


def due(office: Office, opened: str, standard_time: str) -> str:
    """Return when a task is due, where the office is."""
    office.clock.moment = datetime.fromisoformat(opened)
    body = START + task("kerja", waktu=standard_time) + END + chain("mulai", "kerja", "selesai")
    drawn = drawing("tenggat", body, lanes={"Staf": "kerja"})
    deployed = office.deploy(tenggat=drawn)
    assert deployed.status_code == 201, deployed.text
    (opened_task,) = office.start("staf", "tenggat", variables={})["open_tasks"]
    zone = office.clock.moment.tzinfo
    return datetime.fromisoformat(opened_task["due_at"]).astimezone(zone).isoformat(timespec="minutes")


class TestWhenATaskIsDue:
    """`PT…` counts working minutes; `PnD` ends at closing of the nth working day after the day it starts; `P1W` is 5
    working days; `P1M` the same date next month, forward to a working day (else the month's last)."""

    @pytest.mark.parametrize(
        ("opened", "standard_time", "expected"),
        [
            (MONDAY, "P3D", "2026-08-06T16:00+07:00"),
            (MONDAY, "P1D", "2026-08-04T16:00+07:00"),
            # The 1st working day after Friday, and after Saturday, is Tuesday the 18th.
            (FRIDAY_EVENING, "P1D", "2026-08-18T16:00+07:00"),
            (FRIDAY_EVENING, "P3D", "2026-08-20T16:00+07:00"),
            (SATURDAY, "P3D", "2026-08-20T16:00+07:00"),
            (MONDAY, "P1W", "2026-08-10T16:00+07:00"),
            (FRIDAY_EVENING, "P1W", "2026-08-24T16:00+07:00"),
            (MONDAY, "P4D", "2026-08-07T16:30+07:00"),
            (MONDAY, "PT3H", "2026-08-03T14:00+07:00"),
            (FRIDAY_EVENING, "PT10M", "2026-08-18T07:40+07:00"),
            (MONDAY, "P1M", "2026-09-03T16:00+07:00"),
            # 15 September is a Tuesday; 14 September a Monday.
            (FRIDAY_EVENING, "P1M", "2026-09-14T16:00+07:00"),
            # 28 February, the last of the month, is a Saturday; the month's last working day is Friday the 27th.
            (END_OF_JANUARY, "P1M", "2026-02-27T15:30+07:00"),
        ],
    )
    def test_is_as_the_rule_says(self, office: Office, opened: str, standard_time: str, expected: str) -> None:
        assert due(office, opened, standard_time) == expected
