"""What whoever runs `alur` gets wrong is told him in a sentence with the remedy, and never as a traceback."""

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from app.cli import main
from app.core import migrations
from tests.drawings import one_task

SECRET = "a secret that is only for these tests, long enough"
NOBODY_THERE = "postgresql+psycopg://siapa:rahasia@127.0.0.1:1/alur?connect_timeout=2"


class Ended(NamedTuple):
    """How a command ended: its exit status, and what it wrote to standard error."""

    status: int
    said: str


Alur = Callable[..., Ended]


@pytest.fixture
def alur(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Alur]:
    """The command, run as in a shell whose settings are `ALUR_…`, given by their names in small letters."""

    def run(*arguments: str | Path, **settings: str | Path) -> Ended:
        given = {"environment": "production", "secret_key": SECRET, "data_dir": tmp_path / "data", **settings}
        for name in ("ENVIRONMENT", "SECRET_KEY", "DATA_DIR", "DATABASE_URL", "LOG_FORMAT", "LOG_LEVEL"):
            monkeypatch.delenv(f"ALUR_{name}", raising=False)
        for name, value in given.items():
            monkeypatch.setenv(f"ALUR_{name.upper()}", str(value))
        monkeypatch.setattr("sys.argv", ["alur", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr().err
        code = stopped.value.code
        return Ended(1, f"{said}{code}") if isinstance(code, str) else Ended(int(code or 0), said)

    # A server sets up the logs of its process, which here is that of all tests.
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield run
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.bpmn"
    path.write_bytes(one_task("a"))
    return path


COMMANDS = [
    ("setup",),
    ("serve",),
    ("worker",),
    ("user", "list"),
    ("user", "add", "siti", "--name", "Siti", "--password", "x"),
    ("user", "passwd", "siti", "--password", "x"),
    ("audit", "verify"),
    ("deploy", "a.bpmn", "--unit", "disnaker"),
]


@pytest.mark.usefixtures("file")
class TestADatabase:
    @pytest.fixture(autouse=True)
    def _beside_the_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)

    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_without_tables_asks_for_migrate(self, alur: Alur, empty_url: str, command: tuple[str, ...]) -> None:
        ended = alur(*command, database_url=empty_url)

        assert ended.status == 1
        assert ended.said.startswith("alur: ")
        assert ended.said.endswith("Run: alur migrate")

    @pytest.mark.parametrize("command", [("setup",), ("user", "list"), ("serve",)], ids=" ".join)
    def test_that_is_no_file_yet_is_not_made_by_asking(
        self, alur: Alur, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        ended = alur(*command)

        assert ended == (1, f"alur: There is no database at {tmp_path}/data/alur.db yet. Run: alur migrate")
        assert not (tmp_path / "data").exists()

    @pytest.mark.parametrize("command", [("migrate",), ("serve",), ("user", "list")], ids=" ".join)
    def test_of_a_newer_version_asks_for_it(self, alur: Alur, empty_url: str, command: tuple[str, ...]) -> None:
        migrations.upgrade(empty_url)
        engine = sa.create_engine(empty_url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

        ended = alur(*command, database_url=empty_url)

        assert ended.status == 1
        assert "9999" in ended.said
        assert "newer version" in ended.said

    @pytest.mark.parametrize("command", [("migrate",), *COMMANDS], ids=" ".join)
    def test_that_does_not_answer_is_said_to(self, alur: Alur, command: tuple[str, ...]) -> None:
        ended = alur(*command, database_url=NOBODY_THERE)

        assert ended.status == 1
        assert ended.said.startswith("alur: PostgreSQL cannot be used: ")
        assert ended.said.endswith("Check that it runs, and ALUR_DATABASE_URL.")
        assert "127.0.0.1" in ended.said
        assert "rahasia" not in ended.said

    @pytest.mark.parametrize("command", [("migrate",), ("setup",), ("serve",)], ids=" ".join)
    def test_that_is_another_file_is_not_touched(self, alur: Alur, tmp_path: Path, command: tuple[str, ...]) -> None:
        (tmp_path / "data").mkdir()
        other = tmp_path / "data" / "alur.db"
        other.write_text("Ini bukan basis data. " * 100)
        before = other.read_bytes()

        ended = alur(*command)

        assert ended.status == 1
        assert ended.said.startswith("alur: The database file cannot be used: file is not a database.")
        assert other.read_bytes() == before


class TestTheFolderOfTheData:
    @pytest.mark.parametrize("inside", ["", "lebih/dalam"])
    @pytest.mark.parametrize("command", ["migrate", "run"])
    def test_that_cannot_be_made_is_named(self, alur: Alur, tmp_path: Path, command: str, inside: str) -> None:
        (tmp_path / "berkas").touch()
        environment = {"environment": "demo"} if command == "run" else {}

        ended = alur(command, data_dir=tmp_path / "berkas" / inside, **environment)

        assert ended.status == 1
        assert ended.said.splitlines()[-1].startswith(f"alur: {tmp_path}/berkas")
        assert "ALUR_DATA_DIR" in ended.said

    def test_that_cannot_be_made_stops_the_server_before_it_serves(self, alur: Alur, tmp_path: Path, url: str) -> None:
        """A demonstration keeps its secret there."""
        (tmp_path / "berkas").touch()

        ended = alur("serve", environment="demo", secret_key="", data_dir=tmp_path / "berkas", database_url=url)

        assert ended.status == 1
        assert "ALUR_SECRET_KEY" in ended.said or "ALUR_DATA_DIR" in ended.said


class TestASetting:
    @pytest.mark.parametrize(
        ("url", "wrong"),
        [
            ("mysql://root:rahasia@localhost/alur", "does not work with mysql"),
            ("postgresql://u:rahasia@localhost/alur", "does not work with postgresql"),
            ("postgresql+psycopg2://u:rahasia@localhost/alur", "does not work with postgresql+psycopg2"),
            ("bukan alamat rahasia", "no address of a database"),
            ("postgresql+psycopg://u:rahasia@localhost:pintu/alur", "no address of a database"),
            ("sqlite://", "name the file"),
            ("sqlite:///:memory:", "name the file"),
            ("sqlite:///alur.db?rahasia=1", "name the file"),
        ],
    )
    @pytest.mark.parametrize("command", [("migrate",), ("serve",), ("user", "list")], ids=" ".join)
    def test_of_the_database_says_how_it_is_written(
        self, alur: Alur, command: tuple[str, ...], url: str, wrong: str
    ) -> None:
        ended = alur(*command, database_url=url)

        assert ended.status == 1
        assert ended.said.startswith("alur: ALUR_DATABASE_URL: ")
        assert wrong in ended.said
        assert "postgresql+psycopg://user:password@host/database" in ended.said
        assert "rahasia" not in ended.said

    def test_that_postgresql_does_not_know_is_said_to_be_wrong(self, alur: Alur) -> None:
        ended = alur("user", "list", database_url="postgresql+psycopg://u:rahasia@127.0.0.1:1/alur?warna=biru")

        assert ended.status == 1
        assert "warna" in ended.said
        assert "ALUR_DATABASE_URL" in ended.said
        assert "rahasia" not in ended.said

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("environment", "produksi"),
            ("secret_key", "terlalu-pendek"),
            ("token_minutes", "0"),
            ("database_pool", "banyak"),
            ("log_format", "xml"),
            ("log_level", "keras"),
        ],
    )
    def test_that_is_wrong_is_named_and_not_repeated(self, alur: Alur, name: str, value: str) -> None:
        ended = alur("user", "list", **{name: value})

        assert ended.status == 1
        assert ended.said.startswith(f"alur: ALUR_{name.upper()}: ")
        assert f"'{value}'" not in ended.said


class TestAPort:
    @pytest.fixture
    def taken(self) -> Iterator[int]:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            yield other.getsockname()[1]

    def test_that_is_taken_is_named_with_the_way_out(self, alur: Alur, url: str, taken: int) -> None:
        ended = alur("serve", "--port", str(taken), database_url=url)

        assert ended.status == 1
        assert ended.said.startswith(f"alur: port {taken} on 127.0.0.1 is taken.")
        assert "--port" in ended.said

    @pytest.mark.parametrize("host", ["tidak.ada.invalid", "203.0.113.7", "x" * 300, ""])
    def test_of_another_machine_is_no_port_that_is_taken(self, alur: Alur, url: str, host: str) -> None:
        ended = alur("serve", "--host", host, database_url=url)

        assert ended.status == 1
        assert ended.said.startswith(f"alur: nothing can listen on {host}")
        assert "--host" in ended.said

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "delapan"])
    @pytest.mark.parametrize("command", ["serve", "run"])
    def test_that_is_none_is_a_mistake_of_usage(self, alur: Alur, command: str, port: str) -> None:
        ended = alur(command, "--port", port, environment="demo")

        assert ended.status == 2
        assert "--port" in ended.said


