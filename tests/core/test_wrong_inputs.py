"""What is malformed or wrong is refused with a problem document that names the place, and changes nothing."""

import json

import pytest

from app.core.strict_json import MAX_DEPTH
from tests.office import API, Office, pointers, problem

START = {"process_definition_key": "iku", "variables": {"tahun": 2027}}
NOBODY = "0190a5a0-0000-7000-8000-000000000000"


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


class TestFields:
    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({**START, "lain": 1}, ["/lain"]),
            ({**START, "title": 5}, ["/title"]),
            ({**START, "variables": []}, ["/variables"]),
            ({**START, "variables": None}, ["/variables"]),
            ({**START, "business_key": "x" * 256}, ["/business_key"]),
            ({**START, "started_by": "kepala_dinas"}, ["/started_by"]),
            ({"variables": {"tahun": 2027}}, ["/process_definition_key"]),
            ({"process_definition_key": "tidak_ada"}, ["/process_definition_key"]),
            ({**START, "unit": "nowhere"}, ["/unit"]),
            ({**START, "variables": {}}, ["/variables/tahun"]),
            ({**START, "variables": {"tahun": None}}, ["/variables/tahun"]),
            ({**START, "variables": {"tahun": "2027"}}, ["/variables/tahun"]),
            ({**START, "variables": {"tahun": 2027.5}}, ["/variables/tahun"]),
            ({**START, "variables": {"tahun": True}}, ["/variables/tahun"]),
            ({**START, "variables": {"tahun": 2027, "lain": 1}}, ["/variables/lain"]),
            (
                {"process_definition_key": "pengumpulan_data_kinerja", "variables": {"tahun": 2027}},
                ["/variables/triwulan"],
            ),
            (
                {"process_definition_key": "pengumpulan_data_kinerja", "variables": {"tahun": 2027, "triwulan": 5}},
                ["/variables/triwulan"],
            ),
            (
                {"process_definition_key": "pengumpulan_data_kinerja", "variables": {"triwulan": 0}},
                ["/variables/tahun", "/variables/triwulan"],
            ),
            ([], [""]),
            ("teks", [""]),
        ],
    )
    def test_of_a_start_are_named(self, shared_office: Office, body: object, wrong: list[str]) -> None:
        answer = shared_office.post("process-instances", "sekretaris", body)

        assert sorted(pointers(problem(answer, 422))) == wrong

    @pytest.mark.parametrize(
        ("path", "body", "wrong"),
        [
            ("messages", {}, ["/name"]),
            ("messages", {"name": ""}, ["/name"]),
            ("messages", {"name": "x", "to": "y"}, ["/to"]),
            (f"process-instances/{NOBODY}/cancel", {}, ["/reason"]),
            (f"process-instances/{NOBODY}/cancel", {"reason": "  "}, ["/reason"]),
            (f"tasks/{NOBODY}/assign", {}, ["/assignee"]),
            (f"tasks/{NOBODY}/assign", {"assignee": 5}, ["/assignee"]),
            (f"tasks/{NOBODY}/complete", {"variables": 5}, ["/variables"]),
            (f"tasks/{NOBODY}/complete", {"actor": "staf"}, ["/actor"]),
        ],
    )
    def test_of_an_act_are_named(self, shared_office: Office, path: str, body: object, wrong: list[str]) -> None:
        assert pointers(problem(shared_office.post(path, "sekretaris", body), 422, "invalid")) == wrong

    def test_that_are_missing_at_sign_in_are_named(self, shared_office: Office) -> None:
        answer = shared_office.client.post(f"{API}/auth/token", data={"username": "staf"})

        assert pointers(problem(answer, 422)) == ["/password"]


# A text, and the pointer to what is wrong in it.
REFUSED = [
    ("", ""),
    ("{", ""),
    ("tidak", ""),
    ('{"a": NaN, }', ""),
    ("NaN", ""),
    ('{"variables": {"a": NaN}}', "/variables/a"),
    ('{"variables": {"a": Infinity}}', "/variables/a"),
    ('{"variables": {"a": -Infinity}}', "/variables/a"),
    ('{"variables": {"a": 1, "b": [0, {"c": NaN}], "d": NaN}}', "/variables/b/1/c"),
    ('{"variables": {"~a/b": [NaN]}}', "/variables/~0a~1b/0"),
    ('{"variables": {"": NaN}}', "/variables/"),
    ('{"variables": {}, "variables": {}}', "/variables"),
    ('{"variables": {"a": 1, "a": 2}}', "/variables/a"),
    ('{"variables": {"a": [{}, {"b/c": 1, "b/c": 1}]}}', "/variables/a/1/b~1c"),
    ('{"variables": {"a": 9223372036854775808}}', "/variables/a"),
    ('{"variables": {"a": [1, -9223372036854775809]}}', "/variables/a/1"),
    ('{"variables": {"a": 1' + "0" * 5000 + "}}", "/variables/a"),
    ('{"variables": {"a": 1e999}}', "/variables/a"),
    ('{"variables": {"a": ' + nested(31) + "}}", "/variables/a" + "/0" * 30),
    ('{"variables": {"a": [7, "]", ' + nested(40) + "]}}", "/variables/a/2" + "/0" * 29),
    ('{"variables": {"a": {"b": [], "c~": ' + nested(100_000) + "}}}", "/variables/a/c~0" + "/0" * 29),
    ('{"a":' * 40 + "1" + "}" * 40, "/a" * 32),
    ('{"variables": {"a": "\\u0000"}}', "/variables/a"),
    ('{"variables": {"b": {"\\u0000": 1}}}', "/variables/b"),
    ('{"variables": {"a": "\\ud800"}}', "/variables/a"),
    ('{"variables": {"a": [{"\\udfff": 1}]}}', "/variables/a/0"),
    ('{"variables": {"\\ud800": 1, "\\ud800": 2}}', "/variables/?"),
    ('{"\\ud800": ' + nested(40) + "}", "/?" + "/0" * 31),
]


