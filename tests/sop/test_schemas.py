"""The table as JSON says all that the table says."""

import json
from pathlib import Path
from typing import Any

from app.sop.schemas import read_table_json
from app.sop.tables import load_table

TABLES = Path(__file__).parents[2] / "bpmn" / "tables"


def shown(name: str) -> dict[str, Any]:
    found = json.loads(json.dumps(read_table_json(load_table((TABLES / f"{name}.yaml").read_bytes()))))
    assert isinstance(found, dict)
    return found


class TestReadTableJson:
    def test_shows_a_row_with_its_lane_time_and_provenance(self) -> None:
        row = shown("renja")["activities"][8]

        assert (row["activity_no"], row["role"], row["lane"], row["kind"]) == (9, "bappeda", "Bappeda", "verifikasi")
        assert (row["standard_time"], row["standard_time_note"]) == (None, "menyesuaikan")
        assert row["provenance"]["role"] == "inferred"
        assert row["originals"]["standard_time"] == "menyusuaikan"

    def test_shows_a_decision_with_both_outcomes(self) -> None:
        decision = shown("renstra")["activities"][9]["decision"]

        assert (decision["decider"], decision["lane"]) == ("sekretaris", "Sekretaris")
        assert decision["task"]["label"] == "Menyetujui dokumen Renstra"
        assert [(o["code"], o["target"], o["reason_required"], o["provenance"]) for o in decision["outcomes"]] == [
            ("setuju", 11, False, "stated"),
            ("dikembalikan", 8, True, "inferred"),
        ]

    def test_shows_the_identity_sheet_roles_and_waits(self) -> None:
        renja, data = shown("renja"), shown("pengumpulan-data-kinerja")

        assert data["identity"]["number"] == "500.15/    /Naker/2024"
        assert data["identity"]["relations"][1] == {"text": "SOP RENJA", "sop": "renja"}
        assert [role["key"] for role in renja["roles"]][-1] == "bappeda"
        assert renja["outside_events"][0]["name"] == "Menunggu pengesahan Bupati"
        assert data["activities"][4]["branch"]["variable"] == "triwulan"
        assert data["activities"][0]["decision"] is None

    def test_leaves_nothing_of_a_table_out(self) -> None:
        for path in TABLES.glob("*.yaml"):
            table = load_table(path.read_bytes())
            text = json.dumps(read_table_json(table), ensure_ascii=False)
            for row in table.activities:
                said = [row.statement, row.role_reason, row.note, row.per_unit, row.standard_time_doubt]
                said += [*row.requirements, *(row.outputs_proposed or ()), *row.remarks, row.statement_original]
                assert [value for value in said if value and json.dumps(value, ensure_ascii=False) not in text] == []
