"""Diagrams that people have changed, or drawn without us, are read for what they say."""

from pathlib import Path

from lxml import etree

from app.engine.xml import parse
from app.sop.read import read
from app.sop.table import END, Case, RowKind, SopTable

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
FOLDER = Path(__file__).parents[2] / "bpmn"


def root_of(name: str) -> etree._Element:
    return parse((FOLDER / f"{name}.bpmn").read_bytes())


def find(root: etree._Element, id_: str) -> etree._Element:
    return next(element for element in root.iter(etree.Element) if element.get("id") == id_)


def add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{BPMN}{tag}", attributes)


def process(body: str) -> etree._Element:
    """Return a hand-written document with the default namespace, as other tools write it."""
    return parse(
        f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
            xmlns:c="http://camunda.org/schema/1.0/bpmn"><process id="p" name="Proses">{body}</process></definitions>
        """.encode()
    )


class TestEditedDiagram:
    def test_the_order_of_properties_and_elements_does_not_matter(self) -> None:
        root = root_of("renja")
        before = read(root)
        for properties in root.iter(f"{CAMUNDA}properties"):
            properties[:] = reversed(properties)
        container = root.find(f"{BPMN}process")
        assert container is not None
        container[:] = reversed(container)

        assert read(root) == before

    def test_what_is_taken_out_is_empty(self) -> None:
        root = root_of("renja")
        extension = find(root, "kegiatan_04").find(f"{BPMN}extensionElements/{CAMUNDA}properties")
        assert extension is not None
        for item in list(extension):
            if item.get("name") != "nomor":
                extension.remove(item)

        row = read(root).activities[3]

        assert (row.number, row.name, row.role) == (4, "Membuat konsep rancangan awal Renja", "kasubag_perencanaan")
        assert (row.kind, row.role_provenance, row.standard_time, row.requirements) == (None, None, None, ())

    def test_a_row_without_number_comes_last_and_is_named_by_its_element(self) -> None:
        root = root_of("renja")
        container = root.find(f"{BPMN}process")
        assert container is not None
        add(container, "userTask", id="Activity_1x", name="Menyiapkan ruang rapat")
        find(root, "flow_kegiatan_01").set("targetRef", "Activity_1x")
        add(container, "sequenceFlow", id="Flow_1x", sourceRef="Activity_1x", targetRef="kegiatan_02")

        table = read(root)

        assert [row.number for row in table.activities] == [*range(1, 14), None]
        assert table.activities[0].next == ("Activity_1x",)
        assert (table.activities[-1].name, table.activities[-1].next) == ("Menyiapkan ruang rapat", (2,))

    def test_a_flow_that_was_led_elsewhere_counts_before_what_was_written(self) -> None:
        root = root_of("renja")
        find(root, "flow_09_dikembalikan").set("targetRef", "merge_04")

        table = read(root)

        decision = table.decision_of(9)
        assert decision is not None
        assert [outcome.target for outcome in decision.outcomes] == [10, 4]
        assert table.activities[8].next == (10, 4)

    def test_a_default_flow_is_the_outcome_that_is_left(self) -> None:
        root = root_of("renja")
        before = read(root)
        flow = find(root, "flow_09_dikembalikan")
        flow.remove(flow[0])

        assert read(root) == before

    def test_a_task_moved_to_another_lane_has_its_role(self) -> None:
        root = root_of("renja")
        reference = next(item for item in root.iter(f"{BPMN}flowNodeRef") if item.text == "kegiatan_13")
        find(root, "lane_sekretaris").append(reference)

        assert read(root).activities[12].role == "sekretaris"

    def test_a_wrong_number_or_word_counts_as_missing(self) -> None:
        root = root_of("iku")
        for item in find(root, "kegiatan_09").iter(f"{CAMUNDA}property"):
            item.set("value", "banyak")

        row = read(root).activities[-1]

        assert (row.number, row.kind, row.standard_time, row.numbers_letter) == (None, None, None, None)

    def test_a_list_survives_blank_lines_and_indentation(self) -> None:
        root = root_of("iku")
        for item in find(root, "kegiatan_09").iter(f"{CAMUNDA}property"):
            if item.get("name") == "output":
                item.set("value", "\n  Agenda surat keluar \n\n Bukti pengiriman\n")

        assert read(root).activities[-1].outputs == ("Agenda surat keluar", "Bukti pengiriman")

    def test_cases_follow_their_flow_and_new_flows_become_cases(self) -> None:
        root = root_of("pengumpulan-data-kinerja")
        [condition] = find(root, "flow_05_06").iter(f"{BPMN}conditionExpression")
        condition.text = "${triwulan == 4}"
        container = root.find(f"{BPMN}process")
        assert container is not None
        flow = add(
            container, "sequenceFlow", id="Flow_2", name="TW II", sourceRef="gateway_05", targetRef="kegiatan_08"
        )
        add(flow, "conditionExpression").text = "${triwulan eq 2}"

        branch = read(root).branch_after(5)

        assert branch is not None
        assert [(case.condition, case.target) for case in branch.cases] == [
            ("TW I atau TW III", END),
            ("TW II", 8),
            ("TW IV", 6),
        ]


class TestForeignDiagram:
    def test_a_process_without_lanes_or_properties_is_a_table_of_names(self) -> None:
        table = read(
            process(
                """<startEvent id="a"/><userTask id="b" name="Menulis"><documentation>Menulis surat</documentation>
                </userTask><endEvent id="c"/><sequenceFlow id="d" sourceRef="a" targetRef="b"/>
                <sequenceFlow id="e" sourceRef="b" targetRef="c"/>"""
            )
        )

        [row] = table.activities
        assert (table.key, table.title, table.roles) == ("p", "Proses", ())
        assert (row.number, row.name, row.statement, row.role, row.next) == (None, "Menulis", "Menulis surat", None, ())

    def test_parallel_rows_all_follow(self) -> None:
        def task(id_: str, number: int) -> str:
            return f"""<userTask id="{id_}"><extensionElements><c:properties><c:property name="nomor" value="{number}"/>
                <c:property name="jenis" value="kerja"/></c:properties></extensionElements></userTask>"""

        def flow(source: str, target: str) -> str:
            return f'<sequenceFlow id="{source}{target}" sourceRef="{source}" targetRef="{target}"/>'

        table = read(
            process(
                task("c", 3) + task("a", 1) + task("b", 2) + '<parallelGateway id="g"/><endEvent id="z"/>'
                + flow("a", "g") + flow("g", "b") + flow("g", "c") + flow("b", "z") + flow("c", "z")
            )
        )  # fmt: skip

        assert [(row.number, row.kind, row.next) for row in table.activities] == [
            (1, RowKind.WORK, (2, 3)),
            (2, RowKind.WORK, ()),
            (3, RowKind.WORK, ()),
        ]

    def test_a_circle_of_gateways_ends(self) -> None:
        table = read(
            process(
                """<userTask id="a"/><exclusiveGateway id="g"/><exclusiveGateway id="h"/>
                <sequenceFlow id="1" sourceRef="a" targetRef="g"/><sequenceFlow id="2" sourceRef="g" targetRef="h"/>
                <sequenceFlow id="3" sourceRef="h" targetRef="g"/>"""
            )
        )

        assert table.activities[0].next == ()

    def test_an_automatic_choice_of_somebody_else_is_read_from_its_flows(self) -> None:
        table = read(
            process(
                """<userTask id="a"><extensionElements><c:properties><c:property name="nomor" value="1"/></c:properties>
                </extensionElements></userTask><exclusiveGateway id="g" name="Besar?"/><endEvent id="y"/>
                <userTask id="b"/><sequenceFlow id="1" sourceRef="a" targetRef="g"/>
                <sequenceFlow id="2" name="Ya" sourceRef="g" targetRef="b">
                <conditionExpression>#{ukuran == "besar"}</conditionExpression></sequenceFlow>
                <sequenceFlow id="3" name="Tidak" sourceRef="g" targetRef="y"/>"""
            )
        )

        [branch] = table.branches
        assert (branch.after, branch.variable, branch.gateway_label) == (1, "ukuran", "Besar?")
        assert branch.cases == (
            Case(condition="Ya", values=("besar",), target="b"),
            Case(condition="Tidak", values=(), target=END),
        )

    def test_the_executable_process_is_taken(self) -> None:
        root = parse(
            b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
            <process id="pihak_luar"/><process id="kita" isExecutable="true"/></definitions>"""
        )

        assert read(root).key == "kita"

    def test_a_document_without_a_process_is_an_empty_table(self) -> None:
        assert read(parse(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>')) == SopTable(key="")
