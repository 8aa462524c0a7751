import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.engine.xml import MAX_ATTRIBUTE_BYTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, XmlRefused, parse, positions


def refusal(data: bytes) -> XmlRefused:
    with pytest.raises(XmlRefused) as caught:
        parse(data)
    return caught.value


class TestParse:
    def test_gives_the_root_with_names_attributes_and_text(self) -> None:
        root = parse(b'<?xml version="1.0" encoding="UTF-8"?>\n<x:a xmlns:x="urn:x" b="1">Perencana\xc3\xa4n</x:a>')

        assert (root.tag, root.get("b"), root.text) == ("{urn:x}a", "1", "Perencanaän")

    @pytest.mark.parametrize("declared", ["UTF-8", "utf-8", "US-ASCII", "ascii"])
    def test_takes_declarations_that_mean_utf8(self, declared: str) -> None:
        assert parse(f'<?xml version="1.0" encoding="{declared}"?><a>é</a>'.encode()).text == "é"

    def test_takes_a_utf8_byte_order_mark(self) -> None:
        assert parse(b"\xef\xbb\xbf<a/>").tag == "a"

    def test_a_comment_or_processing_instruction_does_not_cut_a_text_short(self) -> None:
        root = parse(b"<?style x?><a>${x <!-- > -->== <?y z?>1}</a><!-- end -->")

        assert root.text == "${x == 1}"
        assert list(root) == []

    def test_attributes_are_the_same_only_if_namespace_and_name_are(self) -> None:
        assert len(parse(b'<a xmlns:p="a" xmlns:q="ab" p:bc="1" q:c="2"/>').attrib) == 2
        assert refusal(b'<a xmlns:p="a" xmlns:q="a" p:b="1" q:b="2"/>').code == "xml-not-well-formed"

    def test_cdata_is_text(self) -> None:
        assert parse(b"<a><![CDATA[<b>&amp;]]></a>").text == "<b>&amp;"

    def test_nothing_outside_is_read(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("rahasia")

        include = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'

        assert b"rahasia" not in etree.tostring(parse(f"<a>{include}</a>".encode()))


class TestRefusedEncodings:
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
    def test_wide_encodings(self, encoding: str) -> None:
        assert refusal('<?xml version="1.0"?><a/>'.encode(encoding)).code == "xml-not-utf8"

    @pytest.mark.parametrize("declared", ["UTF-7", "UTF-16", "ISO-8859-1", "windows-1252", "EBCDIC", "UCS-4", "x"])
    def test_declared_encodings_other_than_utf8(self, declared: str) -> None:
        fault = refusal(f'<?xml version="1.0" encoding="{declared}"?>\n<a/>'.encode())

        assert (fault.code, fault.line) == ("xml-not-utf8", 1)

    def test_utf7_does_not_smuggle_tags(self) -> None:
        assert refusal(b'<?xml version="1.0" encoding="UTF-7"?><a>+ADw-b/+AD4-</a>').code == "xml-not-utf8"

    @pytest.mark.parametrize("sequence", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc3"])
    def test_bytes_that_are_not_utf8_are_placed(self, sequence: bytes) -> None:
        fault = refusal(b"\xef\xbb\xbf<a>\n\xc3\xa9" + sequence + b"</a>")

        assert (fault.code, fault.line, fault.column) == ("xml-not-utf8", 2, 2)


class TestRefusedDoctypes:
    @pytest.mark.parametrize(
        "doctype",
        [
            "<!DOCTYPE a>",
            "<!DOCTYPE a []>",
            '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
            '<!DOCTYPE a PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
            '<!DOCTYPE a [<!ENTITY x "y">]>',
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>',
            '<!DOCTYPE a [<!ATTLIST a onclick CDATA "injected">]>',
            '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;">]>',
        ],
    )
    def test_any_doctype(self, doctype: str) -> None:
        fault = refusal(f"\n{doctype}<a/>".encode())

        assert (fault.code, fault.line) == ("xml-doctype", 2)

    def test_a_doctype_in_a_comment_or_text_is_none(self) -> None:
        assert parse(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>").text == "<!DOCTYPE a>"


class TestLimits:
    def test_size(self) -> None:
        fits = b"<a>" + b"x" * (MAX_BYTES - 7) + b"</a>"

        assert parse(fits).tag == "a"
        assert refusal(fits + b" ").code == "xml-too-large"

    def test_depth(self) -> None:
        assert parse(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).tag == "a"
        fault = refusal(b"<a>\n" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1))
        assert (fault.code, fault.line, fault.column) == ("xml-too-deep", MAX_DEPTH + 1, 1)

    def test_many_siblings_are_not_deep(self) -> None:
        assert len(parse(b"<a>" + b"<b></b>" * 500 + b"</a>")) == 500

    def test_elements(self) -> None:
        assert len(parse(b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>")) == MAX_ELEMENTS - 1
        assert refusal(b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>").code == "xml-too-many-elements"

    @pytest.mark.parametrize(
        ("name", "value"), [("b", "x"), ("b", "é"), ("xml:lang", "x"), ("xmlns", "x"), ("xmlns:p", "x")]
    )
    def test_attribute_values_in_bytes(self, name: str, value: str) -> None:
        fits = f'<a {name}="{value * (MAX_ATTRIBUTE_BYTES // len(value.encode()))}'.encode()

        assert parse(fits + b'"/>').tag.endswith("a")
        assert refusal(fits + b'x"/>').code == "xml-attribute-too-long"

    @pytest.mark.parametrize(
        "bomb",
        [
            b"<a>" * 1_700_000,
            b"<" * 5_000_000,
            b"<!--" + b"-" * 5_000_000,
            b"<a>" + b"&amp;" * 1_000_000 + b"</a>",
            b"<a><![CDATA[" + b"]" * 5_000_000,
            b'<a b="' + b"x" * 5_000_000,
            b"<?p " + b"?" * 5_000_000,
        ],
        ids=["open tags", "less-than", "comment", "references", "cdata", "attribute", "instruction"],
    )
    def test_bombs_end_quickly(self, bomb: bytes) -> None:
        begin = time.process_time()
        try:
            outcome = parse(bomb).tag
        except XmlRefused as fault:
            outcome = fault.code

        assert outcome in ("a", "xml-too-deep", "xml-not-well-formed")
        assert time.process_time() - begin < 3


class TestNotWellFormed:
    @pytest.mark.parametrize(
        ("data", "line", "column", "remedy"),
        [
            (b"", 1, 1, "empty"),
            (b"hello", 1, 1, "text before"),
            (b"<a>\n<b></a>", 2, 6, "closing tag"),
            (b"<a>\n", 2, 1, "last closing tag"),
            (b"<a/>\n <b/>", 2, 2, "follows"),
            (b"<a>\n\xc3\xa9 & b</a>", 2, 4, "&amp;"),
            (b'<a b="1" b="2"/>', 1, 10, "twice"),
            (b"<a>&nbsp;</a>", 1, 4, "entity"),
            (b"<a>&#0;</a>", 1, 4, "character number"),
            (b"<a>\x01</a>", 1, 4, "character"),
            (b"<a>\n<x:b/></a>", 2, 1, "xmlns"),
            (b'<a><b x:c="1"/></a>', 1, 4, "xmlns"),
            (b"\n<?xml version='1.0'?><a/>", 2, 1, "come first"),
            (b"<a b=1/>", 1, 6, "character"),
            (b'<a xmlns="a b"/>', 1, 15, "URI"),
        ],
    )
    def test_says_where_and_what(self, data: bytes, line: int, column: int, remedy: str) -> None:
        fault = refusal(data)

        assert (fault.code, fault.line, fault.column) == ("xml-not-well-formed", line, column)
        assert remedy in fault.text.en
        assert fault.text.id != fault.text.en

    def test_what_only_lxml_finds_is_refused_with_its_place(self) -> None:
        fault = refusal(b"<a>\n<" + b"b" * 60_000 + b"/></a>")

        assert (fault.code, fault.line) == ("xml-not-well-formed", 2)

    @given(st.binary(max_size=200) | st.text(alphabet="<>/ab\"'=&;![]-?x: \n", max_size=80).map(str.encode))
    def test_any_bytes_give_a_tree_or_a_refusal(self, data: bytes) -> None:
        try:
            outcome = parse(data).tag
        except XmlRefused as fault:
            outcome = fault.text.id

        assert outcome


class TestPositions:
    def test_counts_lines_and_characters_from_one(self) -> None:
        data = '\ufeff<?xml version="1.0"?>\r\n<a>é😀<b/>\n\t<c\n d="1"/><!-- <x/> --><![CDATA[<y/>]]></a>'.encode()

        assert positions(data) == [(2, 1), (2, 6), (3, 2)]

    @given(st.recursive(st.text("é😀 \n", max_size=3), lambda inner: st.lists(inner, min_size=1, max_size=4)))
    def test_each_position_belongs_to_the_element_of_the_same_number(self, tree: object) -> None:
        names = iter(range(1000))

        def render(node: object) -> str:
            if isinstance(node, str):
                return node
            assert isinstance(node, list)
            name = f"n{next(names)}"
            return f"<!-- c --><{name}>{''.join(map(render, node))}<?p q?></{name}>"

        data = f"<root>{render(tree)}</root>".encode()

        elements = list(parse(data).iter(etree.Element))
        lines = data.decode().split("\n")
        places = positions(data)

        assert len(places) == len(elements)
        for element, (line, column) in zip(elements, places, strict=True):
            assert lines[line - 1][column - 1 :].startswith(f"<{element.tag}>")
        assert all(earlier < later for earlier, later in pairwise(places))
