"""The command `alur`."""

import errno
import json
import os
import signal
import socket
import sys
import threading
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer
import uvicorn

from app import engine
from app.audit import feed
from app.audit.keys import trail_key_of
from app.bootstrap import chores_of, office_clock
from app.cli.audits import audits
from app.cli.copies import backup, restore
from app.cli.opened import opened
from app.cli.people import users
from app.core import logging, migrations
from app.core.clock import SystemClock
from app.core.metrics import shared_among_workers
from app.core.mistakes import explain
from app.core.problems import Invalid, Problem
from app.core.secret import secret_of
from app.core.settings import Settings, demonstration, serving
from app.core.unit_of_work import UnitOfWork
from app.definitions import listing
from app.definitions.catalogue import Catalogue, performers_of
from app.definitions.commands import SentFile, deploy
from app.definitions.setup import set_up_shipped, shipped_sops
from app.demo.cases import OPENED_BEFORE, add_cases
from app.demo.users import add_demo_users, ensure_demonstration, ensure_no_demo_users
from app.engine import xml
from app.engine.xml import XmlRefused
from app.identity.directory import Directory
from app.identity.first_office import OFFICE, first_office
from app.identity.office import Office, system_actor
from app.identity.passwords import Passwords
from app.instances.aggregate import SYSTEM
from app.sop.beyond import beyond_the_table
from app.sop.details import details
from app.sop.difference import difference
from app.sop.difference_json import as_json
from app.sop.difference_text import as_text
from app.sop.difference_words import Language
from app.sop.draw import draw
from app.sop.errors import SopRefused
from app.sop.performers import Performers
from app.sop.read import read as read_table
from app.tasks.commands import Desk

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Alur: SOP kantor yang berjalan / office SOPs that run.",
)
sops = typer.Typer(no_args_is_help=True, help="SOP tables and their diagrams.")
cli.add_typer(users, name="user")
cli.add_typer(audits, name="audit")
cli.add_typer(sops, name="sop")
for one in (backup, restore):
    cli.command()(one)

FIRST_PORT = 8000
_PORTS_TRIED = 50

Host = Annotated[str, typer.Option(help="Address to listen on.")]
PortNumber = typer.Option(min=1, max=65535, help="Port to listen on; `alur run` takes the next free one from 8000.")


def main() -> None:
    """Run the command; what whoever runs it can mend is a sentence and exit status 1 (2 for how it was typed)."""
    try:
        cli()
    except (SopRefused, XmlRefused) as error:
        sys.exit(f"alur: {error}")
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        sys.exit(f"alur: {sentence}")


@cli.command()
def serve(
    host: Host = "127.0.0.1",
    port: Annotated[int, PortNumber] = FIRST_PORT,
    workers: Annotated[int, typer.Option(min=1, help="Processes that serve.")] = 1,
    wait: Annotated[
        bool, typer.Option("--wait", help="Start on a database that is still to be migrated, and be ready once it is.")
    ] = False,
    chores: Annotated[
        bool | None,
        typer.Option("--chores/--no-chores", help="Fire timers and send what goes out, or leave it to alur worker."),
    ] = None,
) -> None:
    """Serve the pages and the API."""
    settings = serving(chores)
    logging.configure(settings)
    # What would end a server at once is found here, where it can be said in a sentence and not in its log.
    secret_of(settings)
    trail_key_of(settings)
    _require_free(host, port)
    if not wait:
        with opened(settings) as database:
            if settings.environment == "production":
                ensure_no_demo_users(database, Passwords())
    with shared_among_workers() if workers > 1 else nullcontext():
        uvicorn.run(
            "app.main:from_environment",
            factory=True,
            host=host,
            port=port,
            workers=workers if workers > 1 else None,
            timeout_graceful_shutdown=settings.shutdown_seconds,
            log_config=None,
            access_log=False,
            server_header=False,
            # `core/proxies.py` reads what proxies say.
            proxy_headers=False,
        )


@cli.command()
def worker() -> None:
    """Fire timers, send what goes out and tidy up, without serving; any number may run beside the servers.

    On SIGTERM or Ctrl+C it finishes what it has in hand, and ends.
    """
    settings = Settings()
    logging.configure(settings)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with opened(settings) as database:
        clock = office_clock(settings, database, SystemClock())
        chores = chores_of(settings, database, Directory(database), Catalogue(), clock)
        chores.start()
        typer.echo("Working. Stop with Ctrl+C.")
        stopping.wait()
        chores.stop()


