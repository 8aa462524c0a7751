"""The key that heads of the trail are signed with: Ed25519, and never the secret of the tokens."""

import os
from binascii import unhexlify
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from app.core.problems import Invalid
from app.core.settings import Settings

_PEM = "-----BEGIN"
_REMEDY = "openssl genpkey -algorithm ed25519 -out trail.pem makes one."


class TrailKey:
    """The private key; `public` are the 32 bytes that everybody may know, and by which heads name it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    def sign(self, said: bytes) -> bytes:
        """Return the signature under some bytes."""
        return self._key.sign(said)


def trail_key_of(settings: Settings) -> TrailKey | None:
    """Return the key that was set; null for none, and a demonstration draws its own, kept in its data directory.

    Raises:
        Invalid: what was set is no Ed25519 key.
        OSError: its file cannot be read.
    """
    if settings.trail_key is not None:
        return _read(settings.trail_key.get_secret_value())
    if settings.environment != "demo":
        return None
    path = settings.data_dir / "demo-trail-key.pem"
    if not path.exists():
        _draw(path)
    return _read(str(path))


def public_key_of(given: str) -> bytes:
    """Return the public key that a file holds as PEM, or that stands there in hexadecimal.

    Raises:
        Invalid: it is none.
        OSError: there is no such file.
    """
    if len(given) == 64:
        try:
            return unhexlify(given)
        except ValueError:
            pass
    try:
        key = load_pem_public_key(Path(given).read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid(f"{given} holds no public key. alur audit key prints it.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Invalid(f"{given} holds a public key that is not of Ed25519. alur audit key prints it.")
    return key.public_bytes_raw()


def as_pem(public: bytes) -> str:
    """Return a public key as PEM, which `openssl pkeyutl -verify -rawin` takes."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def is_signed(public: bytes, signature: bytes, said: bytes) -> bool:
    """Whether a signature under some bytes is that of a key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(given: str) -> TrailKey:
    text = given if given.lstrip().startswith(_PEM) else Path(given).read_text()
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Invalid(f"ALUR_TRAIL_KEY holds no private key as PEM without a password. {_REMEDY}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid(f"ALUR_TRAIL_KEY holds a key that is not of Ed25519. {_REMEDY}")
    return TrailKey(key)


def _draw(path: Path) -> None:
    """Write a new key where there is none yet; of several that try at once, one writes and all read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = path.with_name(f"{path.name}.{os.getpid()}")
    drawn.touch(mode=0o600)
    drawn.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        os.link(drawn, path)
    except FileExistsError:
        return
    finally:
        drawn.unlink()
