"""Who administers whom over the API: only within his units, never beyond them, and all of it in the trail."""

from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from app.audit import trail
from app.audit.models import event
from app.identity.commands import NewUnit, set_up_office
from app.identity.models import unit, user_session
from tests.office import Json, Office, pointers, problem

LONG = "sepuluh huruf"
BUDI = {"username": "budi", "name": "Budi", "password": LONG, "roles": [{"role": "staf", "unit": "disnaker"}]}
ACTS = [
    ("users/staf/close", None),
    ("users/staf/reopen", None),
    ("users/staf/password", {"password": LONG}),
    ("users/staf/roles", {"role": "tim_renja", "unit": "disnaker"}),
    ("users/staf/roles/take", {"role": "staf", "unit": "disnaker"}),
    ("users/staf/permissions", {"permission": "deploy", "unit": "disnaker"}),
    ("users/staf/permissions/take", {"permission": "deploy", "unit": "disnaker"}),
]


@pytest.fixture
def two(office: Office) -> Office:
    """Two dinas of one pemda, each with an administrator of its own, and a bidang of the first with one too."""
    units = [
        NewUnit("tanjabbar", "Pemerintah Kabupaten", "pemda", None, "Asia/Jakarta"),
        NewUnit("dinkes", "Dinas Kesehatan", "perangkat_daerah", "tanjabbar", "Asia/Jakarta"),
        NewUnit("hubin", "Bidang Hubungan Industrial", "bidang", "disnaker", "Asia/Jakarta"),
    ]
    office.database.write(lambda uow: set_up_office(uow, units=units, roles=[]))
    for place in ("disnaker", "dinkes", "hubin"):
        office.hire(f"admin_{place}", permissions=(f"administer@{place}",))
    office.hire("staf_dinkes", "staf@dinkes")
    return office


def told(office: Office, username: str) -> list[tuple[str, str, str, Json]]:
    """The acts on a person: on which unit's chain, what, by whom, and what is said of it."""
    with office.database.read() as connection:
        keys = {f"unit:{row.id}": row.key for row in connection.execute(sa.select(unit.c.id, unit.c.key))}
        rows = connection.execute(sa.select(event).order_by(event.c.position)).all()
        for row in connection.execute(sa.select(unit)):
            verdict = trail.verify(connection, f"unit:{row.id}", length=row.chain_length, head=row.chain_head)
            assert verdict.valid, verdict
    found = [(keys.get(row.chain_id, ""), row.type, row.actor, orjson.loads(row.content)["data"]) for row in rows]
    return [one for one in found if one[3].get("username") == username]


class TestAStranger:
    @pytest.mark.parametrize("user", ["staf", "kepala_dinas", "analis", "inspektorat"])
    def test_who_administers_nothing_sees_and_does_nothing(self, shared_office: Office, user: str) -> None:
        for path in ("users", "users/staf", "users/nobody", "roles", "units"):
            problem(shared_office.get(path, user), 403, "forbidden")
        problem(shared_office.post("users", user, BUDI), 403, "forbidden")
        for path, body in ACTS:
            problem(shared_office.post(path, user, body), 403, "forbidden")

    def test_who_administers_another_office_does_not_find_them(self, two: Office) -> None:
        names = {one["username"] for one in two.read("users", "admin_dinkes", account="all")["items"]}
        assert names == {"admin_dinkes", "staf_dinkes"}
        problem(two.get("users/staf", "admin_dinkes"), 404)
        for path, body in ACTS:
            problem(two.post(path, "admin_dinkes", body), 404)
        assert two.sign_in("staf").status_code == 200


