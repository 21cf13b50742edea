"""Deaf, quiet or well: the verdict on a source, with its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.heard.source_health import Flow, Level, health_of, short
from domain.records import SourceState
from tests.domain.make import NOW

EVERY = timedelta(minutes=2)


def ago(minutes: float) -> object:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [
        ({"last_success": ago(1)}, Level.HEARS, "answers"),
        ({}, Level.WAITS, "not asked yet"),
        ({"last_success": ago(4.9)}, Level.HEARS, "answers"),
        ({"last_success": ago(5.1)}, Level.DEAF, "it is not asked any more"),
        ({"last_success": ago(20), "not_before": ago(-10)}, Level.HEARS, "answers; its quota allows the next question"),
        ({"last_success": ago(70), "not_before": ago(40)}, Level.DEAF, "it is not asked any more"),
        ({"last_success": ago(3), "failing_since": ago(1), "error": "503.", "trouble": "temporary"},
         Level.WAITS, "stumbles: 503."),
        ({"last_success": ago(6), "failing_since": ago(4), "error": "503.", "trouble": "temporary"},
         Level.DEAF, "503."),
        ({"last_success": ago(1), "failing_since": ago(0), "error": "bad token", "trouble": "auth"},
         Level.DEAF, "bad token"),
        ({"last_success": ago(1), "failing_since": ago(0), "error": "$5 are spent", "trouble": "budget"},
         Level.DEAF, "$5 are spent"),
        ({"failing_since": ago(9), "trouble": "temporary"}, Level.DEAF, "it does not answer"),
    ],
)  # fmt: skip
def test_a_source_is_deaf_after_two_missed_polls_and_at_once_where_nothing_mends_itself(
    state: dict[str, object], level: Level, words: str
) -> None:
    health = health_of(SourceState("s", **state), EVERY, NOW)  # type: ignore[arg-type]
    assert health.level is level
    assert health.words.startswith(words)


@pytest.mark.parametrize(
    ("flow", "level"),
    [
        (Flow(0, 0, 30), Level.QUIET), (Flow(0, 0, 9), Level.HEARS), (Flow(0, 1, 30), Level.HEARS),
        (Flow(0, 0, 0), Level.HEARS), (None, Level.HEARS),
    ],
)  # fmt: skip
def test_a_source_that_brings_nothing_is_quiet_only_where_that_is_no_chance(flow: Flow | None, level: Level) -> None:
    health = health_of(SourceState("s", last_success=NOW), EVERY, NOW, flow)
    assert health.level is level


def test_what_is_brought_to_us_is_never_late() -> None:
    old = SourceState("s", last_success=NOW - timedelta(days=9))
    assert health_of(old, EVERY, NOW, pushed=True).words == "brought to us: nothing to ask for"


def test_a_card_names_the_source_since_when_and_why() -> None:
    state = SourceState("x", last_success=NOW - timedelta(hours=1), failing_since=NOW, error="Its quota is used up.",
                        trouble="quota")  # fmt: skip
    health = health_of(state, EVERY, NOW)
    assert short(health, "x", NOW) == f"x (since {NOW - timedelta(hours=1):%H:%M} UTC: Its quota is used up)"
    assert short(health, "x", NOW + timedelta(days=2)).startswith(f"x (since {NOW:%d %b} ")
