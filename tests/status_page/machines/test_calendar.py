"""The calendar of planned work: what RFC 5545 asks for, and what a subscriber's calendar does with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from status_page.render import Site, render_site
from tests.status_page.builders import NOW, SECRET, site
from tests.status_page.works import DAY, END, HOUR, START, called_off, done, going_on, news, work


def read(of: Site, path: str = "maintenance.ics") -> Any:
    """Render a site and read its calendar as a calendar does."""
    return Calendar.from_ical(render_site(of)[path])


def event(of: Site, path: str = "maintenance.ics") -> Any:
    """Give the only event."""
    (found,) = read(of, path).walk("VEVENT")
    return found


def test_it_is_a_published_calendar_that_says_when_to_look_again() -> None:
    found = read(site(planned=[work()]))
    assert (found["version"], found["method"], found["calscale"]) == ("2.0", "PUBLISH", "GREGORIAN")
    assert found["name"] == found["x-wr-calname"] == "Kiosk: planned maintenance"
    assert found["refresh-interval"].dt == timedelta(minutes=15)
    assert found["source"] == "https://status.kiosk.example/en/maintenance.ics"
    assert found["prodid"].startswith("-//hubbub//")
    assert found.errors == []


def test_an_event_has_the_plan_and_says_what_customers_read() -> None:
    found = event(site(planned=[work()]))
    assert (found["dtstart"].dt, found["dtend"].dt) == (START, END)
    assert found["uid"] == "mnt_1@status.kiosk.example"
    assert (found["summary"], found["status"], found["sequence"]) == ("New database for payments", "CONFIRMED", 0)
    assert found["transp"] == "TRANSPARENT"
    assert (found["created"].dt, found["dtstamp"].dt) == (NOW - DAY, NOW - DAY)
    assert found["url"] == "https://status.kiosk.example/en/maintenance/mnt_1.html"
    assert found["description"] == f"Scheduled: Cards may fail.\nComponents: Payments\n{found['url']}"
    assert found.errors == []


def test_a_plan_that_moves_is_the_same_event_with_a_higher_number() -> None:
    before = event(site(planned=[work()]))
    later = work(news(), news(2, at=NOW), starts_at=START + DAY, ends_at=END + DAY, sequence=1)
    after = event(site(planned=[later]))
    assert before["uid"] == after["uid"]
    assert (after["sequence"], after["dtstart"].dt) == (1, START + DAY)
    assert after["last-modified"].dt > before["last-modified"].dt


def test_what_was_called_off_stays_as_cancelled_so_that_calendars_take_it_out() -> None:
    found = event(site(planned=[called_off()]))
    assert (found["status"], found["sequence"]) == ("CANCELLED", 1)
    assert found["description"].startswith("Cancelled: ")


@pytest.mark.parametrize(("known", "words"), [(going_on(), "In progress: "), (done(), "Completed: ")])
def test_the_text_says_how_far_it_is(known: Any, words: str) -> None:
    found = event(site(planned=[known]))
    assert found["status"] == "CONFIRMED"
    assert found["description"].startswith(words)


def test_each_language_has_its_own_words_for_the_same_event() -> None:
    made = site(planned=[work()])
    turkish, persian = event(made, "tr/maintenance.ics"), event(made, "fa/maintenance.ics")
    assert turkish["uid"] == persian["uid"]
    assert (turkish["summary"], turkish["summary"].params["language"]) == ("Ödemeler için yeni veritabanı", "tr")
    assert persian["summary"] == "پایگاه دادهٔ جدید پرداخت"
    assert read(made, "fa/maintenance.ics")["name"] == "تعمیر و نگهداری برنامه‌ریزی‌شدهٔ Kiosk"


def test_lines_end_and_fold_as_the_standard_says_also_in_persian() -> None:
    long = {"fa": "ممکن است پرداخت با کارت در این مدت انجام نشود، " * 12, "en": 'x, y; z\\ "q"\nnext ' * 30}
    raw = render_site(site(planned=[work(news(texts=long))]))["fa/maintenance.ics"]
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert all(b"\n" not in line and len(line) <= 75 for line in lines)
    for line in lines:
        line.decode("utf-8")  # no letter is cut in two
    assert event(site(planned=[work(news(texts=long))]), "fa/maintenance.ics")["description"].count("ممکن است") == 12


def test_words_cannot_become_lines_of_the_calendar() -> None:
    nasty = "x\r\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil\x00\x07; , \\n"
    known = work(news(texts={"en": nasty}), titles={"en": nasty})
    found = event(site(planned=[known]))
    assert found["uid"] == "mnt_1@status.kiosk.example"
    assert "END:VEVENT" in found["summary"]
    raw = render_site(site(planned=[known]))["maintenance.ics"].decode()
    assert raw.count("\r\nBEGIN:VEVENT") == 1
    assert SECRET not in raw


def test_an_empty_calendar_can_be_subscribed_to() -> None:
    assert read(site()).walk("VEVENT") == []


def test_a_long_past_does_not_make_a_heavy_file() -> None:
    many = [done(id=f"mnt_{n}", starts_at=NOW - n * DAY, ends_at=NOW - n * DAY + HOUR) for n in range(1, 131)]
    found = [str(e["uid"]).partition("@")[0] for e in read(site(planned=many)).walk("VEVENT")]
    assert found == [f"mnt_{n}" for n in range(1, 101)]
