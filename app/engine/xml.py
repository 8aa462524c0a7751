"""The one hardened XML parser: every byte of XML that comes from outside passes through `parse`.

Two parsers read the data. Expat goes first: it builds nothing, knows the place of every fault, and stops at the first
limit that is passed. lxml then builds the tree from what expat let through.
"""

from typing import Literal, NoReturn
from xml.parsers import expat

from lxml import etree

from app.core.text import Text

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 64
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTE_BYTES = 16 * 1024

XmlFault = Literal[
    "xml-too-large",
    "xml-not-utf8",
    "xml-doctype",
    "xml-too-deep",
    "xml-too-many-elements",
    "xml-attribute-too-long",
    "xml-not-well-formed",
]

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_NAMES = frozenset({"utf-8", "us-ascii", "ascii"})

_SAVE_AGAIN = Text(
    "Buka berkas di Camunda Modeler, simpan kembali, lalu unggah lagi.",
    "Open the file in Camunda Modeler, save it again and upload it once more.",
)
_TOO_LARGE = Text(
    f"Berkas lebih besar dari {MAX_BYTES // 1024**2} MB. Pecah proses menjadi beberapa berkas.",
    f"The file is larger than {MAX_BYTES // 1024**2} MB. Split the process into several files.",
)
_NOT_UTF8 = Text(
    'Berkas tidak memakai pengodean UTF-8. Simpan ulang sebagai UTF-8 dan tulis encoding="UTF-8" di baris pertama.',
    'The file is not encoded in UTF-8. Save it as UTF-8 and write encoding="UTF-8" in its first line.',
)
_DOCTYPE = Text(
    "Berkas memuat DOCTYPE, yang tidak diterima karena dapat membawa isi dari luar. Hapus baris <!DOCTYPE …>.",
    "The file holds a DOCTYPE, which is not accepted because it can bring in outside content. "
    "Remove the line <!DOCTYPE …>.",
)
_TOO_DEEP = Text(
    f"Tag bersarang lebih dari {MAX_DEPTH} tingkat. Keluarkan sub-proses terdalam ke berkas tersendiri.",
    f"Tags are nested more than {MAX_DEPTH} levels deep. Move the innermost sub-process to a file of its own.",
)
_TOO_MANY_ELEMENTS = Text(
    f"Berkas memuat lebih dari {MAX_ELEMENTS:,} elemen. Pecah proses menjadi beberapa berkas.".replace(",", "."),
    f"The file holds more than {MAX_ELEMENTS:,} elements. Split the process into several files.",
)
_ATTRIBUTE_TOO_LONG = Text(
    f"Sebuah atribut lebih panjang dari {MAX_ATTRIBUTE_BYTES // 1024} KB. "
    "Persingkat, atau pindahkan teksnya ke dokumentasi elemen.",
    f"An attribute is longer than {MAX_ATTRIBUTE_BYTES // 1024} KB. "
    "Shorten it, or move its text to the element's documentation.",
)
_REASONS = {
    "syntax error": Text("ada teks sebelum tag pertama", "there is text before the first tag"),
    "no element found": Text(
        "berkas kosong atau terputus sebelum tag penutup terakhir", "it is empty or ends before its last closing tag"
    ),
    "not well-formed (invalid token)": Text(
        "ada karakter yang tidak boleh di tempat ini (tulis & sebagai &amp; dan < sebagai &lt;)",
        "a character is not allowed in this place (write & as &amp; and < as &lt;)",
    ),
    "unclosed token": Text(
        "sebuah tag, komentar, atau nilai atribut tidak ditutup", "a tag, comment or attribute value is not closed"
    ),
    "mismatched tag": Text(
        "tag penutup tidak cocok dengan tag pembukanya", "a closing tag does not match its opening tag"
    ),
    "duplicate attribute": Text(
        "sebuah atribut ditulis dua kali pada tag yang sama", "an attribute is written twice in one tag"
    ),
    "junk after document element": Text(
        "masih ada isi setelah tag penutup terakhir", "something follows the last closing tag"
    ),
    "undefined entity": Text(
        "nama entitas tidak dikenal (hanya &amp; &lt; &gt; &quot; &apos; yang tersedia)",
        "an entity is not known (only &amp; &lt; &gt; &quot; &apos; exist)",
    ),
    "reference to invalid character number": Text(
        "nomor karakter (&#…;) tidak sah", "a character number (&#…;) is not valid"
    ),
    "XML or text declaration not at start of entity": Text(
        "baris <?xml …?> harus berada paling awal", "the line <?xml …?> has to come first"
    ),
    "unclosed CDATA section": Text("bagian CDATA tidak ditutup", "a CDATA section is not closed"),
    "unbound prefix": Text(
        'awalan nama (misalnya camunda:) belum dinyatakan dengan xmlns:…="…" pada tag pembuka berkas',
        'a prefix (camunda: for example) is not declared with xmlns:…="…" in the file\'s first tag',
    ),
}
_NOT_A_URI = Text("nilai sebuah xmlns bukan alamat (URI) yang sah", "the value of an xmlns is not a valid URI")
_ANY_REASON = Text("ada bagian yang melanggar aturan XML", "a part of it breaks the rules of XML")


