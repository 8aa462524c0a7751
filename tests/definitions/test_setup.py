"""What every installation begins with: the units, roles and SOPs of the office that wrote them."""

import pytest

from app import engine
from app.bootstrap import LISTENERS
from app.core import migrations
from app.core.database import Database
from app.definitions.setup import set_up_shipped, shipped_sops
from app.identity.directory import Directory
from tests.drawings import one_task
from tests.office import MONDAY, Office

# What the office calls its roles in speech and in the headings of its tables, and their keys.
SPOKEN = {
    "Kadis": "kepala_dinas",
    "Sekdis": "sekretaris",
    "Sekretaris": "sekretaris",
    "Kabid": "kepala_bidang",
    "Kasubag": "kasubag_perencanaan",
    "Kasubag.": "kasubag_perencanaan",
    "Kasubag Program": "kasubag_perencanaan",
    "Kasubag Perencanaan": "kasubag_perencanaan",
    "JF": "pejabat_fungsional",
    "jf": "pejabat_fungsional",
    "Staf Penyusun": "staf_penyusun_evaluasi_kinerja",
    "Staf": "staf",
    "Tim Renja": "tim_renja",
    "Tim Renstra": "tim_renstra",
    "Tim SAKIP": "tim_sakip",
    "Bappeda": "bappeda",
}


class TestSettingUp:
    def test_again_adds_nothing(self, office: Office) -> None:
        before = office.read("process-definitions", "staf")

        ids = set_up_shipped(office.database, office.app.state.directory, office.clock.now())

        assert sorted(ids) == sorted(item["id"] for item in before["items"])
        assert office.read("process-definitions", "staf") == before

    def test_again_leaves_what_the_office_has_changed(self, office: Office) -> None:
        renja = office.read("process-definitions", "staf", key="renja")["items"][0]
        xml = office.request("GET", f"process-definitions/{renja['id']}/xml", "staf").content
        changed = xml.replace(b"</bpmn:definitions>", b"<!-- diubah -->\n</bpmn:definitions>")
        assert office.deploy(renja=changed).status_code == 201
        before = office.read("process-definitions", "staf")

        set_up_shipped(office.database, office.app.state.directory, office.clock.now())

        assert office.read("process-definitions", "staf") == before

    def test_reads_each_diagram_once_and_none_that_is_there(
        self, empty_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        migrations.upgrade(empty_url)
        database = Database(empty_url, listeners=LISTENERS)
        read: list[bytes] = []
        original = engine.examine

        def counted(data: bytes) -> engine.Examined:
            read.append(data)
            return original(data)

        monkeypatch.setattr(engine, "examine", counted)
        set_up_shipped(database, Directory(database), MONDAY)
        first = len(read)
        set_up_shipped(database, Directory(database), MONDAY)
        database.close()

        assert (first, len(read)) == (6, 6)

    def test_knows_each_diagram_by_the_key_of_its_table(self) -> None:
        for path, table in shipped_sops().items():
            assert engine.read(path.read_bytes()).model.id == table.key


class TestTheRoles:
    @pytest.mark.parametrize(("spoken", "key"), SPOKEN.items())
    def test_are_known_by_the_names_that_the_office_gives_them(
        self, shared_office: Office, spoken: str, key: str
    ) -> None:
        deployed = shared_office.deploy(sebutan=one_task("sebutan", lane=spoken))
        assert deployed.status_code in (200, 201), deployed.text

        found = shared_office.read(f"process-definitions/{deployed.json()['process_definitions'][0]['id']}", "staf")

        assert found["roles"] == [{"key": key, "lane": spoken}]
