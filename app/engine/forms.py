"""Camunda's generated task forms (`camunda:formData`): read from the model, and checked against what a person sends."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from lxml import etree

from app.core.text import Text, is_blank
from app.engine.model import FieldType, FormField
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.variables import LONGEST_TEXT, name_fault

_LARGEST_LONG = 2**63 - 1
_FIELD = CAMUNDA + "formField"
# The attributes and the children that each part of a form may have. A field's properties are there for other forms.
_PARTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    CAMUNDA + "formData": (frozenset(), frozenset({_FIELD})),
    _FIELD: (
        frozenset({"id", "label", "type", "defaultValue"}),
        frozenset(CAMUNDA + word for word in ("value", "validation", "properties")),
    ),
    CAMUNDA + "value": (frozenset({"id", "name"}), frozenset()),
    CAMUNDA + "validation": (frozenset(), frozenset({CAMUNDA + "constraint"})),
    CAMUNDA + "constraint": (frozenset({"name", "config"}), frozenset()),
}
_ISO_DATES = ("datePattern", "yyyy-MM-dd")
# The constraints that bound a field below and above, and what is its bound without them.
_BOUNDS = {FieldType.LONG: ("min", "max"), FieldType.STRING: ("minlength", "maxlength")}
_RANGES = {FieldType.LONG: (-_LARGEST_LONG, _LARGEST_LONG), FieldType.STRING: (0, LONGEST_TEXT)}


class FieldFault(NamedTuple):
    """What is wrong with one submitted value."""

    field: str
    message: str


def read_form(element: etree._Element, refuse: Callable[[str, Text], None]) -> tuple[FormField, ...]:
    """Return the fields of an element's generated form in their order; what cannot be kept goes to `refuse`."""
    fields: dict[str, FormField] = {}
    for form in element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}formData"):
        _check_parts(form, refuse)
    for item in element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}formData/{CAMUNDA}formField"):
        name = (item.get("id") or "").strip()
        fault = name_fault(name)
        if fault is None and name in fields:
            fault = Text(
                f"Dua bidang formulir bernama '{name}'. Beri nama lain kepada salah satunya.",
                f"Two form fields are called '{name}'. Give one of them another name.",
            )
        if fault is not None:
            refuse("form-field-id", fault)
            continue
        try:
            kind = FieldType(item.get("type") or "string")
        except ValueError:
            refuse(
                "form-field-type",
                Text(
                    f"Jenis bidang '{name}' tidak dikenal. Pakai string, long, boolean, date, atau enum.",
                    f"The type of the field '{name}' is unknown. Use string, long, boolean, date or enum.",
                ),
            )
            continue
        field = _field(item, name, kind, refuse)
        options = [(value.get("id") or "").strip() for value in item.iterfind(f"{CAMUNDA}value")]
        if kind is FieldType.ENUM and not options:
            refuse(
                "form-field-options",
                Text(f"Bidang '{name}' tidak punya pilihan.", f"The field '{name}' has no values to choose from."),
            )
        elif "" in options or len(set(options)) < len(options):
            refuse(
                "form-field-options",
                Text(
                    f"Bidang '{name}' punya pilihan tanpa id atau dua yang ber-id sama. Beri tiap pilihan id sendiri.",
                    f"The field '{name}' has a value without an id or two of one id. Give each value an id of its own.",
                ),
            )
        if field.default is not None and not _default_fits(field, field.default):
            refuse(
                "form-field-default",
                Text(
                    f"Nilai awal bidang '{name}' tidak sesuai jenis, pilihan, atau batasnya.",
                    f"The default of the field '{name}' does not fit its type, its values or its bounds.",
                ),
            )
        fields[name] = field
    return tuple(fields.values())


def _check_parts(form: etree._Element, refuse: Callable[[str, Text], None]) -> None:
    """Refuse the attributes and children in a form that would be left out."""
    for holder in form.iter(*_PARTS):
        attributes, children = _PARTS[str(holder.tag)]
        fields = (at for at in (holder, *holder.iterancestors(_FIELD)) if at.tag == _FIELD)
        place = next((at.get("id", "")[:80] for at in fields), "formData")
        for attribute, value in holder.attrib.items():
            is_foreign = str(attribute).startswith("{") and not str(attribute).startswith(CAMUNDA)
            if is_foreign or attribute in attributes or (attribute, value) == _ISO_DATES:
                continue
            written = f'{etree.QName(attribute).localname}="{str(value)[:80]}"'
            refuse(
                "unsupported-attribute",
                Text(
                    f"Atribut {written} pada bagian '{place}' formulir tidak dijalankan oleh Alur. Hapus atribut itu.",
                    f"Alur does not run the attribute {written} in the part '{place}' of the form. Remove it.",
                ),
            )
        for child in holder.iterchildren(etree.Element):
            if child.tag not in children:
                shown = etree.QName(child).localname
                refuse(
                    "unsupported-extension",
                    Text(
                        f"'{shown}' pada bagian '{place}' formulir tidak dijalankan oleh Alur. Hapus bagian itu.",
                        f"Alur does not run '{shown}' in the part '{place}' of the form. Remove it.",
                    ),
                )


