"""The bundled model as it is shipped: loads, answers, takes anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from domain.heard.classification import Classification, Kind, Sentiment
from sentiment.classifier import BUNDLED, BundledClassifier, passes
from sentiment.why import words_that_decided

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def classifier() -> BundledClassifier:
    return BundledClassifier()


def one(classifier: BundledClassifier, text: str) -> Classification:
    return classifier.classify([text])[0]


def test_the_folder_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 40 * MEGABYTE


CLEAR_CASES = [
    ("en", "worst service ever, I want my money back, you charged me twice!!", Sentiment.NEGATIVE, True),
    ("en", "thank you so much, your support was wonderful today", Sentiment.POSITIVE, False),
    ("tr", "internet iki gündür yok, kimse telefona bakmıyor, rezalet", Sentiment.NEGATIVE, True),
    ("tr", "çok teşekkürler, harika bir hizmet, çok memnun kaldım", Sentiment.POSITIVE, False),
    ("fa", "افتضاحه، دو روزه برنامه باز نمیشه و کسی جواب نمیده", Sentiment.NEGATIVE, True),
    ("fa", "خیلی عالی بود ممنون از پشتیبانی خوبتون", Sentiment.POSITIVE, False),
]


@pytest.mark.parametrize(("language", "text", "sentiment", "is_complaint"), CLEAR_CASES)
def test_clear_cases_are_clear(
    classifier: BundledClassifier, language: str, text: str, sentiment: Sentiment, is_complaint: bool
) -> None:
    found = one(classifier, text)
    assert (found.language, found.sentiment, found.is_complaint) == (language, sentiment, is_complaint)


@pytest.mark.parametrize(
    "text",
    [
        "is the site down for everyone? nothing loads since 9am, total outage",
        "internet çöktü yine, sabahtan beri hiçbir yere bağlanamıyorum",
        "اینترنت از صبح قطعه و هیچ سایتی باز نمیشه",
    ],
)
def test_an_outage_is_an_outage(classifier: BundledClassifier, text: str) -> None:
    assert one(classifier, text).kind is Kind.OUTAGE


@pytest.mark.parametrize(
    "text",
    ["I'm down for pizza tonight 🍕", "thanks for fixing the outage so quickly!", "good morning", "kahve molası"],
)
def test_no_outage_where_there_is_none(classifier: BundledClassifier, text: str) -> None:
    assert one(classifier, text).kind is not Kind.OUTAGE


LONG = ["😡" * 3000, "a" * 20_000, "ا" * 20_000, "word " * 5000]
HOSTILE = ["", " ", "\ud83d", "\x00\x01\x1b[31m", "\u202e" * 50, *LONG]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gets_a_verdict(classifier: BundledClassifier, text: str) -> None:
    found = one(classifier, text)
    assert 0 <= found.complaint <= 1
    assert sum(found.kind_scores.values()) == pytest.approx(1, abs=1e-4)
    assert np.isfinite(list(found.sentiment_scores.values())).all()


@pytest.mark.parametrize("text", ["internetam ghat shode az sobh", "bhai app open hi nahi ho raha since morning yaar"])
def test_romanised_and_mixed_text_gets_a_verdict(classifier: BundledClassifier, text: str) -> None:
    assert one(classifier, text).model == classifier.model


def test_order_is_kept_over_many_batches(classifier: BundledClassifier) -> None:
    texts = [f"order {n} is late " + "very " * (n % 40) for n in range(75)]
    together = classifier.classify(texts)
    assert len(together) == 75
    for n in (0, 31, 74):
        assert together[n].complaint == pytest.approx(one(classifier, texts[n]).complaint, abs=0.2)


def test_nothing_in_nothing_out(classifier: BundledClassifier) -> None:
    assert classifier.classify([]) == []


def test_a_long_text_is_cut_in_tokens_and_keeps_its_end_sign(classifier: BundledClassifier) -> None:
    encoded = classifier._tokenizer.encode("word " * 5000)
    assert len(encoded.ids) == 128
    assert encoded.ids[-1] == 2


def test_the_words_that_decided_are_words_of_the_text(classifier: BundledClassifier) -> None:
    text = "hello @shop, your awful app crashed again and took my money"
    words = words_that_decided(classifier, text, one(classifier, text))
    assert 1 <= len(words) <= 3
    assert all(word in text for word in words)
    assert "shop" not in words


def test_the_light_tokenizer_equals_the_one_of_transformers(classifier: BundledClassifier) -> None:
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(BUNDLED)
    for text in ("the app is down 😡", "şikâyet ediyorum, çıldırdım", "نمی شود وارد شد", "", "日本語 и русский"):
        wanted = tokenizer(text, truncation=True, max_length=128)["input_ids"]
        assert classifier._tokenizer.encode(text).ids == wanted


def test_the_config_loads_through_transformers() -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.AutoConfig.from_pretrained(BUNDLED)
    assert config.model_type == "bert"
    assert config.hidden_size == 384


def test_a_folder_without_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no model\.onnx"):
        BundledClassifier(tmp_path)


PASSES = [
    ("like lengths together, shortest first", [300, 10, 300, 10], [[1, 3], [0], [2]]),
    ("many short texts in one pass", [8] * 64, [list(range(64))]),
    ("one long text alone", [128, 128, 128, 128, 128], [[0, 1, 2, 3], [4]]),
    ("longer than a pass", [600], [[0]]),
    ("none", [], []),
]


@pytest.mark.parametrize(("why", "lengths", "wanted"), PASSES, ids=[row[0] for row in PASSES])
def test_passes_hold_a_bounded_number_of_tokens(why: str, lengths: list[int], wanted: list[list[int]]) -> None:
    assert list(passes(lengths)) == wanted, why
