"""Every value that the service can be told from outside."""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.proxies import check_networks

Environment = Literal["demo", "production"]

_DATABASES = "Write sqlite:////path/of/alur.db or postgresql+psycopg://user:password@host/database."


class Settings(BaseSettings):
    """Settings from the environment, prefix `ALUR_`; built once where a command begins, and passed down.

    There is no default secret: in production a missing one stops the start, and a demonstration draws its own for each
    data directory. A wrong value stops the start and is not printed.
    """

    model_config = SettingsConfigDict(env_prefix="ALUR_", frozen=True, hide_input_in_errors=True)

    environment: Environment = "production"
    data_dir: Path = Path("data")
    database_url: str = ""
    secret_key: SecretStr | None = Field(default=None, min_length=32)
    # The private key that signs heads of the trail: PEM, or the path of its file.
    trail_key: SecretStr | None = Field(default=None, min_length=1)
    token_minutes: int = Field(default=60 * 8, ge=1, le=60 * 24)
    session_minutes: int = Field(default=60 * 12, ge=1, le=60 * 24 * 7)
    database_pool: int = Field(default=10, ge=1, le=200)
    trusted_proxies: str = "127.0.0.1,::1"
    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    drain_seconds: float = Field(default=0, ge=0, le=300)
    shutdown_seconds: int = Field(default=30, ge=1, le=600)
    # Whether servers fire timers and send what goes out themselves, or leave that to `alur worker`.
    chores: bool = True
    # Networks inside that webhooks may lead to, with commas: 10.20.0.0/16, 192.168.1.7. None, unless they are named.
    webhook_allow: str = ""
    # Where e-mail is handed in, smtp://user:password@host:587 or smtps://…, and the address it comes from.
    smtp_url: SecretStr | None = None
    mail_from: str = ""
    # Where people reach the pages, for links in e-mails: https://alur.example.id
    public_url: str = ""
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = Field(default="akun kantor", max_length=60)
    oidc_roles_claim: str = "roles"
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("smtp_url")
    @classmethod
    def _require_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        parts = None if url is None else urlsplit(url.get_secret_value())
        if parts is not None and (parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.port == 0):
            raise ValueError("write smtp://user:password@host:587 or smtps://user:password@host")
        return url

    @field_validator("public_url")
    @classmethod
    def _require_pages(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("write where people reach the pages: https://alur.example.id")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _require_sender(self) -> Self:
        if self.smtp_url is not None and "@" not in self.mail_from:
            raise ValueError("ALUR_MAIL_FROM is required with ALUR_SMTP_URL: the address that e-mail comes from.")
        return self

    @field_validator("database_url")
    @classmethod
    def _require_known_database(cls, url: str) -> str:
        if url:
            try:
                parts = sa.make_url(url)
            except (sa.exc.ArgumentError, ValueError) as error:
                raise ValueError(f"this is no address of a database. {_DATABASES}") from error
            if parts.drivername not in ("sqlite", "postgresql+psycopg"):
                raise ValueError(f"Alur does not work with {parts.drivername}. {_DATABASES}")
            if parts.drivername == "sqlite" and (parts.query or parts.database in (None, "", ":memory:")):
                raise ValueError(f"name the file of the database and nothing else. {_DATABASES}")
        return url

    @field_validator("trusted_proxies", "webhook_allow")
    @classmethod
    def _require_networks(cls, text: str) -> str:
        return check_networks(text)

    @model_validator(mode="after")
    def _require_secret(self) -> Self:
        if self.environment == "production" and self.secret_key is None:
            raise ValueError("ALUR_SECRET_KEY is required in production: at least 32 characters, kept secret.")
        return self

    @model_validator(mode="after")
    def _require_whole_provider(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            raise ValueError("ALUR_OIDC_ISSUER and ALUR_OIDC_CLIENT_ID are set together, or neither.")
        secure = self.oidc_issuer is None or self.oidc_issuer.startswith("https://")
        if not secure and self.environment == "production":
            raise ValueError("ALUR_OIDC_ISSUER is an address that begins with https://.")
        return self

    @cached_property
    def url(self) -> str:
        """The database: `ALUR_DATABASE_URL`, or SQLite in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'alur.db'}"


def serving(chores: bool | None) -> Settings:
    """Return the settings of servers that do chores or leave them to workers; null for what the environment says.

    It is put into the environment, which the processes that serve read.
    """
    if chores is not None:
        os.environ["ALUR_CHORES"] = str(chores).lower()
    return Settings()


class NoDemonstration(Exception):
    """A demonstration was asked for where production is set up; nothing was touched."""


def demonstration() -> Settings:
    """Return the settings of a demonstration: those of the environment, with quieter and friendlier defaults.

    The defaults are put into the environment, so that the programs which this one starts share them.

    Raises:
        NoDemonstration: the environment is that of a production installation, which must not get users with a known
            password.
    """
    if os.environ.get("ALUR_ENVIRONMENT") == "production" or (
        "ALUR_ENVIRONMENT" not in os.environ and "ALUR_SECRET_KEY" in os.environ
    ):
        raise NoDemonstration(
            "These are the settings of a production installation. Use alur migrate, setup and serve; "
            "to try Alur out all the same, set ALUR_ENVIRONMENT=demo."
        )
    for name, value in (("ENVIRONMENT", "demo"), ("LOG_FORMAT", "console"), ("LOG_LEVEL", "warning")):
        os.environ.setdefault(f"ALUR_{name}", value)
    return Settings()
