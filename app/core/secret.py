"""The secret that tokens are signed with."""

import secrets

from app.core.settings import Settings


def secret_of(settings: Settings) -> str:
    """Return the secret that was set; a demonstration without one draws its own, kept in its data directory."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / "demo-secret"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()
