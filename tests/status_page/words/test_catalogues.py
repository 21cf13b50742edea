"""The catalogues are complete: a message without its translation or plural is a failure here, not on the page."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from status_page.words.language import (
    LOCALES,
    catalogue,
    digits,
    direction,
    join_names,
    language_name,
    speakable,
    spoken,
)

METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
TRANSLATED = [language for language in spoken() if language != "en"]
PLACE = re.compile(r"%\((\w+)\)s")


@lru_cache(maxsize=1)
def messages() -> frozenset[str | tuple[str, str]]:
    """Find every message in the code and the templates."""
    found = extract_from_dir(LOCALES.parent, METHODS, keywords=KEYWORDS)
    return frozenset(message if isinstance(message, str) else (message[0], message[1]) for _, _, message, _, _ in found)


def read(language: str) -> Catalog:
    """Read a catalogue as it lies on disk."""
    with (LOCALES / language / "LC_MESSAGES" / "status_page.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def test_turkish_and_persian_are_there_and_messages_were_found() -> None:
    assert spoken() == ("en", "fa", "tr")
    assert len(messages()) > 60


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: str) -> None:
    found = read(language)
    lacking = []
    for message in messages():
        known = found.get(message if isinstance(message, str) else message[0])
        forms = known.string if known is not None and not known.fuzzy else ""
        if not forms or not all(forms if isinstance(forms, tuple) else [forms]):
            lacking.append(message)
    assert lacking == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_plural_has_all_forms_of_the_language(language: str) -> None:
    found = read(language)
    for message in messages():
        if isinstance(message, tuple):
            known = found.get(message[0])
            assert known is not None
            assert isinstance(known.string, tuple)
            assert len(known.string) == found.num_plurals, message


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_loses_or_invents_a_place(language: str) -> None:
    for known in read(language):
        if known.id:
            ids = known.id if isinstance(known.id, tuple) else (known.id,)
            wanted = set(PLACE.findall(ids[-1]))
            for form in known.string if isinstance(known.string, tuple) else (known.string,):
                assert set(PLACE.findall(form)) == wanted, known.id


def test_persian_messages_leave_the_word_for_hour_to_the_moment_that_fills_them() -> None:
    doubled = [known.id for known in read("fa") if re.search(r"ساعت\W*%\((?:time|end)\)s", str(known.string))]
    assert doubled == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language: str) -> None:
    wanted = {message if isinstance(message, str) else message[0] for message in messages()}
    known = {m.id if isinstance(m.id, str) else m.id[0] for m in read(language) if m.id}
    assert known - wanted == set()


@pytest.mark.parametrize(("language", "one", "many"), [("en", "1 day", "%s days"), ("tr", "1 gün", "%s gün")])
def test_numbers_choose_their_plural(language: str, one: str, many: str) -> None:
    t = catalogue(language)
    for number, wanted in ((1, one), (0, many % 0), (2, many % 2), (21, many % 21)):
        assert t.ngettext("%(num)s day", "%(num)s days", number) % {"num": number} == wanted


def test_a_language_without_words_speaks_english() -> None:
    assert speakable("de") == "en"
    assert speakable("unknown") == "en"
    assert catalogue("de").gettext("Resolved") == "Resolved"


def test_direction_names_lists_and_digits_follow_the_language() -> None:
    assert [direction(language) for language in ("en", "tr", "fa", "ar")] == ["ltr", "ltr", "rtl", "rtl"]
    assert language_name("fa", "tr") == "Farsça"
    assert join_names(["A", "B", "C"], "tr") == "A, B ve C"
    assert join_names([], "fa") == ""
    assert digits("14:35", "fa") == "۱۴:۳۵"
    assert digits("14:35", "tr") == "14:35"
