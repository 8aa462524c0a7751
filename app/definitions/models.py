"""Tables of deployments and process definitions."""

import sqlalchemy as sa

from app.core.database import UtcDateTime, metadata

deployment = sa.Table(
    "deployment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("deployed_by", sa.Text, nullable=False),
    sa.Column("deployed_at", UtcDateTime, nullable=False),
)

# The bytes of a file as deployed, once for each text, whoever deployed it and however often.
definition_content = sa.Table(
    "definition_content",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("xml", sa.LargeBinary, nullable=False),
)

process_definition = sa.Table(
    "process_definition",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version_tag", sa.Text),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("content_hash", sa.LargeBinary, sa.ForeignKey("definition_content.hash"), nullable=False),
    sa.Column("deployment_id", sa.Uuid, sa.ForeignKey("deployment.id"), nullable=False, index=True),
    # Empty means from its deployment on.
    sa.Column("effective_from", sa.Date),
    sa.Column("activity_count", sa.Integer, nullable=False),
    sa.UniqueConstraint("unit_id", "key", "version"),
    sa.Index(None, "key", "version"),
)

# Which processes a definition calls itself.
definition_call = sa.Table(
    "definition_call",
    metadata,
    sa.Column("definition_id", sa.Text, sa.ForeignKey("process_definition.id"), primary_key=True),
    sa.Column("process_key", sa.Text, primary_key=True, index=True),
)

# Which role performs which lane of a definition; a task without lane and group is its starter's and is not listed.
definition_role = sa.Table(
    "definition_role",
    metadata,
    sa.Column("definition_id", sa.Text, sa.ForeignKey("process_definition.id"), primary_key=True),
    sa.Column("lane", sa.Text, primary_key=True),
    sa.Column("role_key", sa.Text, sa.ForeignKey("role.key"), primary_key=True),
)
