"""The evidence card reports what customers say, never that we are down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.limits import problems
from alerts.signal_card import signal_card
from domain.incidents.signal import Quote, SignalState
from tests.alerts.records import ADA, HOSTILE, NOW, a_signal, evidence
from tests.alerts.shown import elements, texts, words


def card(name: str = "Payments", **changes: Any) -> list[dict[str, Any]]:
    view = signal_card(a_signal(**changes), component_name=name, now=NOW, desk_url="https://h.example/desk")
    assert problems(view.blocks) == []
    return view.blocks


def test_the_card_of_an_open_signal_gives_the_evidence() -> None:
    first, drawing, quotes, terms, unseen, checked, foot = texts(card())
    assert first == (
        ":large_orange_circle: *Customers report: Payments* — possible outage, nobody is looking yet\n"
        "*47 people* in 12 min · expected 3 · since <!date^1795182480^{time}|13:48 UTC> (12 min)\n"
        "English 31, Turkish 11, Persian 5 · Mastodon 30, App Store 17"
    )
    assert drawing.startswith("```reports  ▁▁▁▁▂▅█  now 47, highest 47\nexpected ▁▁▁▁▁▁▁  now 3```")
    assert quotes.splitlines() == [
        "> “card declined three times” — App Store, <!date^1795182540^{time}|13:49 UTC>",
        "> “\u2068از صبح پرداخت انجام نمی‌شود\u2069” — Mastodon (fa), <!date^1795182840^{time}|13:54 UTC>",
    ]
    assert terms == "Said more than usual: “declined”, “ödeme”"
    assert unseen == ":see_no_evil: Not seen now: x"
    assert checked == "Also checked: no campaign, 2 reposts and duplicates folded"
    assert "<https://h.example/desk|Cases and why this alert>" in foot


def test_the_notification_says_how_many_and_how_many_are_usual() -> None:
    view = signal_card(a_signal(), component_name="Payments", now=NOW, desk_url="")
    assert view.text == (
        "Customers report: Payments · possible outage, nobody is looking yet · 47 people in 12 min, expected 3"
    )


LIVE = ["acknowledge", "declare", "dismiss", "silence"]


@pytest.mark.parametrize(
    ("changes", "first_line", "buttons"),
    [
        ({"state": SignalState.WATCH}, ":large_yellow_circle: *Customers report: Payments* — more reports than", LIVE),
        ({"state": SignalState.WARMING}, ":white_circle: *Customers report: Payments* — still learning", LIVE),
        ({"state": SignalState.QUIET}, ":white_circle: *Customers report: Payments* — quiet", LIVE),
        ({"state": SignalState.OPEN}, ":large_orange_circle: *Customers report: Payments* — possible outage", LIVE),
        ({"state": SignalState.RECOVERING}, ":large_green_circle: *Customers report: Payments* — fewer reports", LIVE),
        ({"state": SignalState.CLOSED}, ":white_circle: *Customers report: Payments* — over", []),
        ({"acknowledged_by": ADA}, ":large_blue_circle: *Customers report: Payments* — Ada is looking", LIVE[1:]),
        ({"acknowledged_by": ADA, "state": SignalState.RECOVERING},
         ":large_blue_circle: *Customers report: Payments* — Ada is looking, it seems to recover", LIVE[1:]),
        ({"incident_id": "inc_1", "acknowledged_by": ADA},
         ":large_purple_circle: *Customers report: Payments* — incident declared", ["silence"]),
        ({"silenced_until": NOW + timedelta(hours=1)},
         ":no_bell: *Customers report: Payments* — silenced until <!date", LIVE),
        ({"silenced_until": NOW - timedelta(hours=1)},
         ":large_orange_circle: *Customers report: Payments* — possible outage", LIVE),
        ({"dismissed_reason": "a *joke*"}, ":white_circle: *Customers report: Payments* — dismissed: a ∗joke∗", []),
    ],
)  # fmt: skip
def test_each_state_is_said_first_and_offers_what_it_allows(
    changes: dict[str, Any], first_line: str, buttons: list[str]
) -> None:
    blocks = card(**changes)
    assert next(texts(blocks)).startswith(first_line)
    assert list(elements(blocks)) == buttons


def test_buttons_and_menu_name_their_signal() -> None:
    shown = elements(card())
    assert {shown[verb]["value"] for verb in ("acknowledge", "declare", "dismiss")} == {"sig_1"}
    assert [o["value"] for o in shown["silence"]["options"]] == ["sig_1|30", "sig_1|120", "sig_1|480", "sig_1|1440"]


def test_bare_evidence_leaves_out_what_is_not_known() -> None:
    bare = evidence(
        quotes=(), terms=(), languages={}, sources={}, folded=0, unseen=(), checked=(), observed_series=(),
        expected_series=(), people=1,
    )  # fmt: skip
    first, foot = texts(card(evidence=bare))
    assert "*1 person* in 12 min" in first
    assert foot.startswith("As of ")


def test_calls_made_are_counted_on_the_card() -> None:
    assert "Called so far: 2 more after the first" in words(card(escalations=2))


@pytest.mark.parametrize("state", list(SignalState))
def test_no_state_claims_more_than_customers_do(state: SignalState) -> None:
    assert "Customers report" in words(card(state=state))
    assert "we are down" not in words(card(state=state)).lower()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_anywhere_keep_the_card_whole(hostile: str) -> None:
    said = Quote(hostile, hostile, hostile, NOW, "men_1")
    seen = evidence(
        quotes=(said,) * 20, terms=(hostile,) * 20, unseen=(hostile,) * 20, checked=(hostile,) * 20,
        languages={hostile: 1}, sources={hostile: 2}, regions={hostile: 3},
        observed_series=(10**9, -5) * 200, expected_series=(float("nan"), float("inf")) * 200,
    )  # fmt: skip
    shown = words(card(hostile, evidence=seen, dismissed_reason=hostile or None))
    for ping in ("<!channel", "<!everyone", "<@U", "|Your bank>", "@channel", "\u202e"):
        assert ping not in shown


@given(st.text(max_size=500), st.lists(st.integers(-3, 10**6), max_size=60), st.lists(st.floats(), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_evidence_gives_a_card_that_slack_takes(text: str, observed: list[int], expected: list[float]) -> None:
    said = Quote(text, "x", "en", NOW, "men_1")
    seen = evidence(quotes=(said,), observed_series=tuple(observed), expected_series=tuple(expected))
    card(text, evidence=seen)


def test_a_look_says_that_nobody_is_called_until_somebody_takes_it() -> None:
    quiet = "for a look: only our own form reports it, so nobody is called until other sources do"
    seen = evidence(quiet=quiet, checked=("our form: 12 reports from 2 networks count as 2", quiet))
    shown = words(card(evidence=seen))
    assert "for a look, nobody is called" in shown
    assert "12 reports from 2 networks count as 2" in shown
    assert "Ada is looking" in words(card(evidence=seen, acknowledged_by=ADA))
