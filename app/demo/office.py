"""The office that wrote the six SOPs: its units, its roles, and the names that its SOPs give them."""

from app.core.shipped import shipped
from app.identity.commands import NewRole, NewUnit
from app.sop.tables import load_table

PEMDA = "tanjabbar"
OFFICE = "disnaker"

UNITS = (
    NewUnit(PEMDA, "Pemerintah Kabupaten Tanjung Jabung Barat", "pemda", None, "Asia/Jakarta"),
    NewUnit(OFFICE, "Dinas Tenaga Kerja", "perangkat_daerah", PEMDA, "Asia/Jakarta"),
)

_KASUBAG = "Kepala Sub Bagian Perencanaan, Evaluasi dan Pelaporan Program"

# key: name, the role above it, kind, reach. Who reports to whom is the usual order of a dinas, not stated in the SOPs.
_ROLES: dict[str, tuple[str, str | None, str, str]] = {
    "kepala_dinas": ("Kepala Dinas", None, "jabatan", "unit"),
    "sekretaris": ("Sekretaris Dinas", "kepala_dinas", "jabatan", "unit"),
    "kepala_bidang": ("Kepala Bidang", "kepala_dinas", "jabatan", "unit"),
    "kasubag_perencanaan": (_KASUBAG, "sekretaris", "jabatan", "unit"),
    "pejabat_fungsional": ("Pejabat Fungsional", "kepala_bidang", "jabatan", "unit"),
    "staf_penyusun_evaluasi_kinerja": ("Staf Penyusun Evaluasi Kinerja", "kasubag_perencanaan", "jabatan", "unit"),
    "staf": ("Staf", "kasubag_perencanaan", "jabatan", "unit"),
    "tim_renja": ("Tim Penyusun Renja", "sekretaris", "tim", "unit"),
    "tim_renstra": ("Tim Penyusun Renstra", "sekretaris", "tim", "unit"),
    "tim_sakip": ("Tim SAKIP", "sekretaris", "tim", "unit"),
    "bappeda": ("Bappeda (Tim Verifikasi)", None, "pihak_luar", "pemda"),
}


def roles() -> tuple[NewRole, ...]:
    """Return the roles, with every name that the headings of the six tables use for them as an alias."""
    aliases: dict[str, list[str]] = {key: [] for key in _ROLES}
    for path in sorted((shipped("bpmn") / "tables").glob("*.yaml")):
        for role in load_table(path.read_bytes()).roles:
            aliases[role.key] += [name for name in (role.label, *role.originals) if name]
    return tuple(
        NewRole(key, name, above, kind, reach, tuple(dict.fromkeys(aliases[key])))
        for key, (name, above, kind, reach) in _ROLES.items()
    )
