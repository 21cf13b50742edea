"""Is a request really from Slack? Decided from its signature and its age, before anything in it is read."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime

from slack_sdk.signature import SignatureVerifier

WINDOW_S = 60 * 5


def why_not_genuine(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> str | None:
    """Say in words why a request cannot be trusted, or None when it is Slack's; answer 401 to the former.

    Source: https://docs.slack.dev/authentication/verifying-requests-from-slack (2026-11).
    """
    if not secret.strip():
        return "no signing secret is set"
    known = {name.lower(): value for name, value in headers.items()}
    stamp, signature = known.get("x-slack-request-timestamp", ""), known.get("x-slack-signature", "")
    if not stamp or not signature:
        return "the request is not signed"
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return "the time of the request is no number"
    if abs(now.timestamp() - int(stamp)) > WINDOW_S:
        return "the request is older than five minutes or from the future"
    return None if _matches(body, stamp, signature, secret) else "the signature does not fit"


def _matches(body: bytes, stamp: str, signature: str, secret: str) -> bool:
    try:
        expected = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    except UnicodeDecodeError:
        return False
    # As bytes: compare_digest raises on text that is not ASCII.
    return hmac.compare_digest((expected or "").encode(), signature.encode("utf-8", "surrogatepass"))
