"""`hubbub classify`: texts in, meanings out, in the same order."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from app.cli.classify import BATCH, run
from domain.errors import ConfigError
from domain.heard.classification import Classification
from sentiment.lexicon import LexiconClassifier
from tests.app.cli.running import Hubbub
from tests.domain.make import meaning


class Echo:
    """A classifier that keeps what it was given."""

    model = "echo"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """Take a batch."""
        self.batches.append(list(texts))
        return [meaning(model=text[:20]) for text in texts]


def classified(*lines: str, classifier: Any = None) -> list[dict[str, Any]]:
    """Run a stream through the command's core."""
    written: list[str] = []
    run(lines, written.append, classifier or LexiconClassifier(), lambda count: None)
    return [json.loads(line) for line in written]


def test_lines_and_json_lines_keep_their_order() -> None:
    rows = classified(
        "the app is down\n", '{"text": "ödeme çalışmıyor", "id": 7}\n', "{ not json\r\n", '{"text": "عالی بود"}'
    )
    assert [row.get("text", row.get("id")) for row in rows] == ["the app is down", 7, "{ not json", "عالی بود"]
    assert {row["model"] for row in rows} == {"fallback"}
    assert [row["language"] for row in rows][:2] == ["en", "tr"]


def test_empty_lines_are_left_out() -> None:
    assert len(classified("\n", "one\n", "   \n", "\r\n", "two")) == 2
    assert classified() == []
    assert classified("\n", "\n") == []


def test_a_row_has_all_that_was_found() -> None:
    (row,) = classified("the app is down again")
    assert row.keys() == {"text", "language", "sentiment", "complaint", "is_complaint", "kind", "model"}
    assert set(row["sentiment"]["scores"]) == {"negative", "neutral", "positive"}
    assert 0 <= row["complaint"] <= 1


@pytest.mark.parametrize("line", ['{"txt": "x"}', '{"text": 5}', '{"text": null, "id": 1}', "{}"])
def test_an_object_without_text_is_named_by_its_line(line: str) -> None:
    with pytest.raises(ConfigError, match="line 3: the JSON object has no text"):
        classified("one\n", "\n", f"{line}\n")


def test_a_long_stream_is_taken_in_batches_even_past_empty_ones() -> None:
    echo = Echo()
    lines = [f"line {n}\n" for n in range(BATCH)] + ["\n"] * BATCH + ["last\n"]
    rows = classified(*lines, classifier=echo)
    assert [len(batch) for batch in echo.batches] == [BATCH, 0, 1]
    assert rows[-1]["text"] == "last"


class Stdin(io.TextIOWrapper):
    """What a program pipes in, byte for byte."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")


def piped(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch, content: bytes) -> tuple[int, list[Any], str]:
    monkeypatch.setattr("sys.stdin", Stdin(content))
    code, out, err = hubbub("classify")
    return code, [json.loads(line) for line in out.splitlines()], err


def test_the_command_reads_stdin_with_the_bundled_model(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["my card was declined twice and nobody answers", "siparişim hâlâ gelmedi", "برنامه باز نمی‌شود"]
    code, rows, err = piped(hubbub, monkeypatch, "\n".join(texts).encode())
    assert (code, err, [row["text"] for row in rows]) == (0, "", texts)
    assert [row["language"] for row in rows] == ["en", "tr", "fa"]
    assert rows[0]["model"] != "fallback"


def test_broken_bytes_and_half_characters_are_classified_too(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'\xff\xfe broken bytes\n{"text": "half \\ud83d character"}\n\x00\x01\n'
    code, rows, _ = piped(hubbub, monkeypatch, content)
    assert (code, len(rows)) == (0, 3)


def test_a_bad_line_ends_the_command_with_code_2(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    code, rows, err = piped(hubbub, monkeypatch, b'fine\n{"id": 1}\n')
    assert (code, rows) == (2, [])
    assert err == "hubbub: line 2: the JSON object has no text in “text”\n"


def test_a_model_that_is_not_there_is_said(hubbub: Hubbub) -> None:
    code, _, err = hubbub("classify", "--model", "no/such/folder/at/all")
    assert code == 2
    assert err.startswith("hubbub: ")
