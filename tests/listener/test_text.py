"""HTML to text, and what is taken out of any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.text import MAX_TEXT, clean_line, clean_text, html_to_text, language_code, mask_handles

ANY_TEXT = st.text(st.characters(), max_size=300)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<p>two<p>three", "one\n\ntwo\n\nthree"),
        ("one<br>two<BR/>three<br clear='all'>four", "one\ntwo\nthree\nfour"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("a\n   b\t c<b> d</b>", "a b c d"),
        ('<a href="http://x"><span class="invisible">https://</span>x.example/a</a>', "https://x.example/a"),
        ("x<script>alert(1)</script><style>p{}</style>y", "xy"),
        ("a<!-- hidden -->b", "ab"),
        ("it&#x27;s &amp; &lt;3", "it's & <3"),
        ("<p>write &lt;br&gt; &amp;amp; go</p>", "write <br> &amp; go"),
        ("1 < 2 and I <3 it", "1 < 2 and I <3 it"),
        ("<p>می‌شود</p>", "می‌شود"),
        ("<p onclick='x", ""),
        ("", ""),
        ("<p>&#8238;evil&#0;</p>", "evil\ufffd"),
    ],
)
def test_html_becomes_the_text_a_reader_sees(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\x00b\x07c\x9d", "abc"),
        ("pay\u202eлол\u2066x\u2069", "payлолx"),
        ("can't \ud800 encode", "can't \ufffd encode"),
        ("e\u0301", "é"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a  \n\n\n\n\nb", "a\n\nb"),
        ("نمی\u200cشود \u200fok", "نمی\u200cشود \u200fok"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_control_and_direction_characters_go_and_spelling_stays(raw: str, text: str) -> None:
    assert clean_text(raw) == text


def test_texts_and_names_are_cut() -> None:
    assert len(clean_text("x" * 50_000)) == MAX_TEXT
    assert len(html_to_text("<p>" + "y" * 50_000)) == MAX_TEXT
    assert clean_line("a\nb\t" + "c" * 500) == "a b " + "c" * 196


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("@acme no answer", "@acme no answer"),
        ("@acme@m.example help", "@acme@m.example help"),
        ("@Acme, hello", "@Acme, hello"),
        ("@friend look", "@… look"),
        ("(@friend@far.example.org)", "(@…)"),
        ("@friend. Next", "@…. Next"),
        ("mail me at a.b@c.example", "mail me at a.b@c.example"),
        ("https://m.example/@friend/1", "https://m.example/@friend/1"),
        ("@علی سلام", "@… سلام"),
        ("@acme@evil.example", "@…"),
        ("a @ b", "a @ b"),
    ],
)
def test_handles_of_third_parties_are_shortened_and_ours_stay(text: str, masked: str) -> None:
    assert mask_handles(text, {"acme@m.example"}) == masked


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("tr", "tr"),
        ("pt-BR", "pt"),
        ("EN_us", "en"),
        ("fa-IR-u-nu-latn", "fa"),
        ("", None),
        ("türkçe", None),
        ("x", None),
    ],
)
def test_language_tags_become_codes(tag: str, code: str | None) -> None:
    assert language_code(tag) == code


@pytest.mark.parametrize(
    "piece",
    ["<b>", "<div>", "<", "</", "<?", "<!--", "<a href='", "<![CDATA[", "<a><b><i><u>", "<table><a>", "<title>",
     "\ud800", "\x00", "a\u0301", "@a@b.", "&#x", "\n \n", " ", "\t ", "\u00a0"],
)  # fmt: skip
def test_hostile_repetition_costs_little_and_never_crashes(piece: str) -> None:
    started = time.perf_counter()
    hostile = "x" + piece * (60_000 // len(piece)) + "x"
    text = mask_handles(html_to_text(hostile))
    text.encode()
    clean_text(hostile)
    assert len(text) <= MAX_TEXT
    assert time.perf_counter() - started < 3, "one hostile post must not hold up all others"


@given(ANY_TEXT)
def test_any_string_becomes_clean_text(raw: str) -> None:
    for text in (clean_text(raw), html_to_text(raw), mask_handles(clean_text(raw), {"acme"})):
        text.encode()
        assert "\x00" not in text
        assert "\u202e" not in text


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert clean_text(clean_text(raw)) == clean_text(raw)
