"""Separation of duties: whoever made something does not decide on it, however he comes to the decision."""

from random import Random

import pytest

from app.definitions.sop_rules import MAKER_DECIDES
from tests.drawings import END, START, chain, drawing, flow, task
from tests.office import Json, Office, problem

_FORM = (
    "<bpmn:extensionElements>{properties}<camunda:formData>"
    '<camunda:formField id="keputusan" label="Keputusan" type="enum">'
    '<camunda:value id="setuju" name="Setuju"/><camunda:value id="dikembalikan" name="Dikembalikan"/>'
    '<camunda:validation><camunda:constraint name="required"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="alasan" label="Alasan" type="string"/></camunda:formData></bpmn:extensionElements>'
)


def decision(node: str, **properties: str) -> str:
    """Return a task that decides, with the gateway behind it."""
    named = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in properties.items())
    held = f"<camunda:properties>{named}</camunda:properties>" if named else ""
    gateway = f'<bpmn:exclusiveGateway id="pilih_{node}"/>\n'
    return task(node, inner=_FORM.format(properties=held)) + gateway + chain(node, f"pilih_{node}")


def checked(key: str = "periksa", **properties: str) -> bytes:
    """Return a process of a draft, which two look at one after the other; each may send it back to who made it."""
    body = (
        START
        + task("buat")
        + decision("teliti", **properties)
        + decision("sahkan")
        + END
        + chain("mulai", "buat", "teliti")
        + flow("pilih_teliti", "sahkan", "${keputusan == 'setuju'}")
        + flow("pilih_teliti", "buat", "${keputusan == 'dikembalikan'}")
        + flow("pilih_sahkan", "selesai", "${keputusan == 'setuju'}")
        + flow("pilih_sahkan", "buat", "${keputusan == 'dikembalikan'}")
    )
    lanes = {
        "Staf": "mulai buat selesai",
        "kasubag_perencanaan": "teliti pilih_teliti",
        "Sekretaris": "sahkan pilih_sahkan",
    }
    return drawing(key, body, lanes=lanes)


PEOPLE = {
    "budi": ("staf@disnaker", "kasubag_perencanaan@disnaker"),
    "citra": ("staf@disnaker", "kasubag_perencanaan@disnaker", "sekretaris@disnaker"),
    "dedi": ("kasubag_perencanaan@disnaker", "sekretaris@disnaker"),
}
ROLES = {"buat": "staf", "teliti": "kasubag_perencanaan", "sahkan": "sekretaris"}
BACK = {"keputusan": "dikembalikan", "alasan": "belum lengkap"}
ON = {"keputusan": "setuju"}


@pytest.fixture
def office(office: Office) -> Office:
    """The office with people who hold several roles, as there are in a small one."""
    for name, roles in PEOPLE.items():
        office.hire(name, *roles)
    answer = office.deploy(periksa=checked())
    assert answer.status_code == 201, answer.text
    return office


def start(office: Office, key: str = "periksa") -> Json:
    (found,) = office.start("budi", key, variables={})["open_tasks"]
    return dict(found)


def done(office: Office, task: Json, user: str, **variables: str) -> Json:
    answer = office.complete(task, user, **variables)
    assert answer.status_code == 200, answer.text
    (following,) = answer.json()["next_tasks"] or [{}]
    return dict(following)


