"""What ids, names and codes of elements may be."""

import re

from lxml import etree

from app.core.text import Text
from app.engine.namespaces import CAMUNDA
from app.engine.report import Report

# Databases look things up by ids and names, and lists are sorted by them.
_LONGEST_ID = 255
_NAMES = ("name", "errorCode", "escalationCode", CAMUNDA + "topic", CAMUNDA + "candidateGroups")
_TOO_LONG = Text(
    f"Nama, kode, dan topik paling panjang {_LONGEST_ID} huruf. Pindahkan selebihnya ke dokumentasi.",
    f"Names, codes and topics have at most {_LONGEST_ID} characters. Move the rest to the documentation.",
)
# XML's NCName: what an id may be.
_NAME_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NCNAME = re.compile(f"[{_NAME_START}][{_NAME_START}0-9.\u00b7\u0300-\u036f\u203f\u2040-]*")
_ID_NOT_VALID = Text(
    f"Id diawali huruf atau garis bawah, tanpa spasi, titik dua, atau garis miring, paling panjang {_LONGEST_ID}.",
    f"An id begins with a letter or underscore, has no space, colon or slash, and {_LONGEST_ID} characters at most.",
)


def check_names(element: etree._Element, report: Report) -> None:
    """Report names and codes that are too long to be looked up by."""
    if any(len(element.get(word, "")) > _LONGEST_ID for word in _NAMES):
        report.add(element, "too-long", _TOO_LONG)


def check_id(element: etree._Element, element_id: str, report: Report) -> None:
    """Report an id that is no XML name, or too long to be looked up by."""
    if len(element_id) > _LONGEST_ID or not _NCNAME.fullmatch(element_id):
        report.add(element, "id-not-valid", _ID_NOT_VALID)
