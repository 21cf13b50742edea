"""Incidents: updates, the headline, posts and their threads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.incident import (
    Headline,
    Impact,
    IncidentStatus,
    Parent,
    add_update,
    component_status,
    decide_delivery,
    headline,
    still_broken,
    thread_parent,
)  # fmt: skip
from domain.work import DeliveryState
from tests.domain.make import ADA, NOW, delivery, incident, word

RESOLVED = word(
    IncidentStatus.RESOLVED, "upd_9", components={"payments": ComponentStatus.OPERATIONAL}, texts={"en": "Fixed."}
)


def test_an_update_and_its_posts_are_one_record() -> None:
    after = add_update(incident(), word(IncidentStatus.IDENTIFIED, "upd_2"), [delivery()], ADA, NOW)
    assert after.status is IncidentStatus.IDENTIFIED
    assert after.deliveries == (delivery(),)
    assert after.revision == 1


def test_the_same_update_sent_twice_counts_once() -> None:
    once = add_update(incident(), word(name="upd_2"), [], ADA, NOW)
    assert add_update(once, word(name="upd_2"), [delivery()], ADA, NOW) is once


def test_resolving_ends_it_and_owes_follow_ups() -> None:
    done = add_update(incident(), RESOLVED, [], ADA, NOW)
    assert (done.is_open, done.resolved_at, done.follow_up, done.next_update_by) == (False, NOW, True, None)
    with pytest.raises(Refused, match="resolved already"):
        add_update(done, replace(RESOLVED, id="upd_10"), [], ADA, NOW)


def test_an_update_after_the_end_opens_it_again() -> None:
    done = add_update(incident(), RESOLVED, [], ADA, NOW)
    again = add_update(done, word(name="upd_11"), [], ADA, NOW)
    assert again.is_open and again.resolved_at is None


@pytest.mark.parametrize(
    ("decision", "state"),
    [(DeliveryState.PENDING, DeliveryState.PENDING), (DeliveryState.SKIPPED, DeliveryState.SKIPPED)],
)
def test_a_draft_is_decided_once(decision: DeliveryState, state: DeliveryState) -> None:
    decided = decide_delivery(incident(deliveries=(delivery(),)), "del_1", decision, ADA, NOW)
    assert decided.deliveries[0].state is state
    assert decided.deliveries[0].decided_by == "Ada"
    with pytest.raises(Refused, match="already"):
        decide_delivery(decided, "del_1", decision, ADA, NOW)


def test_an_unknown_post_cannot_be_decided() -> None:
    with pytest.raises(Refused, match="not known"):
        decide_delivery(incident(), "del_x", DeliveryState.PENDING, ADA, NOW)


def test_an_edited_draft_still_waits_for_approval() -> None:
    edited = decide_delivery(incident(deliveries=(delivery(),)), "del_1", DeliveryState.DRAFT, ADA, NOW, "Better.")
    assert (edited.deliveries[0].text, edited.deliveries[0].state) == ("Better.", DeliveryState.DRAFT)


def test_a_later_post_hangs_under_the_first_one_that_was_sent() -> None:
    first = delivery(state=DeliveryState.SENT, remote_id="r1")
    second = delivery(id="del_2", state=DeliveryState.SENT, remote_id="r2")
    third = delivery(id="del_3", state=DeliveryState.PENDING)
    assert thread_parent(incident(deliveries=(first, second, third)), third) == Parent("r2", "r1")


def test_a_post_waits_for_an_earlier_one_that_is_on_its_way() -> None:
    first, second = delivery(state=DeliveryState.PENDING), delivery(id="del_2", state=DeliveryState.PENDING)
    assert thread_parent(incident(deliveries=(first, second)), second) is None


@pytest.mark.parametrize("state", [DeliveryState.SKIPPED, DeliveryState.FAILED, DeliveryState.DRAFT])
def test_a_skipped_or_failed_post_does_not_hold_up_the_next(state: DeliveryState) -> None:
    second = delivery(id="del_2", state=DeliveryState.PENDING)
    assert thread_parent(incident(deliveries=(delivery(state=state), second)), second) == Parent()


def test_posts_in_another_language_have_their_own_thread() -> None:
    first = delivery(state=DeliveryState.SENT, remote_id="r1", language="tr")
    second = delivery(id="del_2", state=DeliveryState.PENDING)
    assert thread_parent(incident(deliveries=(first, second)), second) == Parent()


def test_a_person_who_says_still_broken_counts_once() -> None:
    told = still_broken(incident(RESOLVED), "per_1", NOW)
    assert told.still_broken == ("per_1",)
    assert still_broken(told, "per_1", NOW + timedelta(minutes=1)) is told


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Impact)), st.sampled_from(list(IncidentStatus)), st.sampled_from(list(ComponentStatus))
        ),
        max_size=5,
    )
)
def test_the_headline_is_never_green_while_something_is_open(
    made: list[tuple[Impact, IncidentStatus, ComponentStatus]],
) -> None:
    known = [incident(word(status, components={"payments": state}), impact=impact) for impact, status, state in made]
    shown = headline(["payments", "app"], known)
    is_open = any(i.is_open for i in known)
    assert (shown is Headline.OPERATIONAL) == (not is_open)
    if component_status("payments", known) is ComponentStatus.MAJOR_OUTAGE:
        assert shown is Headline.CRITICAL


def test_a_component_is_as_bad_as_the_worst_open_incident_says() -> None:
    bad = incident(word(components={"payments": ComponentStatus.MAJOR_OUTAGE}))
    mild = incident(word(components={"payments": ComponentStatus.DEGRADED_PERFORMANCE}))
    assert component_status("payments", [mild, bad]) is ComponentStatus.MAJOR_OUTAGE
    assert component_status("payments", [incident(RESOLVED)]) is ComponentStatus.OPERATIONAL