class TestAnAdministrator:
    def test_finds_people_by_how_their_names_begin(self, shared_office: Office) -> None:
        found = shared_office.read("users", "admin", q="kasubag pere")["items"]
        assert [one["username"] for one in found] == ["kasubag_perencanaan"]
        assert [(one["key"], one["unit"], one["state"]) for one in found[0]["roles"]] == [
            ("kasubag_perencanaan", "disnaker", "current")
        ]

    def test_leafs_through_all_of_them(self, shared_office: Office) -> None:
        names: list[str] = []
        cursor: Json = {}
        while True:
            page = shared_office.read("users", "admin", limit=4, **cursor)
            names += [one["name"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert len(names) == 15
        assert names == sorted(names)

    def test_opens_an_account_that_can_be_used(self, office: Office) -> None:
        answer = office.post("users", "admin", BUDI)

        assert answer.status_code == 201, answer.text
        assert LONG not in answer.text
        assert office.sign_in("budi", LONG).status_code == 200
        assert [one[:3] for one in told(office, "budi")] == [
            ("disnaker", "person.added", "admin"),
            ("disnaker", "role.given", "admin"),
        ]

    def test_opens_it_once_for_one_key(self, office: Office) -> None:
        answers = [office.post("users", "admin", BUDI, key="sekali") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[1].headers["idempotency-replayed"] == "true"
        problem(office.post("users", "admin", {**BUDI, "password": "lain sama sekali"}, key="sekali"), 422)

    @pytest.mark.parametrize(
        ("wrong", "status", "places"),
        [
            ({"username": "staf"}, 409, ["/username"]),
            ({"username": "budi santoso"}, 422, ["/username"]),
            ({"username": "a:b"}, 422, ["/username"]),
            ({"username": "system"}, 422, ["/username"]),
            ({"name": "\u200b"}, 422, ["/name"]),
            ({"password": "pendek"}, 422, ["/password"]),
            ({"roles": [{"role": "juru", "unit": "disnaker"}]}, 422, ["/roles/0/role"]),
            ({"roles": [{"role": "staf", "unit": "mana"}]}, 422, ["/roles/0/unit"]),
            ({"roles": [{"role": "staf", "unit": "disnaker", "kind": "plt"}]}, 422, ["/roles/0/letter"]),
            (
                {"roles": [{"role": "staf", "unit": "disnaker", "kind": "plh", "letter": "800/1"}]},
                422,
                ["/roles/0/valid_to"],
            ),
            ({"permissions": [{"permission": "sign", "unit": "disnaker"}]}, 422, ["/permissions/0/permission"]),
        ],
    )
    def test_is_told_the_place_of_what_is_wrong(
        self, shared_office: Office, wrong: Json, status: int, places: list[str]
    ) -> None:
        assert pointers(problem(shared_office.post("users", "admin", BUDI | wrong), status)) == places

    def test_closes_an_account_and_its_sessions_end_at_once(self, office: Office) -> None:
        office.get("me", "staf")
        closed = office.post("users/staf/close", "admin")

        assert (closed.status_code, closed.json()["is_active"]) == (200, False)
        problem(office.get("me", "staf"), 401)
        problem(office.sign_in("staf"), 401)
        problem(office.post("users/staf/close", "admin"), 409)
        assert "staf" not in [one["username"] for one in office.read("users", "admin")["items"]]
        assert [one["username"] for one in office.read("users", "admin", account="closed")["items"]] == ["staf"]

        assert office.post("users/staf/reopen", "admin").status_code == 200
        problem(office.post("users/staf/reopen", "admin"), 409)
        assert office.sign_in("staf").status_code == 200
        kinds = [one[1] for one in told(office, "staf")]
        assert kinds[-2:] == ["person.closed", "person.reopened"]

    def test_gives_a_new_password_of_which_the_trail_knows_nothing(self, office: Office) -> None:
        assert office.post("users/staf/password", "admin", {"password": LONG}).status_code == 200

        assert office.sign_in("staf", LONG).status_code == 200
        assert told(office, "staf")[-1] == ("disnaker", "person.password-set", "admin", {"username": "staf"})

    def test_gives_and_takes_roles_and_permissions(self, office: Office) -> None:
        period = {"valid_from": "2026-08-03", "valid_to": "2026-08-31"}
        acting = {"role": "kepala_dinas", "unit": "disnaker", "kind": "plh", "letter": "800/12/2026", **period}
        given = office.post("users/staf/roles", "admin", acting)
        assert given.status_code == 200, given.text
        problem(office.post("users/staf/roles", "admin", acting), 409, "name-taken")
        assert {one["key"] for one in office.read("me", "staf")["roles"]} == {"staf", "kepala_dinas"}
        deploy = {"permission": "deploy", "unit": "disnaker"}
        assert office.post("users/staf/permissions", "admin", deploy).status_code == 200

        taken = office.post("users/staf/roles/take", "admin", {"role": "kepala_dinas", "unit": "disnaker"})
        assert office.post("users/staf/permissions/take", "admin", deploy).status_code == 200

        assert {one["key"]: one["state"] for one in taken.json()["roles"]} == {
            "staf": "current",
            "kepala_dinas": "ended",
        }
        me = office.read("me", "staf")
        assert ([one["key"] for one in me["roles"]], me["permissions"]) == (["staf"], [])
        problem(office.post("users/staf/permissions/take", "admin", deploy), 422)
        assert told(office, "staf")[-4:] == [
            ("disnaker", "role.given", "admin", {"username": "staf", **acting}),
            (
                "disnaker",
                "permission.given",
                "admin",
                {"username": "staf", **deploy, "valid_from": "2026-08-03", "valid_to": None},
            ),
            (
                "disnaker",
                "role.taken",
                "admin",
                {"username": "staf", "role": "kepala_dinas", "unit": "disnaker", "valid_to": "2026-08-02"},
            ),
            ("disnaker", "permission.taken", "admin", {"username": "staf", **deploy, "valid_to": "2026-08-02"}),
        ]

    def test_gives_again_what_was_taken_before_it_began(self, office: Office) -> None:
        later = {"role": "tim_renja", "unit": "disnaker", "valid_from": "2026-09-01"}
        assert office.post("users/staf/roles", "admin", later).json()["roles"][-1]["state"] == "coming"
        assert office.post("users/staf/roles/take", "admin", {"role": "tim_renja", "unit": "disnaker"}).is_success
        assert office.post("users/staf/roles", "admin", later).status_code == 200


class TestTheBoundsOfAnAdministrator:
    def test_are_his_units(self, two: Office) -> None:
        for path, body in (
            ("users/staf/roles", {"role": "staf", "unit": "dinkes"}),
            ("users/staf/permissions", {"permission": "audit", "unit": "tanjabbar"}),
            ("users/admin_disnaker/permissions", {"permission": "administer", "unit": "tanjabbar"}),
            ("users", BUDI | {"roles": [{"role": "staf", "unit": "dinkes"}]}),
            ("users", BUDI | {"roles": []}),
        ):
            problem(two.post(path, "admin_disnaker", body), 403, "forbidden")
        assert told(two, "budi") == []

    def test_hold_for_what_a_role_serves_beyond_them(self, two: Office) -> None:
        """A role in a bidang acts in its dinas, and one of reach pemda everywhere."""
        for user, body in (
            ("admin_disnaker", {"role": "bappeda", "unit": "disnaker"}),
            ("admin_hubin", {"role": "kepala_dinas", "unit": "hubin"}),
        ):
            problem(two.post(f"users/{user}/roles", user, body), 403, "forbidden")
        body = {"permission": "audit", "unit": "hubin"}
        assert two.post("users/admin_hubin/permissions", "admin_hubin", body).status_code == 200

    def test_keep_him_from_the_account_of_somebody_who_reaches_further(self, two: Office) -> None:
        two.hire("di_dua_dinas", "staf@disnaker", "staf@dinkes")
        two.hire("pengelola", "staf@disnaker", permissions=("administer@tanjabbar",))
        for username in ("di_dua_dinas", "pengelola"):
            assert two.get(f"users/{username}", "admin_disnaker").status_code == 200
            for path, body in (("close", None), ("password", {"password": LONG})):
                problem(two.post(f"users/{username}/{path}", "admin_disnaker", body), 403, "forbidden")
        taken = two.post("users/di_dua_dinas/roles/take", "admin_disnaker", {"role": "staf", "unit": "disnaker"})
        assert taken.status_code == 200

    def test_are_around_himself_too(self, two: Office) -> None:
        for path, body in (
            ("close", None),
            ("password", {"password": LONG}),
            ("permissions/take", {"permission": "administer", "unit": "disnaker"}),
        ):
            problem(two.post(f"users/admin_disnaker/{path}", "admin_disnaker", body), 403, "forbidden")
        assert two.read("units", "admin_disnaker")["items"]

    def test_end_with_his_permission(self, two: Office) -> None:
        take = {"permission": "administer", "unit": "disnaker"}
        assert two.post("users/admin_disnaker/permissions/take", "admin", take).status_code == 200
        problem(two.post("users", "admin_disnaker", BUDI), 403, "forbidden")


class TestRolesAndUnits:
    def test_say_who_holds_what_now(self, two: Office) -> None:
        roles = {one["key"]: one for one in two.read("roles", "admin", unit="disnaker")["items"]}
        assert [one["username"] for one in roles["sekretaris"]["holders"]] == ["sekretaris"]
        assert roles["sekretaris"]["reports_to"] == "kepala_dinas"
        assert "sekdis" in roles["sekretaris"]["aliases"]
        assert [one["username"] for one in roles["bappeda"]["holders"]] == ["bappeda"]
        elsewhere = {one["key"]: one["holders"] for one in two.read("roles", "admin_dinkes", unit="dinkes")["items"]}
        assert (elsewhere["sekretaris"], [one["username"] for one in elsewhere["staf"]]) == ([], ["staf_dinkes"])

    def test_of_a_closed_account_are_vacant(self, office: Office) -> None:
        office.post("users/sekretaris/close", "admin")
        roles = {one["key"]: one["holders"] for one in office.read("roles", "admin")["items"]}
        assert roles["sekretaris"] == []

    def test_are_those_of_the_administrator(self, two: Office) -> None:
        assert [one["key"] for one in two.read("units", "admin")["items"]] == [
            "tanjabbar",
            "dinkes",
            "disnaker",
            "hubin",
        ]
        assert [one["key"] for one in two.read("units", "admin_disnaker")["items"]] == ["disnaker", "hubin"]
        problem(two.get("roles", "admin_disnaker", params={"unit": "dinkes"}), 422)


class TestOnesOwnPassword:
    def test_is_changed_by_whoever_knows_the_old_one(self, office: Office) -> None:
        wrong = office.post("me/password", "staf", {"old_password": "keliru", "password": LONG})
        assert pointers(problem(wrong, 422, "old-password-wrong")) == ["/old_password"]
        short = office.post("me/password", "staf", {"old_password": "demo", "password": "pendek"})
        assert pointers(problem(short, 422, "password-unfit")) == ["/password"]

        changed = office.post("me/password", "staf", {"old_password": "demo", "password": LONG}, key="sekali")
        again = office.post("me/password", "staf", {"old_password": "demo", "password": LONG}, key="sekali")

        assert (
            (changed.status_code, changed.json()) == (again.status_code, again.json()) == (200, {"sessions_ended": 0})
        )
        assert office.sign_in("staf", LONG).status_code == 200
        assert told(office, "staf")[-1] == ("disnaker", "person.password-set", "staf", {"username": "staf"})


class TestNothingOfAPassword:
    def test_is_kept_beside_its_hash(self, office: Office) -> None:
        office.post("users", "admin", BUDI, key="satu")
        office.post("users/budi/password", "admin", {"password": LONG + "!"}, key="dua")
        office.post("me/password", "staf", {"old_password": "demo", "password": LONG + "?"}, key="tiga")
        kept: list[Any] = []
        with office.database.read() as connection:
            for table in ("event", "idempotency"):
                kept += connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            hashes = connection.exec_driver_sql("SELECT password_hash FROM user_account").scalars().all()
            assert connection.execute(sa.select(sa.func.count()).select_from(user_session)).scalar_one() == 0
        whole = repr([[bytes(one) if isinstance(one, memoryview) else one for one in row] for row in kept])
        assert "argon2" not in whole
        assert LONG not in whole
        assert all(one not in whole for one in hashes)


def test_what_the_server_does_is_told_as_its_act(office: Office) -> None:
    office.hire("budi", "staf@disnaker", permissions=("deploy@disnaker",))
    assert [one[:3] for one in told(office, "budi")] == [
        ("disnaker", "person.added", "system"),
        ("disnaker", "role.given", "system"),
        ("disnaker", "permission.given", "system"),
    ]
