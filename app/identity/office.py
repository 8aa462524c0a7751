"""The units and roles of an office as one immutable picture, and the rules that follow from their trees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Unit:
    """A pemda, a perangkat daerah or a bidang; a tree by `parent_id`."""

    id: UUID
    key: str
    name: str
    kind: str
    parent_id: UUID | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role that lanes name. `reach` "pemda" serves every unit; a role of kind `pihak_luar` is outside the office."""

    key: str
    name: str
    reports_to: str | None
    kind: str
    reach: str


def fold(name: str) -> str:
    """Return a lane's or role's name as it is compared: without case, and with single spaces."""
    return " ".join(name.casefold().split())


@dataclass(frozen=True)
class Office:
    """A snapshot of all units, roles and aliases at one version of the identity tables."""

    version: int
    units: Mapping[UUID, Unit]
    roles: Mapping[str, Role]
    aliases: Mapping[tuple[UUID, str], str]

    @cached_property
    def unit_keys(self) -> Mapping[str, Unit]:
        """The units by their key."""
        return {unit.key: unit for unit in self.units.values()}

    @cached_property
    def _subtrees(self) -> Mapping[UUID, frozenset[UUID]]:
        inside: dict[UUID, set[UUID]] = {unit_id: {unit_id} for unit_id in self.units}
        for unit_id in self.units:
            for above in self.ancestors(unit_id):
                inside[above].add(unit_id)
        return {unit_id: frozenset(members) for unit_id, members in inside.items()}

    def ancestors(self, unit_id: UUID) -> tuple[UUID, ...]:
        """The units above a unit, the nearest first."""
        found: list[UUID] = []
        parent = self.units[unit_id].parent_id
        while parent is not None:
            found.append(parent)
            parent = self.units[parent].parent_id
        return tuple(found)

    def subtree(self, unit_id: UUID) -> frozenset[UUID]:
        """A unit and all that stand below it."""
        return self._subtrees[unit_id]

    def served_from(self, role_key: str, unit_id: UUID) -> frozenset[UUID]:
        """The units whose instances a holder of a role in a unit serves.

        They are his unit, what is below it, and what is above it up to the perangkat daerah; a role of reach "pemda"
        serves every unit.
        """
        if self.roles[role_key].reach == "pemda":
            return frozenset(self.units)
        above: list[UUID] = []
        for ancestor in (unit_id, *self.ancestors(unit_id)):
            if self.units[ancestor].kind == "pemda":
                break
            above.append(ancestor)
        return self.subtree(unit_id) | frozenset(above)

    def superiors(self, role_key: str) -> frozenset[str]:
        """The roles above a role, along `reports_to`."""
        found: set[str] = set()
        above = self.roles[role_key].reports_to if role_key in self.roles else None
        while above is not None and above not in found:
            found.add(above)
            above = self.roles[above].reports_to
        return frozenset(found)

    def role_named(self, name: str, unit_id: UUID) -> str | None:
        """Return the key of the role that a lane names: by key, by name, or by an alias of the unit or one above it."""
        folded = fold(name)
        for role in self.roles.values():
            if folded in (role.key, fold(role.name)):
                return role.key
        for owner in (unit_id, *self.ancestors(unit_id)):
            found = self.aliases.get((owner, folded))
            if found is not None:
                return found
        return None

    def today(self, unit_id: UUID, now: datetime) -> date:
        """The date of a moment where a unit is."""
        return now.astimezone(ZoneInfo(self.units[unit_id].time_zone)).date()

    def holds(self, unit_id: UUID, valid_from: date, valid_to: date | None, now: datetime) -> bool:
        """Whether what is held in a unit for a period is held now; its last day is included."""
        today = self.today(unit_id, now)
        return valid_from <= today and (valid_to is None or today <= valid_to)

    @cached_property
    def _zones(self) -> tuple[ZoneInfo, ...]:
        return tuple(ZoneInfo(name) for name in sorted({unit.time_zone for unit in self.units.values()}))

    def todays(self, now: datetime) -> tuple[date, ...]:
        """The dates of a moment where its units are: with any of them, somebody's roles may begin or end."""
        return tuple(now.astimezone(zone).date() for zone in self._zones)