@cli.command()
def migrate() -> None:
    """Bring the database to the tables of this version."""
    settings = Settings()
    migrations.upgrade(settings.url)
    with opened(settings) as database, database.engine.begin() as connection:
        if feed.settle(connection):
            typer.echo("It was restored into another PostgreSQL: who follows the trail goes on where it ended.")
    typer.echo(f"The database is at revision {migrations.newest()}.")


@cli.command(name="setup")
def set_up() -> None:
    """Set up the units, roles and SOPs of the office; what is there already stays as it is."""
    with opened(Settings()) as database:
        for definition_id in set_up_shipped(database, Directory(database)):
            typer.echo(definition_id)


@cli.command(name="demo-data")
def demo_data() -> None:
    """Set up the office with demonstration users (password: demo) and cases to look at; refused in production."""
    settings = Settings()
    if settings.environment == "production":
        sys.exit("alur: demonstration users are refused in production. Set ALUR_ENVIRONMENT=demo to try Alur out.")
    with opened(settings) as database:
        ensure_demonstration(database)
        directory, now = Directory(database), office_clock(settings, database, SystemClock()).now()
        set_up_shipped(database, directory, now - OPENED_BEFORE)
        users_added = add_demo_users(database, Passwords(), production=False)
        cases_added = add_cases(database, Desk(directory, Catalogue()), by=SYSTEM, now=now)
    typer.echo(f"Added {users_added} demonstration users and {cases_added} cases.")


@cli.command()
def run(port: Annotated[int | None, PortNumber] = None) -> None:
    """Try Alur out: migrate, set up the six SOPs and demonstration users, and serve on this machine."""
    settings = demonstration()
    logging.configure(settings)
    if port is None:
        port = _free_port("127.0.0.1")
    else:
        _require_free("127.0.0.1", port)
    typer.echo("Preparing the database ...")
    migrations.upgrade(settings.url)
    with opened(settings) as database:
        ensure_demonstration(database)
        typer.echo("Deploying the six SOPs ...")
        opened_at = office_clock(settings, database, SystemClock()).now() - OPENED_BEFORE
        for definition_id in set_up_shipped(database, Directory(database), opened_at):
            typer.echo(f"  {definition_id}")
        added = add_demo_users(database, Passwords(), production=settings.environment == "production")
    typer.echo(f"Demonstration users: {added} added. Names are role keys such as sekretaris; the password is demo.")
    typer.echo(f"\nAlur runs on http://127.0.0.1:{port}/  (open it in a browser and choose a role; stop with Ctrl+C)")
    typer.echo(f"API: http://127.0.0.1:{port}/api/v1/openapi.json")
    sys.stdout.flush()
    # A new program in the same process: what the preparing needed is not carried about while serving.
    os.execv(sys.executable, [sys.executable, "-m", "app.cli", "serve", "--port", str(port)])


