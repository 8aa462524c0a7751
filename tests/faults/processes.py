"""The processes that the clients work on, small enough to see every token of them."""

from tests.drawings import END, START, chain, drawing, flow, task

LOAD = "beban"
MAKER_TASKS = ("susun", "satu", "dua", "tiga", "akhir")
DECISION = "periksa"
LANE = "Staf"
MOST_BRANCHES = 8

DECISION_FORM = (
    "<bpmn:extensionElements><camunda:formData>"
    '<camunda:formField id="keputusan" label="Keputusan" type="enum">'
    '<camunda:value id="setuju" name="Setuju"/><camunda:value id="dikembalikan" name="Dikembalikan"/>'
    '<camunda:validation><camunda:constraint name="required"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="alasan" label="Alasan" type="string"/>'
    "</camunda:formData></bpmn:extensionElements>"
)


def load_process() -> bytes:
    """Return a process of a rework loop and three branches: work, a decision that may return it, and a join."""
    nodes = f"mulai susun periksa putus pisah {' '.join(MAKER_TASKS[1:])} gabung selesai"
    body = (
        START
        + task("susun", nomor=1)
        + task("periksa", inner=DECISION_FORM)
        + '<bpmn:exclusiveGateway id="putus" default="putus_pisah"/>\n'
        + '<bpmn:parallelGateway id="pisah"/>\n<bpmn:parallelGateway id="gabung"/>\n'
        + "".join(task(name) for name in MAKER_TASKS[1:])
        + END
        + chain("mulai", "susun", "periksa", "putus", "pisah", "satu", "gabung", "akhir", "selesai")
        + chain("pisah", "dua", "gabung")
        + chain("pisah", "tiga", "gabung")
        + flow("putus", "susun", "${keputusan == 'dikembalikan'}")
    )
    return drawing(LOAD, body, lanes={LANE: nodes})


def branches(count: int) -> bytes:
    """Return a process of some branches side by side, and a task behind their join."""
    names = [f"cabang_{number}" for number in range(1, count + 1)]
    body = (
        START
        + '<bpmn:parallelGateway id="pisah"/>\n<bpmn:parallelGateway id="gabung"/>\n'
        + "".join(task(name) for name in (*names, "akhir"))
        + END
        + chain("mulai", "pisah")
        + "".join(chain("pisah", name, "gabung") for name in names)
        + chain("gabung", "akhir", "selesai")
    )
    return drawing(f"cabang{count}", body, lanes={LANE: f"mulai pisah {' '.join(names)} gabung akhir selesai"})
