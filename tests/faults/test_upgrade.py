"""Cases that wait at every step of an SOP go on after an upgrade as if nothing had been."""

from tests.faults.upgrade import age, finished, told, upgrade, wait_everywhere


class TestAnUpgrade:
    def test_finds_every_case_where_it_was_left_and_leads_it_to_its_end(self, url: str) -> None:
        cases = wait_everywhere(url, ("renja",))
        before = told(url, cases)

        age(url)
        upgrade(url)

        assert len(cases) == 14
        assert told(url, cases) == before
        assert finished(url, cases) == []
