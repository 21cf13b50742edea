"""The fallback: coarse, but never silent and never loud."""

from __future__ import annotations

import pytest

from domain.heard.classification import Kind, Sentiment
from sentiment.lexicon import LexiconClassifier

TABLE = [
    ("english complaint", "terrible service, the app is broken and useless", Sentiment.NEGATIVE, True),
    ("turkish complaint", "rezalet, uygulama yine çöktü ve açılmıyor", Sentiment.NEGATIVE, True),
    ("persian complaint", "افتضاح برنامه خراب شده و خطا میده", Sentiment.NEGATIVE, True),
    ("praise", "great support, thanks, love it", Sentiment.POSITIVE, False),
    ("persian praise", "خیلی عالی و ممنون", Sentiment.POSITIVE, False),
    ("one bad word is a hint only", "the weather is bad", Sentiment.NEGATIVE, False),
    ("nothing known", "tuesday lunch at noon", Sentiment.NEUTRAL, False),
    ("empty", "", Sentiment.NEUTRAL, False),
    ("hostile", "\ud83d\x00 \u202e", Sentiment.NEUTRAL, False),
]


@pytest.mark.parametrize(("why", "text", "sentiment", "is_complaint"), TABLE, ids=[row[0] for row in TABLE])
def test_words_decide(why: str, text: str, sentiment: Sentiment, is_complaint: bool) -> None:
    (found,) = LexiconClassifier().classify([text])
    assert (found.sentiment, found.is_complaint) == (sentiment, is_complaint), why
    assert found.model == "fallback"
    assert sum(found.sentiment_scores.values()) == pytest.approx(1)
    assert sum(found.kind_scores.values()) == pytest.approx(1)


def test_an_outage_needs_more_than_a_word() -> None:
    hint, sure = LexiconClassifier().classify(["sit down", "site down, broken and useless again"])
    assert hint.kind is not Kind.OUTAGE
    assert sure.kind is Kind.OUTAGE


def test_the_kind_follows_its_words() -> None:
    (found,) = LexiconClassifier().classify(["kargo paket gelmedi, berbat teslimat"])
    assert found.kind is Kind.DELIVERY
