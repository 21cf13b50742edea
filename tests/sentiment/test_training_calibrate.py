"""Thresholds and temperatures from dev rows: false outages are rare, probabilities mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="scipy is needed for training only and is not installed")

from domain.heard.classification import Kind
from sentiment.training.calibrate import calibrate
from sentiment.training.rows import KINDS, Row

OUTAGE, OTHER = KINDS.index(Kind.OUTAGE), KINDS.index(Kind.OTHER)
TWEETS, OURS = "en/tweeteval_sentiment", "en/posts"


def heard(complaint: float, outage: float) -> np.ndarray:
    """Logits of one text: how sure it is a complaint (logit), and how much likelier an outage than anything else."""
    logits = np.zeros(12, dtype=np.float32)
    logits[0 if complaint > 0 else 2] = 2
    logits[3], logits[4 + OUTAGE], logits[4 + OTHER] = complaint, outage, 1.0
    return logits


def complaint(kind: int, number: int) -> Row:
    return Row(f"trouble {kind} {number}", "en", OURS, "dev", sentiment=0, complaint=1, kind=kind)


def calm(group: str, number: int) -> Row:
    return Row(f"calm {number}", "en", group, "dev", sentiment=2, complaint=0)


def threshold(mistaken_tweets: int, mistaken_posts: int) -> float:
    """The outage threshold for English where so many of 1,000 calm tweets and of 100 calm posts look like outages."""
    rows, logits = [], []
    for number in range(100):
        sure = 2.0 + 2 * (number % 10) / 10
        rows += [complaint(OUTAGE, number), complaint(OTHER, number)]
        logits += [heard(4, sure), heard(4, -2)]
    for group, count, mistaken in ((TWEETS, 1000, mistaken_tweets), (OURS, 100, mistaken_posts)):
        rows += [calm(group, number) for number in range(count)]
        logits += [heard(3, 2.9) if number < mistaken else heard(-4, -2) for number in range(count)]
    return calibrate(np.array(logits), rows, "x", 128).outage["en"]


def test_false_outages_among_tweets_raise_the_threshold() -> None:
    assert threshold(mistaken_tweets=10, mistaken_posts=0) > threshold(mistaken_tweets=0, mistaken_posts=0) + 0.05


def test_posts_that_were_written_to_be_mistaken_weigh_as_little_as_they_occur_in_life() -> None:
    easy = threshold(mistaken_tweets=0, mistaken_posts=0)
    assert threshold(mistaken_tweets=0, mistaken_posts=2) == pytest.approx(easy, abs=0.03)
    assert threshold(mistaken_tweets=0, mistaken_posts=10) > easy + 0.05


def test_a_network_that_is_too_sure_is_cooled_down() -> None:
    chance = np.random.default_rng(2)
    rows, logits = [], []
    for number in range(600):
        is_complaint = number % 2
        rows.append(complaint(OTHER, number) if is_complaint else calm(OURS, number))
        is_right = chance.random() < 0.8
        logits.append(heard(8 if is_right == bool(is_complaint) else -8, -2))
    found = calibrate(np.array(logits), rows, "x", 128)
    assert found.temperatures["complaint"] > 2


def test_a_network_that_never_names_an_outage_gets_a_threshold_all_the_same() -> None:
    rows = [calm(TWEETS, number) for number in range(50)] + [complaint(OTHER, number) for number in range(50)]
    found = calibrate(np.array([heard(-4, -4)] * 50 + [heard(4, -4)] * 50), rows, "x", 128)
    assert all(0.2 <= value <= 0.9 for value in found.outage.values())
