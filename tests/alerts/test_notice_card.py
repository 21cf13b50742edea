"""A notice is one quiet line: no button, nobody mentioned; a part of a story says whose."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.limits import problems
from alerts.notice_card import notice_card
from alerts.signal_card import signal_card
from domain.incidents.notice import Notice, NoticeKind
from tests.alerts.records import HOSTILE, NOW, a_signal
from tests.alerts.shown import elements, texts, words


def notice(text: str = "People talk more about us.", kind: NoticeKind = NoticeKind.VOLUME) -> Notice:
    return Notice("note_1", kind, None, NOW - timedelta(minutes=1), text)


def test_a_notice_says_what_and_when_and_that_nobody_is_called() -> None:
    view = notice_card(notice())
    (line,) = texts(view.blocks)
    assert line.startswith(":loudspeaker: People talk more about us. (<!date^")
    assert line.endswith("Nobody is called because of this.")
    assert view.text == "People talk more about us."
    assert elements(view.blocks) == {}


def test_a_component_is_named_first() -> None:
    view = notice_card(notice("Worth a look.", NoticeKind.WATCH), component_name="Payments")
    assert next(texts(view.blocks)).startswith(":eyes: *Payments*: Worth a look.")
    assert view.text == "Payments · Worth a look."


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_keep_the_notice_whole(hostile: str) -> None:
    view = notice_card(notice(hostile or "x"), component_name=hostile)
    assert problems(view.blocks) == []
    for ping in ("<!channel", "<!everyone", "<@U"):
        assert ping not in words(view.blocks)


def test_a_part_of_a_story_says_whose_and_cannot_be_acknowledged_alone() -> None:
    child = a_signal(parent_id="sig_0", escalate_at=None)
    view = signal_card(child, component_name="Delivery", now=NOW, part_of="Payments")
    assert next(texts(view.blocks)).startswith(":large_orange_circle: *Customers report: Delivery* — part of: Payments")
    assert list(elements(view.blocks)) == ["declare", "dismiss", "silence"]
