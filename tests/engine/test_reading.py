"""What is read out of a file, and what makes it refused instead of run otherwise than it is drawn."""

import pytest

from app import engine
from tests.engine.refusals import findings, place_of, refused
from tests.engine.small_models import document, scope

USER_TASK = "S U\nU E"


class TestUserTasks:
    def test_one_candidate_group_and_a_priority_are_kept(self) -> None:
        attributes = 'camunda:candidateGroups=" kadis " camunda:priority=" 70 "'

        task = engine.read(document(scope(USER_TASK, {"U": attributes}))).model.nodes["U"]

        assert (task.candidate_groups, task.priority) == (("kadis",), 70)

    @pytest.mark.parametrize(
        ("attribute", "code"),
        [
            ('candidateGroups="a,b"', "several-groups"),
            ('candidateGroups="${unit}"', "group-expression"),
            ('priority="101"', "priority-refused"),
            ('priority="-1"', "priority-refused"),
            ('priority="${x}"', "priority-refused"),
            (f'priority="{"9" * 5000}"', "priority-refused"),
        ],
    )
    def test_anything_else_is_refused(self, attribute: str, code: str) -> None:
        assert refused(document(scope(USER_TASK, {"U": f"camunda:{attribute}"}))) == [(code, "U")]


class TestTasksWithoutAType:
    @pytest.mark.parametrize("tag", ["task", "manualTask"])
    def test_are_run_as_in_camunda_with_a_warning_that_nobody_is_asked(self, tag: str) -> None:
        drawn = scope("S N\nN E").replace("<task", f"<{tag}").replace("</task", f"</{tag}")

        model = engine.read(document(drawn)).model

        assert [(one.severity, one.code, one.element_id) for one in model.warnings] == [
            ("warning", "passes-at-once", "N")
        ]


class TestConditions:
    @pytest.mark.parametrize("condition", ["", "${", "${a.b()}", "import os", "${x == }"])
    def test_what_is_no_expression_is_refused_with_its_text(self, condition: str) -> None:
        body = scope("S X\nX E HERE\nX E2", {"X": 'default="X-E2"'}).replace("HERE", condition)

        (finding,) = findings(document(body))

        assert (finding.code, finding.element_id) == ("expression-refused", "X-E")
        assert condition in finding.text.id
        assert (finding.text.en + finding.remedy.en).count("character ") == 1

    @pytest.mark.parametrize("attribute", ['language="groovy"', 'camunda:resource="x.groovy"'])
    def test_a_script_is_refused(self, attribute: str) -> None:
        body = scope("S X\nX E ${x}\nX E2", {"X": 'default="X-E2"'})

        data = document(body.replace("<conditionExpression>", f"<conditionExpression {attribute}>"))

        assert refused(data) == [("condition-language", "X-E")]


