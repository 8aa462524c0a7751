"""References of what is only drawn lead somewhere, or the file is refused; what tools write themselves is taken."""

import pytest

from app import engine
from tests.engine.refusals import findings, refused
from tests.engine.small_models import document, scope

DRAWN = scope("S U\nU E")
DATA_IN = (
    '<property id="Property_1" name="__targetRef_placeholder"/>'
    '<dataInputAssociation id="in"><sourceRef>{source}</sourceRef><targetRef>Property_1</targetRef>'
    "</dataInputAssociation>"
)
DATA_OUT = '<dataOutputAssociation id="out"><targetRef>dsr</targetRef></dataOutputAssociation>'


class TestReferencesThatLeadNowhere:
    @pytest.mark.parametrize(
        ("drawn", "at"),
        [
            ('<dataObjectReference id="dor" dataObjectRef="nix"/>', "dor"),
            ('<dataObjectReference id="dor" dataObjectRef="U"/>', "dor"),
            ('<dataStoreReference id="dsr" dataStoreRef="nix"/>', "dsr"),
            ('<association id="as" sourceRef="nix" targetRef="U"/>', "as"),
            ('<association id="as" sourceRef="U" targetRef="nix"/>', "as"),
            ('<association id="as" sourceRef="U" targetRef="x:U"/>', "as"),
            ('<group id="g" categoryValueRef="nix"/>', "g"),
        ],
    )
    def test_are_refused_where_they_stand(self, drawn: str, at: str) -> None:
        assert refused(document(DRAWN + drawn)) == [("unknown-reference", at)]

    def test_are_refused_in_the_arrow_of_a_data_object(self) -> None:
        data = document(scope("S U\nU E", {}, {"U": DATA_IN.format(source="nix")}))

        (found,) = findings(data)

        assert (found.code, found.element_id) == ("unknown-reference", "in")
        assert "'nix'" in found.text.en

    @pytest.mark.parametrize(
        ("drawn", "at"),
        [
            ('<participant id="p1" processRef="nix"/>', "p1"),
            ('<participant id="p1" processRef="p"/><messageFlow id="mf" sourceRef="U" targetRef="nix"/>', "mf"),
            ('<textAnnotation id="t"/><association id="as" sourceRef="nix" targetRef="t"/>', "as"),
        ],
    )
    def test_are_refused_around_the_pools(self, drawn: str, at: str) -> None:
        data = document(DRAWN, beside=f'<collaboration id="c">{drawn}</collaboration>')

        assert refused(data) == [("unknown-reference", at)]


class TestWhatCamundaModelerWrites:
    def test_is_taken_in_a_process(self) -> None:
        drawn = scope("S U\nU E", {}, {"U": DATA_IN.format(source="dor") + DATA_OUT}) + (
            '<dataObject id="do"/><dataObjectReference id="dor" name="Draf" dataObjectRef="do"/>'
            '<dataStoreReference id="dsr" name="Arsip"/>'
            '<textAnnotation id="t"><text>Catatan</text></textAnnotation>'
            '<association id="a1" associationDirection="None" sourceRef="U" targetRef="t"/>'
            '<association id="a2" sourceRef="S-U" targetRef="t"/>'
            '<group id="g" categoryValueRef="cv"/>'
        )
        category = '<category id="cat"><categoryValue id="cv" value="Tahap 1"/></category>'

        assert engine.examine(document(drawn, beside=category)).findings == ()

    def test_is_taken_around_pools(self) -> None:
        pools = (
            '<collaboration id="c"><participant id="p1" name="Kami" processRef="p"/><participant id="p2" name="OPD"/>'
            '<messageFlow id="mf" sourceRef="U" targetRef="p2"/><textAnnotation id="t"><text>Catatan</text>'
            '</textAnnotation><association id="as" sourceRef="p2" targetRef="t"/><group id="g"/></collaboration>'
        )

        assert engine.examine(document(DRAWN, beside=pools)).findings == ()

    def test_may_name_the_namespace_of_the_file(self) -> None:
        drawn = '<textAnnotation id="t"/><association id="as" sourceRef="own:U" targetRef="own:t"/>'
        data = document(DRAWN + drawn).replace(b' id="d">', b' id="d" targetNamespace="x" xmlns:own="x">')

        assert engine.examine(data).findings == ()

    def test_may_name_types_of_other_documents(self) -> None:
        assert engine.examine(document(DRAWN + '<dataObject id="do" itemSubjectRef="xsd:string"/>')).findings == ()


class TestPools:
    @pytest.mark.parametrize("process", ['processRef="p"', ""])
    def test_of_several_participants_are_a_warning_by_name(self, process: str) -> None:
        pool = f'<participant id="p1" {process}><participantMultiplicity minimum="2" maximum="3"/></participant>'

        found = engine.examine(document(DRAWN, beside=f'<collaboration id="c">{pool}</collaboration>')).findings

        assert [(one.severity, one.code, one.element_id) for one in found] == [
            ("warning", "participant-multiplicity", "p1")
        ]
        assert "participantMultiplicity" in found[0].text.en

    def test_hold_nothing_that_would_not_be_looked_at(self) -> None:
        pool = '<participant id="p1"><userTask id="z"/></participant>'

        data = document(DRAWN, beside=f'<collaboration id="c">{pool}</collaboration>')

        assert refused(data) == [("unsupported-element", "p1")]
