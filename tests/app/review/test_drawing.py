"""The picture: bars, marks and ticks stand where their moments are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.review.drawing import BARS, LANE, LEFT, NARROW, RIGHT, WIDE, after, picture
from domain.review.story import Material, review
from tests.app.review.hostile import nobody
from tests.domain.make import NOW, incident, word
from tests.domain.review.review_story import LATER, A, at, story

FOUND = review(story(), LATER)
SPOKEN = [(at(10), False), (at(35), False), (at(80), True)]


def test_marks_stand_on_the_time_axis_of_the_bars() -> None:
    drawn = picture(FOUND, SPOKEN, NOW)
    slot = (WIDE - LEFT - RIGHT) / 71  # bars of two minutes from 16:44 on
    assert [mark.x for mark in drawn.marks] == pytest.approx([LEFT + m / 2 * slot for m in (11, 36, 81)], abs=0.1)
    assert [(mark.number, mark.ends) for mark in drawn.marks] == [(1, False), (2, False), (3, True)]
    first = drawn.newly[0]
    assert LEFT <= first.x < LEFT + slot
    assert first.height == BARS / 2  # one person where two are the most
    assert drawn.newly[1].height == BARS
    assert drawn.newly[1].y == drawn.top


def test_the_silence_lasts_from_the_first_complaint_to_the_first_word() -> None:
    silence = picture(FOUND, SPOKEN, NOW).silence
    assert silence is not None
    assert silence.width == pytest.approx(5 * (WIDE - LEFT - RIGHT) / 71, abs=0.2)
    assert picture(nobody(), [], NOW).silence is None


def test_there_is_no_silence_where_we_spoke_first() -> None:
    ahead = review(Material(incident(word(at=at(-9)), started_at=at(-9)), mentions=A), at(60))
    assert picture(ahead, [(at(-9), False)], NOW).silence is None


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_everything_stays_inside(width: float) -> None:
    drawn = picture(FOUND, SPOKEN, NOW, width)
    boxes = [*drawn.newly, *drawn.again, *drawn.answers]
    assert all(box.x >= LEFT and box.x + box.width <= width - RIGHT + 0.1 for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawn.height for box in boxes)
    assert all(LEFT <= tick.at <= width - RIGHT for tick in drawn.hours)
    gaps = [b.at - a.at for a, b in zip(drawn.hours, drawn.hours[1:], strict=False)]
    assert min(gaps) >= 50


def test_marks_that_would_cover_each_other_stand_in_lanes() -> None:
    crowd = [(at(10 + n / 2), False) for n in range(6)] + [(at(70), False)]
    drawn = picture(FOUND, crowd, NOW)
    for a in drawn.marks:
        for b in drawn.marks:
            assert a is b or a.y != b.y or abs(a.x - b.x) >= LANE - 0.1
    assert drawn.marks[-1].y == LANE / 2
    assert drawn.top > 3 * LANE


def test_a_word_beside_the_picture_has_no_mark_but_the_others_keep_their_numbers() -> None:
    drawn = picture(FOUND, [(at(-500), False), *SPOKEN], NOW)
    assert [mark.number for mark in drawn.marks] == [2, 3, 4]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0"), (5, "5 min"), (60, "1 h"), (90, "1 h 30"), (65, "1 h 05"), (1440, "1 d"), (1500, "25 h"),
     (-10, "−10 min")],
)  # fmt: skip
def test_the_axis_speaks_in_short_words(minutes: int, words: str) -> None:
    assert after(timedelta(minutes=minutes)) == words