class TestLanes:
    FLOWS = "S U1\nU1 U2\nU2 E"

    def model(self, lanes: str, inside: dict[str, str] | None = None) -> engine.Model:
        return engine.read(document(f"<laneSet id='ls'>{lanes}</laneSet>\n" + scope(self.FLOWS, {}, inside))).model

    def test_name_who_performs_a_task(self) -> None:
        model = self.model(
            '<lane id="l1" name="Kepala&#10; Dinas"><flowNodeRef>\n  U1\n </flowNodeRef></lane><lane id="l2" name=" "/>'
        )

        assert (model.nodes["U1"].lane, model.nodes["U2"].lane) == ("Kepala Dinas", None)
        assert model.lanes == ("Kepala Dinas",)

    def test_the_innermost_counts(self) -> None:
        model = self.model(
            '<lane id="l1" name="Bidang"><flowNodeRef>U1</flowNodeRef><flowNodeRef>U2</flowNodeRef><childLaneSet>'
            '<lane id="l2" name="Kepala Bidang"><flowNodeRef>U2</flowNodeRef></lane></childLaneSet></lane>'
        )

        assert (model.nodes["U1"].lane, model.nodes["U2"].lane) == ("Bidang", "Kepala Bidang")

    def test_a_sub_process_hands_its_lane_on(self) -> None:
        body = '<laneSet id="ls"><lane id="l1" name="Bidang"><flowNodeRef>P</flowNodeRef></lane></laneSet>\n' + scope(
            "S P\nP E", {}, {"P": scope("S2 P2\nP2 E2", {}, {"P2": scope("S3 U\nU E3")})}
        )

        assert engine.read(document(body)).model.nodes["U"].lane == "Bidang"

    def test_a_sub_process_may_have_lanes_of_its_own(self) -> None:
        inner = '<laneSet id="l2s"><lane id="l2" name="Staf"><flowNodeRef>U2</flowNodeRef></lane></laneSet>'
        body = '<laneSet id="ls"><lane id="l1" name="Bidang"><flowNodeRef>P</flowNodeRef></lane></laneSet>\n' + scope(
            "S P\nP E", {}, {"P": inner + scope("S2 U1\nU1 U2\nU2 E2")}
        )

        nodes = engine.read(document(body)).model.nodes

        assert (nodes["U1"].lane, nodes["U2"].lane) == ("Bidang", "Staf")

    @pytest.mark.parametrize(
        ("lanes", "found"),
        [
            ('<lane id="l1"><flowNodeRef>U1</flowNodeRef></lane>', ("lane-without-name", "l1")),
            ('<lane id="l1" name=" "><flowNodeRef>U1</flowNodeRef></lane>', ("lane-without-name", "l1")),
            ('<lane id="l1" name="A"><flowNodeRef>U9</flowNodeRef></lane>', ("unknown-reference", "l1")),
            (
                '<lane id="l1" name="A"><flowNodeRef>U1</flowNodeRef></lane>'
                '<lane id="l2" name="B"><flowNodeRef>U1</flowNodeRef></lane>',
                ("several-lanes", "U1"),
            ),
            (
                '<lane id="l1" name="A"><childLaneSet id="c"><lane id="l2" name="B"><flowNodeRef>U1</flowNodeRef>'
                '</lane></childLaneSet></lane><lane id="l3" name="C"><flowNodeRef>U1</flowNodeRef></lane>',
                ("several-lanes", "U1"),
            ),
            (
                '<lane id="l1" name="A"><flowNodeRef>U1</flowNodeRef></lane></laneSet>'
                '<laneSet id="ls2"><lane id="l2" name="B"><flowNodeRef>U1</flowNodeRef></lane>',
                ("several-lanes", "U1"),
            ),
        ],
    )
    def test_what_leaves_the_performer_open_is_refused(self, lanes: str, found: tuple[str, str]) -> None:
        assert refused(document(f'<laneSet id="ls">{lanes}</laneSet>\n' + scope(self.FLOWS))) == [found]

    @pytest.mark.parametrize("outer_last", [False, True])
    def test_a_lane_and_one_inside_it_are_one_place(self, outer_last: bool) -> None:
        ref = "<flowNodeRef>U1</flowNodeRef>"
        inner = f'<childLaneSet id="c"><lane id="l2" name="Inner">{ref}</lane></childLaneSet>'
        listed = inner + ref if outer_last else ref + inner
        body = f'<laneSet id="ls"><lane id="l1" name="Outer">{listed}</lane></laneSet>\n' + scope(self.FLOWS)

        assert engine.read(document(body)).model.nodes["U1"].lane == "Inner"


