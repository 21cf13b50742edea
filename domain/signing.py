"""How hubbub's webhooks prove where they come from, both ways: one header, one formula."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

SIGNATURE_HEADER = "X-Hubbub-Signature"


def sign(body: bytes, secret: str, at: datetime) -> str:
    """Make the header's value: `t=<epoch seconds>,v1=<hex HMAC-SHA256 of "<t>." + body>`."""
    stamp = int(at.timestamp())
    return f"t={stamp},v1={digest(body, secret, stamp)}"


def digest(body: bytes, secret: str, stamp: int) -> str:
    """Give the hex HMAC-SHA256 of "<stamp>." and the body."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
