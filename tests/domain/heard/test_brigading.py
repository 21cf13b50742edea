"""Who counts among those who write through the form: by network, by work, by minute, always with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.heard.brigading import (
    IN_ALL,
    PER_COMPONENT,
    UNCHECKED,
    Standing,
    Weight,
    public_people,
    standing,
    weigh,
    why_quiet,
)
from domain.heard.mention import MentionRecord, Submission, joined_incident
from domain.privacy.erasure import erased
from status_page.pages.reports import FEWEST
from tests.domain.make import NOW, mention, record


def sent(network: str = "n1", proven: bool = True, incident: str | None = None) -> Submission:
    return Submission(network, f"{network}-phone", proven, incident)


def report(number: int, network: str = "n1", *, proven: bool = True, **changes: Any) -> MentionRecord:
    at = changes.pop("at", NOW + timedelta(seconds=5 * number))
    joined = changes.pop("incident", None)
    said = mention("card declined", f"f{number}", created_at=at, submission=sent(network, proven, joined))
    return record(said, **changes)


@pytest.mark.parametrize(
    ("came", "facts", "found"),
    [
        (sent(), {}, Standing.COUNTS),
        (sent(proven=False), {}, Standing.UNPROVEN),
        (sent(), {"is_neighbour": True}, Standing.NEIGHBOUR),
        (sent(), {"is_copy": True}, Standing.COPY),
        (sent(incident="inc_1"), {}, Standing.JOINED),
        (sent(), {"for_component": PER_COMPONENT - 1}, Standing.COUNTS),
        (sent(), {"for_component": PER_COMPONENT}, Standing.CROWDED),
        (sent(), {"in_all": IN_ALL}, Standing.CROWDED),
        (sent(proven=False), {"is_neighbour": True, "is_copy": True}, Standing.COPY),
    ],
)
def test_a_report_counts_or_has_a_reason_not_to(came: Submission, facts: dict[str, Any], found: Standing) -> None:
    facts = {"is_copy": False, "is_neighbour": False, **facts}
    assert standing(came, **facts) is found
    assert found.value


def test_many_from_two_networks_weigh_two() -> None:
    weight = weigh([report(n, f"n{n % 2}") for n in range(12)], confirmed=False)
    assert (len(weight.people), weight.words) == (2, "our form: 12 reports from 2 networks count as 2")


@pytest.mark.parametrize(
    ("confirmed", "words"),
    [
        (False, "our form: 3 reports from 3 networks count as 1 (2 without proof of work)"),
        (True, "our form: 3 reports from 3 networks count as 3 (2 without proof of work)"),
    ],
)
def test_without_work_a_report_waits_for_other_sources(confirmed: bool, words: str) -> None:
    reports = [report(n, f"n{n}", proven=n == 0) for n in range(3)]
    assert weigh(reports, confirmed=confirmed).words == words


def test_who_did_no_work_does_not_use_up_the_place_of_a_neighbour() -> None:
    weight = weigh([report(1, proven=False), report(2)], confirmed=False)
    assert [each.mention.native_id for each in weight.people] == ["f2"]


def test_a_minute_has_room_for_so_many_and_the_next_one_again() -> None:
    at = NOW.replace(second=0)
    crowd = [report(n, f"n{n}", at=at + timedelta(minutes=n // 50)) for n in range(100)]
    assert len(weigh(crowd, confirmed=True).people) == 2 * PER_COMPONENT


def test_copies_and_those_who_join_an_incident_weigh_nothing() -> None:
    reports = [report(1, "n1", duplicate_of="men_x"), report(2, "n2", incident="inc_1"), record(mention("broken", "m"))]
    weight = weigh(reports, confirmed=True)
    assert (weight.people, weight.words) == ((), "our form: 1 report from 1 network counts as 0")
    assert weigh(reports[1:], confirmed=True) == Weight()
    assert Weight().words == ""


@pytest.mark.parametrize(
    ("has_opened", "score", "is_quiet"),
    [(False, 0.0, True), (False, 3.9, True), (False, 4.0, False), (True, 0.0, False)],
)
def test_a_rise_of_the_form_alone_is_for_a_look(has_opened: bool, score: float, is_quiet: bool) -> None:
    why = why_quiet(has_opened=has_opened, score=score, enough=4.0)
    assert bool(why) is is_quiet
    assert not why or "nobody is called" in why


@pytest.mark.parametrize(
    ("others", "by_form", "shown"), [(0, 150, 2), (0, 1, 1), (1, 150, 3), (10, 150, 20), (10, 4, 14)]
)
def test_on_the_page_the_form_at_most_doubles_the_others(others: int, by_form: int, shown: int) -> None:
    assert public_people(others, by_form) == shown
    assert UNCHECKED < FEWEST, "on its own it shows nothing"


def test_an_erased_report_keeps_no_trace_of_a_network() -> None:
    bare = erased(report(1, incident="inc_1"), NOW).mention
    assert bare.submission == Submission("", proven=True, incident="inc_1")
    assert joined_incident(bare) == "inc_1"
    assert erased(record(), NOW).mention.submission is None
