"""Incident texts: a little Markdown passes, everything that could act is shown as text."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from status_page.markup import clean, plain, to_html

ALLOWED = {"p", "br", "strong", "em", "code", "a", "ul", "ol", "li"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("One line.", "<p>One line.</p>"),
        ("Two\nlines.", "<p>Two<br>\nlines.</p>"),
        ("Two\n\nparagraphs.", "<p>Two</p>\n<p>paragraphs.</p>"),
        ("1 < 2 > 0", "<p>1 &lt; 2 &gt; 0</p>"),
        ("so & so", "<p>so &amp; so</p>\n"),
        ("**bold** and *so*", "<p><strong>bold</strong> and <em>so</em></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>\n"),
        ("# no heading", "<p># no heading</p>"),
        ("![x](https://evil.example/x.png)", None),
        ("نیم‌فاصله می‌ماند", "<p>نیم‌فاصله می‌ماند</p>"),
    ],
)
def test_a_little_markdown_is_rendered(text: str, html: str | None) -> None:
    rendered = str(to_html(text))
    assert "<img" not in rendered
    if html is not None:
        assert rendered == html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"])
def test_only_harmless_addresses_become_links(url: str) -> None:
    assert "href" not in str(to_html(f"[press]({url})"))


def test_links_to_the_web_are_kept_without_lending_our_name() -> None:
    assert str(to_html("[help](https://kiosk.example/help)")) == (
        '<p><a href="https://kiosk.example/help" rel="nofollow noopener">help</a></p>\n'
    )


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("<>&\"'/=*_`[]()!-+1. \nabonclick:jvscript\u202e\x00"), max_size=80))
def test_no_text_gives_a_tag_or_attribute_beyond_the_few(text: str) -> None:
    soup = BeautifulSoup(str(to_html(text)), "html.parser")
    for tag in soup.find_all(True):
        assert tag.name in ALLOWED
        assert set(tag.attrs) <= {"href", "rel", "start"}


@settings(deadline=None)
@given(st.text(max_size=60))
def test_clean_text_can_be_written_and_hides_no_control(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not set(cleaned) & {"\x00", "\x07", "\x1b", "\u202e", "\u202d"}
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No marks,\n\ntwo < paragraphs.", "No marks,\n\ntwo < paragraphs."),
        ("**New** cards & *old*.\n\nSee [help](https://kiosk.example).", "New cards & old.\n\nSee help."),
        ("- a\n- b", "- a\n- b"),
        ("`<b>` & <script>x</script>", "<b> & <script>x</script>"),
    ],
)  # fmt: skip
def test_posts_get_the_words_without_the_marks(text: str, words: str) -> None:
    assert plain(text) == words
