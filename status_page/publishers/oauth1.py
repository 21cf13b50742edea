"""Signs a request with the four keys of an account at X (OAuth 1.0a, RFC 5849): unlike OAuth 2 tokens they last."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit


@dataclass(frozen=True, slots=True)
class Keys:
    """Key and secret of the app, token and secret of the account that posts."""

    app: str
    app_secret: str
    token: str
    token_secret: str

    def __repr__(self) -> str:
        """Leave the secrets out of logs."""
        return "Keys(…)"


def read_keys(secret: str) -> Keys | None:
    """Read `app key:app secret:token:token secret`; None for any other secret, which then is a bearer token."""
    parts = [part.strip() for part in secret.split(":")]
    return Keys(*parts) if len(parts) == 4 and all(parts) else None


def authorization(
    keys: Keys, method: str, url: str, stamp: int, *, form: Mapping[str, str] | None = None, nonce: str = ""
) -> str:
    """Give the Authorization header; a body of JSON is not signed, a form is. `stamp` is in epoch seconds."""
    fields = {
        "oauth_consumer_key": keys.app, "oauth_nonce": nonce or secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": str(stamp), "oauth_token": keys.token,
        "oauth_version": "1.0",
    }  # fmt: skip
    where = urlsplit(url)
    said = [*fields.items(), *parse_qsl(where.query, keep_blank_values=True), *(form or {}).items()]
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in said)
    target = f"{where.scheme}://{where.netloc.lower()}{where.path}"
    words = (method.upper(), target, "&".join(f"{name}={value}" for name, value in pairs))
    base = "&".join(map(_escaped, words))
    key = f"{_escaped(keys.app_secret)}&{_escaped(keys.token_secret)}"
    # SHA-1 is what the protocol asks for.
    fields["oauth_signature"] = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
    return "OAuth " + ", ".join(f'{name}="{_escaped(value)}"' for name, value in sorted(fields.items()))


def _escaped(text: str) -> str:
    return quote(text, safe="~")
