"""What went wrong where a person runs Alur, in a sentence with its remedy; what is no mistake of his is a bug."""

import sqlite3

import sqlalchemy as sa
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.core.copies import CopyRefused
from app.core.migrations import WrongRevision
from app.core.problems import Problem
from app.core.settings import NoDemonstration

# SQLSTATE of an act that the user of the connection may not do.
_NOT_ALLOWED = "42501"
# What SQLite answers about the file, and not about what it was asked: the low byte of its error code.
_FAULTS_OF_FILE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)


def explain(error: Exception) -> str | None:
    """Return what to tell the person who ran a command, null for what nobody could foresee.

    No setting's value is repeated: it may be a secret.
    """
    match error:
        case ValidationError():
            return "; ".join(_fault_of_setting(fault) for fault in error.errors(include_input=False))
        case Problem() | NoDemonstration() | WrongRevision() | CopyRefused():
            return str(error)
        case sa.exc.DBAPIError():
            return _fault_of_database(error)
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return (
                f"{place}{error.strerror or error}. Check the path, and who may read and write there; "
                "Alur's own files are in ALUR_DATA_DIR."
            )
        case _:
            return None


def _fault_of_setting(fault: ErrorDetails) -> str:
    """Return what is wrong with a setting; one that names no setting says which it means."""
    message = fault["msg"].removeprefix("Value error, ")
    return f"ALUR_{str(fault['loc'][0]).upper()}: {message}" if fault["loc"] else message


def _fault_of_database(error: sa.exc.DBAPIError) -> str | None:
    """Return why a database cannot be used; null where it was asked something wrong, which is a bug."""
    said = " ".join(str(error.orig).split())
    if isinstance(error.orig, sqlite3.Error):
        if error.orig.sqlite_errorcode & 0xFF not in _FAULTS_OF_FILE:
            return None
        return (
            f"The database file cannot be used: {said}. Check that it is Alur's, that its folder exists, "
            "and who may write there (ALUR_DATABASE_URL, or ALUR_DATA_DIR)."
        )
    state = getattr(error.orig, "sqlstate", None)
    if state == _NOT_ALLOWED:
        refused = str(error.orig).partition("\n")[0]
        return f"PostgreSQL refuses it: {refused}. Give the user of ALUR_DATABASE_URL the right to do this."
    # Without a state of its own, a programming error is about what the connection was made with.
    if isinstance(error, sa.exc.OperationalError) or (isinstance(error, sa.exc.ProgrammingError) and state is None):
        return f"PostgreSQL cannot be used: {said}. Check that it runs, and ALUR_DATABASE_URL."
    return None
