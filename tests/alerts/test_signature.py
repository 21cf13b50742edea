"""Only what Slack signed within five minutes is believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.signature import why_not_genuine
from tests.alerts.records import NOW

SECRET = "a-signing-secret"
BODY = "payload=%7B%7D&name=Ömer".encode()
VECTOR = Path(__file__).parents[2] / "../shared/fixtures/slack/payloads/request_signature_vector.json"


def signed(body: bytes = BODY, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    """The headers Slack would send."""
    stamp = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def test_a_request_slack_signed_just_now_is_genuine() -> None:
    assert why_not_genuine(signed(), BODY, SECRET, NOW) is None
    lower = {name.lower(): value for name, value in signed().items()}
    assert why_not_genuine(lower, BODY, SECRET, NOW) is None


@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_are_still_allowed(minutes: int) -> None:
    assert why_not_genuine(signed(at=NOW + timedelta(minutes=minutes)), BODY, SECRET, NOW) is None


@pytest.mark.parametrize(
    ("headers", "body", "secret", "reason"),
    [
        (signed(at=NOW - timedelta(seconds=301)), BODY, SECRET, "older than five minutes"),
        (signed(at=NOW + timedelta(seconds=301)), BODY, SECRET, "from the future"),
        (signed(), BODY + b"&more=1", SECRET, "does not fit"),
        (signed(secret="another"), BODY, SECRET, "does not fit"),
        (signed(), b"\xff\xfe", SECRET, "does not fit"),
        ({}, BODY, SECRET, "not signed"),
        ({"X-Slack-Signature": "v0=1"}, BODY, SECRET, "not signed"),
        (signed() | {"X-Slack-Request-Timestamp": "soon"}, BODY, SECRET, "no number"),
        (signed() | {"X-Slack-Request-Timestamp": "-1795183200"}, BODY, SECRET, "no number"),
        (signed() | {"X-Slack-Request-Timestamp": "٣٣٣"}, BODY, SECRET, "no number"),
        (signed() | {"X-Slack-Request-Timestamp": "9" * 400}, BODY, SECRET, "no number"),
        (signed() | {"X-Slack-Signature": "v0=ünsigned"}, BODY, SECRET, "does not fit"),
        (signed() | {"X-Slack-Signature": "v0=\udc80"}, BODY, SECRET, "does not fit"),
        (signed(secret=" "), BODY, " ", "no signing secret"),
    ],
)
def test_anything_else_is_refused_with_the_reason(
    headers: dict[str, str], body: bytes, secret: str, reason: str
) -> None:
    said = why_not_genuine(headers, body, secret, NOW)
    assert said is not None
    assert reason in said
    assert SECRET not in said


@pytest.mark.skipif(not VECTOR.exists(), reason="the recorded signature vector is not here")
def test_slacks_own_example_is_genuine() -> None:
    vector = json.loads(VECTOR.read_text())
    headers = {"X-Slack-Request-Timestamp": vector["timestamp"], "X-Slack-Signature": vector["signature"]}
    at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    assert why_not_genuine(headers, vector["body"].encode(), vector["signing_secret"], at) is None
