"""Which processes a definition calls, so that a new version of one of them can be checked with its callers.

Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from lxml import etree

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CALL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}callActivity"


def upgrade() -> None:
    table = op.create_table(
        "definition_call",
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_definition_call_definition_id")
        ),
        sa.PrimaryKeyConstraint("definition_id", "process_key", name=op.f("pk_definition_call")),
    )
    op.create_index("ix_definition_call_process_key", "definition_call", ["process_key"])
    connection = op.get_bind()
    definitions = connection.execute(sa.text("SELECT id, content_hash FROM process_definition")).all()
    for definition_id, content_hash in definitions:
        content = connection.execute(
            sa.text("SELECT xml FROM definition_content WHERE hash = :hash"), {"hash": content_hash}
        ).scalar_one()
        root = etree.fromstring(bytes(content), etree.XMLParser(resolve_entities=False, no_network=True))
        called = {call.get("calledElement", "") for call in root.iter(_CALL)} - {""}
        if called:
            op.bulk_insert(table, [{"definition_id": definition_id, "process_key": key} for key in sorted(called)])


def downgrade() -> None:
    op.drop_index("ix_definition_call_process_key", table_name="definition_call")
    op.drop_table("definition_call")
