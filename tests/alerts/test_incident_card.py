"""The incident card shows what customers were told, what waits for a person, and what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.cards import View
from alerts.incident_card import incident_card
from alerts.limits import problems
from domain.component import ComponentStatus
from domain.incidents.incident import Incident, IncidentStatus
from domain.incidents.severity import Severity
from domain.work import Actor, DeliveryState
from tests.alerts.records import ADA, HOSTILE, NOW, a_post, an_incident, an_update
from tests.alerts.shown import elements, texts, words

ALL = ["update", "resolve", "open_page", "take_lead", "take_comms", "more"]


def view_of(incident: Incident, follow_ups: Mapping[str, int] | None = None) -> View:
    view = incident_card(
        incident, now=NOW, follow_ups=follow_ups or {}, page_url="https://status.example/",
        component_names={"payments": "Payments"},
    )  # fmt: skip
    assert problems(view.blocks) == []
    return view


def resolved(**changes: Any) -> Incident:
    incident = an_incident(resolved_at=NOW, **changes)
    return replace(incident, updates=(*incident.updates, an_update(IncidentStatus.RESOLVED)))


def test_the_card_of_a_new_incident_says_what_customers_read() -> None:
    first, second, english, turkish, persian, *_ = texts(view_of(an_incident()).blocks)
    assert first == (
        ":red_circle: *Investigating: Card payments fail*\n"
        "Impact major · since <!date^1795182000^{time}|13:40 UTC> (for 20 min) · declared by Ada · 47 people complained"
    )
    assert second == (
        "Payments: partial outage\nNext update promised by <!date^1795184700^{time}|14:25 UTC> (in 25 min)"
    )
    assert english == "Customers read, in English:\n> Card payments fail."
    assert turkish == "Customers read, in Turkish:\n> Kart ödemeleri yapılamıyor."
    assert persian == "Customers read, in Persian:\n> \u2068پرداخت با کارت انجام نمی‌شود.\u2069"


@pytest.mark.parametrize(
    ("status", "first_line", "buttons"),
    [
        (IncidentStatus.INVESTIGATING, ":red_circle: *Investigating:", ALL),
        (IncidentStatus.IDENTIFIED, ":large_orange_circle: *Cause found:", ALL),
        (IncidentStatus.MONITORING, ":large_yellow_circle: *Fixed, watching:", ALL),
        (IncidentStatus.RESOLVED, ":white_check_mark: *Resolved:", ["update", "open_page", "more"]),
    ],
)
def test_each_phase_is_said_first_and_offers_what_it_allows(
    status: IncidentStatus, first_line: str, buttons: list[str]
) -> None:
    incident = an_incident()
    view = view_of(replace(incident, updates=(*incident.updates, an_update(status))))
    assert next(texts(view.blocks)).startswith(first_line)
    assert list(elements(view.blocks)) == buttons
    assert view.text.startswith(first_line.partition("*")[2])


def test_a_resolved_incident_offers_to_reopen_it() -> None:
    shown = elements(view_of(resolved()).blocks)
    assert shown["update"]["text"]["text"] == "Reopen with an update"
    assert shown["update"]["value"] == "inc_1"
    assert "(lasted 20 min)" in words(view_of(resolved()).blocks)


def test_each_draft_has_its_text_and_its_three_buttons() -> None:
    blocks = view_of(an_incident(deliveries=(a_post(1), a_post(2, channel="bluesky", language="tr")))).blocks
    shown = elements(blocks)
    assert "*Post for mastodon-main, English* waits for approval:\n> We have reports that card payments fail." in words(
        blocks
    )
    assert "*Post for bluesky, Turkish* waits for approval" in words(blocks)
    assert [key for key in shown if ":" in key] == [
        "approve_post:0", "edit_post:0", "skip_post:0", "approve_post:1", "edit_post:1", "skip_post:1",
    ]  # fmt: skip
    assert {shown[f"{verb}:1"]["value"] for verb in ("approve_post", "edit_post", "skip_post")} == {"inc_1|del_2"}


def test_decided_posts_have_no_buttons_and_are_counted() -> None:
    posts = (
        a_post(1, DeliveryState.SENT, url="https://social.example/9"), a_post(2, DeliveryState.PENDING),
        a_post(3, DeliveryState.SKIPPED), a_post(4, DeliveryState.FAILED, error="401 <bad token>"),
    )  # fmt: skip
    blocks = view_of(an_incident(deliveries=posts)).blocks
    assert not [key for key in elements(blocks) if ":" in key]
    assert (
        "Posts: 1 on their way, 1 sent, 1 skipped, 1 failed (<https://social.example/9|mastodon-main, English>)"
        in words(blocks)
    )
    assert ":x: Could not be posted: mastodon-main, English: 401 &lt;bad token&gt;" in words(blocks)


def test_many_drafts_stay_within_fifty_blocks_and_the_rest_is_announced() -> None:
    blocks = view_of(an_incident(deliveries=tuple(a_post(n) for n in range(40)))).blocks
    assert len([key for key in elements(blocks) if key.startswith("approve_post")]) == 10
    assert "30 more posts wait" in words(blocks)


def test_a_missed_promise_is_said() -> None:
    late = replace(an_incident().updates[0], next_update_by=NOW - timedelta(minutes=3))
    assert ":warning: *The promised update is late*" in words(view_of(an_incident(updates=(late,))).blocks)
    none = replace(late, next_update_by=None)
    assert "No next update is promised yet." in words(view_of(an_incident(updates=(none,))).blocks)


def test_drafted_follow_ups_can_be_sent_after_a_question() -> None:
    blocks = view_of(resolved(), {"draft": 12, "sent": 3, "failed": 1}).blocks
    send = elements(blocks)["send_follow_ups"]
    assert "Follow-ups: 3 sent, 1 failed, 12 drafted" in words(blocks)
    assert send["text"]["text"] == "Send follow-ups (12)"
    assert send["value"] == "inc_1"
    assert send["confirm"]["text"]["text"] == "This sends 12 follow-ups to people who complained, once each."


def test_sent_follow_ups_leave_no_button() -> None:
    assert "send_follow_ups" not in elements(view_of(resolved(), {"sent": 12}).blocks)


def test_people_who_say_it_is_still_broken_are_counted() -> None:
    blocks = view_of(resolved(still_broken=("per_1", "per_2"))).blocks
    assert ":warning: *2 people say it is still broken.*" in words(blocks)
    assert elements(blocks)["update"]["style"] == "danger"


def test_the_internal_remark_stands_on_the_card_once() -> None:
    assert words(view_of(an_incident()).blocks).count("nothing written here is sent to a customer") == 1


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_anywhere_keep_the_card_whole(hostile: str) -> None:
    update = replace(an_incident().updates[0], texts={f"{hostile[:9]}{n}": hostile for n in range(12)})
    url = f"https://x.example/?{'&' * 340}"
    posts = [a_post(n, text=hostile, channel=hostile, error=hostile) for n in range(12)]
    failed = [replace(post, state=DeliveryState.FAILED) for post in posts]
    sent = [replace(post, state=DeliveryState.SENT, url=url) for post in posts]
    incident = an_incident(titles={"en": hostile}, updates=(update,), deliveries=(*posts, *failed, *sent))
    shown = words(view_of(incident, {"draft": 10**9}).blocks)
    for ping in ("<!channel", "<!everyone", "<@U", "|Your bank>", "@channel", "\u202e"):
        assert ping not in shown


@given(st.text(max_size=3000), st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_words_give_a_card_that_slack_takes(text: str, title: str) -> None:
    update = replace(an_incident().updates[0], texts={"en": text})
    view_of(an_incident(titles={"en": title}, updates=(update,), deliveries=(a_post(1, text=text),)))


# --- the team, private and merged ones


def test_the_card_says_who_cares_and_how_promises_went() -> None:
    late = replace(an_incident().updates[0], next_update_by=NOW - timedelta(minutes=3))
    known = an_incident(updates=(late,), lead=ADA, severity=Severity.SEV1, comms=Actor("desk:x", "<!here> X", "desk"))
    shown = words(view_of(known).blocks)
    assert "sev1 · lead: <@U1> · communications: &lt;!here&gt; X · promises kept: 0 of 1" in shown
    assert "take_lead" not in elements(view_of(known).blocks)


def test_the_menu_offers_what_fits() -> None:
    def offered(incident: Incident) -> list[str]:
        menu = elements(view_of(incident).blocks)["more"]
        return [option["value"].replace("|inc_1", "") for option in menu["options"]]

    both = replace(an_incident().updates[0], components={c: ComponentStatus.PARTIAL_OUTAGE for c in ("a", "b")})
    ways = ["update|investigating", "update|identified", "update|monitoring", "organise", "timeline", "merge"]
    assert offered(an_incident()) == ways
    assert offered(an_incident(updates=(both,))) == [*ways, "split"]
    assert offered(an_incident(private=True))[0] == "publish"
    assert offered(an_incident(merged_into="inc_2")) == ["unmerge", "organise", "timeline"]
    assert offered(resolved()) == ["organise", "timeline", "merge"]


def test_a_private_or_merged_incident_shows_no_way_to_the_page() -> None:
    private = view_of(an_incident(private=True)).blocks
    assert "open_page" not in elements(private)
    assert ":lock: *Private" in words(private)
    merged = view_of(an_incident(merged_into="inc_2")).blocks
    assert list(elements(merged)) == ["take_lead", "take_comms", "more"][2:]
    assert "Another incident tells this story now" in words(merged)


def test_many_who_say_it_is_still_broken_suggest_to_open_it_again() -> None:
    assert "3 people say so: open it again?" in words(view_of(resolved(still_broken=("a", "b", "c"))).blocks)
    assert "open it again?" not in words(view_of(resolved(still_broken=("a", "b"))).blocks)


# --- posts that are out, and what a preview says


def test_beside_each_preview_stands_what_it_costs() -> None:
    view = incident_card(
        an_incident(deliveries=(a_post(1, channel="x"),)), now=NOW, follow_ups={}, page_url="", component_names={},
        remark=lambda post: f"$0.20: it has a link · {len(post.text)} of 280 <{post.channel}>",
    )  # fmt: skip
    assert "card payments fail.\n_$0.20: it has a link · 40 of 280 &lt;x&gt;_" in words(view.blocks)


def test_what_is_out_can_be_corrected_and_withdrawn_and_what_failed_sent_again() -> None:
    posts = (
        a_post(1, DeliveryState.SENT), a_post(2, DeliveryState.SENT, language="tr"),
        a_post(3, DeliveryState.SENT, withdraw=True), a_post(4, DeliveryState.FAILED, error="It may have been posted"),
        a_post(5, DeliveryState.WITHDRAWN), a_post(6, DeliveryState.REHEARSED),
    )  # fmt: skip
    blocks = view_of(an_incident(deliveries=posts)).blocks
    shown = elements(blocks)
    offered = {
        name: [option["value"] for option in shown[name]["options"]]
        for name in ("correct_post", "withdraw_post", "approve_post")
    }
    assert offered == {
        "correct_post": ["inc_1|del_2", "inc_1|del_1"], "withdraw_post": ["inc_1|del_2", "inc_1|del_1"],
        "approve_post": ["inc_1|del_4"],
    }  # fmt: skip
    assert "confirm" not in shown["correct_post"]
    assert shown["approve_post"]["confirm"]["text"]["text"] == "Look there first: it may be out already."
    assert "1 failed, 1 withdrawn, 1 not sent (dry run)" in words(blocks)


def test_the_card_says_that_posting_is_stopped() -> None:
    view = incident_card(
        an_incident(), now=NOW, follow_ups={}, page_url="", component_names={},
        stopped="Posting is stopped by <Ada>: what is approved waits.",
    )  # fmt: skip
    assert ":no_entry: Posting is stopped by &lt;Ada&gt;" in words(view.blocks)
