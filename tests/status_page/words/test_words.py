"""Words for customers: honest, plain, in their language, short enough for where they go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.component import Component
from domain.heard.classification import Kind
from domain.incidents.incident import IncidentStatus
from status_page.words.incident_words import (
    POST_LENGTH,
    follow_up_text,
    incident_words,
    post_text,
    reply_draft,
    shorten,
)
from tests.status_page.builders import (
    DELIVERY,
    LANGUAGES,
    NOW,
    PAYMENTS,
    SECRET,
    TITLES,
    case,
    incident,
    minutes,
    update,
)

URL = "https://status.kiosk.example"
BAD_WORDS = ("some users may", "inconvenience", "ASAP", "soon", "shortly", "our engineers", "third party")


@pytest.mark.parametrize("phase", list(IncidentStatus))
def test_drafts_name_the_components_in_each_language(phase: IncidentStatus) -> None:
    drafts = incident_words([PAYMENTS, DELIVERY], phase, LANGUAGES)
    assert list(drafts) == list(LANGUAGES)
    assert "Payments and Deliveries" in drafts["en"][0]
    assert "Ödemeler ve Teslimat" in drafts["tr"][0]
    assert "پرداخت و تحویل سفارش" in drafts["fa"][0]
    assert len({text for _, text in drafts.values()}) == 3


@pytest.mark.parametrize("phase", list(IncidentStatus))
@pytest.mark.parametrize("components", [[], [PAYMENTS]])
def test_drafts_promise_no_time_and_blame_nobody(phase: IncidentStatus, components: list[object]) -> None:
    for title, text in incident_words(components, phase, LANGUAGES).values():  # type: ignore[arg-type]
        assert title
        assert "%" not in title + text
        assert not [word for word in BAD_WORDS if word in text.casefold()]


def test_sorry_is_said_once_and_at_the_end() -> None:
    said = {phase: incident_words([PAYMENTS], phase, ["en"])["en"][1].casefold() for phase in IncidentStatus}
    assert [phase for phase, text in said.items() if "sorry" in text] == [IncidentStatus.RESOLVED]


def test_without_a_component_the_draft_speaks_of_the_service() -> None:
    assert incident_words([], IncidentStatus.INVESTIGATING, ["tr"])["tr"][0] == "Hizmetimizde sorun"


@pytest.mark.parametrize("phase", list(IncidentStatus))
def test_a_draft_begins_with_a_capital_whatever_is_named_first(phase: IncidentStatus) -> None:
    returns = Component("returns", {"en": "returns", "tr": "iadeler", "fa": "مرجوعی"})
    for components in ([], [returns]):
        for title, text in incident_words(components, phase, ["en", "tr"]).values():
            assert (title[0].isupper(), text[0].isupper()) == (True, True)
    assert incident_words([returns], phase, ["tr"])["tr"][0] == "İadeler ile ilgili sorun"


def test_a_post_says_phase_title_text_promise_and_address() -> None:
    news = update(due=NOW + minutes(25))
    assert post_text(incident(news), news, "en", URL) == (
        "Investigating: Cards are declined\nWe look for the cause.\nNext update by 14:35 UTC.\n"
        "https://status.kiosk.example/en/incidents/inc_1.html"
    )


def test_a_post_is_written_in_the_language_asked_for() -> None:
    news = update(due=NOW + minutes(25))
    said = post_text(incident(news), news, "fa", URL)
    assert said.startswith("در حال بررسی: پرداخت با کارت انجام نمی‌شود\n")
    assert "۱۴:۳۵" in said
    assert said.endswith("/fa/incidents/inc_1.html")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("length", [0, 10, 200, 5000])
def test_a_post_keeps_its_length_before_the_address(language: str, length: int) -> None:
    news = update(texts={language: "sözcük " * (length // 6) + "x"}, due=NOW + minutes(25))
    said = post_text(incident(news), news, language, URL + "/")
    body, address = said.rsplit("\n", 1)
    assert len(body) <= POST_LENGTH
    assert address == f"{URL}/{language}/incidents/inc_1.html"


def test_a_very_long_title_still_leaves_a_post() -> None:
    news = update()
    said = post_text(incident(news, titles={"en": "t" * 400}), news, "en", URL)
    assert len(said.rsplit("\n", 1)[0]) <= POST_LENGTH


def test_a_post_never_carries_the_name_of_who_wrote_it() -> None:
    news = update()
    assert SECRET not in post_text(incident(news), news, "en", URL)


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("short", 10, "short"),
        ("  white \n\n space ", 20, "white space"),
        ("one two three", 9, "one two…"),
        ("unbreakable", 5, "unbr…"),
        ("ends, here", 6, "ends…"),
    ],
)
def test_cutting_keeps_whole_words(text: str, length: int, cut: str) -> None:
    assert shorten(text, length) == cut
    assert len(cut) <= length


@pytest.mark.parametrize(
    ("language", "wanted", "asks", "way_out"),
    [
        ("en", "en", "Is it fixed for you?", "stop"),
        ("tr", "tr", "Sizde de düzeldi mi?", "Dur"),
        ("fa", "fa", "آیا برای شما هم درست شده است؟", "لغو"),
        ("de", "en", "Is it fixed for you?", "stop"),
        ("unknown", "en", "Is it fixed for you?", "stop"),
    ],
)
def test_the_follow_up_asks_in_the_persons_language_and_tells_the_way_out(
    language: str, wanted: str, asks: str, way_out: str
) -> None:
    text, said_in = follow_up_text(incident(), case(language), URL)
    assert said_in == wanted
    assert asks in text
    assert way_out in text
    assert TITLES[wanted] in text
    assert f"{URL}/{wanted}/incidents/inc_1.html" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_leads_to_the_persons_own_page_and_public_words_ask_for_an_answer_there(language: str) -> None:
    there, _ = follow_up_text(incident(), case(language), URL, feedback=f"{URL}/feedback/abc")
    here, _ = follow_up_text(incident(), case(language), URL)
    assert f"{URL}/feedback/abc\n" in there
    asks = {"en": "“yes” or “no”", "tr": "“evet” ya da “hayır”", "fa": "«بله» یا «خیر»"}[language]
    assert asks in here and asks not in there
    assert "%" not in there + here


@pytest.mark.parametrize(("room", "shown"), [(None, True), (400, True), (5, False), (0, False)])
def test_a_title_without_room_is_left_out(room: int | None, shown: bool) -> None:
    text, _ = follow_up_text(incident(), case("en"), URL, room=room)
    assert (TITLES["en"] in text) is shown
    assert shown or "You told us about a problem. As far as we can see, it is solved." in text


def test_the_follow_up_leaves_out_a_title_that_is_not_in_the_language_and_links_to_a_page_there_is() -> None:
    text, language = follow_up_text(incident(titles={"en": "Cards are declined"}), case("tr"), URL)
    assert language == "tr"
    assert "Cards" not in text
    assert f"{URL}/en/incidents/inc_1.html" in text


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_problem_has_its_own_answer_in_every_language(kind: Kind) -> None:
    drafts = {language: reply_draft(case(language, kind), None, URL) for language in LANGUAGES}
    assert len(set(drafts.values())) == 3
    assert all("%" not in draft and len(draft) <= 300 for draft in drafts.values())


def test_the_answers_differ_by_kind() -> None:
    assert len({reply_draft(case("en", kind), None, URL) for kind in Kind}) == len(Kind)


def test_money_and_sign_in_answers_warn_about_secrets() -> None:
    assert "card numbers" in reply_draft(case("en", Kind.PAYMENT_BILLING), None, URL)
    assert "passwords" in reply_draft(case("en", Kind.LOGIN_ACCOUNT), None, URL)


def test_a_linked_incident_gives_we_know_and_where_to_follow() -> None:
    said = reply_draft(case("tr"), incident(), URL)
    assert said.startswith("Bildirdiğiniz için teşekkür ederiz. Bu sorunu biliyoruz")
    assert said.endswith(f"{URL}/tr/incidents/inc_1.html")


def test_an_ended_incident_gives_a_question_instead() -> None:
    over = incident(update(1), update(2, IncidentStatus.RESOLVED, at=NOW))
    assert "does it work for you now?" in reply_draft(case(), over, URL)


def test_somebody_who_wrote_before_hears_that_we_know() -> None:
    again = reply_draft(replace(case(), contacts=3), None, URL)
    assert again.startswith("You had to write to us more than once, and we are sorry for that.")
