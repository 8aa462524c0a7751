"""`alur sop draw`: a table file in, its BPMN file out."""

from pathlib import Path

from app.sop.tables import load_table
from app.sop.write import write


def draw(table_path: Path, out_path: Path) -> None:
    """Write the BPMN file of the table in `table_path` to `out_path`.

    Raises SopRefused for a table that is not whole and OSError for a file that cannot be read or written; `out_path`
    is written only when the whole diagram is there.
    """
    out_path.write_bytes(write(load_table(table_path.read_bytes())))
