"""Files that mean harm, made here by the class of harm; none of them is kept as a file."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from tests.definitions.hostile.drawn import Hostile, condition, graph, node, process, timer
from tests.drawings import END, START, chain, drawing, flow, task


def hostile() -> Iterator[Hostile]:
    """Yield every case."""
    yield from _xml()
    yield from _documents_outside()
    yield from _graphs()
    yield from _runs()
    yield from _expressions()
    yield from _code()
    yield from _work()
    yield from _timers()
    yield from _texts()


def _xml() -> Iterator[Hostile]:
    good = process()
    text = good.decode()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"):
        yield Hostile(f"bytes-{encoding}", text.encode(encoding))
    for declared in ("UTF-16", "UTF-7", "ISO-8859-1", "EBCDIC-CP-US"):
        yield Hostile(f"declared-{declared}", good.replace(b"UTF-8", declared.encode(), 1))
    yield Hostile("invalid-utf8", good.replace(b"kerja", b"ker\xc3\x28ja", 1))
    yield Hostile("overlong-utf8", good.replace(b"kerja", b"\xc0\xbcscript", 1))
    yield Hostile("nul", good.replace(b"kerja", b"ker\0ja", 1))
    yield Hostile("control-character", good.replace(b"kerja", b"ker&#8;ja", 1))
    yield Hostile("cut", good[: len(good) // 2])
    yield Hostile("doubled", good + good)
    yield Hostile("attribute-twice", good.replace(b'isExecutable="true"', b'isExecutable="true" isExecutable="true"'))
    yield Hostile("unbound-prefix", good.replace(b"xmlns:camunda", b"xmlns:lain", 1))
    yield Hostile("large", good.replace(b"</bpmn:process>", b" " * (5 * 1024 * 1024) + b"</bpmn:process>"))
    yield Hostile("deep", b"<a>" * 70 + b"</a>" * 70)
    yield Hostile("very-deep", b"<a>" * 200_000)
    yield Hostile("many-elements", good.replace(b"</bpmn:process>", b"<bpmn:group/>" * 20_001 + b"</bpmn:process>"))
    yield Hostile("long-attribute", good.replace(b'name="kerja"', b'name="' + b"a" * 17_000 + b'"'))
    yield Hostile("long-namespace", b'<a xmlns="' + b"a" * 17_000 + b'"/>')
    yield Hostile("long-name", b"<" + b"a" * 4_000_000 + b"/>")
    yield Hostile("many-attributes", b"<a " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>")


def _documents_outside() -> Iterator[Hostile]:
    head, rest = process().split(b"\n", 1)
    for name, doctype in {
        "plain": b"<!DOCTYPE a>",
        "internal": b'<!DOCTYPE a [<!ENTITY x "y">]>',
        "file": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file://BERKAS-RAHASIA">]>',
        "network": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:PORT-TELINGA/a.dtd">',
        "network-entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:PORT-TELINGA/x">]>',
        "parameter": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:PORT-TELINGA/x"> %x;]>',
        "public": b'<!DOCTYPE a PUBLIC "-//X//Y" "http://127.0.0.1:PORT-TELINGA/x">',
        "attribute-default": b'<!DOCTYPE a [<!ATTLIST bpmn:userTask camunda:assignee CDATA "siti">]>',
        "laughs": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10) for n in range(20))
        + b"]>",
    }.items():
        yield Hostile(f"doctype-{name}", head + doctype + b"\n" + rest.replace(b'name="kerja"', b'name="&x;"', 1))
    yield Hostile("entity-without-doctype", process().replace(b'name="kerja"', b'name="&rahasia;"'))
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://BERKAS-RAHASIA" parse="text"/>'
    yield Hostile("xinclude-in-task", process(include))
    yield Hostile("xinclude-in-process", process(extra=include))
    yield Hostile(
        "import",
        process(before='<bpmn:import importType="x" location="http://127.0.0.1:PORT-TELINGA/x" namespace="x"/>'),
        "either",
    )
    yield Hostile(
        "stylesheet",
        process().replace(b"?>", b'?><?xml-stylesheet href="http://127.0.0.1:PORT-TELINGA/x"?>', 1),
        "accepted",
    )
    schema = b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="berkas" '
    schema += b'xsi:schemaLocation="x http://127.0.0.1:PORT-TELINGA/x.xsd"'
    yield Hostile("schema-location", process().replace(b'id="berkas"', schema), "accepted")
    yield Hostile("html", b"<html><script>alert(1)</script></html>")
    yield Hostile("svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
    yield Hostile("zip", b"PK\x03\x04" + bytes(200))


def _graphs() -> Iterator[Hostile]:
    one = START + task("a") + END
    yield Hostile("no-process", drawing("p", "").replace(b"process", b"prozess"))
    yield Hostile("empty", drawing("p", ""))
    yield Hostile("flow-to-nowhere", graph(one, chain("mulai", "a", "tidak_ada")))
    yield Hostile("flow-to-a-flow", graph(one, chain("mulai", "a", "selesai") + flow("a", "mulai_a")))
    yield Hostile("id-twice", graph(one + task("a"), chain("mulai", "a", "selesai")))
    yield Hostile(
        "two-starts", graph(one + node("startEvent", "m2"), chain("mulai", "a", "selesai") + chain("m2", "a"))
    )
    yield Hostile("no-start", graph(task("a") + END, chain("a", "selesai")))
    yield Hostile("no-end", graph(START + task("a") + task("b"), chain("mulai", "a", "b", "a")))
    yield Hostile("unreachable", graph(one + task("b"), chain("mulai", "a", "selesai")))
    yield Hostile("start-with-entry", graph(one, chain("mulai", "a", "mulai")))
    yield Hostile(
        "boundary-of-nothing",
        graph(one + node("boundaryEvent", "t", 'attachedToRef="x"'), chain("mulai", "a", "selesai")),
    )
    yield Hostile(
        "boundary-of-itself",
        graph(one + node("boundaryEvent", "t", 'attachedToRef="t"'), chain("mulai", "a", "selesai")),
    )
    yield Hostile(
        "message-of-nothing",
        graph(one + node("receiveTask", "r", 'messageRef="x"'), chain("mulai", "a", "r", "selesai")),
    )
    inner = node("subProcess", "s", "", node("startEvent", "m2") + task("b") + chain("m2", "b"))
    yield Hostile("flow-into-a-sub-process", graph(START + inner + END, chain("mulai", "b") + chain("s", "selesai")))
    yield Hostile(
        "sub-process-without-start", graph(START + node("subProcess", "s") + END, chain("mulai", "s", "selesai"))
    )
    yield Hostile(
        "default-of-another",
        graph(one + node("exclusiveGateway", "x", 'default="mulai_a"'), chain("mulai", "a", "x", "selesai")),
    )
    yield Hostile("unknown-lane", process(lane="Raja"))
    yield Hostile("lane-of-nothing", drawing("p", one + chain("mulai", "a", "selesai"), lanes={"Staf": "a hantu"}))
    yield Hostile(
        "two-lanes", drawing("p", one + chain("mulai", "a", "selesai"), lanes={"Staf": "a", "Sekretaris": "a"})
    )
    wide = "".join(task(f"t{n}") for n in range(60))
    fan = "".join(chain("mulai", f"t{n}", "selesai") for n in range(60))
    yield Hostile("too-wide", graph(START + wide + END, fan))
    yield Hostile("long-id", process().replace(b"kerja", b"k" * 300))
    for kind in ("exclusiveGateway", "inclusiveGateway", "task", "manualTask", "intermediateThrowEvent"):
        ring = node(kind, "x", 'default="x_selesai"' if "Gateway" in kind else "") + node(kind, "y")
        back = "".join(flow("y", to, "${x == 1}" if "Gateway" in kind else None) for to in ("x",))
        yield Hostile(
            f"endless-{kind}", graph(START + ring + END, chain("mulai", "x", "y") + back + flow("x", "selesai"))
        )
    link = '<bpmn:linkEventDefinition name="l"/>'
    links = node("intermediateThrowEvent", "l1", inside=link) + node("intermediateCatchEvent", "l2", inside=link)
    yield Hostile("endless-links", graph(START + links + END, chain("mulai", "l1") + chain("l2", "selesai")))
    yield Hostile(
        "event-sub-process", process(extra=node("subProcess", "s", 'triggeredByEvent="true"', node("startEvent", "m2")))
    )
    yield Hostile("transaction", process(extra=node("transaction", "s")))
    yield Hostile("ad-hoc", process(extra=node("adHocSubProcess", "s")))
    yield Hostile(
        "call-of-itself",
        graph(START + node("callActivity", "c", 'calledElement="p"') + END, chain("mulai", "c", "selesai")),
    )
    yield Hostile(
        "call-by-expression",
        graph(START + node("callActivity", "c", 'calledElement="${x}"') + END, chain("mulai", "c", "selesai")),
    )
    for count in ("1000000000", "-1", "${x}", ""):
        times = f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>"
        loop = f"<bpmn:multiInstanceLoopCharacteristics>{times}</bpmn:multiInstanceLoopCharacteristics>"
        yield Hostile(f"instances-{count or 'none'}", process(loop), "either" if count == "${x}" else "refused")
    yield Hostile("standard-loop", process("<bpmn:standardLoopCharacteristics/>"))


def _runs() -> Iterator[Hostile]:
    branches = task("a") + task("b") + END
    ways = chain("a", "g2", "selesai") + chain("b", "g2")
    decided = flow("g1", "a", "${x == 1}") + flow("g1", "b", "${x == 2}")
    both = flow("g1", "a") + flow("g1", "b")
    split, join = node("exclusiveGateway", "g1"), node("parallelGateway", "g2")
    yield Hostile(
        "exclusive-into-parallel", graph(START + split + branches + join, chain("mulai", "g1") + decided + ways)
    )
    loop = START + node("exclusiveGateway", "m") + task("a") + node("parallelGateway", "g") + task("b") + END
    yield Hostile("loop-without-exit", graph(loop, chain("mulai", "m", "a", "g", "b", "selesai") + flow("g", "m")))
    pile = (
        START + node("exclusiveGateway", "m") + node("parallelGateway", "g1") + branches + join
        + node("exclusiveGateway", "x", 'default="x_g2"')
    )  # fmt: skip
    out = (
        chain("mulai", "m", "g1")
        + both
        + chain("a", "x", "g2", "selesai")
        + flow("x", "m", "${x == 1}")
        + chain("b", "g2")
    )
    yield Hostile("tokens-pile-up", graph(pile, out))
    merge = node("parallelGateway", "g1") + node("exclusiveGateway", "g2")
    yield Hostile(
        "parallel-into-exclusive", graph(START + merge + branches, chain("mulai", "g1") + both + ways), "accepted"
    )


def _expressions() -> Iterator[Hostile]:
    attacks = (
        "${''.__class__.__mro__[1].__subclasses__()}",
        "${x.__init__.__globals__}",
        "${getClass().forName('java.lang.Runtime')}",
        "${T(java.lang.Runtime).getRuntime().exec('id')}",
        "${__import__('os').system('id')}",
        "${open('BERKAS-RAHASIA').read()}",
        "${eval('1')}",
        "${exec('1')}",
        "${lambda: 1}",
        "${[a for a in x]}",
        "${10 ** 10 ** 10}",
        "${9^9}",
        "${x = 1}",
        "${x; y}",
        "${x}${y}",
        "${#{x}}",
        "#{x.y()}",
        "${execution.getVariable('x')}",
        "${environment:RAHASIA}",
        "${x" + "(" * 200 + ")" * 200 + "}",
        "${" + "!" * 300 + "x}",
        "${" + " && ".join(["x"] * 400) + "}",
        "${" + "x" * 3000 + "}",
        "${x ? y}",
        "import os",
        "",
    )
    for number, source in enumerate(attacks):
        yield Hostile(f"expression-{number}", condition(source))
    yield Hostile(
        "condition-script",
        condition("${x}").replace(b"<bpmn:conditionExpression", b'<bpmn:conditionExpression language="python"'),
    )
    yield Hostile(
        "condition-resource",
        condition("${x}").replace(
            b"<bpmn:conditionExpression", b'<bpmn:conditionExpression camunda:resource="file://BERKAS-RAHASIA"'
        ),
    )
    yield Hostile("group-expression", process().replace(b'name="kerja"', b'camunda:candidateGroups="${x}"'))
    yield Hostile(
        "message-expression",
        process(before='<bpmn:message id="m" name="${x}"/>', extra=node("receiveTask", "r", 'messageRef="m"')),
    )
    field = '<camunda:formField id="a" type="string" defaultValue="${x}"/>'
    yield Hostile(
        "default-expression",
        process(f"<bpmn:extensionElements><camunda:formData>{field}</camunda:formData></bpmn:extensionElements>"),
    )
    for name in ("__class__", "and", "a" * 300, " a", "a\u200bb"):
        item = f'<camunda:formField id={quoteattr(name)} type="string"/>'
        form = f"<bpmn:extensionElements><camunda:formData>{item}</camunda:formData></bpmn:extensionElements>"
        yield Hostile(f"field-{name[:12]!a}", process(form), "accepted" if name == " a" else "refused")


def _code() -> Iterator[Hostile]:
    for language in ("python", "groovy", "javascript", "juel", ""):
        script = node("scriptTask", "s", f'scriptFormat="{language}"', "<bpmn:script>import os</bpmn:script>")
        yield Hostile(f"script-{language or 'none'}", graph(START + script + END, chain("mulai", "s", "selesai")))
    for name, extension in {
        "execution-listener": '<camunda:executionListener event="start" class="a.B"/>',
        "task-listener": '<camunda:taskListener event="create" expression="${x}"/>',
        "script-listener": '<camunda:executionListener event="end"><camunda:script scriptFormat="groovy">1'
        "</camunda:script></camunda:executionListener>",
        "input-output": '<camunda:inputOutput><camunda:inputParameter name="x">${y}</camunda:inputParameter>'
        "</camunda:inputOutput>",
        "connector": "<camunda:connector><camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>",
        "field": '<camunda:field name="x" expression="${y}"/>',
        "zeebe": '<zeebe:taskDefinition xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" type="x"/>',
        "spiff": '<s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">import os</s:preScript>',
    }.items():
        yield Hostile(f"extension-{name}", process(f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>"))
    for attribute in ("class", "delegateExpression", "expression", "formKey", "assignee", "formRef", "initiator"):
        yield Hostile(
            f"attribute-{attribute}", process().replace(b'name="kerja"', f'camunda:{attribute}="${{x}}"'.encode())
        )
    for kind in ("serviceTask", "sendTask", "businessRuleTask"):
        called = node(kind, "s", 'camunda:class="a.B"')
        yield Hostile(f"class-{kind}", graph(START + called + END, chain("mulai", "s", "selesai")))
    for definition in ("conditional", "compensate", "cancel"):
        event = node("intermediateCatchEvent", "e", inside=f"<bpmn:{definition}EventDefinition/>")
        yield Hostile(f"event-{definition}", graph(START + event + END, chain("mulai", "e", "selesai")))


def _work() -> Iterator[Hostile]:
    passes = [f"n{number}" for number in range(1_200)]
    long = "".join(node("task", name) for name in passes)
    yield Hostile("a-thousand-steps", graph(START + long + END, chain("mulai", *passes, "selesai")))
    splits = "".join(node("parallelGateway", f"g{number}") for number in range(12))
    doubling = "".join(
        flow(f"g{number}", f"g{number + 1}")
        + flow(f"g{number}", f"g{number + 1}").replace(f'id="g{number}_g{number + 1}"', f'id="lagi_{number}"')
        for number in range(11)
    )
    exploding = graph(
        START + splits.replace("parallel", "inclusive") + END, chain("mulai", "g0") + doubling + chain("g11", "selesai")
    )
    yield Hostile("undecided-doubling", exploding)
    tasks = "".join(node("task", f"g{number}") for number in range(12))
    yield Hostile(
        "tokens-double",
        graph(START + tasks + END, chain("mulai", "g0") + doubling + chain("g11", "selesai")),
    )
    nested = task("dalam") + node("startEvent", "m") + chain("m", "dalam")
    for depth in range(50):
        nested = (
            node("startEvent", f"m{depth}")
            + node("subProcess", f"s{depth}", "", nested)
            + chain(f"m{depth}", f"s{depth}")
        )
    yield Hostile("sub-processes-in-each-other", drawing("p", nested), "accepted")
    yield Hostile(
        "sub-processes-too-deep",
        drawing("p", node("subProcess", "s", "", "<bpmn:subProcess>" * 70 + "</bpmn:subProcess>" * 70)),
    )
    many = "".join(task(f"t{number}") for number in range(3_000))
    row = chain("mulai", *(f"t{number}" for number in range(3_000)), "selesai")
    yield Hostile("three-thousand-tasks", graph(START + many + END, row), "accepted")


def _timers() -> Iterator[Hostile]:
    durations = (
        "",
        "x",
        "${x}",
        "P",
        "PT",
        "PT0S",
        "-PT1H",
        "P11Y",
        "P3654D",
        "PT1e9S",
        "P1.5M",
        "pt1h",
        "PT" + "9" * 400 + "H",
        "1 hari",
    )
    for number, literal in enumerate(durations):
        yield Hostile(f"duration-{number}", timer(literal))
    for number, literal in enumerate(
        ("R/PT59S", "R/PT1S", "R0/PT1H", "R-1/PT1H", "R/", "R99999999999/PT1H", "R/P11Y", "0 * * * * ?")
    ):
        yield Hostile(f"cycle-{number}", timer(literal, "timeCycle", interrupting=False))
    for number, literal in enumerate(("kemarin", "2026-02-30", "2026-13-01", "0000-01-01", "99999-01-01", "${now()}")):
        yield Hostile(f"date-{number}", timer(literal, "timeDate"))
    yield Hostile("cycle-that-interrupts", timer("R/PT1H", "timeCycle"))


def _texts() -> Iterator[Hostile]:
    names = (
        "${7*7}",
        "{{7*7}}",
        "<script>alert(1)</script>",
        "'; DROP TABLE user_task; --",
        "=cmd|'/C calc'!A0",
        "%s%n",
        "../../etc/passwd",
        "a\u202eb",
    )
    for number, name in enumerate(names):
        yield Hostile(
            f"name-{number}", process().replace(b'name="kerja"', f"name={quoteattr(name)}".encode()), "accepted"
        )
    for number, name in enumerate(names):
        properties = f'<camunda:property name="nomor" value={quoteattr(name)}/>'
        properties += f'<camunda:property name={quoteattr(name)} value="x"/>'
        extension = (
            f"<bpmn:extensionElements><camunda:properties>{properties}</camunda:properties></bpmn:extensionElements>"
        )
        yield Hostile(f"property-{number}", process(extension), "accepted")
    for word in ("P9999999999Y", "P1000000000D", "sebentar", "PT1H; rm -rf"):
        properties = f'<camunda:properties><camunda:property name="waktu" value="{word}"/></camunda:properties>'
        yield Hostile(
            f"time-{word[:6]}",
            process(f"<bpmn:extensionElements>{properties}</bpmn:extensionElements>"),
            "either" if word.startswith(("P99", "P10")) else "refused",
        )
    for date in ("kemarin", "2026-99", "9999999-01"):
        yield Hostile(
            f"effective-{date}",
            drawing(
                "p", START + task("a") + END + chain("mulai", "a", "selesai"), properties={"tanggal_efektif": date}
            ),
        )
