"""What Mastodon makes of a text."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from app.standin.town.words import clean, content, fold, length, mentions_of, tags_of

HOME = "http://127.0.0.1/stand-in/town/"


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Acme is down #acme", ["acme"]),
        ("#پرداخت و #نیم‌فاصله", ["پرداخت", "نیم‌فاصله"]),
        ("#İSTANBUL #ödeme", ["istanbul", "ödeme"]),
        ("#1 #2026 a#b https://a.test/#frag &#39;", []),
        ("(#acme)", ["acme"]),
    ],
)
def test_hashtags_are_found_in_every_script(text: str, tags: list[str]) -> None:
    assert tags_of(text) == tags


def test_spellings_of_a_tag_are_one() -> None:
    assert fold("İstanbul") == fold("istanbul") == "istanbul"


def test_mentions_are_found_but_no_mail_addresses() -> None:
    assert mentions_of("@Acme hi a@b.test (@jo.w) @acme!") == ["acme", "jo.w"]


def test_every_web_address_counts_23() -> None:
    assert length("see https://example.com/a/very/long/address/indeed/it/is.") == len("see ") + 23 + 1


def test_text_becomes_mastodon_s_html() -> None:
    html = content("Hi @acme\nline two\n\nSee https://a.test/x?y=1&z=2. #Acme", HOME, {"acme": "Acme"})
    page = BeautifulSoup(html, "html.parser")
    assert len(page.find_all("p")) == 2 and len(page.find_all("br")) == 1
    assert page.select_one("a.u-url.mention")["href"] == f"{HOME}@acme"
    assert page.select_one("a.hashtag")["href"] == f"{HOME}tags/acme"
    assert page.select_one("a[rel~=nofollow]")["href"] == "https://a.test/x?y=1&z=2"


def test_control_characters_are_dropped_and_joiners_kept() -> None:
    assert clean("a\x00\x07\x1bb\nنمی\u200cشود\ud800") == "ab\nنمی\u200cشود"


@given(st.text(alphabet="<>&\"'#@:/abجİ\u202e\x00\n .=", max_size=100))
def test_no_text_brings_a_tag_of_its_own(text: str) -> None:
    page = BeautifulSoup(content(f"{text}<script>x</script> <img src=x onerror=y>", HOME), "html.parser")
    assert {tag.name for tag in page.find_all(True)} <= {"p", "br", "a", "span"}
    assert all(a["href"].startswith(("http://", "https://")) for a in page.find_all("a"))
