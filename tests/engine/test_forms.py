"""Generated forms: what is read from the model, and which values they take."""

from typing import Any

import pytest

from app import engine
from app.engine import FieldType, FormField, check_values
from tests.engine.refusals import refused
from tests.engine.small_models import document, scope

SCRIPT = '<camunda:script scriptFormat="groovy">1</camunda:script>'


def with_fields(*fields: str) -> bytes:
    form = f"<extensionElements><camunda:formData>{''.join(fields)}</camunda:formData></extensionElements>"
    return document(scope("S U\nU E", {}, {"U": form}))


def field(attributes: str, inside: str = "") -> str:
    return f"<camunda:formField {attributes}>{inside}</camunda:formField>"


def constraint(name: str, config: str) -> str:
    return constraints((name, config))


def constraints(*rules: tuple[str, str]) -> str:
    inside = "".join(f'<camunda:constraint name="{name}" config="{config}"/>' for name, config in rules)
    return f"<camunda:validation>{inside}</camunda:validation>"


def read(*fields: str) -> tuple[FormField, ...]:
    return engine.read(with_fields(*fields)).model.nodes["U"].form


class TestReading:
    def test_keeps_fields_in_order_with_their_rules(self) -> None:
        form = read(
            field('id="keputusan" label="Keputusan" type="enum"', VALUES + constraint("required", "")),
            field('id="tahun" type="long" defaultValue="2027"', constraint("min", "2020")),
            field('id="alasan"', constraint("maxlength", "500")),
            field('id="segera" type="boolean" defaultValue="true"'),
            field('id="tanggal" type="date" defaultValue="2026-08-17"'),
        )

        assert form == (
            FormField(
                "keputusan",
                "Keputusan",
                FieldType.ENUM,
                required=True,
                options=(("setuju", "Setuju"), ("dikembalikan", "dikembalikan")),
            ),
            FormField("tahun", "tahun", FieldType.LONG, default="2027", minimum=2020),
            FormField("alasan", "alasan", FieldType.STRING, maximum=500),
            FormField("segera", "segera", FieldType.BOOLEAN, default="true"),
            FormField("tanggal", "tanggal", FieldType.DATE, default="2026-08-17"),
        )

    def test_required_may_be_switched_off(self) -> None:
        assert not read(field('id="x"', constraint("required", "false")))[0].required

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ((field('label="x"'),), "form-field-id"),
            ((field('id="x"'), field('id="x"')), "form-field-id"),
            ((field('id="_x"'),), "form-field-id"),
            ((field('id="&#x200b;"'),), "form-field-id"),
            ((field('id="tahun&#x200b;"'),), "form-field-id"),
            ((field('id="empty"'),), "form-field-id"),
            ((field(f'id="{"x" * 256}"'),), "form-field-id"),
            ((field('id="x" type="user"'),), "form-field-type"),
            ((field('id="x" type="enum"'),), "form-field-options"),
            ((field('id="x"', constraint("readonly", "")),), "form-field-constraint"),
            ((field('id="x"', constraint("validator", "org.x.Y")),), "form-field-constraint"),
            ((field('id="x" type="long"', constraint("maxlength", "5")),), "form-field-constraint"),
            ((field('id="x"', constraints(("required", ""), ("maxlength", "0"))),), "form-field-constraint"),
            ((field('id="x" defaultValue=" "', constraint("required", "")),), "form-field-default"),
            ((field('id="x" type="long"', constraint("min", "satu")),), "form-field-constraint"),
            ((field('id="x" type="long"', constraint("min", "9" * 5000)),), "form-field-constraint"),
            ((field('id="x" type="long" defaultValue="banyak"'),), "form-field-default"),
            ((field(f'id="x" type="long" defaultValue="{"9" * 5000}"'),), "form-field-default"),
            ((field('id="x" type="long" defaultValue="3"', constraint("max", "2")),), "form-field-default"),
            ((field('id="x" type="boolean" defaultValue="ya"'),), "form-field-default"),
            ((field('id="x" type="date" defaultValue="17-08-2026"'),), "form-field-default"),
            ((field('id="x" defaultValue="${y}"'),), "form-field-default"),
            ((field('id="x" defaultValue="abc"', constraint("maxlength", "2")),), "form-field-default"),
            ((field('id="x" type="date"', constraint("maxlength", "2")),), "form-field-constraint"),
            ((field('id="x" type="date"', constraint("min", "2")),), "form-field-constraint"),
            ((field('id="x" type="boolean"', constraint("minlength", "2")),), "form-field-constraint"),
            ((field('id="x"', constraint("max", "2")),), "form-field-constraint"),
            ((field('id="x" type="long"', constraints(("min", "5"), ("max", "4"))),), "form-field-constraint"),
            ((field('id="x"', constraints(("minlength", "5"), ("maxlength", "4"))),), "form-field-constraint"),
            ((field('id="x"', constraint("maxlength", "-1")),), "form-field-constraint"),
            ((field('id="x"', constraint("minlength", "10001")),), "form-field-constraint"),
            ((field('id="x"', constraints(("required", "true"), ("required", "false"))),), "form-field-constraint"),
            ((field('id="x" type="enum"', '<camunda:value id="a"/><camunda:value id="a"/>'),), "form-field-options"),
            ((field('id="x" type="enum"', '<camunda:value id="a"/><camunda:value/>'),), "form-field-options"),
            ((field('id="x" datePattern="yyyy-dd-MM" type="date"'),), "unsupported-attribute"),
            ((field('id="x" camunda:label="X"'),), "unsupported-attribute"),
            ((field('id="x"', SCRIPT),), "unsupported-extension"),
            ((field('id="x"', '<other:hint xmlns:other="urn:other"/>'),), "unsupported-extension"),
            ((field('id="x"', f"<camunda:validation>{SCRIPT}</camunda:validation>"),), "unsupported-extension"),
            (
                (field('id="x" type="enum"', f'<camunda:value id="a">{SCRIPT}</camunda:value>'),),
                "unsupported-extension",
            ),
            ((SCRIPT,), "unsupported-extension"),
        ],
    )
    def test_refuses_what_could_not_be_kept_or_checked(self, fields: tuple[str, ...], code: str) -> None:
        assert refused(with_fields(*fields)) == [(code, "U")]

    def test_says_what_to_do_with_a_field_that_is_only_to_be_shown(self) -> None:
        (finding,) = engine.examine(with_fields(field('id="x"', constraint("readonly", "")))).findings

        assert "readonly" in finding.text.id
        assert finding.remedy.id.startswith("Hapus batasan itu")

    def test_refuses_a_business_key_that_a_form_would_set(self) -> None:
        data = with_fields(field('id="x"')).replace(b"<camunda:formData>", b'<camunda:formData businessKey="x">')

        assert refused(data) == [("unsupported-attribute", "U")]

    def test_takes_bounds_that_meet_and_what_other_forms_are_told(self) -> None:
        properties = '<camunda:properties><camunda:property id="lebar" value="2"/></camunda:properties>'
        form = read(
            field('id="tepat" type="long" defaultValue="4"', constraints(("min", "4"), ("max", "4"))),
            field('id="kosong"', constraints(("minlength", "0"), ("maxlength", "0")) + properties),
            field('id="hari" type="date" datePattern="yyyy-MM-dd"', constraint("required", "")),
        )

        assert [(f.id, f.minimum, f.maximum) for f in form] == [("tepat", 4, 4), ("kosong", 0, 0), ("hari", None, None)]

    def test_refuses_a_default_that_is_no_choice(self) -> None:
        assert refused(with_fields(field('id="x" type="enum" defaultValue="mungkin"', VALUES))) == [
            ("form-field-default", "U")
        ]


