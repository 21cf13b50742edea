"""The Markdown form: readable as text, right when it is rendered, and nothing in it that people wrote is markup."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from app.review.markdown import review_markdown, safe, scorecard_markdown
from app.review.score_sheet import score_sheet
from app.review.sheet import sheet
from domain.review.score import scorecard
from domain.review.story import review
from tests.app.review.hostile import COMPONENT, TEXTS, hostile, nobody
from tests.domain.make import NOW
from tests.domain.review.review_story import LATER, story

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
INVISIBLE = re.compile("[\u2060\u2066-\u2069]")


def name(component: str | None) -> str:
    return COMPONENT.name("en") if component else "no component"


FOUND = review_markdown(sheet(review(story(), LATER), lambda id: "Payments"), "Nar")


def test_the_story_in_markdown() -> None:
    for line in (
        "# Payments fail",
        "**4 people complained. The first public word came 10 min after the first complaint; "
        "3 people had complained by then.**",
        "| First complaint to public word | 10 min | 3 people waited by then |",
        "| Promises kept | 1 of 2 | late by 15 min |",
        "| Heard from us | 3 of 5 | 2 answered, 2 told after the end, 1 still wait, 1 may not be written to |",
        "| Our people were called | 16:51 | 6 min | 6 min |",
        "### 1. Investigating, 16:55 (10 min)",
        "- also on Mastodon (English, Turkish), 16:56",
        "Posts that did not go out: 1 skipped.",
        "| 16:55 | 17:25 | 17:20 | kept |",
        "| 17:20 | 17:50 | 18:05 | broken, 15 min late |",
        "> \u2068از صبح پرداخت انجام نمی‌شود\u2069",
        "> — Persian, Mastodon, 16:48",
        "- Languages: English 3, Persian 1, Turkish 1",
        "| 16:48 | 4 | 2 | 2 | 3 | – |",
        "| 16:54 | 10 | 0 | 0 | 3 | Incident declared · word 1: Investigating |",
        "- 1 complaint only repeated what others wrote: not counted.",
    ):
        assert line in FOUND.splitlines(), line


def test_every_table_keeps_its_columns() -> None:
    for markdown in (FOUND, review_markdown(sheet(hostile(), name), "N|ar")):
        for block in re.findall(r"(?:^\|.*\n)+", markdown, re.MULTILINE):
            columns = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(columns) == 1, block


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_renders_as_the_words_that_were_written(text: str) -> None:
    for frame in ("{}", "> {}", "- {}", "# {}"):
        tokens = RENDERER.parse(frame.format(safe(text)))
        inline = [child for token in tokens for child in token.children or ()]
        assert {child.type for child in inline} <= {"text", "text_special", "html_entity"}, inline
        shown = INVISIBLE.sub("", "".join(child.content for child in inline))
        assert shown == " ".join(re.sub("[\u202e\u202c\u2066]", "", text).split())


def test_nothing_becomes_a_link_by_itself_and_nobody_is_called() -> None:
    assert safe("see https://a.example www.b.example a@c.example @channel") == (
        "see https\\://a.example www\\.b.example a@\u2060c.example @\u2060channel"
    )


@pytest.mark.parametrize("start", ["- item", "+ item", "1. item", "23) item", "=== x", "--- x", "# x", "> x", "* x"])
def test_a_text_cannot_begin_a_block(start: str) -> None:
    tokens = RENDERER.parse(safe(start))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]


def test_a_hostile_incident_has_no_link_no_image_and_no_html_of_its_own() -> None:
    markdown = review_markdown(sheet(hostile(), name), "Nar](javascript:x)")
    tokens = RENDERER.parse(markdown)
    kinds = {t.type for t in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "code_inline", "em_open", "s_open"}
    assert not re.search("[\u202a-\u202e]", markdown)
    assert sum(t.type == "strong_open" for token in tokens for t in token.children or ()) == 1  # our own lead


def test_an_incident_without_complaints_says_so() -> None:
    markdown = review_markdown(sheet(nobody(), name), "Nar")
    assert "**Nobody complained. We said 1 public word.**" in markdown
    assert "There is no complaint to quote." in markdown
    assert "still open" in markdown


def test_the_scorecard_in_markdown() -> None:
    card = scorecard([review(story(), LATER), hostile()], NOW, LATER)
    markdown = scorecard_markdown(score_sheet(card), "Nar")
    row = "| Payments fail | 06 Mar 2026 16:45 | 4 | 6 min | 10 min | 1 h 20 min | 1 of 2 | 3 of 5 | 50 % | customers |"
    assert row in markdown.splitlines()
    assert "| First complaint to public word | 9.5 min | median |" in markdown
    assert "No incident was declared" in scorecard_markdown(score_sheet(scorecard([], NOW, LATER)), "Nar")
