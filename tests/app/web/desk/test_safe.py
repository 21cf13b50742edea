"""Hostile words: nothing runs, nothing hides, nothing moves the page."""

from __future__ import annotations

import pytest

from app.store import Store
from app.web.desk import safe
from domain.care.case import FlagCode, FlagReason
from domain.heard.mention import Author
from domain.incidents.signal import Quote
from domain.records import Person
from domain.work import Actor, Delivery, DeliveryState, Line
from tests.app.web.desk.hall import Browser
from tests.domain.make import NOW, case, evidence, incident, meaning, mention, record, signal, word

EVIL = (
    "\"><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} ' javascript:alert(3) "
    "\u202etxt.exe \x00\x1b[31m"
)
JS = "javascript:alert(4)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[0m", "a␀b␛[0m"), ("one\r\ntwo", "one\ntwo"), ("\u202eevil\u202c", "evil"), ("\x85", ""),
        ("x\x9by", "x\ufffdy"), ("می‌خواهم", "می‌خواهم"), ("e" + "\u0301" * 50, "e" + "\u0301" * 3), ("\x7f", "␡"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_shown_or_dropped(text: str, shown: str) -> None:
    assert safe.visible(text) == shown


def test_a_line_is_short_and_never_empty() -> None:
    assert safe.line(" \n ") == "–"
    assert safe.line("a\n b\tc") == "a b c"
    assert len(safe.line("x" * 5000, 80)) == 80


def test_long_words_are_folded_at_a_space_and_nothing_is_lost() -> None:
    text = "word " * 1000
    shown = safe.words(text)
    start, rest = ("".join(part for part, _ in half) for half in (shown.start, shown.rest))
    assert len(start) <= safe.FOLD_AT and not start.endswith("wor")
    assert start + rest == text.strip()
    lines = safe.words("\n".join("abcdefghijklmnopqrstuvwxyz"))
    assert "".join(part for part, _ in lines.start).count("\n") < 13 and lines.rest
    assert safe.words("x" * 650).rest == (), "a little too long is not worth a fold"


def test_the_words_behind_a_decision_are_marked_whatever_they_are() -> None:
    shown = safe.words("It was DECLINED (again).", ["declined", "(again)", ".*", "", "x"])
    assert [part for part, marked in shown.start if marked] == ["DECLINED", "(again)"]
    assert safe.words("", ["a"]).start == ()


@pytest.mark.parametrize("url", [JS, "data:text/html,x", "//evil.example", "", None, "https://a b"])
def test_only_web_addresses_are_linked(url: str | None) -> None:
    assert safe.link(url) is None


async def hostile(store: Store) -> list[str]:
    """Put hostile words everywhere a stranger can; gives the pages that show them."""
    author = Author("1", EVIL, EVIL, url=JS)
    said = record(
        mention(EVIL, author=author, url=JS, source="mastodon"), meaning(why=(EVIL, "<script>")), edits=(EVIL,)
    )
    sent = Delivery("d", "mastodon", EVIL, "en", DeliveryState.FAILED, NOW, error=EVIL, url=JS)
    known = case(
        text=EVIL, author=EVIL, url=JS, contact=EVIL, reason=FlagReason(FlagCode.COMPLAINT, 0.9, (EVIL,)),
        history=(Line(NOW, EVIL, f"noted: {EVIL}"), Line(NOW, EVIL, EVIL)), replies=(sent,), incident_id="inc_1",
        mention_ids=(said.id,), assignee=Actor("u", EVIL),
    )  # fmt: skip
    seen = evidence(quotes=(Quote(EVIL, "mastodon", "en", NOW, "m"),), terms=(EVIL,), regions={EVIL: 3}, unseen=(EVIL,),
                    checked=(EVIL,), observed_series=(1, 2), sources={"mastodon": 3})  # fmt: skip
    drafted = Delivery("x", "mastodon", EVIL, "en", DeliveryState.DRAFT, NOW)
    told = incident(word(texts={"en": EVIL}), titles={"en": EVIL}, deliveries=(drafted, sent), still_broken=("p",))
    await store.add(said, known, told, Person("p", EVIL, "mastodon", NOW, NOW),
                    Person(known.person_id, EVIL, "mastodon", NOW, NOW), signal(evidence=seen))  # fmt: skip
    return ["/desk", "/desk?tab=all&q=script", f"/desk/cases/{known.id}", "/desk/incidents", "/desk/incidents/inc_1",
            "/desk/signals/sig_1", "/desk/day"]  # fmt: skip


async def test_hostile_words_stay_words_on_every_page(desk: Browser, store: Store) -> None:
    for path in await hostile(store):
        page = await desk.get(path)
        assert page.status == 200, path
        assert "<script>alert" not in page.text and "<img" not in page.text, path
        assert not page.soup.select("[onerror], [onload], a[href^=javascript]"), path
        assert all(str(tag["src"]).startswith("/desk/static/") for tag in page.soup.select("script")), path
        assert "\x00" not in page.text and "\u202e" not in page.text and "\x1b" not in page.text, path
        assert "49" not in page.part(".snippet"), path


async def test_hostile_queries_are_shown_as_words(desk: Browser) -> None:
    page = await desk.get("/desk", params={"q": EVIL, "language": EVIL, "tab": EVIL, "source": EVIL, "skip": EVIL})
    assert page.status == 200
    assert "<script>alert" not in page.text


async def test_what_people_write_has_its_own_direction(desk: Browser, store: Store) -> None:
    await store.add(case(text="پرداخت انجام نمی‌شود", language="fa"))
    page = await desk.get(f"/desk/cases/{case().id}")
    for selector in ("#thread .said", "#reply-text", "#note-text", "#beside .snippet"):
        found = page.soup.select_one(selector)
        assert found is not None and found["dir"] == "auto", selector


async def test_twenty_thousand_characters_are_folded(desk: Browser, store: Store) -> None:
    said = record(mention("Lorem ipsum " * 1700))
    await store.add(said, case(mention_ids=(said.id,)))
    page = await desk.get(f"/desk/cases/{case().id}")
    fold = page.soup.select_one("#thread details.more")
    assert fold is not None and not fold.has_attr("open")
    assert len(page.part("#thread .said")) < 700