class TestAFile:
    @pytest.mark.parametrize("path", ["tidak-ada.bpmn", "."])
    def test_that_is_none_is_a_mistake_of_usage(self, alur: Alur, path: str) -> None:
        for command in (("deploy", path, "--unit", "disnaker"), ("sop", "draw", path, "-o", "a.bpmn")):
            ended = alur(*command)

            assert ended.status == 2
            assert path in ended.said

    def test_into_a_folder_that_there_is_not_is_named(self, alur: Alur, tmp_path: Path) -> None:
        table = Path(__file__).parents[2] / "bpmn" / "tables" / "iku.yaml"

        ended = alur("sop", "draw", table, "-o", tmp_path / "tidak-ada" / "iku.bpmn")

        assert ended.status == 1
        assert ended.said.startswith(f"alur: {tmp_path}/tidak-ada/iku.bpmn: No such file or directory.")

    def test_that_is_no_bpmn_is_refused_in_words(self, alur: Alur, url: str, tmp_path: Path) -> None:
        (tmp_path / "a.bpmn").write_bytes(b"\xff\xfe\x00 bukan XML")

        ended = alur("deploy", tmp_path / "a.bpmn", "--unit", "disnaker", database_url=url)

        assert ended.status == 1
        assert ended.said.splitlines()[0].startswith("a.bpmn:")
        assert ended.said.splitlines()[-1].startswith("alur: 1 finding(s) must be mended")

    def test_that_is_no_table_is_refused_in_words(self, alur: Alur, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00: [")

        ended = alur("sop", "draw", tmp_path / "a.yaml", "-o", tmp_path / "a.bpmn")

        assert ended.status == 1
        assert ended.said.startswith("alur: ")


class TestWhatAPersonHolds:
    @pytest.mark.parametrize("held", ["staf", "staf@", "@disnaker", ""])
    @pytest.mark.parametrize("option", ["--role", "--permission"])
    def test_without_its_unit_is_a_mistake_of_usage(self, alur: Alur, url: str, option: str, held: str) -> None:
        ended = alur("user", "add", "budi", "--name", "Budi", "--password", "x", option, held, database_url=url)

        assert ended.status == 2
        assert "staf@disnaker" in ended.said


class TestABug:
    def test_keeps_its_traceback(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALUR_DATABASE_URL", url)
        monkeypatch.setenv("ALUR_ENVIRONMENT", "demo")
        monkeypatch.setattr("sys.argv", ["alur", "audit", "verify"])
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE event RENAME COLUMN hash TO lain"))
            connection.execute(sa.text("UPDATE unit SET chain_length = 1"))

        with pytest.raises(sa.exc.DBAPIError):
            main()
