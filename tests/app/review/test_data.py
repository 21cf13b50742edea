"""The JSON form: figures for other tools; nobody is named, nobody's address is in it."""

from __future__ import annotations

import json

from app.review.data import review_json, scorecard_json
from domain.review.score import scorecard
from domain.review.story import review
from tests.app.review.hostile import hostile
from tests.domain.make import NOW
from tests.domain.review.review_story import LATER, story

TEXT = review_json(review(story(), LATER))


def test_the_story_as_data() -> None:
    data = json.loads(TEXT)
    assert data["incident"]["began"] == "2026-03-06T16:45:00Z"
    assert data["people"]["complained"] == 4
    assert data["people"]["before_public_word"] == 3
    assert data["minutes_from_first_complaint"] == {"alert": 6, "declared": 10, "public_word": 10, "resolved": 80}
    assert (sum(data["bars"]["people"]), data["bars"]["step_minutes"]) == (6, 2)
    assert [word["means"] for word in data["said"]] == ["page", "post", "page", "page"]
    assert data["to_single_customers"][0] == {
        "at": "2026-03-06T17:00:00Z", "means": "answer", "channel": "mastodon", "status": "sent",
    }  # fmt: skip
    assert (data["promises"]["kept"], data["promises"]["late_minutes"]) == (1, [15])
    assert data["reach"]["share"] == 0.6
    assert data["satisfaction"]["score"] == 0.5
    assert [quote["language"] for quote in data["quotes"]] == ["en", "tr", "fa", "en"]


def test_no_person_is_named() -> None:
    assert "per_" not in TEXT.replace("per_b", "")
    for trace in ("zeynep", "a@b.example", "case_", "men_"):
        assert trace not in TEXT.lower()


def test_hostile_text_stays_data_and_turns_no_line() -> None:
    text = review_json(hostile())
    assert "\u202e" not in text
    assert any("<script>" in quote["text"] for quote in json.loads(text)["quotes"])


def test_the_scorecard_as_data() -> None:
    data = json.loads(scorecard_json(scorecard([review(story(), LATER)], NOW, LATER)))
    assert data["medians_from_first_complaint"] == {"alert": 6.0, "public_word": 10.0, "resolved": 80.0}
    assert (data["promises_kept"], data["reached"], data["satisfied"], data["customers_first"]) == (0.5, 0.6, 0.5, 1)
    assert data["incidents"][0]["to_public_word"] == 10
