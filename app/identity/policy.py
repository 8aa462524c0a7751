"""Who administers whom: nobody gives, or takes over, what reaches beyond the units that he administers."""

from datetime import datetime
from uuid import UUID

from app.core.problems import Forbidden, NotFound
from app.core.text import Text
from app.identity.office import Actor
from app.identity.people import Person


def administered_units(actor: Actor, now: datetime) -> frozenset[UUID]:
    """Return the units that an actor administers.

    Raises:
        Forbidden: there are none.
    """
    units = actor.units_with("administer", now)
    if not units:
        raise Forbidden(
            Text("Untuk ini Anda harus menjadi administrator unit.", "This needs the permission to administer a unit.")
        )
    return units


def ensure_knows(actor: Actor, person: Person | None, username: str, now: datetime) -> Person:
    """Return a person whom the actor may see: one who holds, or held, something in a unit that he administers.

    Raises:
        Forbidden: the actor administers nothing.
        NotFound: there is no such person, or he is of other units.
    """
    units = administered_units(actor, now)
    if person is None or units.isdisjoint(person.known_in(actor.office)):
        raise NotFound(
            Text(
                f"Tidak ada pengguna '{username}' di unit Anda.",
                f"There is no user '{username}'. alur user list shows those there are.",
            )
        )
    return person


def ensure_may_change_account(actor: Actor, person: Person, now: datetime) -> None:
    """Check that the actor may close, reopen or give a new password to an account that is not his own.

    Whoever has an account's password is its person; so the actor must administer all that the person can reach.

    Raises:
        Forbidden: it is his own account, or the person reaches further than the actor administers.
    """
    if person.username == actor.username:
        raise Forbidden(
            Text(
                "Akun Anda sendiri tidak dapat Anda tutup atau buka. Kata sandi sendiri diganti di halaman Profil.",
                "Your own account is for another administrator; your own password you change as yourself.",
            )
        )
    _ensure_within(actor, person.reach(actor.office, now), now)


def ensure_may_add_to(actor: Actor, unit_ids: frozenset[UUID], now: datetime) -> None:
    """Check that the actor may open an account of somebody who belongs to these units.

    Raises:
        Forbidden: he does not administer all of them.
    """
    _ensure_within(actor, unit_ids, now)


def ensure_may_give_role(actor: Actor, role_key: str, unit_id: UUID, now: datetime) -> None:
    """Check that the actor may let somebody hold a role in a unit: he must administer every unit that it serves.

    A role in a bidang serves its perangkat daerah too, and one of reach "pemda" serves all.

    Raises:
        Forbidden: he does not.
    """
    _ensure_within(actor, actor.office.served_from(role_key, unit_id), now)


def ensure_may_give_permission(actor: Actor, unit_id: UUID, now: datetime) -> None:
    """Check that the actor may give permissions in a unit.

    Raises:
        Forbidden: he does not administer it.
    """
    _ensure_within(actor, actor.office.subtree(unit_id), now)


def ensure_may_take(actor: Actor, person: Person, unit_id: UUID, now: datetime, permission: str | None = None) -> None:
    """Check that the actor may end a role, or a permission, that somebody has in a unit.

    Raises:
        Forbidden: he does not administer the unit, or he would lock himself out.
    """
    if permission == "administer" and person.username == actor.username:
        raise Forbidden(
            Text(
                "Wewenang administrator Anda sendiri hanya dapat dicabut administrator lain.",
                "Your own permission to administer is for another administrator to take.",
            )
        )
    _ensure_within(actor, frozenset({unit_id}), now)


def _ensure_within(actor: Actor, unit_ids: frozenset[UUID], now: datetime) -> None:
    beyond = unit_ids - administered_units(actor, now)
    if beyond:
        name = actor.office.units[actor.office.nearest_to_root(beyond)].name
        raise Forbidden(
            Text(
                f"Ini menjangkau {name}, yang bukan unit yang Anda kelola. Mintalah administrator di sana.",
                f"This reaches {name}, which you do not administer. Ask whoever does.",
            )
        )
