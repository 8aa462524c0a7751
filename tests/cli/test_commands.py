"""The command `alur`, as an administrator types it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli, main
from app.core.problems import Problem
from app.demo.users import ensure_no_demo_users
from app.engine.xml import XmlRefused
from app.identity.holdings import PERMISSIONS
from app.identity.passwords import Passwords
from app.main import from_environment
from tests.drawings import one_task
from tests.office import Clock, running_office

SECRET = "a secret that is only for these tests, long enough"


class Alur:
    """Runs the command in an environment of its own."""

    def __init__(self, url: str, environment: str = "production", data_dir: Path | None = None) -> None:
        self.environment: dict[str, str | None] = {
            **({} if data_dir is None else {"ALUR_DATA_DIR": str(data_dir)}),
            "ALUR_DATABASE_URL": url,
            "ALUR_ENVIRONMENT": environment,
            "ALUR_SECRET_KEY": SECRET,
        }

    def __call__(self, *arguments: str | Path, typed: str | None = None) -> Result:
        return CliRunner().invoke(cli, [str(one) for one in arguments], env=self.environment, input=typed)


@pytest.fixture
def alur(url: str, tmp_path: Path) -> Alur:
    return Alur(url, data_dir=tmp_path)


def bad_file(folder: Path) -> Path:
    path = folder / "buruk.bpmn"
    path.write_bytes(one_task("buruk", lane="Juru Selamat"))
    return path


def held(alur: Alur, username: str) -> list[str]:
    """Return what a person holds as the list of users tells it."""
    (line,) = (line for line in alur("user", "list").output.splitlines() if line.startswith(f"{username} "))
    return re.findall(r"\w+@\w+", line)


class TestUsers:
    def test_are_added_with_what_they_hold_and_can_sign_in(self, alur: Alur, url: str) -> None:
        result = alur(
            *("user", "add", "siti", "--name", "Siti", "--role", "staf@disnaker", "--permission", "deploy@disnaker"),
            typed="rahasia sekali\nrahasia sekali\n",
        )

        assert result.exit_code == 0, result.output
        assert "rahasia" not in result.output
        assert any(
            line.split() == ["siti", "Siti", "staf@disnaker,", "deploy@disnaker"]
            for line in alur("user", "list").output.splitlines()
        )
        with running_office(url, Clock()) as office:
            assert office.sign_in("siti", "rahasia sekali").status_code == 200

    def test_are_told_of_every_permission_that_there_is(self, alur: Alur) -> None:
        told = alur("user", "add", "--help").output

        assert {f"{permission}@UNIT" for permission in PERMISSIONS} <= set(re.findall(r"\w+@UNIT", told))

    def test_are_listed_with_what_they_hold(self, alur: Alur) -> None:
        lines = alur("user", "list").output.splitlines()

        assert len(lines) == 15
        assert lines == sorted(lines)
        assert any(line.startswith("inspektorat ") and line.endswith("audit@tanjabbar") for line in lines)

    def test_are_not_added_twice_or_into_nowhere(self, alur: Alur) -> None:
        for arguments, message in (
            (("staf", "--name", "Staf"), "already"),
            (("budi", "--name", "Budi", "--role", "staf@nowhere"), "no unit 'nowhere'"),
            (("budi", "--name", "Budi", "--role", "juru@disnaker"), "no role 'juru'"),
            (("budi", "--name", "\u200b"), "needs a user name, a name and a password"),
            (("budi", "--name", "Budi", "--permission", "rule@disnaker"), "no permission 'rule'"),
        ):
            result = alur("user", "add", *arguments, "--password", "rahasia sekali")
            assert result.exit_code != 0
            assert isinstance(result.exception, Problem), arguments
            assert message in str(result.exception)
        assert "budi" not in alur("user", "list").output

    def test_who_have_an_account_are_given_roles_and_permissions_and_lose_them_again(
        self, alur: Alur, url: str
    ) -> None:
        asked = ("--role", "sekretaris@disnaker", "--permission", "deploy@disnaker")

        given = alur("user", "give", "staf", *asked)

        assert (given.exit_code, given.output) == (0, "Given to staf: sekretaris@disnaker, deploy@disnaker.\n")
        assert held(alur, "staf") == ["staf@disnaker", "sekretaris@disnaker", "deploy@disnaker"]
        with running_office(url, Clock(datetime.now(UTC))) as office:
            me = office.read("me", "staf")
            assert {role["key"] for role in me["roles"]} == {"staf", "sekretaris"}
            assert alur("user", "take", "staf", *asked, "--role", "staf@disnaker").exit_code == 0
            me = office.read("me", "staf")
            assert (me["roles"], me["permissions"]) == ([], [])
            assert held(alur, "staf") == []
            assert alur("user", "give", "staf", *asked).exit_code == 0
            me = office.read("me", "staf")
            assert ([one["key"] for one in me["roles"]], len(me["permissions"])) == (["sekretaris"], 1)

    def test_act_for_a_holder_by_a_letter_until_a_day(self, alur: Alur, url: str) -> None:
        asked = ("user", "give", "staf", "--role", "kepala_dinas@disnaker", "--acting", "plh")

        refused = alur(*asked, "--until", "2099-12-31")
        assert alur(*asked, "--until", "2099-12-31", "--letter", "800/12/2026").exit_code == 0

        assert "letter and a last day" in str(refused.exception)
        with running_office(url, Clock(datetime.now(UTC))) as office:
            (acting,) = (one for one in office.read("me", "staf")["roles"] if one["key"] == "kepala_dinas")
            assert (acting["kind"], acting["valid_to"]) == ("plh", "2099-12-31")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("give", "tiada", "--role", "staf@disnaker"), "no user 'tiada'. alur user list"),
            (("give", "staf", "--role", "juru@disnaker"), "no role 'juru'. Known: bappeda"),
            (("give", "staf", "--role", "tim_renja@mana"), "no unit 'mana'. Known: disnaker"),
            (("give", "staf", "--permission", "sign@disnaker"), "There are: administer, deploy, audit, work"),
            (("give", "staf", "--role", "staf@disnaker"), "holds staf@disnaker already"),
            (("give", "analis", "--permission", "deploy@disnaker"), "holds deploy@disnaker already"),
            (("give", "staf", "--role", "tim_renja@disnaker", "--until", "2001-01-31"), "a later last day"),
            (("take", "staf", "--role", "sekretaris@disnaker"), "does not hold sekretaris@disnaker"),
            (("take", "staf", "--permission", "deploy@disnaker"), "does not hold deploy@disnaker"),
            (("take", "staf", "--role", "staf@mana"), "no unit 'mana'"),
        ],
    )
    def test_are_given_and_lose_nothing_that_cannot_be(self, alur: Alur, arguments: tuple[str, ...], said: str) -> None:
        before = alur("user", "list").output

        result = alur("user", *arguments)

        assert isinstance(result.exception, Problem)
        assert said in str(result.exception)
        assert alur("user", "list").output == before

    @pytest.mark.parametrize("act", ["give", "take"])
    def test_are_asked_what_to_give_or_take(self, alur: Alur, act: str) -> None:
        result = alur("user", act, "staf")

        assert result.exit_code == 2
        assert "--role staf@disnaker" in result.output

    def test_get_a_new_password(self, alur: Alur, url: str) -> None:
        assert alur("user", "passwd", "staf", typed="baru sekali\nbaru sekali\n").exit_code == 0

        with running_office(url, Clock()) as office:
            assert office.sign_in("staf").status_code == 401
            assert office.sign_in("staf", "baru sekali").status_code == 200
        assert isinstance(alur("user", "passwd", "tidak_ada", "--password", "x").exception, Problem)


class TestDeploying:
    def test_prints_the_ids(self, alur: Alur, tmp_path: Path) -> None:
        path = tmp_path / "a.bpmn"
        path.write_bytes(one_task("a"))

        results = [alur("deploy", path, "--unit", "disnaker") for _ in range(2)]

        assert [result.exit_code for result in results] == [0, 0]
        assert results[0].output.startswith("a:1:")
        assert results[1].output == results[0].output

    def test_of_a_bad_file_prints_where_it_is_wrong(self, alur: Alur, tmp_path: Path) -> None:
        result = alur("deploy", bad_file(tmp_path), "--unit", "disnaker")

        assert result.exit_code == 1
        place, element, message = result.stderr.strip().split(": ", 2)
        file, line, column = place.split(":")
        assert (file, element) == ("buruk.bpmn", "lane_0")
        assert 'id="lane_0"' in (tmp_path / file).read_text().splitlines()[int(line) - 1]
        assert int(column) >= 1
        assert "Juru Selamat" in message

    def test_into_a_unit_that_there_is_not_names_those_there_are(self, alur: Alur, tmp_path: Path) -> None:
        result = alur("deploy", bad_file(tmp_path), "--unit", "nowhere")

        assert result.exit_code == 1
        assert "disnaker, tanjabbar" in result.output + str(result.exception)

    def test_refused_ends_with_a_sentence_and_no_traceback(
        self, alur: Alur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in alur.environment.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setattr("sys.argv", ["alur", "deploy", str(bad_file(tmp_path)), "--unit", "disnaker"])

        with pytest.raises(SystemExit) as stopped:
            main()

        assert str(stopped.value) == "alur: 1 finding(s) must be mended before this can be deployed."


class TestProduction:
    def test_refuses_demonstration_data(self, url: str) -> None:
        result = Alur(url)("demo-data")

        assert result.exit_code == 1
        assert "refused in production" in result.output + str(result.exception)

    @pytest.mark.parametrize(("name", "value"), [("ENVIRONMENT", "production"), ("SECRET_KEY", "x" * 40)])
    def test_is_never_tried_out(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        for known in ("ENVIRONMENT", "SECRET_KEY", "DATABASE_URL"):
            monkeypatch.delenv(f"ALUR_{known}", raising=False)
        monkeypatch.setenv("ALUR_DATA_DIR", str(tmp_path))
        monkeypatch.setenv(f"ALUR_{name}", value)
        monkeypatch.setattr("sys.argv", ["alur", "run"])

        with pytest.raises(SystemExit, match="settings of a production installation"):
            main()

        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("command", [["serve"], ["user", "list"], ["audit", "verify"], ["migrate"]])
    def test_does_not_begin_without_a_secret(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
    ) -> None:
        monkeypatch.setenv("ALUR_ENVIRONMENT", "production")
        monkeypatch.setenv("ALUR_DATA_DIR", str(tmp_path))
        monkeypatch.delenv("ALUR_SECRET_KEY", raising=False)
        monkeypatch.setattr("sys.argv", ["alur", *command])

        with pytest.raises(SystemExit) as stopped:
            main()

        sentence = str(stopped.value)
        assert sentence.startswith("alur: ")
        assert "ALUR_SECRET_KEY is required in production" in sentence
        assert list(tmp_path.iterdir()) == []

    def test_does_not_print_a_secret_that_is_too_short(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALUR_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("ALUR_SECRET_KEY", "terlalu-pendek")
        monkeypatch.setattr("sys.argv", ["alur", "user", "list"])

        with pytest.raises(SystemExit) as stopped:
            main()

        assert "ALUR_SECRET_KEY" in str(stopped.value)
        assert "terlalu-pendek" not in str(stopped.value)


class TestADemonstration:
    def test_is_set_up_by_two_commands_and_again_changes_nothing(self, empty_url: str) -> None:
        alur = Alur(empty_url, "demo")

        results = [alur(command) for command in ("migrate", "demo-data", "setup", "demo-data")]

        assert [result.exit_code for result in results] == [0] * 4, [result.output for result in results]
        assert results[0].output.startswith("The database is at revision ")
        assert len(results[2].output.split()) == 6
        with running_office(empty_url, Clock()) as office:
            assert office.advance(office.start(), 9)["status"] == "completed"


class TestTheDifferenceOfTwoFiles:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        """Two versions of a process, its one row renamed."""
        paths = tmp_path / "lama.bpmn", tmp_path / "baru.bpmn"
        for path, name in zip(paths, ("Membaca surat", "Menyalin surat"), strict=True):
            path.write_bytes(one_task("a", name=name))
        return paths

    def test_is_told_in_indonesian(self, alur: Alur, files: tuple[Path, Path]) -> None:
        result = alur("diff", *files)

        assert result.exit_code == 0, result.output
        assert "'Membaca surat' menjadi 'Menyalin surat'" in result.output

    def test_is_told_in_english_or_as_data(self, alur: Alur, files: tuple[Path, Path]) -> None:
        assert "from 'Membaca surat' to 'Menyalin surat'" in alur("diff", *files, "--language", "en").output
        assert json.loads(alur("diff", *files, "--json").output)["summary"]["rows_changed"] == 1

    def test_does_not_take_two_names_of_one_role_for_two(self, alur: Alur, files: tuple[Path, Path]) -> None:
        for path, lane in zip(files, ("Sekretaris Dinas", "Sekretaris"), strict=True):
            path.write_bytes(one_task("a", lane=lane))

        for unit in ((), ("--unit", "disnaker")):
            rows = json.loads(alur("diff", *files, "--json", *unit).output)["rows"]
            assert rows == []
        assert "Known: " in alur("diff", *files, "--unit", "mana").output

    def test_is_of_files_that_can_be_read(self, alur: Alur, files: tuple[Path, Path], tmp_path: Path) -> None:
        wrong = tmp_path / "salah.bpmn"
        wrong.write_text("bukan xml")

        assert isinstance(alur("diff", files[0], wrong).exception, XmlRefused)
        assert alur("diff", files[0], tmp_path / "tiada.bpmn").exit_code == 2


class TestAProductionWithPeopleOfTheDemonstration:
    """The database of the tests is one: its people have the password that everybody knows."""

    def test_is_not_served(self, alur: Alur) -> None:
        result = alur("serve", "--port", "18999")

        assert isinstance(result.exception, Problem)
        assert "have the password of the demonstration" in str(result.exception)
        assert "kepala_dinas" in str(result.exception)

    def test_is_no_application_either(self, alur: Alur, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in alur.environment.items():
            monkeypatch.setenv(name, value or "")

        with pytest.raises(Problem, match="have the password of the demonstration"):
            from_environment()

    def test_is_one_no_longer_when_their_passwords_are_their_own(self, url: str) -> None:
        with running_office(url, Clock()) as office:
            names = [one["username"] for one in office.read("users", "admin", limit=200)["items"]]
            for name in names:
                office.set_password(name, f"sandi-milik-{name}")

            ensure_no_demo_users(office.database, Passwords(cheap=True))


class TestLinking:
    def test_needs_a_provider(self, alur: Alur) -> None:
        result = alur("user", "link", "staf", "8f6d1c2e")

        assert result.exit_code == 2
        assert "ALUR_OIDC_ISSUER" in result.output

    def test_is_done_once(self, alur: Alur) -> None:
        alur.environment |= {"ALUR_OIDC_ISSUER": "https://masuk.test", "ALUR_OIDC_CLIENT_ID": "alur"}

        assert alur("user", "link", "staf", "8f6d1c2e").output == "staf is 8f6d1c2e at https://masuk.test.\n"
        again = alur("user", "link", "sekretaris", "8f6d1c2e")
        assert "has an account already" in str(again.exception)
        assert "There is no user 'entah'" in str(alur("user", "link", "entah", "1").exception)
