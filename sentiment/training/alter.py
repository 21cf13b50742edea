"""Altered texts for a student: cut, mixed, with words dropped and swapped; what they are a teacher has to say.

More texts of the languages that have few bring a student nearer to its teacher than more passes over the same ones
(Jiao et al., "TinyBERT: Distilling BERT for Natural Language Understanding", 2020, section 3.2; words come from other
texts of the language here instead of from a language model).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from sentiment.training.rows import MISSING, Row

ALTERED = "altered"
_LONGEST_WORD, _MOST_WORDS = 20, 50
_WITHOUT_DOTS = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts of one language, and their words as often as they occur."""

    texts: Sequence[str]
    words: Sequence[str]


def altered(rows: Sequence[Row], chance: Random) -> Iterator[Row]:
    """Unlabelled variants of train rows in Turkish, Persian and English, most of them Turkish."""
    spoken: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        spoken[row.language].append(row)
    for language in ("tr", "fa", "en"):
        pool = _pool(spoken[language])
        for row in spoken[language]:
            for _ in range(_times(row)):
                yield _unlabelled(row, alter(row.text, pool, chance))


def alter(text: str, pool: Pool, chance: Random) -> str:
    """One variant of a text: a part of it, a mixture with another, or some words dropped, swapped or added."""
    words = text.split()
    way = chance.random()
    if way < 0.3 and len(words) > 6:
        words = _part(words, chance)
    elif way < 0.5 and len(words) > 3:
        words = _mixed(words, chance.choice(pool.texts).split(), chance)
    else:
        words = _touched(words, pool.words, chance)
    if chance.random() < 0.1:
        words = [word.translate(_WITHOUT_DOTS) for word in words]
    return " ".join(words)


def _times(row: Row) -> int:
    is_ours = "posts" in row.group or "kind" in row.group
    if row.language == "tr":
        return 8 if "telco" in row.group else 3 * is_ours
    return int(is_ours)


def _pool(rows: Sequence[Row]) -> Pool:
    texts = [row.text for row in rows if any(part in row.group for part in ("posts", "tweet", "kind"))]
    return Pool(texts, [word for row in rows for word in row.text.split() if len(word) < _LONGEST_WORD])


def _unlabelled(row: Row, text: str) -> Row:
    group = f"{row.language}/{ALTERED}"
    return replace(row, text=text, group=group, sentiment=MISSING, complaint=MISSING, kind=MISSING, weak=True)


def _part(words: list[str], chance: Random) -> list[str]:
    count = chance.randint(max(3, len(words) // 3), len(words) - 2)
    start = chance.randint(0, len(words) - count)
    return words[start : start + count]


def _mixed(words: list[str], others: list[str], chance: Random) -> list[str]:
    ours = words[: chance.randint(len(words) // 2, len(words))]
    theirs = others[chance.randint(0, len(others) // 2) :]
    return (ours + theirs if chance.random() < 0.5 else theirs + ours)[:_MOST_WORDS]


def _touched(words: list[str], pool: Sequence[str], chance: Random) -> list[str]:
    words = list(words)
    for _ in range(max(1, round(len(words) * chance.choice((0.1, 0.15, 0.25))))):
        place, way = chance.randrange(len(words)), chance.random()
        if way < 0.35 and len(words) > 3:
            words.pop(place)
        elif way < 0.85:
            words[place] = chance.choice(pool)
        else:
            words.insert(place, chance.choice(pool))
    return words
