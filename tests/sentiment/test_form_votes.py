"""Votes through our own form: one for each network, bounded by the minute, and never raising what is expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.heard.brigading import IN_ALL, PER_COMPONENT
from domain.heard.classification import Kind
from domain.heard.mention import MentionRecord, Submission
from sentiment.form_votes import KEPT, FormMinute, FormVotes, with_waiting, without_form
from sentiment.people import Crowd, close, count
from sentiment.spikes import Bucket, minute_of
from tests.sentiment.records import NOON, record

MINUTE = timedelta(minutes=1)
THEN = minute_of(NOON)


def by_form(
    id: str, network: str = "", *, proven: bool = True, incident: str | None = None, at: datetime = NOON,
    kind: Kind | None = Kind.OUTAGE, component: str | None = "login", duplicate_of: str | None = None,
) -> MentionRecord:  # fmt: skip
    """Make a report of somebody else each time, by default from a network of its own."""
    made = record(id, source="form", at=at, kind=kind, component=component, duplicate_of=duplicate_of)
    sent = Submission(network or f"net-{id}", f"visitor-{id}", proven, incident)
    return replace(made, mention=replace(made.mention, submission=sent))


def counted(*records: MentionRecord, names: tuple[str, ...] = ("login",)) -> tuple[dict[str, Bucket], FormVotes]:
    """Count everything at noon and close the minute of noon."""
    people = Crowd(names)
    for each in records:
        count(people, each, NOON)
    buckets = {name: b for name, b in close(people, NOON + 3 * MINUTE) if b.minute == THEN}
    return buckets, people.form


def test_five_hundred_from_one_network_are_one_person() -> None:
    buckets, form = counted(*(by_form(str(n), "net") for n in range(500)))
    assert buckets["login"].outage == 1
    assert form.of("login", THEN) == FormMinute(1, 0, {"language:en": 1, "source:form": 1})


def test_five_hundred_without_work_are_nobody_until_others_report_the_same() -> None:
    buckets, form = counted(*(by_form(str(n), f"net{n % 2}", proven=False) for n in range(500)))
    assert buckets["login"].outage == 0
    assert form.of("login", THEN).waiting == 2
    assert with_waiting(buckets["login"], form.of("login", THEN)).outage == 2


def test_a_minute_has_room_for_so_many_of_a_component_and_of_all_together() -> None:
    names = ("login", "payment", "app", "search")
    flood = [by_form(f"{name}{n}", component=name) for name in names for n in range(200)]
    buckets, _ = counted(*flood, names=names)
    assert buckets["login"].outage == PER_COMPONENT
    assert sum(bucket.outage for bucket in buckets.values()) == IN_ALL


def test_people_of_other_sources_have_no_such_bounds() -> None:
    buckets, form = counted(*(record(str(n)) for n in range(300)), by_form("f"))
    assert buckets["login"].outage == 301
    assert without_form(buckets["login"], form.of("login", THEN)).outage == 300


@pytest.mark.parametrize(
    "flood",
    [
        [by_form(str(n), duplicate_of="1") for n in range(50)],
        [by_form(str(n), kind=None) for n in range(50)],
        [by_form(str(n), kind=Kind.PRICE) for n in range(50)],
        [by_form(str(n), kind=Kind.PRICE, component=None) for n in range(50)],
        [by_form(str(n), incident="inc_1") for n in range(50)],
    ],
    ids=["copies", "praise", "other complaints", "complaints about nothing", "I have this too"],
)
def test_what_is_no_report_can_neither_alarm_nor_raise_what_is_expected(flood: list[MentionRecord]) -> None:
    buckets, _ = counted(*flood)
    assert buckets["login"][1:5] == (0, 0, 0, 0)


def test_a_network_votes_again_after_its_window_and_for_each_component() -> None:
    people = Crowd(("login", "payment"))
    count(people, by_form("1", "net"), NOON)
    count(people, by_form("2", "net", component="payment"), NOON)
    later = NOON + 61 * MINUTE
    count(people, by_form("3", "net", at=later), later)
    closed = list(close(people, NOON + 3 * MINUTE)) + list(close(people, later + 3 * MINUTE))
    assert sum(bucket.outage for _, bucket in closed) == 3


def test_the_same_person_from_two_networks_is_one() -> None:
    one, two = by_form("1", "net1"), by_form("2", "net2")
    buckets, _ = counted(one, replace(two, person_id=one.person_id))
    assert buckets["login"].outage == 1


def test_a_minute_without_the_form_is_what_the_others_said() -> None:
    buckets, form = counted(record("1", language="tr"), by_form("2"), by_form("3", component=None))
    bare = without_form(buckets["login"], form.of("login", THEN))
    assert (bare.outage, bare.slices) == (1, {"language:tr": 1, "source:mastodon": 1})
    nothing = without_form(buckets[""], form.of("", THEN))
    assert (nothing.outage, nothing.slices) == (0, None)
    assert without_form(bare, FormMinute()) is bare


def test_old_votes_and_minutes_are_forgotten() -> None:
    people = Crowd(("login",))
    for hour in range(4):
        at = NOON + timedelta(hours=hour)
        count(people, by_form(str(hour), at=at), at)
        count(people, by_form(f"x{hour}", proven=False, at=at), at)
        list(close(people, at + 3 * MINUTE))
    assert len(people.form.votes) <= 2
    assert len(people.form.waiting) <= 2
    assert all(minute > THEN + 180 - KEPT - 5 for minute in people.form.minutes)