class TestJson:
    @pytest.mark.parametrize(("text", "pointer"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
    @pytest.mark.parametrize("path", ["process-instances", f"tasks/{NOBODY}/complete", "messages"])
    def test_that_is_ambiguous_or_bottomless_is_refused_at_its_place(
        self, shared_office: Office, path: str, text: str, pointer: str
    ) -> None:
        answer = shared_office.post(
            path, "sekretaris", content=text.encode(), headers={"Content-Type": "application/json"}
        )

        assert pointers(problem(answer, 422, "invalid")) == [pointer]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
    def test_in_another_encoding_than_utf_8_is_refused(self, shared_office: Office, encoding: str) -> None:
        """JSON between systems is UTF-8; in another, what must not be written could hide."""
        content = '{"name": "\\ud800"}'.encode(encoding)

        answer = shared_office.post("messages", "staf", content=content, headers={"Content-Type": "application/json"})

        assert pointers(problem(answer, 422, "invalid")) == [""]

    def test_that_is_not_utf_8_is_refused(self, shared_office: Office) -> None:
        answer = shared_office.post(
            "messages", "staf", content=b'{"name": "\xff"}', headers={"Content-Type": "application/json"}
        )

        assert pointers(problem(answer, 422)) == [""]

    def test_as_deep_as_allowed_is_accepted(self, office: Office) -> None:
        """The body, its variables and the value itself are three of the levels."""
        instance = office.advance(office.start("sekretaris", "renja"), 9)
        value = json.loads(nested(MAX_DEPTH - 2))

        body = {"name": "pengesahan_bupati", "process_instance_id": instance["id"], "variables": {"a": value}}

        assert office.post("messages", "sekretaris", body).status_code == 200
        shown = office.read(f"process-instances/{instance['id']}/variables", "sekretaris")["variables"]
        assert shown["a"] == value


class TestSize:
    def test_over_a_mebibyte_is_refused(self, shared_office: Office) -> None:
        body = {"name": "x", "variables": {"a": "x" * (2 * 1024 * 1024)}}

        problem(shared_office.post("messages", "staf", body), 413, "too-large")

    def test_over_a_mebibyte_without_a_length_is_refused(self, shared_office: Office) -> None:
        pieces = (b" " * 65536 for _ in range(32))

        answer = shared_office.post("messages", "staf", content=pieces, headers={"Content-Type": "application/json"})

        problem(answer, 413, "too-large")

    def test_up_to_it_is_read(self, shared_office: Office) -> None:
        body = {"name": "x", "variables": {f"a{number}": "x" * 5_000 for number in range(190)}}

        problem(shared_office.post("messages", "staf", body), 404, "message-not-awaited")


class TestAddresses:
    @pytest.mark.parametrize("path", ["tidak-ada", "tasks/x/y/z", "../secret", "process-instances/x/history/more"])
    def test_that_lead_nowhere_are_404(self, shared_office: Office, path: str) -> None:
        problem(shared_office.get(path, "staf"), 404)

    @pytest.mark.parametrize(
        "path",
        [
            "tasks/{}",
            "process-instances/{}",
            "process-instances/{}/history",
            "process-instances/{}/variables",
            "process-instances/{}/diagram",
            "process-instances/{}/audit",
            "process-instances/{}/audit/verify",
            "process-definitions/{}",
            "process-definitions/{}/xml",
            "process-definitions/{}/sop",
        ],
    )
    @pytest.mark.parametrize("unknown", [NOBODY, "x", "iku:1:000000000000", "%00", "a%00b", "%F0%9F%98%80", "x" * 3000])
    def test_of_nothing_are_404(self, shared_office: Office, path: str, unknown: str) -> None:
        problem(shared_office.get(path.format(unknown), "staf"), 404, "not-found")

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("DELETE", "tasks"),
            ("PUT", f"tasks/{NOBODY}"),
            ("GET", f"tasks/{NOBODY}/complete"),
            ("PATCH", f"process-instances/{NOBODY}"),
            ("GET", "auth/token"),
            ("POST", "me"),
        ],
    )
    def test_with_a_wrong_method_are_405(self, shared_office: Office, method: str, path: str) -> None:
        answer = shared_office.request(method, path, "staf")

        problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"]

    @pytest.mark.parametrize(
        ("path", "wrong"),
        [
            ("tasks?q=a%00b", "?q"),
            ("tasks?role=%00", "?role"),
            ("process-instances?business_key=%00", "?business_key"),
            ("process-definitions?key=%00", "?key"),
            ("tasks?process_instance_id=%00", "?process_instance_id"),
            ("me?a%00b", "?a\0b"),
        ],
    )
    def test_with_values_that_no_row_can_hold_are_refused(self, shared_office: Office, path: str, wrong: str) -> None:
        assert pointers(problem(shared_office.get(path, "staf"), 422, "invalid")) == [wrong]


class TestAnswers:
    def test_bear_the_same_trace_id_in_their_head_and_their_problem(self, shared_office: Office) -> None:
        one, other = (problem(shared_office.get("tidak-ada", None), 404) for _ in range(2))

        assert one["trace_id"] != other["trace_id"]

    def test_are_not_to_be_sniffed(self, shared_office: Office) -> None:
        for path in ("me", "tasks", "tidak-ada"):
            assert shared_office.get(path, "staf").headers["x-content-type-options"] == "nosniff"
