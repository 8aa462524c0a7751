"""The element templates of the Modeler: what an analyst fills in is what Alur reads."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app import engine
from app.core.shipped import shipped
from app.engine.xml import parse
from app.sop import cells
from app.sop.process import condition_on
from app.sop.read import read
from app.sop.table import RowKind
from tests.drawings import END, START, chain, drawing, flow, task

Template = dict[str, Any]

SIX = sorted(shipped("bpmn").glob("*.bpmn"))
FILES = sorted((shipped("bpmn") / ".camunda" / "element-templates").glob("*.json"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
ASAL = ("asal", "asal.setuju", "asal.dikembalikan", "asal.disahkan_oleh", "asal.pemicu")
LINKED = {
    "process": "identitas-sop",
    "userTask": "kegiatan-sop",
    "exclusiveGateway": "keputusan",
    "intermediateCatchEvent": "menunggu-pihak-luar",
}


def _templates() -> dict[str, Template]:
    found: list[Template] = []
    for file in FILES:
        content = json.loads(file.read_text(encoding="utf-8"))
        found += content if isinstance(content, list) else [content]
    return {template["id"].removeprefix("alur."): template for template in found}


TEMPLATES = _templates()
# The element of the model below that each template is for.
ELEMENTS = {
    "identitas-sop": "coba",
    "kegiatan-sop": "satu",
    "tugas-keputusan": "putus",
    "keputusan": "gateway",
    "alur-setuju": "gateway_tunggu",
    "alur-dikembalikan": "gateway_temu",
    "menunggu-pihak-luar": "tunggu",
}
FIELDS = [
    (name, field["binding"]["name"], field)
    for name, template in TEMPLATES.items()
    for field in template["properties"]
    if field["binding"]["type"] == "camunda:property"
]


def model() -> etree._Element:
    """Return a model in which every template but that of a system has its element, without any property."""
    body = (
        START
        + '<bpmn:exclusiveGateway id="temu"/>'
        + task("satu")
        + task("putus")
        + '<bpmn:exclusiveGateway id="gateway" name="Benar?"/>'
        + '<bpmn:intermediateCatchEvent id="tunggu" name="Surat">'
        + '<bpmn:messageEventDefinition id="pesan" messageRef="surat"/></bpmn:intermediateCatchEvent>'
        + task("dua")
        + END
        + chain("mulai", "temu", "satu", "putus", "gateway")
        + flow("gateway", "tunggu", "${keputusan == 'setuju'}")
        + flow("gateway", "temu", "${keputusan == 'dikembalikan'}")
        + chain("tunggu", "dua", "selesai")
    )
    root = parse(drawing("coba", body, before='<bpmn:message id="surat" name="surat"/>'))
    # Without its number a row leads nowhere, and without the row that it decides a task of its own decides nothing.
    for element, name, value in (("satu", "nomor", "1"), ("dua", "nomor", "2"), ("putus", "keputusan_untuk", "1")):
        set_property(root, element, name, value)
    return root


def element_of(root: etree._Element, element_id: str) -> etree._Element:
    (element,) = [element for element in root.iter(etree.Element) if element.get("id") == element_id]
    return element


def set_property(root: etree._Element, element_id: str, name: str, value: str) -> None:
    """Set an extension property as the Modeler does."""
    element = element_of(root, element_id)
    extension = element.find(f"{BPMN}extensionElements")
    if extension is None:
        extension = etree.Element(f"{BPMN}extensionElements")
        element.insert(0, extension)
        etree.SubElement(extension, f"{CAMUNDA}properties")
    holder = extension[0]
    found = [item for item in holder if item.get("name") == name]
    item = found[0] if found else etree.SubElement(holder, f"{CAMUNDA}property", name=name)
    item.set("value", value)


def sample(field: Template) -> str:
    """Return a value that the field takes, other than the one in the model."""
    if "choices" in field:
        return str(field["choices"][-1]["value"])
    pattern = field.get("constraints", {}).get("pattern", {}).get("value", "")
    return next(text for text in ("Isian", "7", "P3D", "2031-05") if re.search(pattern, text))


def pattern_of(template: str, name: str) -> str:
    (field,) = [field for of, bound, field in FIELDS if (of, bound) == (template, name)]
    pattern: str = field["constraints"]["pattern"]["value"]
    return pattern


class TestEachField:
    @pytest.mark.parametrize(("template", "name", "field"), FIELDS, ids=[f"{t} {n}" for t, n, _ in FIELDS])
    def test_is_read_where_the_template_puts_it(self, template: str, name: str, field: Template) -> None:
        filled = model()
        set_property(filled, ELEMENTS[template], name, sample(field))

        assert read(filled) != read(model())

    @pytest.mark.parametrize(("name", "field"), [(n, f) for _, n, f in FIELDS if n in ASAL])
    def test_of_provenance_offers_every_word_and_claims_nothing_unasked(self, name: str, field: Template) -> None:
        assert [choice["value"] for choice in field["choices"]] == list(cells.PROVENANCE_WORDS.values()), name
        assert field["value"] == "disimpulkan", name

    def test_of_kind_offers_every_kind_of_a_row(self) -> None:
        (field,) = [field for template, name, field in FIELDS if (template, name) == ("kegiatan-sop", "jenis")]

        assert [choice["value"] for choice in field["choices"]] == [kind.value for kind in RowKind]

    @pytest.mark.parametrize("template", ["kegiatan-sop", "tugas-keputusan"])
    @pytest.mark.parametrize(
        "text", ["PT30M", "PT1H30M", "P3D", "P1W", "P1M", "P1Y2M", "P", "PT", "3 hari", "P1.5D", "p3d"]
    )
    def test_of_time_takes_what_a_standard_time_may_be(self, template: str, text: str) -> None:
        taken = re.search(pattern_of(template, "waktu"), text) is not None

        assert taken == (cells.DURATION.parse(text) is not None)

    @pytest.mark.parametrize("name", ["tanggal_pembuatan", "tanggal_revisi", "tanggal_efektif", "tanggal_penetapan"])
    @pytest.mark.parametrize("text", ["2024-01-31", "2024-01", "2024-13", "31-01-2024", "Januari 2024", "2024-1"])
    def test_of_date_takes_what_a_date_may_be(self, name: str, text: str) -> None:
        taken = re.search(pattern_of("identitas-sop", name), text) is not None

        assert taken == (cells.DATE.parse(text) is not None)

    @pytest.mark.parametrize(("template", "name"), [("kegiatan-sop", "nomor"), ("tugas-keputusan", "keputusan_untuk")])
    @pytest.mark.parametrize("text", ["1", "13", "100", "0", "", "1a", "tujuh"])
    def test_of_number_takes_the_number_of_a_row(self, template: str, name: str, text: str) -> None:
        taken = re.search(pattern_of(template, name), text) is not None

        assert taken == ((cells.NUMBER.parse(text) or 0) > 0)

    def test_that_may_be_left_empty_is_taken_empty(self) -> None:
        patterns = [
            (field.get("constraints", {}), field["constraints"]["pattern"]["value"])
            for template in TEMPLATES.values()
            for field in template["properties"]
            if "pattern" in field.get("constraints", {})
        ]

        assert all(constraints.get("notEmpty") or re.search(pattern, "") for constraints, pattern in patterns)

    def test_has_a_label_and_stands_in_a_group(self) -> None:
        for template in TEMPLATES.values():
            groups = {group["id"] for group in template["groups"]}
            shown = [field for field in template["properties"] if field["type"] != "Hidden"]
            assert all(field["label"] and field["group"] in groups for field in shown)


class TestEachTemplate:
    def test_is_known_by_one_name(self) -> None:
        assert set(TEMPLATES) == {*ELEMENTS, "tugas-sistem"}

    def test_has_no_version(self) -> None:
        """Between versions the Modeler deletes every property of the element that neither version names."""
        assert not [name for name, template in TEMPLATES.items() if "version" in template]

    @pytest.mark.parametrize(("template", "element"), ELEMENTS.items())
    def test_is_for_the_element_that_is_read(self, template: str, element: str) -> None:
        tag = element_of(model(), element).tag.removeprefix(BPMN)

        assert TEMPLATES[template]["appliesTo"] == [f"bpmn:{tag[0].upper()}{tag[1:]}"]

    @pytest.mark.parametrize(
        ("template", "outcome", "name"),
        [("alur-setuju", "setuju", "Setuju"), ("alur-dikembalikan", "dikembalikan", "Dikembalikan")],
    )
    def test_of_a_flow_sets_the_condition_that_is_drawn_by_alur(self, template: str, outcome: str, name: str) -> None:
        values = {field["binding"]["name"]: field["value"] for field in TEMPLATES[template]["properties"]}

        assert values == {"name": name, "conditionExpression": condition_on("keputusan", [outcome])}

    def test_of_a_system_makes_an_external_task(self) -> None:
        bindings = {field["binding"]["name"]: field.get("value") for field in TEMPLATES["tugas-sistem"]["properties"]}

        assert bindings == {"name": None, "camunda:type": "external", "camunda:topic": None}

    @pytest.mark.parametrize("path", SIX, ids=[path.stem for path in SIX])
    def test_named_by_an_element_changes_nothing_that_is_run_or_read(self, path: Path) -> None:
        """The Modeler then shows the fields with what they hold, and nobody has to put the template on by hand."""
        plain = path.read_bytes()
        root = parse(plain)
        for tag, template in LINKED.items():
            for element in root.iter(f"{BPMN}{tag}"):
                element.set(f"{CAMUNDA}modelerTemplate", f"alur.{template}")
        linked = etree.tostring(root)

        assert b"modelerTemplate" in linked
        assert read(parse(linked)) == read(parse(plain))
        assert engine.read(linked).model == engine.read(plain).model
