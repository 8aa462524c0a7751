"""SOP tables made at random: whole by the rules, with every kind of row, flow and cell."""

import random
from collections.abc import Callable
from typing import Any

from app.sop.table import (
    APPROVED,
    END,
    RETURN_KINDS,
    RETURNED,
    Activity,
    Approval,
    Branch,
    Case,
    Continuation,
    Decision,
    DecisionTask,
    Identity,
    Outcome,
    OutsideEvent,
    Provenance,
    Relation,
    Role,
    RowKind,
    SopTable,
    Target,
    Trigger,
    in_order,
)

TEXTS = (
    "",
    "Draf konsep",
    "  spasi di tepi  ",
    "'kutip' \"ganda\" & <tanda> ]]>",
    "baris satu\nbaris dua\n",
    "tab\tdan é, ω, 漢字",
    "#{bukan} ${ungkapan}",
    "null",
)
LINES = (
    "Surat masuk",
    "Disposisi & arahan",
    "'Kinerja Aksi' <dibaca>",
    "Lampiran; I-IV",
    "- butir",
    "500.15/    /Naker",
)
WORDS = (
    "Memeriksa",
    "konsep",
    "rancangan",
    "Renja",
    "dan",
    "menyosialisasikan",
    "laporan",
    "triwulan",
    "kepada",
    "pejabat",
    "eselon",
    "IV",
)
TIMES = ("PT15M", "PT2H", "PT1H30M", "P3D", "P1W", "P1M")


def random_table(seed: int, roles: int, rows: int) -> SopTable:
    """Return the table that `seed` stands for, with so many roles and rows."""
    return _Maker(random.Random(seed), roles, rows).table()


