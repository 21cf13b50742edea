"""Pages of incidents and of planned work: what each word changed, where it stands, what stays for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag

from domain.component import Component, ComponentStatus
from domain.incidents.incident import IncidentStatus
from domain.incidents.planned import WorkStatus
from status_page.render import render_site
from tests.status_page.builders import (
    DELIVERY,
    LANGUAGES,
    NOW,
    PAYMENTS,
    SECRET,
    incident,
    joined,
    minutes,
    page,
    resolved,
    site,
    update,
    words,
)  # fmt: skip
from tests.status_page.works import DAY, END, HOUR, START, called_off, done, going_on, news, work

OK, SLOW, PARTIAL = ComponentStatus.OPERATIONAL, ComponentStatus.DEGRADED_PERFORMANCE, ComponentStatus.PARTIAL_OUTAGE


def text(tag: Tag | None) -> str:
    """Give the words of a part of a page."""
    assert tag is not None
    return " ".join(tag.get_text(" ", strip=True).split())


def test_each_update_says_what_it_changed_for_which_component_and_nothing_twice() -> None:
    known = incident(
        update(1, at=NOW - minutes(60), components={"payments": SLOW, "delivery": SLOW}),
        update(2, IncidentStatus.IDENTIFIED, at=NOW - minutes(40), components={"payments": PARTIAL, "delivery": SLOW}),
        update(3, IncidentStatus.MONITORING, at=NOW - minutes(20), components={}),
        update(4, IncidentStatus.RESOLVED, at=NOW - minutes(5), components={"payments": OK, "delivery": OK}),
    )
    soup = page(site(known), "en/incidents/inc_1.html")
    said = [[text(line) for line in step.select(".changes li")] for step in soup.select(".updates > li")]
    assert said == [
        ["Payments : Partial outage → then Operational", "Deliveries : Slow or unreliable → then Operational"],
        [],
        ["Payments : Slow or unreliable → then Partial outage"],
        ["Payments : Operational → then Slow or unreliable", "Deliveries : Operational → then Slow or unreliable"],
    ]
    assert next(line["class"] for line in soup.select(".changes li")) == ["operational"]


def test_the_arrow_of_a_change_points_where_the_language_is_read_to() -> None:
    line = page(site(incident()), "fa/index.html").select_one(".changes li")
    assert text(line) == "پرداخت : برقرار ← سپس قطعی جزئی"


def test_a_component_that_is_gone_changes_nothing() -> None:
    soup = page(site(incident(), components=(DELIVERY,)), "en/incidents/inc_1.html")
    assert soup.select(".changes") == []


def test_planned_work_stands_under_the_components_with_its_time_and_its_own_page() -> None:
    soup = page(site(planned=(work(),)))
    card = soup.select_one("#mnt_1")
    said = "New database for payments 21 November 2026, 22:10 UTC to 23:10 UTC Payments Scheduled"
    assert text(card).startswith(said)
    assert card is not None
    assert card.h3 is not None
    assert card.h3.a is not None
    assert card.h3.a["href"] == "maintenance/mnt_1.html"
    own = page(site(planned=(work(),)), "tr/maintenance/mnt_1.html")
    assert own.h1 is not None
    assert own.h1.get_text() == "Ödemeler için yeni veritabanı"
    assert "Kart ödemeleri aksayabilir." in words(own)


def test_work_of_the_next_two_days_is_named_in_the_band_on_top() -> None:
    late = work(id="mnt_2", starts_at=NOW + 3 * DAY, ends_at=NOW + 3 * DAY + HOUR)
    band = page(site(planned=(work(), late))).select_one(".headline")
    assert band is not None
    assert [a["href"] for a in band.select("a")] == ["#mnt_1"]
    assert "All systems operational" in text(band)


def test_work_that_goes_on_is_the_headline_and_stands_before_the_components() -> None:
    soup = page(site(planned=(going_on(),)))
    band = soup.select_one(".headline.under_maintenance")
    assert text(band).startswith("Maintenance is under way New database for payments · until 15:10 UTC")
    states = [text(state) for state in soup.select(".components .state")]
    assert states == ["Under maintenance", "Operational"]
    card, components = soup.select_one("#mnt_1"), soup.select_one("#components")
    assert card is not None
    assert components is not None
    assert card.sourceline is not None
    assert components.sourceline is not None
    assert card.sourceline < components.sourceline


def test_an_incident_outweighs_maintenance_but_both_are_shown() -> None:
    soup = page(site(incident(), planned=(going_on(components=("delivery",)),)))
    assert soup.select_one(".headline.partial_outage") is not None
    assert soup.select_one("#mnt_1") is not None
    assert [text(state) for state in soup.select(".components .state")] == ["Partial outage", "Under maintenance"]


def test_work_that_is_over_joins_the_history_and_the_last_two_weeks() -> None:
    made = site(resolved(), planned=(done(), called_off(id="mnt_2")))
    recent = [text(line) for line in page(made).select(".days-list > li")]
    assert recent[0].startswith("New database for payments Maintenance · 21 November 2026, 22:10 UTC to 23:10 UTC")
    assert recent[0].endswith("Cancelled")
    assert recent[1] == "New database for payments Maintenance · 21 November 2026, 11:10 UTC to 13:10 UTC"
    assert recent[2].startswith("Cards are declined Began 19 November 2026")
    listed = [str(a["href"]) for a in page(made, "en/history.html").select(".days-list a")]
    assert listed == ["maintenance/mnt_2.html", "maintenance/mnt_1.html", "incidents/inc_old.html"]


def test_work_that_is_still_to_come_is_no_history_yet() -> None:
    assert "No incident has been declared so far." in words(page(site(planned=(work(),)), "en/history.html"))


def test_a_span_over_midnight_names_both_days() -> None:
    long = work(starts_at=START, ends_at=END + 2 * HOUR)
    assert "21 November 2026, 22:10 UTC to 22 November 2026, 01:10 UTC" in words(page(site(planned=(long,))))


def test_nobody_of_ours_is_named_on_pages_of_planned_work() -> None:
    public = joined(render_site(site(planned=(work(), going_on(id="mnt_2"), done(id="mnt_3")))))
    assert SECRET not in public
    assert "internal remark" not in public


def test_planned_work_falls_back_visibly_to_the_language_it_was_written_in() -> None:
    soup = page(site(planned=(work(news(texts={"en": "Only English."})),)), "fa/maintenance/mnt_1.html")
    said = soup.select_one(".said")
    assert said is not None
    assert (said["lang"], said["dir"]) == ("en", "ltr")
    assert "متن اصلی را می‌بینید" in words(soup)


@pytest.mark.parametrize("state", [WorkStatus.COMPLETED, WorkStatus.CANCELLED])
def test_the_page_of_work_that_is_over_does_not_change_while_time_goes_on(state: WorkStatus) -> None:
    over = done() if state is WorkStatus.COMPLETED else called_off()
    before, after = (render_site(site(planned=(over,), now=NOW + wait)) for wait in (timedelta(), 20 * DAY))
    for language in LANGUAGES:
        path = f"{language}/maintenance/mnt_1.html"
        assert before[path] == after[path]


def test_an_open_incident_warns_on_its_own_page_too_when_it_gets_old() -> None:
    shown = page(site(incident()), "en/incidents/inc_1.html").select_one("#stale")
    assert shown is not None
    assert shown["data-minutes"] == "30"
    assert page(site(resolved()), "en/incidents/inc_old.html").select_one("#stale") is None


HELP = {"en": "https://help.example/en", "tr": "https://help.example/tr"}


def test_help_stands_beside_the_component_and_in_the_open_incident() -> None:
    parts = (Component("payments", PAYMENTS.names, help=HELP), DELIVERY)
    soup = page(site(incident(), components=parts))
    links = [(a["href"], a.get("hreflang"), a.get_text()) for a in soup.select("a.help")]
    assert links == [("https://help.example/en", None, "Help with Payments")] * 2
    foreign = page(site(components=parts), "fa/index.html").select_one("a.help")
    assert foreign is not None
    assert (foreign["hreflang"], foreign.get_text()) == ("en", "راهنمای پرداخت (English)")


def test_an_ended_incident_offers_no_help_any_more() -> None:
    parts = (Component("payments", PAYMENTS.names, help=HELP), DELIVERY)
    assert page(site(resolved(), components=parts), "en/incidents/inc_old.html").select("a.help") == []


def test_hostile_titles_and_names_of_planned_work_are_shown_as_text() -> None:
    bad = '<img src=x onerror=alert(1)>"&'
    made = site(
        planned=(work(news(texts={"en": bad}), titles={"en": bad}),), components=(Component("payments", {"en": bad}),)
    )
    for path in ("en/index.html", "en/maintenance/mnt_1.html", "en/history.html"):
        soup = BeautifulSoup(render_site(made)[path], "html.parser")
        assert soup.find("img") is None
