"""What subscribers are told of a public word: every part in their language, the original where there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.component import ComponentStatus
from domain.incidents.incident import IncidentStatus
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.work import Actor
from status_page.markup import clean
from status_page.words.subscriber_words import (
    MANAGE,
    chat_text,
    confirm_wording,
    manage_said,
    news_wording,
    problem_words,
    push_words,
    remind_wording,
)
from status_page.words.told import EARLIER, TITLE, tell
from tests.status_page.builders import DELIVERY, LANGUAGES, NOW, PAYMENTS, incident, minutes, update

COMPONENTS = {"payments": PAYMENTS, "delivery": DELIVERY}
PAGE = "https://status.example"


def work(*updates: WorkUpdate) -> PlannedWork:
    words = updates or (
        WorkUpdate("w1", NOW, WorkStatus.SCHEDULED, {"en": "We renew it.", "tr": "Yeniliyoruz."}, "Ada"),
    )
    return PlannedWork(
        "work_1", {"en": "Database", "tr": "Veritabanı"}, ("payments",), NOW + timedelta(days=1),
        NOW + timedelta(days=1, hours=2), NOW, Actor("u1", "Ada"), words,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "line", "facts"), [
    ("en", "Investigating: Cards are declined", (("Affected", "Payments (Partial outage)"),)),
    ("tr", "İnceleniyor: Kartlar reddediliyor", (("Etkilenen bileşenler", "Ödemeler (Kısmi kesinti)"),)),
    ("fa", "در حال بررسی: پرداخت با کارت انجام نمی‌شود", (("بخش‌های تحت تأثیر", "پرداخت (قطعی جزئی)"),)),
    ("de", "Investigating: Cards are declined", (("Affected", "Payments (Partial outage)"),)),
])  # fmt: skip
def test_an_incident_is_told_in_the_readers_language(
    language: str, line: str, facts: tuple[tuple[str, str], ...]
) -> None:
    told = tell(incident(), "upd_1", language, COMPONENTS, PAGE)
    assert told is not None
    assert told.line == line
    assert told.facts == facts
    assert not told.foreign


def test_the_words_before_are_told_again_the_newest_of_them_first() -> None:
    words = [update(n, texts={"en": f"word {n}"}, at=NOW - minutes(60 - n)) for n in range(1, 7)]
    told = tell(incident(*words), "upd_6", "en", COMPONENTS, PAGE)
    assert told is not None
    assert [each.said.text for each in told.earlier] == ["word 5", "word 4", "word 3"]
    assert len(told.earlier) == EARLIER


def test_a_word_that_is_not_there_is_told_to_nobody() -> None:
    assert tell(incident(), "upd_9", "en", COMPONENTS, PAGE) is None


def test_planned_work_is_told_with_its_time_and_the_reminder_repeats_it() -> None:
    told = tell(work(), "w1", "tr", COMPONENTS, PAGE)
    reminder = tell(work(), "remind_1", "en", COMPONENTS, PAGE)
    assert told is not None
    assert reminder is not None
    assert told.facts[0][1] == "22 Kasım 2026, 14:10–16:10 UTC"
    assert told.url == "https://status.example/tr/maintenance/work_1.html"
    assert (reminder.word.head, reminder.earlier[0].said.text) == ("Begins soon", "We renew it.")


def test_a_missing_language_shows_the_original_and_says_so() -> None:
    told = tell(work(), "w1", "fa", COMPONENTS, PAGE)
    assert told is not None
    assert (told.foreign, told.title.language, told.word.said.language) == (True, "en", "en")
    assert "به زبان شما" in news_wording(told, "Kiosk").text


def test_the_promise_is_told_and_a_component_of_yesterday_by_its_id() -> None:
    said = update(components={"gone": ComponentStatus.MAJOR_OUTAGE}, due=NOW + minutes(30))
    told = tell(incident(said), "upd_1", "en", COMPONENTS, PAGE)
    assert told is not None
    assert told.facts == (("Affected", "gone (Major outage)"), ("Next update by", "21 November 2026, 14:40 UTC"))


def test_a_subject_is_one_short_line_whatever_the_title() -> None:
    said = replace(incident(), titles={"en": "a\r\nBcc: x\n" + "b" * 500})
    told = tell(said, "upd_1", "en", COMPONENTS, PAGE)
    assert told is not None
    subject = news_wording(told, "Kiosk").subject
    assert subject.startswith("[Kiosk] a Bcc: x b")
    assert len(subject) == len("[Kiosk] ") + TITLE
    assert len(subject.splitlines()) == 1


def test_a_persian_subject_reads_from_the_right_though_the_brand_is_latin() -> None:
    said = replace(incident(), titles={"en": "Cards are declined", "fa": "پرداخت انجام نمی‌شود"})
    subjects = []
    for story in (said, replace(said, titles={"en": "Cards are declined"})):
        told = tell(story, "upd_1", "fa", COMPONENTS, PAGE)
        assert told is not None
        subjects.append(news_wording(told, "Kiosk").subject)
    assert subjects == ["\u200f[Kiosk] پرداخت انجام نمی‌شود", "[Kiosk] Cards are declined"]


def test_marks_of_our_own_in_a_text_are_gone_before_links_are_put_in() -> None:
    told = tell(incident(update(texts={"en": f"Look: {MANAGE}"})), "upd_1", "en", COMPONENTS, PAGE)
    assert told is not None
    assert news_wording(told, "Kiosk").text.count(MANAGE) == 1
    assert clean(MANAGE) == "manage"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_a_subject_and_a_link_in_each_language(language: str) -> None:
    for wording in (
        confirm_wording("Kiosk", language, ["Payments"], timedelta(hours=48)), remind_wording("Kiosk", language)
    ):  # fmt: skip
        assert "Kiosk" in wording.subject
        assert wording.text.count("\ue000") == 1
    english = {problem_words(problem, "en") for problem in ("mail", "url", "slack", "push", "closed", "pace")}
    here = {problem_words(problem, language) for problem in ("mail", "url", "slack", "push", "closed", "pace")}
    assert len(here) == 6
    assert (here == english) is (language == "en")
    assert manage_said("stop", language) == ""


def test_chat_and_push_are_short() -> None:
    long = incident(update(2, IncidentStatus.RESOLVED, texts={"en": "word " * 2000}))
    told = tell(long, "upd_2", "en", COMPONENTS, PAGE)
    assert told is not None
    assert len(chat_text(told)) < 2700
    title, body = push_words(told, "Kiosk")
    assert (len(title) <= 100, len(body) <= 240) == (True, True)
