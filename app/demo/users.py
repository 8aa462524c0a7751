"""The demonstration users: one a role, and those with a permission; all with the same known password."""

from datetime import date, datetime

import sqlalchemy as sa

from app.core.clock import SystemClock
from app.core.database import Database
from app.core.problems import Conflict
from app.core.settings import NoDemonstration
from app.core.unit_of_work import UnitOfWork
from app.identity.commands import add_person
from app.identity.directory import Directory
from app.identity.first_office import OFFICE, PEMDA
from app.identity.holdings import PermissionGiven, RoleGiven
from app.identity.models import user_account
from app.identity.office import Actor, system_actor
from app.identity.passwords import Passwords

PASSWORD = "demo"

_BEGINNING = date(2024, 1, 1)
_LAST_DAY_OF_AUDIT = date(2099, 12, 31)

# username: name, role, unit of the role, permissions.
_USERS: dict[str, tuple[str, str | None, str, tuple[str, ...]]] = {
    "kepala_dinas": ("Kepala Dinas (peragaan)", "kepala_dinas", OFFICE, ()),
    "sekretaris": ("Sekretaris (peragaan)", "sekretaris", OFFICE, ()),
    "kepala_bidang": ("Kepala Bidang (peragaan)", "kepala_bidang", OFFICE, ()),
    "kasubag_perencanaan": ("Kasubag Perencanaan (peragaan)", "kasubag_perencanaan", OFFICE, ()),
    "pejabat_fungsional": ("Pejabat Fungsional (peragaan)", "pejabat_fungsional", OFFICE, ()),
    "staf_penyusun_evaluasi_kinerja": ("Staf Penyusun (peragaan)", "staf_penyusun_evaluasi_kinerja", OFFICE, ()),
    "staf": ("Staf (peragaan)", "staf", OFFICE, ()),
    "tim_renja": ("Anggota Tim Renja (peragaan)", "tim_renja", OFFICE, ()),
    "tim_renstra": ("Anggota Tim Renstra (peragaan)", "tim_renstra", OFFICE, ()),
    "tim_sakip": ("Anggota Tim SAKIP (peragaan)", "tim_sakip", OFFICE, ()),
    "bappeda": ("Verifikator Bappeda (peragaan)", "bappeda", PEMDA, ()),
    "admin": ("Administrator (peragaan)", None, PEMDA, ("administer",)),
    "analis": ("Analis SOP (peragaan)", None, OFFICE, ("deploy",)),
    # The Modeler's button Start deploys and starts in one go, so whoever presses it needs both.
    "kasubag_analis": ("Kasubag dan Analis SOP (peragaan)", "kasubag_perencanaan", OFFICE, ("deploy",)),
    "inspektorat": ("Inspektorat (peragaan)", None, PEMDA, ("audit",)),
}


def ensure_demonstration(database: Database) -> None:
    """Make sure that a database is new, or a demonstration already.

    Raises:
        NoDemonstration: people of a real office are in it.
    """
    with database.read() as connection:
        there = set(connection.execute(sa.select(user_account.c.username)).scalars())
    if there and there.isdisjoint(_USERS):
        raise NoDemonstration(
            "This database belongs to an office with users of its own, so demonstration users are not added to it. "
            "Use alur serve, or name another database in ALUR_DATABASE_URL."
        )


def ensure_no_demo_users(database: Database, passwords: Passwords) -> None:
    """Make sure that nobody comes into a production installation with the password of the demonstration.

    Only accounts of the demonstration's names are looked at, so an office whose head is called so with a password of
    his own is not meant; each costs a check of its hash.

    Raises:
        Conflict: there are such accounts.
    """
    mine = sa.select(user_account.c.username, user_account.c.password_hash).where(
        user_account.c.username.in_(_USERS), user_account.c.is_active
    )
    with database.read() as connection:
        rows = connection.execute(mine.order_by(user_account.c.username)).all()
    known = [row.username for row in rows if passwords.matches(PASSWORD, row.password_hash)]
    if known:
        raise Conflict(
            f"These accounts have the password of the demonstration, which everybody knows: {', '.join(known)}. "
            "Close them or give them another (alur user passwd NAME), or name another database in ALUR_DATABASE_URL."
        )


def add_demo_users(database: Database, passwords: Passwords, *, production: bool, now: datetime | None = None) -> int:
    """Add the demonstration users that are missing; returns how many were added.

    Raises:
        Conflict: this is a production installation; its accounts have no known passwords.
    """
    if production:
        raise Conflict("Demonstration users are refused in production: their password is known to everybody.")
    now = now or SystemClock().now()
    directory = Directory(database)

    def work(uow: UnitOfWork) -> int:
        office = directory.office(uow.reader)
        actor = system_actor(office, "administer", office.roots)
        there = set(uow.execute(sa.select(user_account.c.username)).scalars())
        missing = [username for username in _USERS if username not in there]
        # One password that everybody knows: hashed once, not fifteen times.
        password_hash = passwords.hash(PASSWORD) if missing else ""
        for username in missing:
            _add(uow, actor, password_hash, username, now)
        return len(missing)

    return database.write(work)


def _add(uow: UnitOfWork, actor: Actor, password_hash: str, username: str, now: datetime) -> None:
    name, role, unit, permissions = _USERS[username]
    add_person(
        uow,
        actor=actor,
        username=username,
        name=name,
        password_hash=password_hash,
        roles=[] if role is None else [RoleGiven(role, unit, _BEGINNING)],
        permissions=[
            PermissionGiven(one, unit, _BEGINNING, _LAST_DAY_OF_AUDIT if one == "audit" else None)
            for one in permissions
        ],
        now=now,
    )