class TestWhoeverMadeIt:
    def test_does_not_decide_on_it(self, office: Office) -> None:
        check = done(office, start(office), "budi")

        content = problem(office.complete(check, "budi", **ON), 403, "maker-may-not-decide")

        assert content["detail"] == "Whoever did 'buat' last does not decide on it; somebody else does."
        assert done(office, check, "dedi", **ON)["element_id"] == "sahkan"

    def test_does_not_take_it_either(self, office: Office) -> None:
        check = done(office, start(office), "budi")

        problem(office.post(f"tasks/{check['id']}/claim", "budi"), 403, "maker-may-not-decide")

    def test_is_not_given_it(self, office: Office) -> None:
        check = done(office, start(office), "budi")

        answer = office.post(f"tasks/{check['id']}/assign", "kepala_dinas", {"assignee": "budi"})

        problem(answer, 403, "maker-may-not-decide")
        given = office.post(f"tasks/{check['id']}/assign", "kepala_dinas", {"assignee": "dedi"})
        assert given.json()["assignee"] == "dedi"

    def test_decides_neither_now_nor_by_the_second_gate(self, office: Office) -> None:
        check = done(office, start(office), "citra")
        second = done(office, check, "budi", **ON)

        problem(office.complete(second, "citra", **ON), 403, "maker-may-not-decide")
        problem(office.complete(second, "citra", **BACK), 403, "maker-may-not-decide")

    def test_decides_once_somebody_else_has_made_it_anew(self, office: Office) -> None:
        check = done(office, start(office), "budi")
        again = done(office, check, "dedi", **BACK)
        check = done(office, again, "citra")

        problem(office.complete(check, "citra", **ON), 403, "maker-may-not-decide")
        assert done(office, check, "budi", **ON)["element_id"] == "sahkan"

    def test_may_have_decided_on_what_somebody_else_made_before(self, office: Office) -> None:
        """A checker may check again what he sent back: he made nothing of it."""
        check = done(office, start(office), "budi")
        check = done(office, done(office, check, "dedi", **BACK), "budi")

        assert done(office, check, "dedi", **ON)["element_id"] == "sahkan"

    def test_does_not_decide_in_place_of_the_holder(self, office: Office) -> None:
        letter = {"valid_to": office.clock.now().date(), "letter": "800/17/2026"}
        office.hire("wakil", "staf@disnaker")
        given = {"role": "kasubag_perencanaan", "unit": "disnaker", "kind": "plh", "letter": letter["letter"]}
        body = {**given, "valid_to": str(letter["valid_to"])}
        assert office.post("users/wakil/roles", "admin", body).status_code == 200
        check = done(office, start(office), "wakil")

        problem(office.complete(check, "wakil", **ON), 403, "maker-may-not-decide")

    def test_does_not_decide_in_a_bulk_or_in_camundas_words(self, office: Office) -> None:
        check = done(office, start(office), "budi")

        bulk = office.post("tasks/bulk", "budi", {"action": "complete", "task_ids": [check["id"]], "variables": ON})
        body = {"variables": {"keputusan": {"value": "setuju"}}}
        camunda = office.post(f"/engine-rest/task/{check['id']}/complete", "budi", body)

        assert [one["status"] for one in bulk.json()["results"]] == [403]
        assert camunda.status_code == 403

    def test_decides_where_the_model_says_so_and_the_gate_warns(self, office: Office) -> None:
        answer = office.deploy(bebas=checked("bebas", **{MAKER_DECIDES: "ya"}))
        check = done(office, start(office, "bebas"), "citra")

        assert "maker-may-decide" in [one["code"] for one in answer.json()["warnings"]]
        second = done(office, check, "citra", **ON)
        problem(office.complete(second, "citra", **ON), 403, "maker-may-not-decide")


class Model:
    """What must come of each act, known from the acts alone: who made the draft last, who has the task."""

    def __init__(self) -> None:
        self.at, self.maker, self.assignee = "buat", "", ""

    def may(self, user: str, act: str, whom: str = "") -> bool:
        """Whether an act succeeds; `whom` is to whom the task is given."""
        who = whom or user
        holds = any(one.startswith(ROLES[self.at] + "@") for one in PEOPLE[who])
        free = self.assignee in ("", who) or act == "assign"
        return holds and free and (self.at == "buat" or who != self.maker)

    def complete(self, user: str, decided: str) -> None:
        """Follow a completion."""
        if self.at == "buat":
            self.maker, self.at = user, "teliti"
        elif decided == "dikembalikan":
            self.at = "buat"
        else:
            self.at = "sahkan" if self.at == "teliti" else "selesai"
        self.assignee = ""


class TestRandomActs:
    @pytest.mark.parametrize("seed", range(4))
    def test_succeed_exactly_where_the_model_says_so(self, office: Office, seed: int) -> None:
        random, model, task = Random(seed), Model(), start(office)
        refused = 0
        for _ in range(60):
            user, act = random.choice(list(PEOPLE)), random.choice(["complete", "complete", "claim", "assign"])
            decided = random.choice(["setuju", "dikembalikan"])
            if act == "assign":
                may = model.may("", "assign", user)
                answer = office.post(f"tasks/{task['id']}/assign", "kepala_dinas", {"assignee": user})
                model.assignee = user if may else model.assignee
            elif act == "claim":
                may = model.may(user, act)
                answer = office.post(f"tasks/{task['id']}/claim", user)
                model.assignee = user if may else model.assignee
            else:
                may = model.may(user, act)
                given = {} if model.at == "buat" else {"keputusan": decided, "alasan": "coba"}
                answer = office.complete(task, user, **given)
            assert (answer.status_code == 200) == may, (model.at, model.maker, act, user, answer.text)
            refused += answer.status_code == 403 and answer.json()["code"] == "maker-may-not-decide"
            if act == "complete" and may:
                model.complete(user, decided)
                following = answer.json()["next_tasks"]
                assert [one["element_id"] for one in following] == ([] if model.at == "selesai" else [model.at])
                task = following[0] if following else start(office)
                model = model if following else Model()

        assert refused
