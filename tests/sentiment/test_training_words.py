"""A linear model of a set's words beside the teacher: never asked of a text that it has read."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is needed for training only and is not installed")

from sentiment.training.alter import altered
from sentiment.training.rows import Row, key
from sentiment.training.words import heeding_words, mixed

FOOD = "fa/snappfood"


def review(number: int, sentiment: int, word: str = "", group: str = FOOD) -> Row:
    word = word or ("سرد" if sentiment == 0 else "گرم")
    return Row(f"غذا {word} بود {number}", "fa", group, "train", sentiment=sentiment)


def unsure(rows: list[Row]) -> np.ndarray:
    return np.tile(np.linspace(-1, 1, 12, dtype=np.float32), (len(rows), 1))


def likelihoods(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits[:, :3]) / np.exp(logits[:, :3]).sum(1, keepdims=True)


def agreement(logits: np.ndarray, rows: list[Row]) -> float:
    """How often the likelier pole, beside what is usual among `logits`, is the label."""
    lean = logits[:, 2] - logits[:, 0]
    return float(np.mean((lean > np.median(lean)) == [row.sentiment == 2 for row in rows]))


def test_a_word_that_decides_in_its_set_is_heeded() -> None:
    rows = [review(number, 2 * (number % 2)) for number in range(900)]
    heeded = heeding_words(unsure(rows), rows)
    assert agreement(heeded, rows) == 1
    assert np.allclose(likelihoods(heeded)[:, 1], likelihoods(unsure(rows))[:, 1], atol=1e-5), "neutral is not its word"
    assert (heeded[:, 3:] == unsure(rows)[:, 3:]).all()


@pytest.mark.parametrize(("group", "count"), [(FOOD, 600), ("fa/deepsentipers", 900)])
def test_small_sets_and_those_that_lose_by_it_stay_as_they_are(group: str, count: int) -> None:
    rows = [review(number, 2 * (number % 2), group=group) for number in range(count)]
    assert (heeding_words(unsure(rows), rows) == unsure(rows)).all()


def test_no_text_is_asked_about_that_was_read() -> None:
    chance = Random(1)
    rows = [review(number, chance.choice((0, 2)), word=f"{chance.random():.9f}" * 2) for number in range(900)]
    assert agreement(heeding_words(unsure(rows), rows), rows) == pytest.approx(0.5, abs=0.06)


def test_nor_was_a_text_read_that_an_altered_one_was_made_from() -> None:
    chance = Random(2)
    rows = [review(number, chance.choice((0, 2)), word=f"{chance.random():.9f}" * 2) for number in range(900)]
    labels = {key(row.text): row.sentiment for row in rows}
    variants = list(altered(rows, chance))
    heeded = heeding_words(unsure([*rows, *variants]), [*rows, *variants])[len(rows) :]
    told = [replace(each, sentiment=labels[each.origin]) for each in variants]
    assert agreement(heeded, told) == pytest.approx(0.5, abs=0.05)


def test_the_share_says_how_much_it_is_heeded() -> None:
    teacher = np.log(np.array([[0.6, 0.2]], dtype=np.float32))
    linear = np.log(np.array([[0.1, 0.9]]))
    assert np.exp(mixed(teacher, linear, 0.0)) == pytest.approx(np.array([[0.6, 0.2]]))
    assert np.exp(mixed(teacher, linear, 1.0)) == pytest.approx(np.array([[0.08, 0.72]]))
    between = np.exp(mixed(teacher, linear, 0.5))
    assert between.sum() == pytest.approx(0.8)
    assert between[0, 1] / between[0, 0] == pytest.approx((9 / 3) ** 0.5)
