"""Tables of people, units and roles."""

import sqlalchemy as sa

from app.core.database import UtcDateTime, metadata

unit = sa.Table(
    "unit",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parent_id", sa.Uuid, sa.ForeignKey("unit.id"), index=True),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("chain_length", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("chain_head", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("kind IN ('pemda', 'perangkat_daerah', 'bidang')", name="kind_known"),
)

role = sa.Table(
    "role",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("reports_to", sa.Text, sa.ForeignKey("role.key")),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reach", sa.Text, nullable=False),
    sa.CheckConstraint("kind IN ('jabatan', 'tim', 'pihak_luar')", name="kind_known"),
    sa.CheckConstraint("reach IN ('unit', 'pemda')", name="reach_known"),
)

# A lane's name as it is printed in an SOP, folded (`roles.fold`), for the unit and everything below it.
role_alias = sa.Table(
    "role_alias",
    metadata,
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), primary_key=True),
    sa.Column("alias", sa.Text, primary_key=True),
    sa.Column("role_key", sa.Text, sa.ForeignKey("role.key"), nullable=False),
)

user_account = sa.Table(
    "user_account",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # Where the person wants news of his tasks sent; null for who wants none.
    sa.Column("news_to", sa.Text),
)

# A person holds a role in a unit for a period; the days are those of the unit's zone, the last one included.
role_holding = sa.Table(
    "role_holding",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.id"), nullable=False, index=True),
    sa.Column("role_key", sa.Text, sa.ForeignKey("role.key"), nullable=False, index=True),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("letter", sa.Text),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    # The provider whose claim gave it and may take it again; null for what a person gave.
    sa.Column("source", sa.Text),
    sa.CheckConstraint("kind IN ('definitif', 'plt', 'plh')", name="kind_known"),
    sa.CheckConstraint("kind = 'definitif' OR (letter IS NOT NULL AND valid_to IS NOT NULL)", name="acting_has_letter"),
)

permission_grant = sa.Table(
    "permission_grant",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.id"), nullable=False, index=True),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("permission", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    sa.CheckConstraint("permission IN ('administer', 'deploy', 'audit', 'work')", name="permission_known"),
)

# A signed-in browser (`sessions`): the SHA-256 of the name that it holds.
user_session = sa.Table(
    "user_session",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.id"), nullable=False, index=True),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

# A password that was tried and was not found right (`attempts`). Accounts and addresses are kept as hashes under the
# service's secret: somebody may have typed his password for his name.
sign_in_failure = sa.Table(
    "sign_in_failure",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account", sa.LargeBinary, nullable=False),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "account", "at"),
    sa.Index(None, "address", "at"),
)

# From where somebody came in, and when last.
sign_in_address = sa.Table(
    "sign_in_address",
    metadata,
    sa.Column("account", sa.LargeBinary, primary_key=True),
    sa.Column("address", sa.LargeBinary, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

# Who somebody is at a provider (OpenID Connect): a subject never becomes another person's.
provider_identity = sa.Table(
    "provider_identity",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.id"), nullable=False, index=True),
)

# One row. Every change of people, units, roles, holdings and grants adds one, so that a cached actor or unit tree is
# known to be old.
identity_version = sa.Table(
    "identity_version",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)
