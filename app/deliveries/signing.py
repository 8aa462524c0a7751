"""Signatures of the Standard Webhooks specification: HMAC-SHA256 over id, time and body, with secrets that rotate."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a secret of 256 bits as receivers are given it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed(message_id: str, at: datetime, body: bytes, valid: Sequence[str]) -> dict[str, str]:
    """Return the headers of a message that is sent at a moment, signed with every secret that is valid then."""
    moment = str(int(at.timestamp()))
    content = f"{message_id}.{moment}.".encode() + body
    signatures = [f"v1,{_signature(content, secret)}" for secret in valid]
    return {"webhook-id": message_id, "webhook-timestamp": moment, "webhook-signature": " ".join(signatures)}


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()
