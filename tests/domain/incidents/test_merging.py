"""Merge, the way back, split and publish: pure changes of incidents that customers and the page can live with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.incident import Incident, IncidentStatus, add_update, component_status, noted, still_broken
from domain.incidents.merging import (
    given_back,
    merged,
    published,
    split_off,
    taken_in,
    unmerged,
    updated,
    why_not_merge,
)
from domain.incidents.people import organised
from domain.incidents.severity import Severity
from domain.work import Delivery, DeliveryState
from tests.domain.make import ADA, BORA, NOW, delivery, incident, word

DELIVERY = {"delivery": ComponentStatus.MAJOR_OUTAGE}
SOURCE = incident(word(components=DELIVERY), id="inc_2", titles={"en": "Parcels are late"}, signal_ids=("sig_2",))
TARGET = incident(signal_ids=("sig_1",))
END = word(IncidentStatus.RESOLVED, "upd_9", components={"payments": ComponentStatus.OPERATIONAL})


def bye(post: Delivery) -> str:
    return f"on {post.channel}: see there"


def joined(source: Incident = SOURCE, target: Incident = TARGET) -> tuple[Incident, Incident]:
    source = merged(source, target, ["case_1"], bye, ADA, NOW)
    return source, taken_in(target, source, ADA, NOW)


def test_a_merged_incident_is_told_by_the_other_and_the_page_stays_as_bad() -> None:
    source, target = joined()
    assert (source.public, source.is_open, source.merged_into, source.moved) == (False, False, "inc_1", ("case_1",))
    assert target.components == {"payments": ComponentStatus.PARTIAL_OUTAGE, **DELIVERY}
    assert target.signal_ids == ("sig_1", "sig_2")
    assert component_status("delivery", [source, target]) is ComponentStatus.MAJOR_OUTAGE
    assert [update.texts for update in target.updates] == [update.texts for update in TARGET.updates]
    with pytest.raises(Refused, match="Another incident tells this story"):
        add_update(source, word(name="upd_3"), [], ADA, NOW)


def test_merging_twice_changes_nothing_and_the_way_back_leads_to_the_start() -> None:
    source, target = joined()
    assert merged(source, TARGET, [], bye, BORA, NOW) is source
    assert taken_in(target, source, ADA, NOW) is target
    back, free = given_back(target, source, ADA, NOW), unmerged(source, ADA, NOW)
    assert (back.components, back.signal_ids) == (TARGET.components, TARGET.signal_ids)
    assert given_back(back, source, ADA, NOW) is back
    assert (free.public, free.is_open, free.components, free.lent, free.moved) == (True, True, DELIVERY, (), ())
    with pytest.raises(Refused, match="not merged"):
        unmerged(free, ADA, NOW)


def test_what_the_other_one_named_itself_stays_with_it_on_the_way_back() -> None:
    both = incident(word(components={"payments": ComponentStatus.PARTIAL_OUTAGE, **DELIVERY}))
    source, target = joined(target=both)
    assert source.lent == ()
    assert given_back(target, source, ADA, NOW).components == both.components


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (TARGET, TARGET, "into itself"),
        (SOURCE, replace(TARGET, merged_into="inc_9"), "told by another one"),
        (SOURCE, add_update(TARGET, END, [], ADA, NOW), "is resolved"),
        (SOURCE, replace(TARGET, private=True), "cannot vanish into a private one"),
        (replace(SOURCE, private=True), TARGET, None),
        (add_update(SOURCE, END, [], ADA, NOW), TARGET, None),
        (SOURCE, TARGET, None),
    ],
)
def test_what_can_be_merged(source: Incident, target: Incident, reason: str | None) -> None:
    assert reason in (why_not_merge(source, target) or "") if reason else why_not_merge(source, target) is None
    if reason:
        with pytest.raises(Refused, match=reason):
            merged(source, target, [], bye, ADA, NOW)


def test_merging_a_private_incident_tells_nothing_of_its_components() -> None:
    source, target = joined(replace(SOURCE, private=True))
    assert source.lent == ()
    assert target.components == TARGET.components


def test_posts_that_wait_are_held_back_and_each_thread_gets_one_last_draft() -> None:
    posts = (
        delivery(state=DeliveryState.SENT, remote_id="r1"), delivery(id="d2", state=DeliveryState.SENT),
        delivery(id="d3"), delivery(id="d4", state=DeliveryState.PENDING),
        delivery(id="d5", state=DeliveryState.PENDING, attempts=1),
    )  # fmt: skip
    source, _ = joined(replace(SOURCE, deliveries=posts))
    assert [post.state.value for post in source.deliveries] == [
        "sent",
        "sent",
        "skipped",
        "skipped",
        "pending",
        "draft",
    ]
    assert source.deliveries[-1].text == "on mastodon: see there"


def test_a_split_leaves_the_components_to_the_other_incident() -> None:
    both = incident(word(components={"payments": ComponentStatus.PARTIAL_OUTAGE, **DELIVERY}))
    left = split_off(both, ["delivery"], "Parcels", ADA, NOW)
    assert set(left.components) == {"payments"}
    assert left.history[-1].text == "“Parcels” is an incident of its own now: delivery"
    assert split_off(left, ["delivery"], "Parcels", ADA, NOW) is left
    with pytest.raises(Refused, match="must stay"):
        split_off(both, ["delivery", "payments"], "All", ADA, NOW)


def test_publishing_begins_the_public_story_and_keeps_the_private_words_inside() -> None:
    before = incident(word(texts={"en": "Key 4711 has leaked."}), private=True, titles={"en": "Leak"})
    first = word(name="upd_2", texts={"en": "We look at sign-in."}, at=NOW + timedelta(hours=1))
    after = published(before, {"en": "Sign-in"}, first, [delivery()], ADA, NOW)
    assert (after.public, after.updates, after.titles) == (True, (first,), {"en": "Sign-in"})
    assert after.deliveries == (delivery(),)
    assert "Key 4711 has leaked." in after.history[0].text
    assert published(after, {"en": "Sign-in"}, first, [], ADA, NOW) is after
    with pytest.raises(Refused, match="already"):
        published(after, {"en": "x"}, word(name="upd_3"), [], ADA, NOW)
    with pytest.raises(Refused, match="how far you are"):
        published(before, {"en": "x"}, END, [], ADA, NOW)


def test_a_private_word_has_no_posts_and_its_end_owes_nothing_to_anybody() -> None:
    private = updated(incident(private=True), END, [delivery()], ADA, NOW)
    assert (private.deliveries, private.follow_up, private.is_open) == ((), False, False)
    public = updated(incident(), END, [delivery()], ADA, NOW)
    assert (public.deliveries, public.follow_up) == ((delivery(),), True)


def test_reopening_counts_anew_and_many_who_say_it_is_still_broken_suggest_it() -> None:
    done = add_update(incident(), END, [], ADA, NOW)
    for person in ("a", "b"):
        done = still_broken(done, person, NOW)
    assert not done.suggests_reopening
    done = still_broken(done, "c", NOW)
    assert done.suggests_reopening
    again = add_update(done, word(name="upd_10"), [], ADA, NOW)
    assert (again.is_open, again.still_broken, again.suggests_reopening) == (True, (), False)
    assert again.history[-1].text == "reopened it with an update: investigating"


def test_people_and_severity_are_changed_with_one_line_that_says_what() -> None:
    known = organised(incident(), Severity.SEV1, ADA, None, BORA, NOW)
    assert (known.severity, known.lead, known.comms) == (Severity.SEV1, ADA, None)
    assert known.history[-1].text == "severity is sev1; lead is Ada"
    assert organised(known, Severity.SEV1, ADA, None, BORA, NOW) is known
    freed = organised(known, Severity.SEV1, None, BORA, ADA, NOW)
    assert freed.history[-1].text == "nobody has lead any more; communications is Bora"


def test_the_same_note_of_the_same_person_stands_once() -> None:
    once = noted(incident(), "noted: restarted", ADA, NOW)
    assert noted(once, "noted: restarted", ADA, NOW) is once
    assert len(noted(once, "noted: restarted", BORA, NOW).history) == 2
