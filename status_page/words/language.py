"""The languages we can speak to customers: catalogues, direction of writing, names, digits."""

from __future__ import annotations

import gettext
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parents[1] / "locale"
SOURCE_LANGUAGE = "en"  # the language the messages stand in, in code and templates


@lru_cache(maxsize=1)
def spoken() -> tuple[str, ...]:
    """List the languages that have words, English first; a new folder in `locale/` adds one."""
    return (SOURCE_LANGUAGE, *sorted(found.parts[-3] for found in LOCALES.glob("*/LC_MESSAGES/status_page.po")))


def speakable(language: str) -> str:
    """Give `language` if we have words in it, else English."""
    return language if language in spoken() else SOURCE_LANGUAGE


@lru_cache(maxsize=32)
def catalogue(language: str) -> gettext.NullTranslations:
    """Load the messages of `language`, compiled in memory; English stands in the code itself."""
    if language == SOURCE_LANGUAGE or language not in spoken():
        return gettext.NullTranslations()
    with (LOCALES / language / "LC_MESSAGES" / "status_page.po").open("rb") as source:
        messages = read_po(source, locale=language, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=32)
def direction(language: str) -> str:
    """Say how `language` is written: "ltr" or "rtl"."""
    return str(_locale(language).text_direction)


@lru_cache(maxsize=256)
def language_name(language: str, in_language: str) -> str:
    """Name a language in the words of another, e.g. ("fa", "tr") -> "Farsça"."""
    name = _locale(in_language).languages.get(language, language)
    return str(name)


def join_names(names: Sequence[str], language: str) -> str:
    """Write a list as people do: "A, B and C"."""
    return format_list(names, locale=_locale(language)) if names else ""


def listed(names: Sequence[str], language: str) -> str:
    """Write a bare list with the comma of the language: "A, B"."""
    return ("، " if language == "fa" else ", ").join(names)


def digits(text: str, language: str) -> str:
    """Write the digits of `text` as the readers of `language` do (Persian has its own)."""
    return text.translate(_PERSIAN_DIGITS) if language == "fa" else text


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
