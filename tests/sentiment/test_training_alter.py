"""Altered texts: what a student reads beside the labelled rows."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.training.alter import Pool, alter, altered
from sentiment.training.rows import ALTERED, KIND_LABELLED, MISSING, Row

POOL = Pool(["hiç de fena değil bence bu film", "gece gece aklıma geldi"], ["fena", "gece", "film"])


def row(text: str, group: str, language: str = "tr") -> Row:
    return Row(text, language, group, "train", sentiment=2, complaint=0, kind=3)


def test_every_variant_is_unlabelled_and_says_where_it_came_from() -> None:
    tweet = row("bu akşam hat yine çekmiyor arkadaşlar", f"tr/telco_tweets{KIND_LABELLED}")
    found = list(altered([tweet], Random(1)))
    assert len(found) == 8
    for each in found:
        assert each.group == f"tr/telco_tweets/{ALTERED}"
        assert (each.source, each.fold) == (tweet.source, tweet.fold)
        assert (each.sentiment, each.complaint, each.kind) == (MISSING,) * 3
        assert not each.not_outage


def test_only_own_posts_of_three_languages_and_two_sets_are_altered() -> None:
    rows = [row("gut so", "de/posts", "de"), row("kargo geç geldi", "tr/store_reviews"), row("ok", "en/umsab", "en")]
    assert list(altered([*rows, row("güzel gün", "tr/posts")], Random(1))) != []
    assert list(altered(rows, Random(1))) == []


def test_a_text_is_mixed_with_others_of_its_own_fold_only() -> None:
    rows = [row(" ".join([f"söz{number}"] * 8), "tr/posts") for number in range(200)]
    fold_of = {word: each.fold for each in rows for word in each.text.split()}
    for each in altered(rows, Random(5)):
        assert {fold_of[word] for word in each.text.replace("soz", "söz").split()} == {each.fold}


def test_a_fold_of_one_long_word_does_not_stop_it() -> None:
    assert all(each.text for each in altered([row("çekoslovakyalılaştıramadıklarımız", "tr/posts")], Random(1)))


def test_the_same_seed_gives_the_same_texts() -> None:
    rows = [row(text, "tr/posts") for text in POOL.texts]
    assert list(altered(rows, Random(3))) == list(altered(rows, Random(3)))
    assert list(altered(rows, Random(3))) != list(altered(rows, Random(4)))


@given(st.lists(st.text(min_size=1).filter(str.split), min_size=1, max_size=40), st.integers())
def test_no_text_is_lost_altogether(words: list[str], seed: int) -> None:
    text = alter(" ".join(words), POOL, Random(seed))
    assert text.strip()
    assert len(text.split()) <= 2 * len(" ".join(words).split()) + 50


@pytest.mark.parametrize("seed", range(20))
def test_most_of_a_text_stays(seed: int) -> None:
    text = "dün gece izlediğimiz film beklediğimden çok daha güzeldi herkese tavsiye ederim"
    kept = set(text.split()) & set(alter(text, POOL, Random(seed)).split())
    assert len(kept) >= 2
