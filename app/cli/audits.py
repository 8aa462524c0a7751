"""The commands of the trail: `alur audit …`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from app.audit import keys
from app.audit.checking import NoExport, check_export
from app.audit.export import export_sealed
from app.audit.heads import Head
from app.audit.sealing import seal_all
from app.audit.verifying import verify_trail
from app.audit.written_heads import read_heads, write_heads
from app.bootstrap import heads_file
from app.cli.opened import opened
from app.core.clock import SystemClock
from app.core.database import Database, one_moment
from app.core.settings import Settings
from app.reports.chains import ends_of_chains

audits = typer.Typer(no_args_is_help=True, help="The trail.")

Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="A public key that heads may be signed with: a PEM file, or 64 hexadecimal digits."),
]
_UNSIGNED = "Heads are not signed: ALUR_TRAIL_KEY is not set. Once it is, the next head is signed and covers all."


@audits.command(name="verify")
def verify(
    public_keys: Keys = None,
    heads: Annotated[
        Path | None, typer.Option(help="Heads that were kept; else those of the data directory.", exists=True)
    ] = None,
) -> None:
    """Check every act, every chain and every head of the trail; the exit status is 1 if anything is broken."""
    settings = Settings()
    own = keys.trail_key_of(settings)
    known = {keys.public_key_of(one) for one in public_keys or ()} | ({own.public} if own is not None else set())
    kept = heads or heads_file(settings)
    with opened(settings) as database, database.read() as reader, one_moment(reader) as connection:
        noted = _noted(kept) if kept.exists() else []
        found = verify_trail(connection, ends_of_chains(connection), keys=known, noted=noted)
    for fault in found.faults:
        typer.echo(f"{fault.chain or 'heads'}: {fault.said}", err=True)
    if found.unsigned and own is None:
        typer.echo(_UNSIGNED, err=True)
    told = found._asdict()
    del told["faults"]
    typer.echo(json.dumps(told))
    raise typer.Exit(0 if found.valid else 1)


@audits.command(name="seal")
def seal() -> None:
    """Add a head over all that was done since the last one, and write it out; a server does so every hour."""
    settings = Settings()
    key = keys.trail_key_of(settings)
    with opened(settings) as database:
        added = _seal(settings, database, key)
    if key is None:
        typer.echo(_UNSIGNED, err=True)
    if not added:
        typer.echo("Nothing was done since the last head.", err=True)
    for head in added:
        typer.echo(json.dumps({**head.as_json(), "hash": head.hash.hex()}))


@audits.command(name="key")
def show_key() -> None:
    """Print the public key that heads are signed with, as PEM and in hexadecimal: keep it where others keep theirs."""
    own = keys.trail_key_of(Settings())
    if own is None:
        sys.exit(f"alur: {_UNSIGNED}")
    typer.echo(keys.as_pem(own.public), nl=False)
    typer.echo(own.public.hex())


@audits.command(name="export")
def export(
    chains: Annotated[list[str] | None, typer.Argument(help="Ids of cases, or unit:<id>; else all.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
) -> None:
    """Seal the trail, and write it up to there as JSON lines, which `alur audit check` verifies anywhere."""
    settings = Settings()
    key = keys.trail_key_of(settings)
    with opened(settings) as database:
        _seal(settings, database, key)
        with database.read() as reader, one_moment(reader) as connection, _writing(output) as file:
            for line in export_sealed(connection, chains or ()):
                file.write(line)


@audits.command(name="check")
def check(
    file: Annotated[Path, typer.Argument(help="An exported trail (JSON lines).", exists=True, dir_okay=False)],
    public_keys: Keys = None,
) -> None:
    """Check an exported trail, without a database; the exit status is 1 if it is broken.

    Without --key a head proves only that the file fits together: compare its hash, or its key, with what was noted.
    """
    known = {keys.public_key_of(one) for one in public_keys or ()}
    try:
        with file.open("rb") as lines:
            found = check_export(lines, known)
    except NoExport as error:
        typer.echo(f"{file}: {error} Export it again from Jejak rekam.", err=True)
        raise typer.Exit(2) from error
    for fault in found.faults:
        place = "" if fault.line is None else f"{fault.line}:"
        act = "" if fault.act is None else f" act {fault.act}"
        typer.echo(f"{file}:{place} {fault.chain or 'the file'}:{act} {fault.said}", err=True)
    if found.seal is not None and found.seal.key is None:
        typer.echo("The head is not signed: compare its hash with one that was noted elsewhere.", err=True)
    elif found.trusted is None and found.seal is not None:
        typer.echo("No --key was given: compare the key, or the head's hash, with what was noted elsewhere.", err=True)
    told = {**found._asdict(), "seal": _told(found.seal), "faults": [fault._asdict() for fault in found.faults]}
    typer.echo(json.dumps(told))
    raise typer.Exit(0 if found.valid else 1)


def _seal(settings: Settings, database: Database, key: keys.TrailKey | None) -> list[Head]:
    added = seal_all(database, key, SystemClock().now())
    with database.read() as connection:
        write_heads(connection, heads_file(settings))
    return added


def _noted(path: Path) -> list[Head]:
    with path.open("rb") as lines:
        return list(read_heads(lines, path))


def _told(head: Head | None) -> dict[str, Any] | None:
    return None if head is None else {**head.as_json(), "hash": head.hash.hex()}


@contextmanager
def _writing(output: Path | None) -> Iterator[Any]:
    """Give the file to write to; one that could not be written to its end does not stand there under its name."""
    if output is None:
        yield sys.stdout.buffer
        return
    begun = output.with_name(f"{output.name}.part")
    with begun.open("wb") as file:
        yield file
    begun.replace(output)
