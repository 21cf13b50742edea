"""The HTML form: one file that runs nothing and asks for nothing, with a picture, its table, and escaped words."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from app.review.html import review_html, scorecard_html
from app.review.score_sheet import score_sheet
from app.review.sheet import sheet
from domain.review.score import scorecard
from domain.review.story import review
from tests.app.review.hostile import COMPONENT, TEXTS, hostile, nobody
from tests.domain.make import NOW
from tests.domain.review.review_story import LATER, story, told

HOSTILE = hostile()


def name(component: str | None) -> str:
    return COMPONENT.name("en") if component else "no component"


def read(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


FOUND = review_html(sheet(review(story(), LATER), lambda id: "Payments"), "Nar")
FILES = {
    "story": FOUND, "hostile": review_html(sheet(HOSTILE, name), '<b>"Nar"'),
    "nobody": review_html(sheet(nobody(), name), "Nar"),
    "scorecard": scorecard_html(score_sheet(scorecard([HOSTILE], NOW, LATER)), "Nar"),
    "empty": scorecard_html(score_sheet(scorecard([], NOW, LATER)), "Nar"),
}  # fmt: skip


def words(soup: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(found.get_text(" ").split()) for found in soup.select(selector)]


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_file_runs_nothing_asks_for_nothing_and_allows_only_its_own_styles(text: str) -> None:
    soup = read(text)
    assert soup.select("script, img, iframe, object, embed, form, [style], [onerror], [onclick]") == []
    assert [str(link["href"]) for link in soup.select("link")] == ["data:,"]
    style = soup.select_one("style")
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.decode_contents().encode()).digest()).decode()
    policy = str(soup.select_one("meta[http-equiv]")["content"])  # type: ignore[index]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import", style.decode_contents())
    assert not re.search("[\u202a-\u202e]", text)


def test_what_strangers_wrote_is_shown_as_they_wrote_it() -> None:
    soup = read(FILES["hostile"])
    quotes = words(soup, "blockquote")
    assert TEXTS[0] in quotes
    assert TEXTS[4] in quotes
    assert {str(quote["dir"]) for quote in soup.select("blockquote, h1, .rv-text")} == {"auto"}
    assert words(soup, "h1") == ['Payments <b>fail</b> | ](javascript:alert(3)) "quoted" decalper']
    assert soup.select("a") == []


def test_the_picture_the_numbers_and_the_table_say_the_same() -> None:
    soup = read(FOUND)
    charts = soup.select("svg.rv-chart")
    assert len(charts) == 2  # one for wide screens, one for phones
    for chart in charts:
        assert chart["role"] == "img"
        title = chart.select_one("title")
        assert title is not None
        assert title["id"] == chart["aria-labelledby"]
        assert len(chart.select("rect.rv-new")) == 3
        assert len(chart.select("rect.rv-again")) == 2
        assert [text.get_text() for text in chart.select(".rv-number")] == ["1", "2", "3"]
        assert len(chart.select("rect.rv-silence")) == 1
    assert words(soup, ".rv-no") == ["1", "2", "3"]
    assert words(soup, ".rv-minutes tbody tr")[0] == "16:44 0 1 1 1"
    assert words(soup, ".rv-minutes tbody tr")[1:4] == [
        "16:48 4 2 2 3", "16:50 6 1 0 3 Our people were called", "16:52 8 0 0 3 Somebody was looking",
    ]  # fmt: skip
    assert words(soup, ".rv-minutes tbody tr")[-2:] == [
        "18:10 86 0 0 4 Last follow-up sent · 2 to single customers", "18:14 90 1 0 4",
    ]  # fmt: skip


def test_the_figures_stand_at_the_head() -> None:
    assert words(read(FOUND), ".rv-figures > div") == [
        "People who complained 4 7 complaints", "First complaint to alert 6 min",
        "First complaint to public word 10 min 3 people waited by then", "First complaint to the end 1 h 20 min",
        "Promises kept 1 of 2 late by 15 min",
        "Heard from us 3 of 5 2 answered, 2 told after the end, 1 still wait, 1 may not be written to",
        "Say it is still broken 1 after we said it was solved",
        "Felt well informed 50 % 2 of 2 answered: 1 solved, 0 not",
    ]  # fmt: skip


def test_persian_stands_in_its_own_direction_and_language() -> None:
    soup = read(FOUND)
    quote = soup.select_one('blockquote[lang="fa"]')
    update = soup.select_one('.rv-text[lang="fa"]')
    assert quote is not None
    assert update is not None
    assert quote.get_text() == "از صبح پرداخت انجام نمی‌شود"
    assert update.get_text() == "بررسی می‌کنیم."


def test_a_private_incident_says_that_customers_were_told_nothing() -> None:
    private = review(story(incident=replace(told(), private=True, deliveries=()), follow_ups=()), LATER)
    soup = read(review_html(sheet(private, name), "Nar"))
    assert words(soup, ".rv-hot") == ["private"]
    assert "it is private, so all of them were left without one" in words(soup, ".rv-lead")[0]
    assert "Nothing was said in public." in soup.get_text()
    assert soup.select(".rv-mark[cx]") == []
    assert len(soup.select("rect.rv-silence")) == 2


def test_an_incident_without_complaints_has_an_empty_picture_and_says_why() -> None:
    soup = read(FILES["nobody"])
    assert words(soup, ".rv-lead") == ["Nobody complained. We said 1 public word."]
    assert soup.select("rect.rv-new, rect.rv-silence") == []
    assert "still open" in words(soup, ".rv-top")[0]


def test_the_scorecard_has_a_row_for_each_incident() -> None:
    silent = replace(told(), id="inc_2", private=True, deliveries=())
    card = scorecard([review(story(), LATER), review(story(incident=silent, cases=()), LATER)], NOW, LATER)
    soup = read(scorecard_html(score_sheet(card), "Nar"))
    rows = words(soup, ".rv-score tbody tr")
    assert len(rows) == 2
    assert "nothing was said" in rows[0]
    assert "private" in rows[0]
    assert rows[1].startswith("Payments fail 06 Mar 2026 16:45 · major · 1 person: still broken 4 6 min 10 min")
    assert "No incident was declared in this time." in FILES["empty"]