class XmlRefused(Exception):
    """The data is not accepted as XML.

    `code` is stable, `text` tells people what is wrong and what to do. `line` and `column` count from 1, columns in
    characters; both are None where the fault has no place (too large, UTF-16).
    """

    def __init__(self, code: XmlFault, text: Text, line: int | None = None, column: int | None = None) -> None:
        super().__init__(text.en if line is None else f"line {line}, column {column}: {text.en}")
        self.code = code
        self.text = text
        self.line = line
        self.column = column


def parse(data: bytes) -> etree._Element:
    """Return the root of the document in `data`.

    Comments and processing instructions are left out of the tree, so that none parts a text. Raises XmlRefused when
    the data is not UTF-8, not well-formed, holds a DOCTYPE or passes one of the limits above.
    """
    if len(data) > MAX_BYTES:
        raise XmlRefused("xml-too-large", _TOO_LARGE)
    _require_utf8(data)
    document = data.removeprefix(_UTF8_BOM)
    _scan(document)
    try:
        return etree.fromstring(document, _tree_parser())
    except etree.XMLSyntaxError as fault:
        reason = _NOT_A_URI if "not a valid URI" in fault.msg else _ANY_REASON
        raise _not_well_formed(reason, *fault.position) from fault


def text_of(element: etree._Element) -> str:
    """Return the text that stands directly in an element, without the spaces around it; no element in it cuts it."""
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()


def positions(data: bytes) -> list[tuple[int, int]]:
    """Return line and column, from 1, of every start tag in document order.

    The k-th entry belongs to the k-th element of `root.iter(etree.Element)`. `data` has passed `parse` before.
    """
    return _scan(data.removeprefix(_UTF8_BOM))


def _require_utf8(data: bytes) -> None:
    if data.startswith(_UTF16_BOMS) or b"\x00" in data[:4]:
        raise XmlRefused("xml-not-utf8", _NOT_UTF8)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].removeprefix(_UTF8_BOM).decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        raise XmlRefused("xml-not-utf8", _NOT_UTF8, line, column) from None


def _scan(document: bytes) -> list[tuple[int, int]]:
    """Read `document` to its end and return the place of every start tag; raise XmlRefused at the first fault.

    The encoding is forced on expat, so that what the document declares cannot change how its bytes are read; the
    same holds for lxml below.
    """
    parser = expat.ParserCreate("utf-8", "\x01")  # parts URI and name: a character that no XML may hold
    places: list[tuple[int, int]] = []
    depth = 0

    def refuse(code: XmlFault, text: Text) -> NoReturn:
        raise XmlRefused(code, text, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _UTF8_NAMES:
            refuse("xml-not-utf8", _NOT_UTF8)

    def doctype(_name: str, _system_id: str | None, _public_id: str | None, _has_internal_subset: bool) -> None:
        refuse("xml-doctype", _DOCTYPE)

    def namespace(_prefix: str | None, uri: str | None) -> None:
        if uri is not None:
            check_length(uri)

    def start(_name: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        places.append((parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))
        if depth > MAX_DEPTH:
            refuse("xml-too-deep", _TOO_DEEP)
        if len(places) > MAX_ELEMENTS:
            refuse("xml-too-many-elements", _TOO_MANY_ELEMENTS)
        for value in attributes[1::2]:
            check_length(value)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def check_length(value: str) -> None:
        if len(value.encode()) > MAX_ATTRIBUTE_BYTES:
            refuse("xml-attribute-too-long", _ATTRIBUTE_TOO_LONG)

    parser.ordered_attributes = True
    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = doctype
    parser.StartNamespaceDeclHandler = namespace
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(document, True)
    except expat.ExpatError as fault:
        reason = _REASONS.get(expat.ErrorString(fault.code), _ANY_REASON)
        raise _not_well_formed(reason, fault.lineno, fault.offset + 1) from None
    return places


def _tree_parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _not_well_formed(reason: Text, line: int, column: int) -> XmlRefused:
    text = Text(
        f"Berkas bukan XML yang benar: {reason.id}. {_SAVE_AGAIN.id}",
        f"The file is not well-formed XML: {reason.en}. {_SAVE_AGAIN.en}",
    )
    return XmlRefused("xml-not-well-formed", text, line, column)