class _Maker:
    def __init__(self, dice: random.Random, roles: int, rows: int) -> None:
        self.dice = dice
        self.rows = rows
        self.roles = [f"peran_{number}" for number in range(1, roles + 1)]
        self.kinds = [RowKind.WORK, *(self.dice.choice(list(RowKind)) for _ in range(rows - 1))]
        self.reached: set[Target] = {1}
        self.empty: list[str] = []
        self.decisions: list[Decision] = []
        self.branches: list[Branch] = []
        self.waits: list[OutsideEvent] = []
        self.shape = self.dice.choice(["plain", "returns", "branches", "all", "all"])

    def table(self) -> SopTable:
        activities = tuple(self.row(number) for number in range(1, self.rows + 1))
        decisions, branches, waits = in_order(self.decisions, self.branches, self.waits)
        return SopTable(
            key="sop_acak",
            title=self.name(110),
            title_original=self.optional("judul_asli", self.text),
            table_title_original=self.optional("judul_tabel_asli", self.text),
            identity=self.identity(),
            trigger=Trigger(
                kind="surat_masuk",
                description=self.name(),
                provenance=self.provenance(),
                description_inferred=self.optional("pemicu.keterangan_inferred", self.text),
            ),
            roles=tuple(
                Role(
                    key=key,
                    label=f"{self.name(40)} {key[-1]}",
                    originals=self.lines(),
                    provenance=self.provenance(),
                    reason=self.optional(f"roles.{key}.alasan", self.text),
                )
                for key in self.roles
            ),
            columns_note=self.optional("catatan_kolom", self.text),
            outside_parties=self.lines(),
            outside_events=waits,
            activities=activities,
            decisions=decisions,
            branches=branches,
            proposals=self.lines(),
            stated_empty=tuple(sorted(self.empty)),
        )

    def identity(self) -> Identity:
        path = "identitas"
        return Identity(
            number=self.dice.choice([None, "500.15/    /Naker/2024"]),
            number_original=self.optional(f"{path}.nomor_asli", self.text),
            serial=self.optional(f"{path}.nomor_urut", self.text),
            created_on=self.dice.choice([None, "2024-01"]),
            created_on_original=self.optional(f"{path}.tanggal_pembuatan_asli", self.text),
            revised_on=self.dice.choice([None, "2025"]),
            effective_on=self.dice.choice([None, "2024-02-29"]),
            decreed_on=self.optional(f"{path}.tanggal_penetapan", lambda: "2024-01"),
            approval=Approval(
                position=self.text(),
                position_provenance=self.optional(f"{path}.disahkan_oleh.jabatan_basis", self.provenance),
                name=self.dice.choice([None, "", "Nama Contoh"]),
                rank=self.optional(f"{path}.disahkan_oleh.pangkat", self.text),
                rank_original=self.optional(f"{path}.disahkan_oleh.pangkat_asli", self.text),
                note=self.optional(f"{path}.disahkan_oleh.catatan", self.text),
            ),
            unit=self.optional(f"{path}.unit", self.text),
            legal_basis=self.lines(),
            relations=tuple(
                Relation(text=line, sop=self.optional(f"{path}.keterkaitan.{place}.sop", lambda: "renja"))
                for place, line in enumerate(self.lines(), 1)
            ),
            warning=self.dice.choice([None, self.text()]),
            qualifications=self.lines(),
            equipment=self.lines(),
            records=self.dice.choice([None, self.text()]),
            organisation_original=self.optional(f"{path}.instansi_asli", self.text),
            note=self.optional(f"{path}.catatan", self.text),
        )

    def row(self, number: int) -> Activity:
        path = f"activities.{number}"
        kind = self.kinds[number - 1]
        role = self.dice.choice(self.roles)
        return Activity(
            number=number,
            name=self.name(),
            statement=self.name(160),
            statement_original=self.optional(f"{path}.kegiatan_asli", self.text),
            source_line=self.optional(f"{path}.baris_sumber", lambda: self.dice.randrange(999)),
            role=role,
            role_provenance=self.provenance(),
            role_reason=self.optional(f"{path}.role_alasan", self.text),
            role_alternatives=self.optional(f"{path}.role_alternatif", self.lines),
            confidence=self.optional(f"{path}.keyakinan", lambda: "sedang"),
            kind=kind,
            symbol=self.optional(f"{path}.simbol", lambda: "process"),
            symbol_provenance=self.optional(f"{path}.simbol_basis", self.provenance),
            requirements=self.lines(),
            requirements_original=self.optional(f"{path}.kelengkapan_asli", self.text),
            requirements_proposed=self.optional(f"{path}.kelengkapan_usulan", self.lines),
            standard_time=self.dice.choice([None, *TIMES]),
            standard_time_original=self.optional(f"{path}.waktu_asli", self.text),
            standard_time_note=self.optional(f"{path}.waktu_catatan", self.text),
            standard_time_doubt=self.optional(f"{path}.waktu_meragukan", self.text),
            outputs=self.lines(),
            outputs_original=self.optional(f"{path}.output_asli", self.text),
            outputs_proposed=self.optional(f"{path}.output_usulan", self.lines),
            remarks=self.lines(),
            remarks_original=self.optional(f"{path}.ket_asli", self.text),
            next=self.leave(number, role),
            per_unit=self.optional(f"{path}.per_unit", self.text),
            numbers_letter=self.optional(f"{path}.nomor_surat", self.flip),
            authority_warning=self.optional(f"{path}.peringatan_wewenang", self.flip),
            note=self.optional(f"{path}.catatan", self.text),
        )

    def leave(self, number: int, role: str) -> tuple[Target, ...]:
        """Decide what follows a row, so that the next one is reached by it or has been before."""
        ahead: Target = number + 1 if number < self.rows else END
        free = ahead == END or ahead in self.reached
        onward = self.dice.choice([*range(number + 1, self.rows + 1), END]) if free else ahead
        roll = self.dice.random()
        if self.shape in ("returns", "all") and roll < 0.45 and (decided := self.decide(number, role, onward)):
            targets = decided
        elif self.shape in ("branches", "all") and roll > 0.75:
            targets = self.choose(number, onward)
        else:
            targets = () if onward == END else (onward,)
        self.reached.update(targets)
        for target in targets:
            if (target == END and targets != ()) or (isinstance(target, int) and target > number):
                self.maybe_wait(number, target)
        return targets

    def decide(self, number: int, role: str, onward: Target) -> tuple[Target, ...] | None:
        path = f"decisions.{number}"
        own = self.dice.random() < 0.2
        work = [n for n in range(1, number + own) if self.kinds[n - 1] in RETURN_KINDS]
        if not work:
            return None
        decider = self.dice.choice(self.roles) if own else role
        task = DecisionTask(
            statement=self.name(100), role=decider, label=self.name(), standard_time=self.dice.choice([None, "P1D"])
        )
        returned = self.dice.choice(work)
        self.decisions.append(
            Decision(
                row=number,
                kind="periksa",
                decider=decider,
                task=task if own else None,
                submitted_in=self.optional(f"{path}.langkah_pengajuan", lambda: number - 1) if number > 1 else None,
                provenance=self.provenance(),
                quotation=self.optional(f"{path}.kutipan", self.text),
                outcomes=(
                    Outcome(
                        code=APPROVED,
                        label=self.name(),
                        target=onward,
                        provenance=self.provenance(),
                        flow_label="Setuju",
                    ),
                    Outcome(
                        code=RETURNED,
                        label=self.name(),
                        target=returned,
                        provenance=self.provenance(),
                        flow_label="Dikembalikan",
                    ),
                ),
                alternative_returns=self.optional(f"{path}.alternatif_tujuan_kembali", lambda: (work[0],)),
                note=self.optional(f"{path}.catatan", self.text),
                gateway_label=self.name(30),
            )
        )
        return onward, returned

    def choose(self, number: int, onward: Target) -> tuple[Target, ...]:
        place = len(self.branches) + 1
        others: list[Target] = [target for target in [*range(1, self.rows + 1), END] if target != onward]
        targets = [onward, *self.dice.sample(others, min(len(others), self.dice.choice([1, 1, 1, 2, 3])))]
        self.dice.shuffle(targets)
        variable = f"pilihan_{number}"
        self.branches.append(
            Branch(
                after=number,
                variable=variable,
                kind="siklus",
                provenance=self.provenance(),
                reason=f"alasan {place}",
                gateway_label=self.name(30),
                cases=tuple(
                    Case(
                        condition=f"Hal {'ABCDEF'[n]}",
                        values=(n,),
                        target=target,
                        reports=(f"Laporan {n}",) if n else None,
                    )
                    for n, target in enumerate(targets)
                ),
                continuations=self.dice.choice(
                    [None, (), (Continuation(sop="lkj", row=2, condition="Hal A", provenance=self.provenance()),)]
                ),
            )
        )
        return tuple(targets)

    def maybe_wait(self, after: int, before: Target) -> None:
        if self.dice.random() < 0.08:
            path = f"peristiwa_luar.{after}"
            self.waits.append(
                OutsideEvent(
                    after=after,
                    before=before,
                    description=self.name(60),
                    party="Bupati",
                    provenance=self.provenance(),
                    quotation=self.dice.choice([None, "kutipan"]),
                    label=self.name(),
                    message=f"pesan_{after}_{before}",
                    proposal=None,
                    note=self.dice.choice([None, "", path]),
                )
            )

    def optional(self, path: str, make: Callable[[], Any]) -> Any:
        """Return a value, nothing, or nothing that the table states to be so."""
        roll = self.dice.random()
        if roll < 0.5:
            return make()
        if roll < 0.6:
            self.empty.append(path)
        return None

    def name(self, longest: int = 45) -> str:
        words = [self.dice.choice(WORDS)]
        while len(" ".join(words)) < self.dice.randrange(5, longest):
            words.append(self.dice.choice(WORDS))
        return " ".join(words)[:longest].strip()

    def text(self) -> str:
        return self.dice.choice(TEXTS)

    def lines(self) -> tuple[str, ...]:
        return tuple(self.dice.choices(LINES, k=self.dice.randrange(4)))

    def provenance(self) -> Provenance:
        return self.dice.choice(list(Provenance))

    def flip(self) -> bool:
        return self.dice.random() < 0.5
