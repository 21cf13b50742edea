"""What we say about planned work: true in every language, with the time where it matters, posts that fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.component import Component, Group
from domain.incidents.planned import PlannedWork, WorkStatus
from domain.work import DeliveryState
from status_page.pages.sections import sections
from status_page.pages.view import work_view
from status_page.words.dates import span_words
from status_page.words.lengths import graphemes
from status_page.words.posts import Outlet
from status_page.words.work_posts import draft_work_posts
from status_page.words.work_words import OCCASION_OF, Occasion, work_post_text, work_status_word, work_text, work_title
from tests.status_page.builders import DELIVERY, LANGUAGES, NOW, PAYMENTS, SECRET
from tests.status_page.works import END, START, TITLES, called_off, done, going_on, news, work

URL = "https://status.kiosk.example"
BOTH = (PAYMENTS, DELIVERY)


def test_titles_name_the_components_or_nothing() -> None:
    assert work_title(BOTH, "en") == "Planned maintenance: Payments and Deliveries"
    assert work_title([PAYMENTS], "fa") == "تعمیر و نگهداری برنامه‌ریزی‌شده: پرداخت"
    assert work_title([], "tr") == "Planlı bakım"


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_occasion_has_words_in_every_language(occasion: Occasion, language: str) -> None:
    said = work_text(occasion, BOTH, START, END, language)
    assert "%(" not in said
    assert PAYMENTS.name(language) in said
    assert (said == work_text(occasion, BOTH, START, END, "en")) == (language == "en")
    assert work_text(occasion, [], START, END, "en").count("our service") == 1
    assert not work_text(occasion, [], START, END, language)[0].islower()


@pytest.mark.parametrize("status", WorkStatus)
def test_every_state_has_a_word_and_an_occasion(status: WorkStatus) -> None:
    assert len({work_status_word(status, language) for language in LANGUAGES}) == 3
    assert status in OCCASION_OF


def test_texts_that_name_a_time_have_it_in_the_readers_calendar() -> None:
    assert "21 November 2026, 22:10–23:10 UTC" in work_text(Occasion.MOVED, BOTH, START, END, "en")
    assert "۳۰ آبان ۱۴۰۵، ساعت ۲۲:۱۰ تا ۲۳:۱۰ UTC" in work_text(Occasion.MOVED, BOTH, START, END, "fa")
    assert "21 Kasım 2026, 23:10 UTC" in work_text(Occasion.BEGUN, BOTH, START, END, "tr")


@pytest.mark.parametrize(
    ("end", "language", "words"),
    [
        (START + timedelta(minutes=30), "en", "21 November 2026, 22:10–22:40 UTC"),
        (START + timedelta(hours=4), "en", "21 November 2026, 22:10 UTC – 22 November 2026, 02:10 UTC"),
        (START + timedelta(hours=4), "fa", "۳۰ آبان ۱۴۰۵، ساعت ۲۲:۱۰ UTC تا ۱ آذر ۱۴۰۵، ساعت ۰۲:۱۰ UTC"),
    ],
)
def test_a_span_names_a_day_only_once(end: datetime, language: str, words: str) -> None:
    assert span_words(START, end, language) == words
    assert span_words(START.astimezone(UTC), end, language) == words


# --- posts


def draft(known: PlannedWork, occasion: Occasion, limit: int | None = 500, **outlet: object) -> str:
    """Give the English post of the newest word."""
    account = Outlet("mastodon", ("en",), limit, **outlet)  # type: ignore[arg-type]
    (post,) = draft_work_posts(known, occasion, known.updates[-1], [account], URL)
    return post.text


@pytest.mark.parametrize(
    ("known", "occasion", "head"),
    [
        (work(), Occasion.ANNOUNCED, "New database for payments\n21 November 2026, 22:10–23:10 UTC\n"),
        (work(), Occasion.MOVED, "New time: New database for payments\n21 November 2026, 22:10–23:10 UTC\n"),
        (work(), Occasion.SOON, "Soon: New database for payments\n21 November 2026, 22:10–23:10 UTC\n"),
        (going_on(), Occasion.BEGUN, "In progress: New database for payments\n21 November 2026, 13:40–15:10 UTC\n"),
        (done(), Occasion.COMPLETED, "Completed: New database for payments\nCards"),
        (called_off(), Occasion.CANCELLED, "Cancelled: New database for payments\n21 November 2026, 22:10"),
    ],
)
def test_a_post_says_what_when_and_where(known: PlannedWork, occasion: Occasion, head: str) -> None:
    text = draft(known, occasion)
    assert text.startswith(head)
    assert text.endswith("Cards may fail.\nhttps://status.kiosk.example/en/maintenance/mnt_1.html")


@pytest.mark.parametrize("limit", [140, 280, 300, 500, None])
def test_a_post_fits_its_account_and_keeps_the_address(limit: int | None) -> None:
    known = work(news(texts={"en": "Payments by card may fail for some minutes. " * 40}))
    text = draft(known, Occasion.ANNOUNCED, limit, measure=graphemes)
    assert limit is None or graphemes(text) <= limit
    assert text.endswith("/en/maintenance/mnt_1.html")
    assert text.startswith("New database for payments")


def test_an_account_without_links_gets_none() -> None:
    assert "https" not in draft(work(), Occasion.ANNOUNCED, links=False)


def test_each_account_gets_its_languages_as_drafts_with_ids_that_stay() -> None:
    known = work()
    outlets = [Outlet("mastodon", ("en", "fa"), 500), Outlet("hook", (), None)]
    drafts = draft_work_posts(known, Occasion.ANNOUNCED, known.updates[0], outlets, URL)
    assert [(d.channel, d.language) for d in drafts] == [
        ("mastodon", "en"), ("mastodon", "fa"), ("hook", "en"), ("hook", "tr"), ("hook", "fa"),
    ]  # fmt: skip
    assert {(d.state, d.subject) for d in drafts} == {(DeliveryState.DRAFT, "wup_1")}
    assert drafts == draft_work_posts(known, Occasion.ANNOUNCED, known.updates[0], outlets, URL)
    assert draft_work_posts(known, Occasion.ANNOUNCED, news(texts={"fa": "متن"}), outlets[:1], URL)[0].language == "fa"


def test_a_missing_title_falls_back_to_plain_words_and_the_page_of_a_language_there_is() -> None:
    known = work(titles={"en": "New database"})
    assert work_post_text(known, Occasion.BEGUN, news(), "tr", URL).startswith("Sürüyor: Planlı bakım\n")
    assert work_post_text(known, Occasion.BEGUN, news(), "tr", URL).endswith("/en/maintenance/mnt_1.html")


# --- what the page shows


def test_the_view_of_a_work_has_what_customers_may_see_in_their_language() -> None:
    view = work_view(done(), {c.id: c for c in BOTH}, "fa")
    assert (view.title.text, view.components) == (TITLES["fa"], ("پرداخت",))
    assert [u.status for u in view.updates] == ["completed", "in_progress", "scheduled"]
    assert (view.is_active, view.is_over, view.finished_at) == (False, True, NOW - timedelta(hours=1))
    assert not view.foreign
    assert SECRET not in repr(view)


def test_the_view_says_when_something_is_not_in_the_wanted_language() -> None:
    view = work_view(work(titles={"en": "Only English"}), {}, "tr")
    assert (view.title.foreign, view.title.language, view.foreign, view.components) == (True, "en", True, ())


def test_components_without_a_group_come_first_then_the_groups_in_the_owners_order() -> None:
    parts = [Component(id, {"en": id}, group=group) for id, group in
             (("a", "two"), ("b", None), ("c", "one"), ("d", "two"), ("e", "unknown"))]  # fmt: skip
    groups = [Group("one", {"en": "One"}), Group("none", {"en": "None"}), Group("two", {"en": "Two"})]
    found = [(s.group.id if s.group else None, [c.id for c in s.components]) for s in sections(parts, groups)]
    assert found == [(None, ["b", "e"]), ("one", ["c"]), ("two", ["a", "d"])]
