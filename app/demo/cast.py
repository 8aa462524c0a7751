"""Who plays which part in the demonstration, in the order in which a visitor meets them."""

from collections.abc import Mapping
from typing import NamedTuple


def _(text: str) -> str:
    """Mark a text for the catalogues; it is said when it is shown."""
    return text


class Part(NamedTuple):
    """A demonstration user as a visitor chooses him: his post, and what he does in the SOPs."""

    username: str
    name: str
    does: str


# The walk begins with the Sekretaris.
GROUPS: Mapping[str, tuple[Part, ...]] = {
    _("Pejabat"): (
        Part("sekretaris", _("Sekretaris"), _("Memerintahkan pekerjaan, memeriksa, memaraf, dan menandatangani.")),
        Part(
            "kasubag_perencanaan",
            _("Kasubag Perencanaan"),
            _("Menyusun konsep, menomori surat, dan mengawal hampir setiap SOP."),
        ),
        Part("kepala_dinas", _("Kepala Dinas"), _("Memerintahkan evaluasi kinerja dan menandatangani hasilnya.")),
        Part("kepala_bidang", _("Kepala Bidang"), _("Merekap laporan kinerja triwulan bidangnya.")),
        Part("pejabat_fungsional", _("Pejabat Fungsional"), _("Mengolah dan merekap data laporan triwulan.")),
    ),
    _("Tim"): (
        Part("tim_renja", _("Tim Penyusun Renja"), _("Menyiapkan bahan Renja, lalu memeriksa rancangannya.")),
        Part("tim_sakip", _("Tim SAKIP"), _("Menyusun konsep IKU dan laporan kinerja.")),
        Part("tim_renstra", _("Tim Penyusun Renstra"), _("Membahas data dan menyusun konsep Renstra.")),
    ),
    _("Pendukung dan pihak luar"): (
        Part("staf", _("Staf"), _("Mengetik, membagikan format, mengantar surat, dan mengarsipkan.")),
        Part(
            "staf_penyusun_evaluasi_kinerja",
            _("Staf Penyusun Evaluasi Kinerja"),
            _("Menyusun laporan triwulan, semester, dan tahunan."),
        ),
        Part("bappeda", _("Tim Verifikasi Bappeda"), _("Memverifikasi rancangan Renja dari luar dinas.")),
        Part("inspektorat", _("Inspektorat"), _("Membaca semua berkas dan memeriksa jejak rekamnya.")),
        Part("analis", _("Analis SOP"), _("Memeriksa, memasang, dan membandingkan SOP.")),
        Part("admin", _("Administrator"), _("Mengelola pengguna, jabatan, dan wewenang.")),
        Part(
            "kasubag_analis",
            _("Kasubag sekaligus analis SOP"),
            _("Memasang SOP dan langsung memulainya, seperti dari Camunda Modeler."),
        ),
    ),
}
PARTS: Mapping[str, Part] = {part.username: part for parts in GROUPS.values() for part in parts}
