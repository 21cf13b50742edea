"""The demo's people answer follow-ups in words that hubbub understands, the same ones after a restart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from app.demo.answering import answer_to
from app.standin.town.square import Post, Town
from domain.care.satisfaction import Answer, read_answer
from tests.domain.make import NOW

LANGUAGES = ("en", "tr", "fa")


@pytest.fixture(scope="module")
def post() -> Post:
    town = Town(None, lambda: NOW)
    found = town.find(town.say("zeynep", "Zeynep", "my card was declined", NOW, language="en"))
    town.close()
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_answer_that_it_works_and_every_word_is_understood(post: Post, language: str) -> None:
    asked = replace(post, language=language)
    said = [answer_to(asked, replace(post, author=f"person{n}"), ()) for n in range(500)]
    heard = [read_answer(answer[1], language)[0] for answer in said if answer is not None]
    assert 250 <= len(heard) <= 350
    assert Counter(heard) == {Answer.FIXED: len(heard)}
    assert len({answer[1] for answer in said if answer is not None}) == 4
    assert all(answer[0] >= timedelta(minutes=2) for answer in said if answer is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_those_for_whom_it_has_not_ended_well_say_so(post: Post, language: str) -> None:
    people = [replace(post, author=f"person{n}") for n in range(100)]
    asked = replace(post, language=language)
    said = [answer_to(asked, person, {each.author for each in people}) for person in people]
    assert {read_answer(answer[1], language)[0] if answer else None for answer in said} == {Answer.STILL_BROKEN}


def test_the_same_person_gives_the_same_answer_again(post: Post) -> None:
    assert answer_to(post, post, ()) == answer_to(replace(post, id=7, at=NOW + timedelta(days=3)), post, ())