def _field(item: etree._Element, name: str, kind: FieldType, refuse: Callable[[str, Text], None]) -> FormField:
    given: dict[str, str] = {}
    bounds = _BOUNDS.get(kind, ())
    for constraint in item.iterfind(f"{CAMUNDA}validation/{CAMUNDA}constraint"):
        rule, config = constraint.get("name") or "", (constraint.get("config") or "").strip()
        if rule in given:
            refuse(
                "form-field-constraint",
                Text(
                    f"Batasan '{rule}' pada bidang '{name}' diisi dua kali. Hapus salah satunya.",
                    f"The constraint '{rule}' of the field '{name}' is given twice. Remove one of them.",
                ),
            )
        elif rule == "required" or (rule in bounds and len(config) < 20 and config.removeprefix("-").isdecimal()):
            given[rule] = config
        elif rule == "readonly":
            refuse(
                "form-field-constraint",
                Text(
                    f"Bidang '{name}' hanya ditampilkan (readonly), padahal formulir Alur hanya memuat yang diisi. "
                    "Hapus batasan itu bila boleh diisi, atau hapus bidangnya: isi berkas tetap terlihat.",
                    f"The field '{name}' is only shown (readonly), but a form of Alur has only what is filled in. "
                    "Remove the constraint if it may be filled in, or remove the field: the values stay visible.",
                ),
            )
        else:
            fitting = ", ".join(("required", *bounds))
            refuse(
                "form-field-constraint",
                Text(
                    f"Batasan '{rule}={config[:80]}' pada bidang '{name}' ({kind}) tidak dapat diperiksa. "
                    f"Yang dapat dipakai: {fitting}.",
                    f"The constraint '{rule}={config[:80]}' of the field '{name}' ({kind}) cannot be checked. "
                    f"Those that can be: {fitting}.",
                ),
            )
    minimum, maximum = (int(given[bound]) if bound in given else None for bound in bounds or ("min", "max"))
    lowest, highest = _RANGES.get(kind, (0, 0))
    lower, upper = (lowest if minimum is None else minimum), (highest if maximum is None else maximum)
    if max(lowest, lower) > min(highest, upper):
        refuse(
            "form-field-constraint",
            Text(
                f"Tidak ada nilai di antara batas bidang '{name}'. Tulis batas bawah yang tidak melebihi batas atas.",
                f"No value is within the bounds of the field '{name}'. Give a lower bound that is not above the upper.",
            ),
        )
    elif kind is FieldType.STRING and given.get("required", "false") != "false" and upper == 0:
        refuse(
            "form-field-constraint",
            Text(
                f"Bidang '{name}' wajib diisi, padahal 'maxlength'-nya 0. Hapus salah satu batasan itu.",
                f"The field '{name}' is required, but its 'maxlength' is 0. Remove one of these constraints.",
            ),
        )
    return FormField(
        id=name,
        label=(item.get("label") or "").strip() or name,
        type=kind,
        required=given.get("required", "false") != "false",
        default=item.get("defaultValue") or None,
        options=tuple(
            (value.get("id") or "", (value.get("name") or "").strip() or (value.get("id") or ""))
            for value in item.iterfind(f"{CAMUNDA}value")
            if value.get("id")
        ),
        minimum=minimum,
        maximum=maximum,
    )


def _default_fits(field: FormField, default: str) -> bool:
    if "${" in default or "#{" in default:
        return False
    match field.type:
        case FieldType.LONG:
            digits = default.removeprefix("-")
            return len(digits) < 20 and digits.isdecimal() and _fault(field, int(default)) is None
        case FieldType.BOOLEAN:
            return default in ("true", "false")
        case _:
            return _fault(field, default) is None and not (field.required and is_blank(default))


def default_of(field: FormField) -> Any:
    """Return the default of a field as a value of its type, null where it has none."""
    match field.type:
        case FieldType.LONG if field.default is not None:
            return int(field.default)
        case FieldType.BOOLEAN if field.default is not None:
            return field.default == "true"
        case _:
            return field.default


def check_values(form: tuple[FormField, ...], values: Mapping[str, Any]) -> list[FieldFault]:
    """Return every fault of submitted values against their form: unknown, missing, of a wrong type or out of bounds.

    Null counts as not given. A text of which nothing can be seen does not fill a required field.
    """
    known = {field.id: field for field in form}
    faults = [FieldFault(name, "This form has no such field.") for name in values if name not in known]
    for field in form:
        value = values.get(field.id)
        if value is None or (field.required and isinstance(value, str) and is_blank(value)):
            if field.required:
                faults.append(FieldFault(field.id, f"{field.label}: a value is required."))
            continue
        message = _fault(field, value)
        if message is not None:
            faults.append(FieldFault(field.id, f"{field.label}: {message}"))
    return faults


def _fault(field: FormField, value: Any) -> str | None:
    match field.type:
        case FieldType.STRING:
            if not isinstance(value, str):
                return "expected a text."
            return (
                _out_of_bounds(field, len(value), "characters")
                if len(value) <= LONGEST_TEXT
                else "the text is too long."
            )
        case FieldType.LONG:
            if isinstance(value, bool) or not isinstance(value, int):
                return "expected a whole number."
            return _out_of_bounds(field, value, "") if abs(value) <= _LARGEST_LONG else "the number is too large."
        case FieldType.BOOLEAN:
            return None if isinstance(value, bool) else "expected true or false."
        case FieldType.DATE:
            return None if isinstance(value, str) and _is_date(value) else "expected a date as YYYY-MM-DD."
        case FieldType.ENUM:
            options = [option for option, _ in field.options]
            return None if isinstance(value, str) and value in options else f"expected one of {', '.join(options)}."


def _out_of_bounds(field: FormField, size: int, unit: str) -> str | None:
    if field.minimum is not None and size < field.minimum:
        return f"must be at least {field.minimum} {unit}".rstrip() + "."
    if field.maximum is not None and size > field.maximum:
        return f"must be at most {field.maximum} {unit}".rstrip() + "."
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
