"""What Google's APIs share: the end of the day, the count of our requests, the words of error answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from listener.http import Answer
from listener.sources.google import blames_key, counted, next_midnight, reasons
from tests.listener.service import NOW

MIDNIGHT = datetime(2026, 11, 3, 8, tzinfo=UTC)  # in California, winter time
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (NOW, MIDNIGHT), (MIDNIGHT, MIDNIGHT + 24 * HOUR), (MIDNIGHT - timedelta(seconds=1), MIDNIGHT),
        (datetime(2026, 7, 1, 6, tzinfo=UTC), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        (datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),
    ],
    ids=["winter", "at midnight", "just before", "summer", "the day of 25 hours"],
)  # fmt: skip
def test_the_day_ends_at_midnight_in_california(now: datetime, midnight: datetime) -> None:
    assert next_midnight(now) == midnight


@pytest.mark.parametrize(
    ("state", "used"),
    [({"used": 7, "resets": MIDNIGHT.isoformat()}, 7), ({"used": 7, "resets": NOW.isoformat()}, 0), ({}, 0),
     ({"used": "x", "resets": MIDNIGHT.isoformat()}, 0), ({"used": -5, "resets": MIDNIGHT.isoformat()}, 0)],
)  # fmt: skip
def test_the_count_starts_again_each_day(state: dict[str, object], used: int) -> None:
    assert counted(state, 10, MIDNIGHT).used == used


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"errors": [{"reason": "keyInvalid"}], "code": 400}}, {"keyInvalid"}),
        ({"error": {"status": "DENIED", "details": [{"reason": "API_KEY_INVALID"}]}}, {"DENIED", "API_KEY_INVALID"}),
        ({"error": {"details": [{"reason": "X", "metadata": {"quota_unit": "1/min/{project}"}}]}}, {"X"}),
        ({"error": {"details": [{"metadata": {"quota_unit": "1/d/{project}"}}]}}, {"dailyLimitExceeded"}),
        ({"error": "error message"}, set()), ({"error": {"errors": 7, "details": [None, "x"]}}, set()), ([], set()),
        ("<html>", set()),
    ],
)  # fmt: skip
def test_the_words_of_an_error_answer(body: object, words: set[str]) -> None:
    assert reasons(Answer("h.example", 403, {}, json.dumps(body).encode())) == words


@pytest.mark.parametrize("raw", [b"", b"{", b"<html>no</html>"])
def test_a_body_that_says_nothing_has_no_words(raw: bytes) -> None:
    assert reasons(Answer("h.example", 503, {}, raw)) == frozenset()


@pytest.mark.parametrize(
    ("word", "blamed"),
    [("keyInvalid", True), ("API_KEY_IP_ADDRESS_BLOCKED", True), ("accessNotConfigured", True), ("forbidden", False)],
)
def test_what_blames_the_key(word: str, blamed: bool) -> None:
    assert blames_key(frozenset({word, "PERMISSION_DENIED"})) is blamed
