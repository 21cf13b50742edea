"""Which words carried a decision."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.heard.classification import Classification, Kind, Sentiment
from sentiment.why import words_that_decided

WEIGHTS = {"down": 0.5, "again": 0.15, "angry": 0.2, "قطعه": 0.6}


class WordCounter:
    """Complains as strongly as the words it knows add up to, and notes how much it was asked."""

    model = "counter"

    def __init__(self) -> None:
        self.asked = 0

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        self.asked += len(texts)
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Classification:
        complaint = min(1.0, sum(weight for word, weight in WEIGHTS.items() if word in text.lower()))
        return Classification(
            language="en",
            sentiment=Sentiment.NEGATIVE,
            sentiment_scores={},
            complaint=complaint,
            is_complaint=complaint > 0.5,
            kind=Kind.OUTAGE,
            kind_scores={Kind.OUTAGE: complaint},
            model=self.model,
        )


TABLE = [
    ("heaviest first", "the app is down again and I am angry", ("down", "angry", "again")),
    ("as written", "DOWN. Again", ("DOWN", "Again")),
    ("each word once", "down down DOWN", ()),
    ("handles and masks are nobody's reason", "@down http <email> 12345", ()),
    ("right to left", "اینترنت از صبح قطعه", ("قطعه",)),
    ("nothing decided it", "just some words here", ()),
    ("no words", "😡😡 !!!", ()),
    ("empty", "", ()),
]


@pytest.mark.parametrize(("why", "text", "wanted"), TABLE, ids=[row[0] for row in TABLE])
def test_the_words_that_carried_the_decision(why: str, text: str, wanted: tuple[str, ...]) -> None:
    classifier = WordCounter()
    (found,) = classifier.classify([text])
    assert words_that_decided(classifier, text, found) == wanted, why


def test_no_more_words_than_asked_for() -> None:
    classifier = WordCounter()
    text = "down again angry"
    (found,) = classifier.classify([text])
    assert words_that_decided(classifier, text, found, most=1) == ("down",)


def test_a_long_text_costs_a_bounded_number_of_passes() -> None:
    classifier = WordCounter()
    text = "down " + "word " * 5000
    (found,) = classifier.classify([text])
    words_that_decided(classifier, text, found)
    assert classifier.asked <= 41
