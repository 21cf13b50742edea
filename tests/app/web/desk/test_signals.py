"""A signal on the desk: the evidence and the decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.store import Store
from app.web.desk.charts import HEIGHT, WIDTH, chart
from app.web.desk.signals import rows
from app.web.desk.words import signal_words
from domain.incidents.signal import Evidence, Quote, Signal, SignalState
from domain.work import Actor
from tests.app.web.desk.hall import Browser
from tests.domain.make import ADA, NOW, case, evidence, incident, signal

SEEN = evidence(
    quotes=(Quote("درگاه پرداخت باز نمی‌شود", "app-store", "fa", NOW, "m1"),), terms=("502", "ödeme"),
    languages={"fa": 5, "tr": 7}, sources={"mastodon": 12}, unseen=("x",), checked=("no campaign",), folded=2,
    observed_series=(0, 1, 4, 12), expected_series=(1.0, 1.0, 1.5, 1.2),
)  # fmt: skip


async def known(store: Store) -> Signal:
    found = await store.get(Signal, "sig_1")
    assert found is not None
    return found


async def test_the_evidence_is_shown_in_figures_words_and_a_picture(desk: Browser, store: Store) -> None:
    await store.add(signal(evidence=SEEN), case())
    page = await desk.get("/desk/signals/sig_1")
    assert "12 people in 10 min · expected 1 · since 16:35 UTC (10 min)" in page.part("#head")
    words = page.part("#evidence")
    for said in ("Turkish 7, Persian 5", "Mastodon 12", "no campaign", "2 reposts and duplicates folded", "ödeme"):
        assert said in words
    quote = page.soup.select_one("blockquote .said")
    assert quote is not None and (quote["dir"], quote["lang"]) == ("auto", "fa")
    assert len(page.soup.select("svg.chart rect")) == 3
    assert page.part("svg.chart title") == "People who complained per 5 minutes: at most 12, now 12; expected now 1.2"
    assert page.part("#table tbody tr") == "16:40 UTC 12 1.2"
    assert "zeynep" in page.part("#side")


@pytest.mark.parametrize(
    ("verb", "fields", "check"),
    [
        ("acknowledge", {}, lambda s: s.acknowledged_by == Actor("link:Operator", "Operator", "desk")),
        ("dismiss", {"reason": "a viral joke"}, lambda s: s.dismissed_reason == "a viral joke" and s.over),
        ("silence", {"minutes": "120"}, lambda s: s.silenced_until == NOW + timedelta(hours=2)),
    ],
)
async def test_a_decision_changes_the_signal(
    desk: Browser, store: Store, verb: str, fields: dict[str, str], check: object
) -> None:
    await store.add(signal())
    page = await desk.press(await desk.get("/desk/signals/sig_1"), f"/{verb}", **fields)
    assert page.status == 200 and page.word
    assert check(await known(store))  # type: ignore[operator]


async def test_a_dismissal_needs_a_reason(desk: Browser, store: Store) -> None:
    await store.add(signal())
    page = await desk.press(await desk.get("/desk/signals/sig_1"), "/dismiss", reason=" ")
    assert (page.status, page.part("#decide .problem")) == (422, "Dismissing needs a reason.")
    assert not (await known(store)).over


async def test_a_signal_with_an_incident_points_to_it(desk: Browser, store: Store) -> None:
    await store.add(signal(incident_id="inc_1", acknowledged_by=ADA), incident())
    page = await desk.get("/desk/signals/sig_1")
    assert "Payments fail" in page.part("#side")
    assert page.form("/dismiss") is None and page.soup.select_one('a[href*="declare?signal"]') is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "possible outage, nobody is looking yet"), ({"acknowledged_by": ADA}, "Ada is looking"),
        ({"incident_id": "i", "state": SignalState.RECOVERING}, "incident declared, and it seems to recover"),
        ({"state": SignalState.CLOSED}, "over, reports are back to normal"),
        ({"dismissed_reason": "a joke"}, "dismissed: a joke"),
        ({"silenced_until": NOW + timedelta(hours=1)}, "silenced, still counting"),
        ({"state": SignalState.RECOVERING}, "fewer reports, it seems to recover"),
        ({"state": SignalState.WATCH}, "we watch it"),
        ({"evidence": evidence(quiet="only the form")}, "for a look, nobody is called: only our own form reports it"),
    ],
)  # fmt: skip
def test_the_state_is_said_in_words(changes: dict[str, object], words: str) -> None:
    assert signal_words(replace(signal(), **changes), NOW)[1] == words


def test_bars_fill_the_drawing_and_one_person_is_seen_beside_many() -> None:
    drawn = chart([0, 1, 1000], [2.0, float("nan"), 500.0])
    assert [bar.value for bar in drawn.bars] == [0, 1, 1000]
    assert drawn.bars[1].height == 2.0 and drawn.bars[2].height == HEIGHT
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in drawn.bars)
    assert (drawn.top, drawn.highest, drawn.total) == (1000, 1000, 1001)
    assert drawn.line.count(",") == 6 and "nan" not in drawn.line


def test_an_empty_chart_is_drawn_without_fuss() -> None:
    assert chart([]).bars == () and chart([]).line == ""


def test_a_table_stands_for_a_chart_even_where_nothing_is_expected() -> None:
    seen = Evidence(NOW, 3, 10, 1.0, 2.0, observed_series=(1, 2), expected_series=(0.5,))
    assert rows(seen, NOW) == [(NOW - timedelta(minutes=5), 2, 0.5), (NOW - timedelta(minutes=10), 1, None)]
