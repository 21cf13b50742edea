"""mrkdwn becomes HTML of ours; what strangers wrote stays text."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from app.standin.slack.mrkdwn import mrkdwn, plain

ALLOWED = {"div", "strong", "em", "s", "code", "pre", "blockquote", "a", "span", "time"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~gone~ `a*b*`", "<strong>bold</strong> <em>it</em> <s>gone</s> <code>a*b*</code>"),
        ("3*4*5 snake_case_name", "3*4*5 snake_case_name"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("a &lt;b&gt; &amp;amp;", "a &lt;b&gt; &amp;amp;"),
        ("hi <@U1> in <#C1>", 'hi <span class="at">@Ada</span> in <span class="at">#care</span>'),
        ("<!here>", '<span class="at">@here</span>'),
    ],
)
def test_markup_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert html in str(mrkdwn(text, {"U1": "Ada", "C1": "care"}))


def test_quotes_and_fences_become_blocks() -> None:
    page = BeautifulSoup(mrkdwn("before\n> one\n> ikinci\n```▁▂ <b>\n▃```after"), "html.parser")
    assert [line.text for line in page.blockquote.select(".line")] == ["one", "ikinci"]
    assert page.pre.text == "▁▂ <b>\n▃"
    assert page.find_all("b") == []


def test_links_go_to_the_web_only() -> None:
    page = BeautifulSoup(
        mrkdwn("<https://a.test/?x=1&amp;y=2|Open> <javascript:alert(1)|no> <data:x|no>"), "html.parser"
    )
    assert [(a["href"], a.text, a["rel"]) for a in page.find_all("a")] == [
        ("https://a.test/?x=1&y=2", "Open", ["noopener", "noreferrer", "nofollow"])
    ]


def test_bare_addresses_are_links_only_where_slack_links_them() -> None:
    assert "<a " in mrkdwn("see https://a.test/x", linkify=True)
    assert "<a " not in mrkdwn("see https://a.test/x")


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("large_orange_circle", "🟠"),
        ("white_check_mark", "✅"),
        ("see_no_evil", "🙈"),
        ("flag-tr", "🇹🇷"),
        ("no_bell", "🔕"),
    ],
)
def test_shortcodes_of_slack_become_emoji(name: str, sign: str) -> None:
    assert sign in mrkdwn(f":{name}: x")
    assert sign in plain(f":{name}:")


def test_what_is_no_emoji_stays_as_it_was_written() -> None:
    assert ":not_an_emoji:" in mrkdwn("13:45:20 :not_an_emoji:")
    assert plain(":x:", shortcodes=False) == ":x:"


def test_a_date_carries_its_moment_and_its_fallback() -> None:
    time = BeautifulSoup(mrkdwn("due <!date^1772366400^{time}|12:00 UTC>"), "html.parser").time
    assert (time["datetime"], time["data-format"], time.text) == ("2026-03-01T12:00:00+00:00", "{time}", "12:00 UTC")


@pytest.mark.parametrize("text", ["<!date^999999999999^{time}|then>", "<!date^x^y>", "<!date^1^"])
def test_a_broken_date_is_text(text: str) -> None:
    assert "<time" not in mrkdwn(text)


def test_each_line_has_its_own_direction() -> None:
    page = BeautifulSoup(mrkdwn("Persian:\n> پرداخت نشد"), "html.parser")
    assert [line["dir"] for line in page.select(".line")] == ["ltr", "rtl"]


@given(st.text(alphabet="<>&|*_~`:!@#^\n \"'=/abجİ\u202e\x00", max_size=120))
def test_no_text_of_any_kind_brings_a_tag_or_an_attribute_of_its_own(text: str) -> None:
    page = BeautifulSoup(
        mrkdwn(f"{text}<script>alert(1)</script><img src=x onerror=y>", {}, linkify=True), "html.parser"
    )
    for tag in page.find_all(True):
        assert tag.name in ALLOWED
        assert not any(name.startswith("on") for name in tag.attrs)
        assert tag.get("href", "https://").startswith(("http://", "https://", "mailto:"))
