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

from sentiment.training.rows import ALTERED, MISSING, Row, key

_OFTEN = {"tr/telco_tweets": 8, "fa/snappfood": 6}
_OWN = {"tr": 3, "fa": 1, "en": 1}
"""How many variants of each row, by set and, for texts with labels of our own, by language."""
_LONGEST_WORD, _MOST_WORDS = 20, 50
_WITHOUT_DOTS = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts of one fold of a set, and their words as often as they occur."""

    texts: Sequence[str]
    words: Sequence[str]


def altered(rows: Sequence[Row], chance: Random) -> Iterator[Row]:
    """Unlabelled variants of train rows: Turkish above all, Persian food reviews, own posts in both and in English.

    What a text is mixed with comes from its own fold of its own set (see `words.py`: one that has read neither).
    """
    kin: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        if _times(row):
            kin[row.source, row.fold].append(row)
    for members in kin.values():
        pool = _pool(members)
        for row in members:
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
    if row.source in _OFTEN:
        return _OFTEN[row.source]
    is_ours = "posts" in row.group or "kind" in row.group
    return _OWN.get(row.language, 0) if is_ours else 0


def _pool(rows: Sequence[Row]) -> Pool:
    words = [word for row in rows for word in row.text.split()]
    return Pool([row.text for row in rows], [word for word in words if len(word) < _LONGEST_WORD] or words)


def _unlabelled(row: Row, text: str) -> Row:
    return replace(
        row,
        text=text,
        group=f"{row.source}/{ALTERED}",
        sentiment=MISSING,
        complaint=MISSING,
        kind=MISSING,
        weak=True,
        origin=key(row.text),
    )


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
