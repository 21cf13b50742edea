from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.heard.classification import Kind
from domain.heard.mention import MentionRecord
from sentiment.people import EVERYTHING, Correction, Counting, Crowd, close, count, lateness_of
from sentiment.spikes import Bucket, minute_of
from tests.sentiment.records import NOON, record

MINUTE = timedelta(minutes=1)


def crowd() -> Crowd:
    return Crowd(("login", "payment"))


def counted(*records: MentionRecord) -> dict[str, Bucket]:
    """Count everything at noon and close the minute of noon."""
    people = crowd()
    for each in records:
        count(people, each, NOON)
    return {name: bucket for name, bucket in close(people, NOON + 3 * MINUTE) if bucket.minute == minute_of(NOON)}


def test_a_person_has_one_vote_per_component_however_much_they_write() -> None:
    buckets = counted(record("1", person="ada"), record("2", person="ada"), record("3", person="bob"))
    assert buckets["login"].outage == 2
    assert buckets["payment"].outage == 0


def test_the_vote_returns_after_its_window() -> None:
    people = crowd()
    count(people, record("1", person="ada"), NOON)
    later = NOON + 61 * MINUTE
    count(people, record("2", person="ada", at=later), later)
    assert sum(b.outage for name, b in close(people, later + 3 * MINUTE) if name == "login") == 1


def test_reports_are_sliced_by_region_language_and_source() -> None:
    bucket = counted(record("1", language="tr", region="ankara"), record("2", language="fa", source="forum"))["login"]
    assert bucket.slices == {
        "region:ankara": 1, "language:tr": 1, "language:fa": 1, "source:mastodon": 1, "source:forum": 1,
    }  # fmt: skip


def test_other_complaints_neutral_talk_and_folded_copies_stand_beside_the_reports() -> None:
    buckets = counted(
        record("1"), record("2", duplicate_of="1"), record("3", kind=Kind.PRICE),
        record("4", kind=Kind.PRICE, component=None), record("5", kind=None, component=None),
    )  # fmt: skip
    assert buckets["login"][1:5] == (1, 2, 1, 1)
    assert buckets["payment"][1:5] == (0, 1, 1, 0)


def test_reports_that_name_no_component_have_a_stream_of_their_own() -> None:
    buckets = counted(record("1", component=None), record("2", component="unheard of"))
    assert buckets[EVERYTHING].outage == 2
    assert buckets["login"].outage == 0


def test_our_own_accounts_and_unread_mentions_do_not_count() -> None:
    buckets = counted(record("1", own=True), replace(record("2"), classification=None))
    assert all(bucket.outage == bucket.neutral == 0 for bucket in buckets.values())


@pytest.mark.parametrize("late", [record("1", history=True), record("1", at=NOON - timedelta(hours=3))])
def test_a_backlog_only_corrects_history(late: MentionRecord) -> None:
    people = crowd()
    assert count(people, late, NOON) == Correction("login", minute_of(late.mention.created_at))
    assert sum(bucket.outage for _, bucket in close(people, NOON + 5 * MINUTE)) == 0


def test_a_fresh_mention_that_misses_its_minute_counts_in_the_next_one() -> None:
    people = crowd()
    list(close(people, NOON))
    assert count(people, record("1", at=NOON - 6 * MINUTE), NOON) is None
    assert [b.outage for name, b in close(people, NOON + MINUTE) if name == "login"] == [1]


def test_a_source_whose_clock_is_ahead_counts_now() -> None:
    people = crowd()
    count(people, record("1", at=NOON + timedelta(days=2)), NOON)
    assert sum(b.outage for _, b in close(people, NOON + 3 * MINUTE)) == 1


def test_minutes_close_once_in_order_and_after_their_lateness() -> None:
    people = crowd()
    list(close(people, NOON))
    closed = list(close(people, NOON + 3 * MINUTE))
    assert [bucket.minute - minute_of(NOON) for name, bucket in closed if name == "login"] == [-2, -1, 0]
    assert list(close(people, NOON + 3 * MINUTE)) == []
    assert lateness_of(Counting()) == 2 * MINUTE


def test_a_clock_that_jumps_neither_back_nor_far_ahead_invents_minutes() -> None:
    people = crowd()
    list(close(people, NOON))
    assert list(close(people, NOON - timedelta(hours=5))) == []
    assert len(list(close(people, NOON + timedelta(days=30)))) == 3


def test_minutes_of_a_blind_collector_are_marked_as_unseen() -> None:
    assert not any(bucket.seen for _, bucket in close(crowd(), NOON, seen=False))


def test_old_votes_are_forgotten() -> None:
    people = crowd()
    count(people, record("1"), NOON)
    for hour in range(1, 4):
        for minute in range(0, 60, 20):
            list(close(people, NOON + timedelta(hours=hour, minutes=minute + 3)))
    assert people.votes == {} or len(people.votes) == 1
    assert people.open == {}
