"""Messages to browsers: encrypted for one browser (RFC 8291, 8188) and signed with our key (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from yarl import URL

from app.subscribers.addresses import unpadded
from domain.errors import PermanentError

MAX_PAYLOAD = 3000  # bytes; push services take at least 4096 encrypted (RFC 8291 4)
_RECORD = 4096
_LIFE = timedelta(hours=12)  # of a signature; push services refuse more than a day


@dataclass(frozen=True, slots=True)
class OurKey:
    """The key pair by which push services know us; `contact` is a mailto: or https: address of ours."""

    private: ec.EllipticCurvePrivateKey
    contact: str

    @property
    def public(self) -> str:
        """The public key as browsers want it."""
        return b64(point(self.private.public_key()))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """Write the Authorization header for one push service."""
        claims = {"aud": str(URL(endpoint).origin()), "exp": int((now + _LIFE).timestamp()), "sub": self.contact}
        return f"vapid t={jwt.encode(claims, self.private, algorithm='ES256')}, k={self.public}"


def key_of(number: str, contact: str) -> OurKey:
    """Take up a key from its number in hex."""
    return OurKey(ec.derive_private_key(int(number, 16), ec.SECP256R1()), contact)


def new_number() -> str:
    """Draw a new key and give its number in hex."""
    return f"{ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value:064x}"


def encrypt(
    payload: bytes, keys: Mapping[str, str], *, salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:  # fmt: skip
    """Encrypt for one browser; `salt` and `own` are drawn anew for each message. Raises PermanentError on bad keys."""
    browser, secret = unpadded(keys.get("p256dh", "")), unpadded(keys.get("auth", ""))
    if browser is None or secret is None or len(payload) > MAX_PAYLOAD:
        raise PermanentError("The browser's keys cannot be used, or the message is too long.")
    salt, own = salt or os.urandom(16), own or ec.generate_private_key(ec.SECP256R1())
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser)
    except ValueError as err:
        raise PermanentError("The browser's key is no point of the curve.") from err
    ours = point(own.public_key())
    shared = own.exchange(ec.ECDH(), theirs)
    material = _derive(shared, secret, b"WebPush: info\0" + browser + ours, 32)
    key = _derive(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(material, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + struct.pack("!IB", _RECORD, len(ours)) + ours
    return head + AESGCM(key).encrypt(nonce, payload + b"\x02", None)  # 2: the last record


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a public key uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def b64(data: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _derive(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)