@dataclass(frozen=True, slots=True)
class Holding:
    """A role held in a unit for a period, its last day included; `kind` is definitif, plt or plh."""

    role_key: str
    unit_id: UUID
    kind: str
    letter: str | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission in a unit and below it, for a period: `administer`, `deploy`, `audit`, or to do external `work`."""

    permission: str
    unit_id: UUID
    valid_from: date
    valid_to: date | None


Held = TypeVar("Held", Holding, Grant)


@dataclass(frozen=True)
class Actor:
    """A signed-in person with what he holds, as of `office.version`; the rules of who may do what ask only this."""

    username: str
    name: str
    holdings: tuple[Holding, ...]
    grants: tuple[Grant, ...]
    office: Office

    def roles_in(self, unit_id: UUID, now: datetime) -> Mapping[str, Holding]:
        """The roles that he holds now for instances of a unit."""
        return {
            holding.role_key: holding
            for holding in self._current(self.holdings, now)
            if unit_id in self.office.served_from(holding.role_key, holding.unit_id)
        }

    def has(self, permission: str, unit_id: UUID, now: datetime) -> bool:
        """Whether he holds a permission now in a unit or one above it."""
        return any(
            grant.permission == permission and unit_id in self.office.subtree(grant.unit_id)
            for grant in self._current(self.grants, now)
        )

    def oversees(self, role_key: str, unit_id: UUID, now: datetime) -> bool:
        """Whether he holds a role above this one for instances of a unit."""
        return not self.office.superiors(role_key).isdisjoint(self.roles_in(unit_id, now))

    def units_with(self, permission: str, now: datetime) -> frozenset[UUID]:
        """The units where he holds a permission now."""
        found: frozenset[UUID] = frozenset()
        for grant in self._current(self.grants, now):
            if grant.permission == permission:
                found |= self.office.subtree(grant.unit_id)
        return found

    def served(self, now: datetime) -> Mapping[str, frozenset[UUID]]:
        """For each role that he holds now, the units whose instances he serves in it."""
        found: dict[str, frozenset[UUID]] = {}
        for holding in self._current(self.holdings, now):
            units = self.office.served_from(holding.role_key, holding.unit_id)
            found[holding.role_key] = found.get(holding.role_key, frozenset()) | units
        return found

    def overseen(self, now: datetime) -> Mapping[str, frozenset[UUID]]:
        """For each role below one that he holds now, the units where he is its superior."""
        found: dict[str, frozenset[UUID]] = {}
        for held, units in self.served(now).items():
            for role_key in self.office.roles:
                if held in self.office.superiors(role_key):
                    found[role_key] = found.get(role_key, frozenset()) | units
        return found

    def home_units(self, now: datetime) -> frozenset[UUID]:
        """The units in which he holds a role or a permission now."""
        held = {holding.unit_id for holding in self._current(self.holdings, now)}
        return frozenset(held | {grant.unit_id for grant in self._current(self.grants, now)})

    def valid_holdings(self, now: datetime) -> tuple[Holding, ...]:
        """The roles that he holds now."""
        return tuple(self._current(self.holdings, now))

    def valid_grants(self, now: datetime) -> tuple[Grant, ...]:
        """The permissions that he has now."""
        return tuple(self._current(self.grants, now))

    @cached_property
    def units_ever_seen(self) -> frozenset[UUID]:
        """Every unit of which he could ever see anything: what he started or did there stays his to follow."""
        found: frozenset[UUID] = frozenset()
        for holding in self.holdings:
            found |= self.office.served_from(holding.role_key, holding.unit_id)
        for grant in self.grants:
            found |= self.office.subtree(grant.unit_id)
        return found

    def _current(self, things: Iterable[Held], now: datetime) -> list[Held]:
        return [thing for thing in things if self.office.holds(thing.unit_id, thing.valid_from, thing.valid_to, now)]
