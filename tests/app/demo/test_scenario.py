"""The built-in scenario: what it must contain to show the whole journey, and that broken data is named."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import groupby

import pytest

from app.demo.scenario.background import BACKGROUND_MINUTES
from app.demo.scenario.load import (
    BRAND,
    DAYS,
    DELIVERY_PROBLEM,
    MINUTES,
    OUTAGES_OF_SOURCES,
    PAYMENT_OUTAGE,
    Part,
    Post,
    Truth,
    background,
    load_components,
    load_posts,
    read_posts,
    truth,
)
from app.demo.scenario.truth import complaining
from domain.component import Component, match_component
from domain.heard.classification import Kind

COMPONENTS = ("app", "payments", "delivery", "accounts", "support")
START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
LANGUAGES = {"en", "tr", "fa"}
# Firms and products that a careless line might name; "apple" and the like are fruit here.
REAL = re.compile(
    r"\b(instagram|twitter|tweet|facebook|whatsapp|telegram|tiktok|youtube|google|gmail|amazon|iphone|ipad|android|visa|"
    r"mastercard|paypal|stripe|klarna|troy|trendyol|hepsiburada|getir|n11|digikala|snapp|dhl|fedex|hermes|ptt|"
    r"aras|yurtiçi|ikea|netflix|nintendo|photoshop|spotify|garanti|akbank|ziraat|mellat|kitkat|tefal|"
    r"اینستاگرام|تلگرام|واتساپ|دیجی‌کالا|اسنپ|دیوار|ملت|تیپاکس)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def posts() -> tuple[Post, ...]:
    return load_posts()


@pytest.fixture(scope="module")
def expected(posts: tuple[Post, ...]) -> Truth:
    return truth(posts)


def of(posts: tuple[Post, ...], *parts: Part) -> list[Post]:
    return [post for post in posts if post.truth.part in parts]


def line(**changed: object) -> str:
    post = {
        "n": "a",
        "minute": 1,
        "second": 0,
        "source": "forum",
        "author": "ada",
        "name": "Ada",
        "lang": "en",
        "text": "hello",
        "addressed": False,
        "followers": 0,
        "truth": {"kind": "other", "complaint": False, "component": None, "part": "quiet"},
    }
    return json.dumps(post | changed)


def test_there_are_enough_posts_in_the_promised_mix_of_languages(posts: tuple[Post, ...]) -> None:
    assert len(posts) >= 640
    share = {lang: count / len(posts) for lang, count in Counter(post.lang for post in posts).items()}
    assert share == pytest.approx({"en": 0.40, "tr": 0.35, "fa": 0.25}, abs=0.03)


def test_posts_come_in_order_within_two_days_with_ids_of_their_own(posts: tuple[Post, ...]) -> None:
    assert MINUTES == DAYS * 1440
    assert [post.offset for post in posts] == sorted(post.offset for post in posts)
    assert all(0 <= post.minute < MINUTES for post in posts)
    assert len({post.n for post in posts}) == len(posts)


def test_both_days_have_posts_and_nights_are_thin(posts: tuple[Post, ...]) -> None:
    quiet = of(posts, Part.QUIET)
    days = Counter(post.minute // 1440 for post in quiet)
    assert min(days[0], days[1]) >= 100
    nights = sum((post.minute + 180) // 60 % 24 < 6 for post in quiet)
    assert nights / len(quiet) < 0.25 / 2  # a quarter of the day, less than half its share


@pytest.mark.parametrize("part", list(Part))
def test_every_part_is_told_in_every_language(part: Part, posts: tuple[Post, ...]) -> None:
    assert {post.lang for post in of(posts, part)} == LANGUAGES


@pytest.mark.parametrize(
    ("part", "least"),
    [
        (Part.QUIET, 250),
        (Part.PAYMENT_OUTAGE, 145),
        (Part.DELIVERY_PROBLEM, 44),
        (Part.JOKE, 44),
        (Part.CAMPAIGN, 58),
        (Part.REPOST, 25),
        (Part.EDIT, 12),
        (Part.HOSTILE, 6),
        (Part.AFTERMATH, 15),
        (Part.STILL_BROKEN, 6),
    ],
)
def test_every_part_is_long_enough(part: Part, least: int, posts: tuple[Post, ...]) -> None:
    assert len(of(posts, part)) >= least


def test_the_payment_outage_starts_slowly_gets_dense_and_fades(posts: tuple[Post, ...]) -> None:
    minutes = [post.minute for post in posts if post.minute in range(*PAYMENT_OUTAGE) and payment(post)]
    assert 2190 <= min(minutes) <= 2194
    assert sum(minute < 2200 for minute in minutes) <= 15
    assert 3 <= sum(2200 <= minute < 2230 for minute in minutes) / 30 <= 5
    assert sum(minute >= 2250 for minute in minutes) <= 20


def payment(post: Post) -> bool:
    return post.complains and post.truth.component == "payments"


def test_people_in_the_payment_outage_are_fewer_than_their_complaints(posts: tuple[Post, ...], expected: Truth) -> None:
    complaints = [post for post in posts if post.minute in range(*PAYMENT_OUTAGE) and payment(post)]
    assert 110 <= len(expected.payment_people) <= 145
    assert len(complaints) - len(expected.payment_people) >= 25


def test_life_goes_on_during_the_payment_outage(posts: tuple[Post, ...]) -> None:
    others = [post for post in of(posts, Part.QUIET) if post.minute in range(*PAYMENT_OUTAGE)]
    assert len(others) >= 25
    assert not any(payment(post) for post in others)


def test_the_delivery_problem_is_slower_and_has_its_own_people(posts: tuple[Post, ...], expected: Truth) -> None:
    assert all(post.minute in range(*DELIVERY_PROBLEM) for post in of(posts, Part.DELIVERY_PROBLEM))
    assert len(expected.delivery_people) >= 40
    rate = len(of(posts, Part.DELIVERY_PROBLEM)) / (DELIVERY_PROBLEM[1] - DELIVERY_PROBLEM[0])
    assert rate < 1


def test_jokes_and_thanks_are_no_complaints(posts: tuple[Post, ...]) -> None:
    assert not any(post.complains for post in of(posts, Part.JOKE, Part.AFTERMATH))


def test_the_campaign_is_mostly_entries_with_a_few_complaints(posts: tuple[Post, ...]) -> None:
    campaign = of(posts, Part.CAMPAIGN)
    assert 2 <= sum(post.complains for post in campaign) <= len(campaign) // 8
    assert sum("#narfest" in post.text for post in campaign) / len(campaign) > 0.9


def test_still_broken_posts_come_after_the_all_clear_by_people_who_know_it(posts: tuple[Post, ...]) -> None:
    late = of(posts, Part.STILL_BROKEN)
    assert all(post.minute >= 2300 and payment(post) for post in late)
    before = complaining(posts, "payments", PAYMENT_OUTAGE)
    assert len({post.person for post in late} & before) >= 5


def test_the_brand_speaks_for_itself_in_all_languages_and_never_complains(posts: tuple[Post, ...]) -> None:
    own = [post for post in posts if post.author == BRAND]
    assert {post.lang for post in own} == LANGUAGES
    assert all(post.own and not post.complains for post in own)


def test_reposts_say_nearly_the_same_by_somebody_else(posts: tuple[Post, ...]) -> None:
    by_id = {post.n: post for post in posts}
    for post in of(posts, Part.REPOST):
        original = by_id[post.repost_of or ""]
        assert post.person != original.person
        assert SequenceMatcher(None, original.text, post.text, autojunk=False).ratio() > 0.8
        assert (post.truth.kind, post.complains) == (original.truth.kind, original.complains)


def test_only_reposts_repeat_a_text(posts: tuple[Post, ...]) -> None:
    written = Counter(post.text for post in posts if post.repost_of is None)
    assert [text for text, times in written.items() if times > 1] == []


def test_edits_keep_the_native_id_and_the_last_version_counts(posts: tuple[Post, ...], expected: Truth) -> None:
    by_id = {post.n: post for post in posts}
    edits = of(posts, Part.EDIT)
    for edit in edits:
        original = by_id[edit.native_id]
        assert original.offset < edit.offset
        assert original.text != edit.text
        assert expected.latest[edit.native_id] is edit
    assert len({edit.native_id for edit in edits}) == len(edits)


def test_truth_counts_each_native_id_once(posts: tuple[Post, ...], expected: Truth) -> None:
    assert expected.stored == len({post.native_id for post in posts}) == len(posts) - expected.edits
    assert set(expected.mentions) == {"mastodon", "reviews", "forum", "form"}
    assert expected.reposts == len(of(posts, Part.REPOST))
    assert expected.still_broken == tuple(post.n for post in of(posts, Part.STILL_BROKEN))
    assert expected.complaints == sum(post.complains for post in expected.latest.values())


def test_truth_of_three_posts_is_what_one_counts_by_hand() -> None:
    bad = {"kind": "payment_billing", "complaint": True, "component": "payments", "part": "payment_outage"}
    good = {"kind": "other", "complaint": False, "component": None, "part": "edit"}
    rows = [
        line(n="a", minute=2190, truth=bad),
        line(n="b", minute=2279, truth=bad, source="form", author="x", contact="Ada@example.com"),
        line(n="c", minute=2280, truth=bad, author="too late"),
        line(n="d", minute=2300, truth=good, edit_of="a"),
    ]
    result = truth(read_posts({"x.jsonl": "\n".join(rows)}))
    assert result.payment_people == {"forum:ada", "mail:ada@example.com"}
    assert (result.mentions, result.stored, result.edits) == ({"forum": 2, "form": 1}, 3, 1)
    assert result.complaints == 2
    assert result.returning == frozenset()


def test_many_people_speak_several_times_and_always_in_one_place(posts: tuple[Post, ...], expected: Truth) -> None:
    assert len(expected.returning) >= 30
    assert sum(times >= 3 for times in expected.contacts.values()) >= 30
    both = {post.author for post in posts if post.minute < 1440} & {
        post.author for post in posts if post.minute >= 1440
    }
    assert len(both) >= 30
    places = {(post.author, post.source) for post in posts}
    assert len(places) == len({author for author, _ in places})


def test_reports_come_by_form_some_with_an_address(posts: tuple[Post, ...]) -> None:
    forms = [post for post in posts if post.source == "form"]
    assert len(forms) >= 20
    assert any(post.contact for post in forms)
    assert any(not post.contact for post in forms)
    addresses = [post.contact for post in posts if post.contact]
    assert all(re.fullmatch(r"[a-z.]+@example\.com", address) for address in addresses)
    assert all(post.source == "form" for post in posts if post.contact)


def test_only_reviews_have_stars_and_all_of_them_do(posts: tuple[Post, ...]) -> None:
    assert all((post.rating is not None) == (post.source == "reviews") for post in posts)


def test_who_names_the_brand_has_addressed_it(posts: tuple[Post, ...]) -> None:
    assert all(post.addressed for post in posts if "@nar" in post.text or post.source == "form")


@pytest.mark.parametrize(
    ("n", "holds"),
    [
        ("hostile-markup", "<script>"),
        ("hostile-markup", "onerror="),
        ("hostile-mass-mentions", "<!channel>"),
        ("hostile-mass-mentions", "@everyone"),
        ("hostile-mass-mentions", "@here"),
        ("hostile-control", "\x00"),
        ("hostile-control", "\x1b"),
        ("hostile-control", "\u202e"),
        ("hostile-control", "\u2028"),
        ("hostile-mrkdwn", "<https://evil.example/login|"),
        ("hostile-quotes", "'); DROP TABLE"),
        ("hostile-quotes", "=HYPERLINK("),
    ],
)
def test_hostile_posts_arrive_with_their_teeth(n: str, holds: str, posts: tuple[Post, ...]) -> None:
    assert holds in next(post.text for post in posts if post.n == n)


def test_the_flood_is_grown_to_twenty_thousand_characters(posts: tuple[Post, ...]) -> None:
    assert [len(post.text) for post in posts if len(post.text) > 2000] == [20_000]


def test_posts_and_names_hold_no_control_characters_except_the_hostile_ones(posts: tuple[Post, ...]) -> None:
    for post in posts:
        if post.truth.part is not Part.HOSTILE:
            assert not {unicodedata.category(c) for c in post.text + post.name} & {"Cc", "Co", "Cs"}, post.n


def test_no_real_firm_is_named(posts: tuple[Post, ...]) -> None:
    named = [(post.n, found[0]) for post in posts if (found := REAL.search(f"{post.text} {post.author} {post.name}"))]
    assert named == []


def test_no_link_leaves_the_reserved_domains(posts: tuple[Post, ...]) -> None:
    hosts = {host for post in posts for host in re.findall(r"https?://([^/\"'|>\s]+)", post.text)}
    assert hosts == {"evil.example"}


def test_labels_name_known_components_and_kinds_fit(posts: tuple[Post, ...]) -> None:
    for post in posts:
        label = post.truth
        assert label.component in {None, *COMPONENTS}, post.n
        assert post.complains or label.kind is Kind.OTHER, post.n


def test_components_are_what_the_settings_take_with_names_and_words_per_language() -> None:
    components = load_components()
    assert {component.id for component in components} == set(COMPONENTS)
    for component in components:
        assert set(component.names) == set(component.keywords) == LANGUAGES
        assert all(len(words) >= 5 for words in component.keywords.values())
        assert component.kinds


def test_the_keywords_lead_complaints_to_their_component(posts: tuple[Post, ...]) -> None:
    components = [Component(c.id, c.names, c.keywords, c.kinds) for c in load_components()]
    complaints = [post for post in posts if post.complains]
    right = [match_component(p.text, p.truth.kind, components) == p.truth.component for p in complaints]
    assert sum(right) / len(right) > 0.97
    # even when the classifier takes the kind for something else
    outage = of(posts, Part.PAYMENT_OUTAGE)
    assert all(match_component(post.text, Kind.OTHER, components) == "payments" for post in outage)


def test_mastodon_fails_at_night_while_people_post_there(posts: tuple[Post, ...]) -> None:
    first, end = OUTAGES_OF_SOURCES["mastodon"]
    assert (first, end) == (1320, 1400)
    assert sum(post.source == "mastodon" and first <= post.minute < end for post in posts) >= 3


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["{"], r"x\.jsonl:1: line: Invalid JSON"),
        ([line(), line(n="b", minute=2880)], r"x\.jsonl:2: minute: .*less than 2880"),
        ([line(lang="de")], r"x\.jsonl:1: lang"),
        ([line(stars=5)], r"x\.jsonl:1: stars"),
        ([line(), line()], "a: two posts have this id"),
        ([line(edit_of="z")], "a: edits z, which is not there before it"),
        ([line(), line(n="b", minute=0, edit_of="a")], "b: edits a, which is not there before it"),
        ([line(), line(n="b", minute=2, author="eve", edit_of="a")], "b: edits a of another author"),
        (
            [line(), line(n="b", minute=2, edit_of="a"), line(n="c", minute=3, edit_of="b")],
            "c: edits b, itself an edit",
        ),
        ([line(repost_of="z")], "a: reposts z, which is not there before it"),
    ],
)
def test_a_broken_line_is_named_with_file_and_reason(rows: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_posts({"x.jsonl": "\n".join(rows)})


def test_blank_lines_are_fine_and_files_are_merged_in_time() -> None:
    read = read_posts({"x.jsonl": line(n="late", minute=9) + "\n\n", "y.jsonl": line(n="early")})
    assert [post.n for post in read] == ["early", "late"]


def test_the_past_holds_every_minute_of_three_weeks_for_each_component() -> None:
    past = list(background(("app", "payments"), START, seed=7))
    assert len(past) == 2 * BACKGROUND_MINUTES == 2 * 30_240
    assert [minute for minute, _ in groupby(past, key=lambda row: row.minute)] == list(range(-30_240, 0))
    assert {row.component for row in past} == {"app", "payments"}


def test_the_same_seed_gives_the_same_past() -> None:
    first, again, other = (list(background(("app",), START, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_past_is_as_quiet_as_the_quiet_days_and_keeps_their_rhythm() -> None:
    past = list(background(COMPONENTS, START, seed=3))
    complaints = sum(row.outage_like + row.other for row in past) / 21
    assert 35 <= complaints <= 55  # a day, all components
    by_hour = Counter[int]()
    by_day = Counter[int]()
    for row in past:
        by_hour[(row.minute // 60 + 3) % 24] += row.neutral
        by_day[row.minute // 1440 % 7] += row.neutral
    assert by_hour[3] < by_hour[20] / 5
    assert (by_day[5] + by_day[6]) / 2 < 0.9 * sum(by_day[day] for day in range(5)) / 5


def test_a_component_nobody_foresaw_has_a_past_too() -> None:
    assert sum(row.neutral for row in background(("lockers",), START, seed=1)) > 100


def test_the_past_is_made_in_no_time() -> None:
    began = time.process_time()
    assert sum(1 for _ in background(COMPONENTS, START, seed=1)) == 151_200
    assert time.process_time() - began < 2.0  # measured: 0.6 s
