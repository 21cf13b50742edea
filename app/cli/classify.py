"""`hubbub classify`: texts on stdin, what they mean as JSON lines on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Annotated, Any

import typer
from rich.progress import Progress

from domain.errors import ConfigError
from domain.heard.classification import Classification
from sentiment.classifier import Classifier

BATCH = 256


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("classify")(classify)


def classify(
    model: Annotated[str, typer.Option(help="bundled, or a Hugging Face directory or name.")] = "bundled",
    threads: Annotated[int, typer.Option(min=1, max=64, help="CPU threads.")] = 1,
) -> None:
    """Read lines of text, or JSON lines with "text" (and "id"), and print what each one means."""
    from sentiment.load import load_classifier

    classifier = load_classifier(model, threads=threads)
    for stream in (sys.stdin, sys.stdout):  # JSON may say half a surrogate pair, which no file can hold
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    with Progress(transient=True, disable=not sys.stderr.isatty(), console=_stderr()) as progress:
        task = progress.add_task("classifying", total=None)
        run(sys.stdin, _write, classifier, lambda count: progress.advance(task, count))


def run(
    lines: Iterable[str], write: Callable[[str], None], classifier: Classifier, advanced: Callable[[int], None]
) -> None:
    """Classify a stream in batches; output keeps the order of the input."""
    numbered = enumerate(lines, start=1)
    while batch := [_read(number, line) for number, line in islice(numbered, BATCH)]:
        said = [item for item in batch if item is not None]
        for item, meaning in zip(said, classifier.classify([item["text"] for item in said]), strict=True):
            write(json.dumps(as_row(item, meaning), ensure_ascii=False) + "\n")
        advanced(len(batch))


def _read(number: int, line: str) -> dict[str, Any] | None:
    line = line.rstrip("\r\n")
    if not line.lstrip().startswith("{"):
        return {"text": line} if line.strip() else None
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return {"text": line}  # a post may begin with a brace
    known: dict[str, Any] = item
    if not isinstance(known.get("text"), str):
        raise ConfigError(f"line {number}: the JSON object has no text in “text”")
    return known


def as_row(item: dict[str, Any], meaning: Classification) -> dict[str, Any]:
    """Shape one result: text or id, language, sentiment, complaint, kind, model."""
    known = {"id": item["id"]} if "id" in item else {"text": item["text"]}
    return known | {
        "language": meaning.language,
        "sentiment": {"label": meaning.sentiment, "scores": _rounded(meaning.sentiment_scores.items())},
        "complaint": round(meaning.complaint, 4),
        "is_complaint": meaning.is_complaint,
        "kind": {"label": meaning.kind, "scores": _rounded(meaning.kind_scores.items())},
        "model": meaning.model,
    }


def _rounded(scores: Iterable[tuple[str, float]]) -> dict[str, float]:
    return {str(name): round(score, 4) for name, score in scores}


def _write(text: str) -> None:
    sys.stdout.write(text)


def _stderr() -> Any:
    from rich.console import Console

    return Console(stderr=True)
