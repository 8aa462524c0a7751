"""The rooms of the house: what the menu shows to whom. A new screen finds its place here."""

from collections.abc import Callable
from typing import NamedTuple

from app.web.visit import Visit


class Room(NamedTuple):
    """An entry of the menu: where it leads, the icon, and its name (Indonesian, translated when it is shown)."""

    place: str
    icon: str
    name: str


def _(text: str) -> str:
    """Mark a text for the catalogues; it is said when it is shown."""
    return text


def _everybody(_visit: Visit) -> bool:
    return True


def _administers(visit: Visit) -> bool:
    return bool(visit.actor.units_with("administer", visit.now))


_ROOMS: tuple[tuple[Room, Callable[[Visit], bool]], ...] = (
    (Room("/tugas", "inbox", _("Kotak tugas")), _everybody),
    (Room("/berkas", "folder-open", _("Berkas")), _everybody),
    (Room("/pantauan", "gauge", _("Pantauan")), _everybody),
    (Room("/sop", "workflow", _("Kelola SOP")), _everybody),
    (Room("/jejak", "scroll-text", _("Jejak rekam")), _everybody),
    (Room("/pengguna", "users", _("Pengguna & jabatan")), _administers),
)


def menu_of(visit: Visit) -> list[Room]:
    """Return the rooms that a visitor may enter."""
    return [room for room, opens in _ROOMS if opens(visit)]
