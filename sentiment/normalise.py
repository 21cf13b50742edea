"""Text as the bundled classifier reads it: masked, repaired, folded where writing differs but meaning does not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

import emoji
import ftfy

_CONFIG = ftfy.TextFixerConfig(normalization="NFC", explain=False)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_HANDLE = re.compile(r"(?<![\w@])@\w+")
_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){8,}")
_SPACE = re.compile(r"\s+")
_LETTER_RUN = re.compile(r"([^\W\d_])\1{2,}")
_SIGN_RUN = re.compile(r"([^\w\s])\1{3,}")
# ZWNJ stays out of this class: between two Persian letters it is part of the word until `_fold_persian` opens it.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\u00ad]")
_ARABIC_MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")
_PERSIAN_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", "ة": "ه", "\u200c": " "})
_ARABIC_LETTERS = str.maketrans({"\u200c": None, "ی": "ي", "ک": "ك"})
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_TURKISH_UPPER = str.maketrans({"I": "ı", "İ": "i"})
_DOTTED = frozenset({"tr", "az"})
_SHOUTED_LETTERS = 8
_SHOUTED_SHARE = 0.7


def lower(text: str, language: str) -> str:
    """Lower case for a reader of `language`: Turkish and Azeri keep their two i's apart, and no letter becomes two."""
    if language in _DOTTED:
        return text.translate(_TURKISH_UPPER).lower()
    return text.replace("İ", "i").lower()


def normalise(text: str, language: str = "unknown", *, known_emoji: Container[str] | None = None) -> str:
    """The text for the tokenizer.

    Handles, links, addresses and long numbers become the masks of the training data. An emoji outside `known_emoji`
    (the pieces of the tokenizer; None keeps all) becomes its English name. Any str is accepted, lone surrogates too.
    """
    plain = _without_controls(ftfy.fix_text(text, _CONFIG))
    masked = _mask(plain)
    folded = _fold(masked, language)
    shortened = _SIGN_RUN.sub(r"\1\1\1", _LETTER_RUN.sub(r"\1\1", folded))
    if known_emoji is not None:
        shortened = name_rare_emoji(shortened, known_emoji)
    return _SPACE.sub(" ", shortened).strip()


def name_rare_emoji(text: str, known: Container[str]) -> str:
    """Emoji the tokenizer has no piece for become their English names; the others stay."""
    if text.isascii():
        return text

    def named(sign: str, data: dict[str, str]) -> str:
        return sign if sign in known or sign[0] in known else f" {data['en'].strip(':').replace('_', ' ')} "

    return emoji.replace_emoji(text, replace=named)


def _without_controls(text: str) -> str:
    kept = _INVISIBLE.sub("", text)
    if kept.isprintable():
        return kept
    # Cf holds ZWNJ and ZWJ, which Persian words and family emoji need.
    return "".join(" " if unicodedata.category(sign) in {"Cc", "Cs", "Co", "Zl", "Zp"} else sign for sign in kept)


def _mask(text: str) -> str:
    text = _EMAIL.sub("<email>", _URL.sub("http", text))
    return _NUMBER.sub("<number>", _HANDLE.sub("@user", text))


def _fold(text: str, language: str) -> str:
    folded = _ARABIC_MARKS.sub("", text).translate(_DIGITS)
    if language == "ar":
        folded = folded.translate(_ARABIC_LETTERS)
    elif language in {"fa", "unknown"}:
        folded = folded.translate(_PERSIAN_LETTERS)
    return lower(folded, language) if _is_shouted(folded) else folded


def _is_shouted(text: str) -> bool:
    """Whether most letters are capitals: the tokenizer cuts such words to crumbs ("ÇÖKTÜ" is three pieces)."""
    upper = sum(map(str.isupper, text))
    return upper >= _SHOUTED_LETTERS and upper >= _SHOUTED_SHARE * sum(map(str.isalpha, text))