VALUES = '<camunda:value id="setuju" name="Setuju"/><camunda:value id="dikembalikan"/>'


class TestValues:
    FORM = (
        FormField("keputusan", "Keputusan", FieldType.ENUM, required=True, options=(("setuju", "Setuju"),)),
        FormField("alasan", "Alasan", FieldType.STRING, minimum=2, maximum=5),
        FormField("jumlah", "Jumlah", FieldType.LONG, minimum=-1, maximum=4),
        FormField("segera", "Segera", FieldType.BOOLEAN),
        FormField("tanggal", "Tanggal", FieldType.DATE),
        FormField("bebas", "Bebas", FieldType.LONG),
        FormField("panjang", "Panjang", FieldType.STRING),
        FormField("wajib", "Wajib", FieldType.STRING, required=True),
    )

    def faults(self, **values: Any) -> list[str]:
        return [fault.field for fault in check_values(self.FORM, {"keputusan": "setuju", "wajib": "x", **values})]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("alasan", "ok"), ("alasan", "ééééé"), ("alasan", None), ("jumlah", -1), ("jumlah", 4), ("segera", False),
            ("tanggal", "2028-02-29"), ("bebas", 2**63 - 1), ("bebas", -(2**63) + 1), ("panjang", "x" * 10_000),
        ],
    )  # fmt: skip
    def test_that_fit_pass(self, name: str, value: object) -> None:
        assert self.faults(**{name: value}) == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("keputusan", "mungkin"), ("keputusan", None), ("keputusan", " "), ("keputusan", ["setuju"]),
            ("wajib", ""), ("wajib", " "), ("wajib", "\u200b"), ("wajib", "\u3164"),
            ("alasan", "x"), ("alasan", "xxxxxx"), ("alasan", 12), ("jumlah", -2), ("jumlah", 5), ("jumlah", True),
            ("jumlah", 1.0), ("jumlah", "1"), ("segera", "true"), ("segera", 1), ("tanggal", "2026-02-29"),
            ("tanggal", "17-08-2026"), ("tanggal", "2026-W33-1"), ("tanggal", "20260817"), ("tanggal", 20260817),
            ("tanggal", ""), ("bebas", 2**63), ("bebas", -(2**63)), ("panjang", "x" * 10_001), ("lain", 1),
        ],
    )  # fmt: skip
    def test_that_do_not_fit_are_told_by_field(self, name: str, value: object) -> None:
        assert self.faults(**{name: value}) == [name]

    def test_a_fault_says_what_is_expected(self) -> None:
        (fault,) = check_values(self.FORM, {"keputusan": "setuju", "wajib": "x", "jumlah": 9})

        assert fault.message == "Jumlah: must be at most 4."