def _refusal_of(host: str, port: int) -> OSError | UnicodeError | None:
    """Return why nothing can listen there, null if something can."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as refusal:
        return refusal
    return None


def _require_free(host: str, port: int) -> None:
    refusal = _refusal_of(host, port)
    if isinstance(refusal, OSError) and refusal.errno == errno.EADDRINUSE:
        sys.exit(
            f"alur: port {port} on {host} is taken. "
            "Stop what uses it, or name another one with --port (make run PORT=…)."
        )
    if refusal is not None:
        sys.exit(f"alur: nothing can listen on {host}, port {port}: {refusal}. Name others with --host and --port.")


def _free_port(host: str) -> int:
    for port in range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED):
        if _refusal_of(host, port) is None:
            return port
    sys.exit(f"alur: no free port from {FIRST_PORT} to {FIRST_PORT + _PORTS_TRIED - 1}. Name one: make run PORT=…")


@cli.command(name="deploy")
def deploy_files(
    files: Annotated[list[Path], typer.Argument(help="BPMN files.", exists=True, dir_okay=False)],
    unit_key: Annotated[str, typer.Option("--unit", help="Key of the unit that owns them.")],
) -> None:
    """Deploy BPMN files as one deployment."""
    settings = Settings()

    def work(directory: Directory, now: datetime, uow: UnitOfWork) -> list[str]:
        office = directory.office(uow.connection)
        owner = office.unit_keys.get(unit_key)
        if owner is None:
            raise Invalid(f"There is no unit '{unit_key}'. Known: {', '.join(sorted(office.unit_keys))}.")
        sent = [SentFile(path.name, path.read_bytes()) for path in files]
        name, source = ", ".join(path.name for path in files), "alur deploy"
        actor = system_actor(office, "deploy", [owner.id])
        deployed = deploy(
            uow, Catalogue(), actor=actor, unit_id=owner.id, name=name, source=source, files=sent, now=now
        )
        return [one["id"] for one in deployed.answer["process_definitions"]]

    try:
        with opened(settings) as database:
            now = office_clock(settings, database, SystemClock()).now()
            for definition_id in database.write(partial(work, Directory(database), now)):
                typer.echo(definition_id)
    except Problem as refusal:
        for error in refusal.errors:
            place = f"{error.get('file', '')}:{error.get('line') or 0}:{error.get('column') or 0}"
            remedy = f" {error['remedy']}" if "remedy" in error else ""
            typer.echo(f"{place}: {error.get('element_id') or '-'}: {error['message']}{remedy}", err=True)
        raise


@cli.command(name="lint")
def lint_files(
    files: Annotated[list[Path], typer.Argument(help="BPMN files.", exists=True, dir_okay=False, readable=True)],
    unit_key: Annotated[
        str | None, typer.Option("--unit", help="Check lanes against the roles of this unit in the database.")
    ] = None,
    language: Annotated[Literal["id", "en"], typer.Option(help="Language of the listing.")] = "id",
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, with both languages.")] = False,
) -> None:
    """Say what a deployment of BPMN files would be told, and change nothing.

    Exit status: 0 without errors (warnings do not count), 1 with errors, 2 for how it was typed. No database is needed:
    lanes are then checked against the roles that Alur ships, and one that is none of them is a warning, since your
    office may know it. With --unit they are checked as a deployment into that unit would, and it is an error.
    """
    office, unit_id = _office_of(unit_key)
    now = SystemClock().now()
    linted = listing.lint(files, office=office, unit_id=unit_id, knows_roles=unit_key is not None, now=now)
    if as_json:
        typer.echo(json.dumps(listing.as_json(linted), ensure_ascii=False, indent=2))
    else:
        for line in listing.lines(linted, language):
            typer.echo(line)
    raise typer.Exit(1 if listing.count(linted, "error") else 0)


def _office_of(unit_key: str | None) -> tuple[Office, UUID]:
    """Return the office that names its roles, and the unit in it: of the database where one is named, else shipped."""
    if unit_key is None:
        office, owner_key = first_office(shipped_sops().values()), OFFICE
    else:
        with opened(Settings()) as database, database.read() as connection:
            office, owner_key = Directory(database).office(connection), unit_key
    owner = office.unit_keys.get(owner_key)
    if owner is None:
        raise typer.BadParameter(f"There is no unit '{unit_key}'. Known: {', '.join(sorted(office.unit_keys))}.")
    return office, owner.id


@cli.command(name="diff")
def show_difference(
    old: Annotated[Path, typer.Argument(help="The older BPMN file.", exists=True, dir_okay=False)],
    new: Annotated[Path, typer.Argument(help="The newer BPMN file.", exists=True, dir_okay=False)],
    language: Annotated[Language, typer.Option(help="Language of the text: id or en.")] = "id",
    unit_key: Annotated[
        str | None, typer.Option("--unit", help="Take lanes for the roles of this unit in the database.")
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
) -> None:
    """Show what has changed between two BPMN files, in the words of the SOP table.

    Two names of one role are no change. No database is needed: names are those of the roles that Alur ships; with
    --unit they are what the office of that unit calls its roles.
    """
    office, unit_id = _office_of(unit_key)
    files = old.read_bytes(), new.read_bytes()
    one, other = (xml.parse(data) for data in files)
    models = (engine.examine(data)[0] for data in files)
    before, after = (
        Performers() if model is None else performers_of(model, partial(office.role_named, unit_id=unit_id))
        for model in models
    )
    found = difference(
        read_table(one), read_table(other), beyond_the_table(one, other), (before, after), details(one, other)
    )
    typer.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2) if as_data else as_text(found, language))


@sops.command(name="draw")
def sop_draw(
    table: Annotated[Path, typer.Argument(help="The SOP table as YAML.", exists=True, dir_okay=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The BPMN file to write.")],
) -> None:
    """Draw an SOP table as a BPMN file with its diagram."""
    draw(table, output)
    typer.echo(f"Wrote {output}.")
