"""What the team corrected, as training rows and as a measure."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain.heard.classification import Kind
from sentiment.corrections import count_wrong, precision_by_language, training_rows


@dataclass(frozen=True, slots=True)
class Stored:
    text: str = "the app is down"
    language: str = "en"
    model: str = "m 1"
    is_complaint: bool | None = None
    kind: Kind | None = None


TABLE = [
    ("not a complaint", Stored(is_complaint=False), {"complaint": "no", "kind": "other"}),
    ("no complaint, so no kind", Stored(is_complaint=False, kind=Kind.PRICE), {"complaint": "no", "kind": "other"}),
    ("another kind", Stored(kind=Kind.APP_BUG), {"complaint": "yes", "kind": "app_bug"}),
    ("a complaint after all", Stored(is_complaint=True), {"complaint": "yes"}),
]


@pytest.mark.parametrize(("why", "correction", "wanted"), TABLE, ids=[row[0] for row in TABLE])
def test_a_correction_becomes_a_training_row(why: str, correction: Stored, wanted: dict[str, str]) -> None:
    assert training_rows([correction]) == [{"text": "the app is down", "lang": "en", "model": "m 1", **wanted}], why


def test_a_correction_that_says_nothing_is_left_out() -> None:
    assert training_rows([Stored()]) == []


def test_the_last_word_on_a_text_counts() -> None:
    rows = training_rows([Stored(is_complaint=False), Stored(text="b", is_complaint=True), Stored(kind=Kind.OUTAGE)])
    assert [(row["text"], row["complaint"]) for row in rows] == [("b", "yes"), ("the app is down", "yes")]


def test_precision_is_the_share_of_flags_that_people_left_standing() -> None:
    found = precision_by_language({"tr": 10, "en": 4}, {"tr": 1})
    assert [(each.language, each.value) for each in found] == [("en", 1.0), ("tr", 0.9)]


def test_precision_without_flags_is_not_a_number_out_of_thin_air() -> None:
    (found,) = precision_by_language({"fa": 0}, {"fa": 3})
    assert found.value is None
    assert found.wrong == 0


def test_wrong_flags_are_counted_per_language() -> None:
    corrections = [Stored(is_complaint=False), Stored(is_complaint=False, language="tr"), Stored(kind=Kind.PRICE)]
    assert count_wrong(corrections) == {"en": 1, "tr": 1}
