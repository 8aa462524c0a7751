"""The office that wrote the six SOPs: its units, its roles, and the names that its SOPs give them."""

from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from app.identity.commands import NewRole, NewUnit
from app.identity.office import Office, Role, Unit, fold
from app.sop.table import SopTable

PEMDA = "tanjabbar"
OFFICE = "disnaker"

UNITS = (
    NewUnit(PEMDA, "Pemerintah Kabupaten Tanjung Jabung Barat", "pemda", None, "Asia/Jakarta"),
    NewUnit(OFFICE, "Dinas Tenaga Kerja", "perangkat_daerah", PEMDA, "Asia/Jakarta"),
)

_KASUBAG = "Kepala Sub Bagian Perencanaan, Evaluasi dan Pelaporan Program"
_STAF_PENYUSUN = "Staf Penyusun Evaluasi Kinerja"

# Each with the abbreviation that the office uses. Who reports to whom is the usual order of a dinas, not stated in the
# SOPs.
_ROLES = (
    NewRole("kepala_dinas", "Kepala Dinas", None, "jabatan", "unit", ["Kadis"]),
    NewRole("sekretaris", "Sekretaris Dinas", "kepala_dinas", "jabatan", "unit", ["Sekdis"]),
    NewRole("kepala_bidang", "Kepala Bidang", "kepala_dinas", "jabatan", "unit", ["Kabid"]),
    NewRole("kasubag_perencanaan", _KASUBAG, "sekretaris", "jabatan", "unit", ["Kasubag Perencanaan"]),
    NewRole("pejabat_fungsional", "Pejabat Fungsional", "kepala_bidang", "jabatan", "unit", ["JF"]),
    NewRole(
        "staf_penyusun_evaluasi_kinerja", _STAF_PENYUSUN, "kasubag_perencanaan", "jabatan", "unit", ["Staf Penyusun"]
    ),
    NewRole("staf", "Staf", "kasubag_perencanaan", "jabatan", "unit", ["Staf"]),
    NewRole("tim_renja", "Tim Penyusun Renja", "sekretaris", "tim", "unit", ["Tim Renja"]),
    NewRole("tim_renstra", "Tim Penyusun Renstra", "sekretaris", "tim", "unit", ["Tim Renstra"]),
    NewRole("tim_sakip", "Tim SAKIP", "sekretaris", "tim", "unit", ["Tim SAKIP"]),
    NewRole("bappeda", "Bappeda (Tim Verifikasi)", None, "pihak_luar", "pemda", ["Bappeda"]),
)


def roles(tables: Iterable[SopTable]) -> tuple[NewRole, ...]:
    """Return the roles, with their abbreviation and every name that the headings of these tables use as aliases."""
    aliases: dict[str, list[str]] = {role.key: list(role.aliases) for role in _ROLES}
    for table in tables:
        for role in table.roles:
            aliases[role.key] += [name for name in (role.label, *role.originals) if name]
    return tuple(role._replace(aliases=tuple(dict.fromkeys(aliases[role.key]))) for role in _ROLES)


def first_office(tables: Iterable[SopTable]) -> Office:
    """Return the office as it is set up on an empty database, without one; its units have ids of their own here."""
    ids = {new.key: uuid5(NAMESPACE_URL, f"alur:unit:{new.key}") for new in UNITS}
    new_roles = roles(tables)
    units = [
        Unit(ids[new.key], new.key, new.name, new.kind, ids[new.parent] if new.parent else None, new.time_zone)
        for new in UNITS
    ]
    return Office(
        version=0,
        units={one.id: one for one in units},
        roles={new.key: Role(new.key, new.name, new.reports_to, new.kind, new.reach) for new in new_roles},
        aliases={(units[0].id, fold(alias)): new.key for new in new_roles for alias in new.aliases},
    )
