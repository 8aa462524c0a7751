"""A task of the SAKIP team, in which it decides, and one of staf with a form that has a field of each type."""

import pytest

from tests.drawings import END, START, chain, drawing, task
from tests.office import Json, Office
from tests.web.browser import Browser

FIELDS = (
    '<camunda:formField id="uraian" label="Uraian" type="string"><camunda:validation>'
    '<camunda:constraint name="required"/><camunda:constraint name="maxlength" config="40"/>'
    "</camunda:validation></camunda:formField>"
    '<camunda:formField id="jumlah" label="Jumlah" type="long" defaultValue="3"><camunda:validation>'
    '<camunda:constraint name="min" config="1"/><camunda:constraint name="max" config="1500"/>'
    "</camunda:validation></camunda:formField>"
    '<camunda:formField id="rapat" label="Tanggal rapat" type="date"/>'
    '<camunda:formField id="lengkap" label="Lengkap" type="boolean"/>'
    '<camunda:formField id="sifat" label="Sifat" type="enum">'
    '<camunda:value id="biasa" name="Biasa"/><camunda:value id="segera" name="Segera"/></camunda:formField>'
)


@pytest.fixture(scope="module")
def office(shared_office: Office) -> Office:
    """The office, with a second member of the SAKIP team and a process whose form has a field of each type."""
    shared_office.hire("tim_kedua", "tim_sakip@disnaker")
    inner = f"<bpmn:extensionElements><camunda:formData>{FIELDS}</camunda:formData></bpmn:extensionElements>"
    body = START + task("isi", "Mengisi data", inner) + task("cek", "Memeriksa data") + END
    body += chain("mulai", "isi", "cek", "selesai")
    sent = drawing("ragam", body, lanes={"Staf": "mulai isi selesai", "Sekretaris": "cek"})
    assert shared_office.deploy(ragam=sent).status_code == 201
    return shared_office


@pytest.fixture
def browser(office: Office) -> Browser:
    return Browser(office)


@pytest.fixture
def decision(office: Office) -> Json:
    """The task of row 5, in which the SAKIP team decides."""
    found: Json = office.advance(office.start(), 4)["open_tasks"][0]
    return found


@pytest.fixture
def filled(office: Office) -> Json:
    """A task of staf with a field of each type."""
    found: Json = office.start("staf", "ragam", variables={})["open_tasks"][0]
    return found