class TestTheFile:
    def test_of_two_pools_the_executable_one_is_taken(self) -> None:
        other = '<process id="q" isExecutable="false"><scriptTask id="x"/></process>\n'

        model = engine.read(document(scope(USER_TASK), beside=other)).model

        assert (model.id, list(model.nodes)) == ("p", ["S", "U", "E"])

    @pytest.mark.parametrize("attributes", ["", 'isExecutable="false"', 'isExecutable="ya"'])
    def test_without_an_executable_process_it_is_refused(self, attributes: str) -> None:
        assert refused(document(scope(USER_TASK), attributes=attributes)) == [("no-executable-process", "p")]

    def test_with_two_executable_processes_it_is_refused(self) -> None:
        other = '<process id="q" isExecutable="true"/>\n'

        assert refused(document(scope(USER_TASK), beside=other)) == [("several-processes", "p")]

    def test_an_empty_process_is_refused(self) -> None:
        assert refused(document("")) == [("empty-process", "p")]

    def test_another_language_is_refused(self) -> None:
        assert refused(b'<definitions id="d" xmlns="urn:other"/>') == [("not-bpmn", "d")]

    def test_what_is_no_xml_is_refused_with_its_place(self) -> None:
        with pytest.raises(engine.ModelRefused) as caught:
            engine.read(b"<a>\n<b></a>")

        assert [(f.code, f.line, f.column) for f in caught.value.findings] == [("xml-not-well-formed", 2, 6)]

    def test_an_id_used_twice_is_refused_where_it_comes_again(self) -> None:
        data = document(scope("S U\nU E") + '<dataObject\n  id="U"/>\n')

        (finding,) = findings(data)

        assert (finding.code, finding.element_id) == ("duplicate-id", "U")
        assert (finding.line or 0) > place_of(data, "U")[0]

    def test_an_element_without_an_id_is_refused_in_the_name_of_its_holder(self) -> None:
        body = scope("S P\nP E", {}, {"P": scope("S2 E2") + "<userTask/>"})

        assert refused(document(body)) == [("missing-id", "P")]

    @pytest.mark.parametrize("wrong", ["1a", "a b", "a/b", "a:b", "-a", "a#", "x" * 256, "·a"])
    def test_an_id_that_xml_does_not_allow_is_refused(self, wrong: str) -> None:
        body = scope(USER_TASK)

        assert refused(document(f'{body}<textAnnotation id="{wrong}"/>\n')) == [("id-not-valid", wrong)]
        assert refused(document(body, process_id=wrong)) == [("id-not-valid", wrong)]

    @pytest.mark.parametrize("right", ["_", "a.b-c_1", "é", "日本語", "a·b", "x" * 255])
    def test_any_id_that_xml_allows_is_taken(self, right: str) -> None:
        assert engine.read(document(scope(USER_TASK), process_id=right)).model.id == right

    @pytest.mark.parametrize("end", ['sourceRef="S" targetRef="?"', 'sourceRef="S"', 'sourceRef="m1" targetRef="U"'])
    def test_a_flow_that_leads_nowhere_is_refused(self, end: str) -> None:
        data = document(scope(USER_TASK) + f'<sequenceFlow id="f9" {end}/>\n')

        assert refused(data) == [("flow-not-connected", "f9")]

    def test_a_flow_across_the_border_of_a_sub_process_is_refused(self) -> None:
        body = scope("S P\nP E", {}, {"P": scope("S2 U\nU E2")})

        data = document(body + '<sequenceFlow id="f9" sourceRef="U" targetRef="E"/>\n')

        assert refused(data) == [("flow-across-scopes", "f9")]

    def test_every_fault_is_said_at_once_each_at_its_place(self) -> None:
        body = (
            scope("S U\nU R\nR N\nN E", {"U": 'camunda:assignee="é"', "R": ""})
            + '  <!-- <x id="not this"/> -->  <sequenceFlow\n id="f9" targetRef="E"/>\n<userTask id="lost"/>\n'
        )
        data = document(body)

        found = findings(data)

        assert [(f.code, f.element_id) for f in found] == [
            ("unsupported-attribute", "U"),
            ("message-missing", "R"),
            ("passes-at-once", "N"),
            ("flow-not-connected", "f9"),
            ("unreachable", "lost"),
        ]
        for finding in found:
            assert finding.element_id is not None
            if finding.element_id != "f9":
                assert (finding.line, finding.column) == place_of(data, finding.element_id)

    def test_places_of_elements_can_be_asked_for(self) -> None:
        data = document(scope(USER_TASK))

        assert engine.places_of(data, {"U", "S-U", "nowhere"}) == {
            "U": place_of(data, "U"),
            "S-U": place_of(data, "S-U"),
        }
