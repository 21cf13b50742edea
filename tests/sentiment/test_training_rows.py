"""Rows for training: what is read, what is left open, what never gets in."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from domain.heard.classification import Kind, Sentiment
from sentiment.training import rows as module
from sentiment.training.rows import KINDS, MISSING, falls_in_dev, key, read_all, read_posts, read_set
from sentiment.training.sets import SETS, PublicSet

POSTS = Path(module.__file__).parent / "posts"
EXAMPLE = PublicSet("en/example", 10, "MIT", "somewhere")


def write_set(data: Path, lines: Sequence[Mapping[str, object]], path: str = "en/example") -> None:
    target = data / f"{path}.jsonl.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(target, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)


def line(text: str = "the app is down", **more: object) -> dict[str, object]:
    return {"text": text, "lang": "en", "split": "train", "src": "x", **more}


def test_missing_labels_stay_open(tmp_path: Path) -> None:
    write_set(tmp_path, [line(sentiment="negative")])
    (row,) = read_set(tmp_path, EXAMPLE)
    assert (row.sentiment, row.complaint, row.kind) == (0, MISSING, MISSING)
    assert not row.not_outage


def test_praise_is_no_complaint_and_surely_no_outage(tmp_path: Path) -> None:
    write_set(tmp_path, [line("love it", sentiment="positive")])
    (row,) = read_set(tmp_path, EXAMPLE)
    assert row.complaint == 0
    assert row.not_outage


def test_a_kind_belongs_to_complaints_only(tmp_path: Path) -> None:
    write_set(tmp_path, [line("a", complaint="no", kind="outage"), line("b", complaint="yes", kind="outage")])
    no, yes = read_set(tmp_path, EXAMPLE)
    assert no.kind == MISSING
    assert KINDS[yes.kind] is Kind.OUTAGE


def test_rows_of_non_commercial_parents_are_not_trained_on(tmp_path: Path) -> None:
    write_set(tmp_path, [line(src="kind_seed/parsinlu_food"), line("kept")])
    assert [row.text for row in read_set(tmp_path, EXAMPLE)] == ["kept"]


def test_a_set_for_evaluation_gives_dev_rows_only(tmp_path: Path) -> None:
    write_set(tmp_path, [line(), line("b")])
    assert {row.split for row in read_set(tmp_path, PublicSet("en/example", 0, "NC", "x"))} == {"dev"}


def test_a_label_file_names_texts_without_quoting_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path, [line("cannot log in"), line("no label")])
    monkeypatch.setattr(module, "SETS", (EXAMPLE,))
    labels = tmp_path / "labels.jsonl"
    entry = {"key": key("cannot  LOG in"), "complaint": "yes", "kind": "login_account"}
    labels.write_text(json.dumps(entry) + "\n", encoding="utf-8")
    (tmp_path / "posts").mkdir()
    found = {row.text: row for row in read_all(tmp_path, tmp_path / "posts", labels)}
    assert KINDS[found["cannot log in"].kind] is Kind.LOGIN_ACCOUNT
    assert found["cannot log in"].complaint == 1
    assert found["no label"].complaint == MISSING


def test_one_text_is_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path, [line("Twice  told"), line("twice told")])
    monkeypatch.setattr(module, "SETS", (EXAMPLE,))
    (tmp_path / "posts").mkdir()
    assert len(read_all(tmp_path, tmp_path / "posts")) == 1


def test_the_split_depends_on_the_text_alone() -> None:
    texts = [f"text {random.Random(n).random()}" for n in range(2000)]
    share = sum(falls_in_dev(text, 0.15) for text in texts) / len(texts)
    assert 0.12 < share < 0.18
    assert falls_in_dev("same  text", 0.5) == falls_in_dev("Same text", 0.5)


def test_the_non_commercial_sets_of_the_index_have_no_quota() -> None:
    quotas = {public.path: public.quota for public in SETS}
    assert "tr/fsmtsad" not in quotas
    assert "fa/armanemo" not in quotas
    assert all(quotas[path] == 0 for path in ("en/us_airline", "en/kind_seed", "fa/parsinlu_food"))
    assert len(quotas) == len(SETS)


@pytest.mark.parametrize("language", ["en", "tr", "fa"])
def test_our_posts_cover_every_kind(language: str) -> None:
    counts = dict.fromkeys(KINDS, 0)
    for row in read_posts(POSTS):
        if row.language == language and row.kind != MISSING:
            counts[KINDS[row.kind]] += 1
    assert min(counts.values()) >= 120


@pytest.mark.parametrize("language", ["de", "fr", "es", "ar", "ru"])
def test_our_posts_cover_every_kind_in_five_more_languages(language: str) -> None:
    counts = dict.fromkeys(KINDS, 0)
    for row in read_posts(POSTS):
        if row.language == language and row.kind != MISSING:
            counts[KINDS[row.kind]] += 1
    assert min(counts.values()) >= 30


def test_our_posts_hold_hard_negatives_and_no_text_twice() -> None:
    found = list(read_posts(POSTS))
    assert sum(row.complaint == 0 for row in found) > 500
    assert len({key(row.text) for row in found}) == len(found)
    assert all(row.sentiment in range(len(Sentiment)) for row in found)
