"""The key of the trail: where it comes from, and what is none."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr

from app.audit.keys import as_pem, is_signed, public_key_of, trail_key_of
from app.core.problems import Invalid
from app.core.settings import Environment, Settings
from tests.office import SECRET, TRAIL_KEY


def settings(given: str | None, folder: Path, environment: Environment = "production") -> Settings:
    key = None if given is None else SecretStr(given)
    return Settings(environment=environment, secret_key=SecretStr(SECRET), trail_key=key, data_dir=folder)


class TestTheKey:
    def test_is_given_as_text_or_as_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "trail.pem"
        path.write_text(TRAIL_KEY)

        one, other = (trail_key_of(settings(given, tmp_path)) for given in (TRAIL_KEY, str(path)))

        assert one is not None
        assert other is not None
        assert one.public == other.public
        assert is_signed(one.public, other.sign(b"said"), b"said")
        assert not is_signed(one.public, other.sign(b"said"), b"unsaid")

    def test_is_none_in_production_and_drawn_once_in_a_demonstration(self, tmp_path: Path) -> None:
        assert trail_key_of(settings(None, tmp_path)) is None
        assert list(tmp_path.iterdir()) == []

        one, other = (trail_key_of(settings(None, tmp_path / "data", "demo")) for _ in range(2))

        assert one is not None
        assert other is not None
        assert one.public == other.public
        (path,) = (tmp_path / "data").iterdir()
        assert path.stat().st_mode & 0o077 == 0

    def test_that_is_none_is_refused_and_not_repeated(self, tmp_path: Path) -> None:
        of_another_kind = generate_private_key(SECP256R1())
        pem = of_another_kind.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        for given in ("-----BEGIN nonsense", pem):
            with pytest.raises(Invalid, match="openssl genpkey") as refused:
                trail_key_of(settings(given, tmp_path))
            assert given not in str(refused.value)
        with pytest.raises(FileNotFoundError):
            trail_key_of(settings(str(tmp_path / "nowhere.pem"), tmp_path))


class TestAPublicKey:
    def test_is_read_as_it_is_printed(self, tmp_path: Path) -> None:
        key = trail_key_of(settings(TRAIL_KEY, tmp_path))
        assert key is not None
        path = tmp_path / "public.pem"
        path.write_text(as_pem(key.public))

        assert public_key_of(str(path)) == public_key_of(key.public.hex()) == key.public

    def test_that_is_none_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "public.pem"
        public = generate_private_key(SECP256R1()).public_key()
        for content in (b"surat biasa", public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)):
            path.write_bytes(content)
            with pytest.raises(Invalid, match="alur audit key"):
                public_key_of(str(path))
