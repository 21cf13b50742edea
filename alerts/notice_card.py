"""The card of a notice: one quiet line without buttons."""

from __future__ import annotations

from alerts.blocks import context, phrase
from alerts.cards import View, clock, notification
from domain.incidents.notice import Notice, NoticeKind

_SIGNS = {NoticeKind.VOLUME: ":loudspeaker:", NoticeKind.WATCH: ":eyes:", NoticeKind.SOURCE: ":ear:",
          NoticeKind.MAINTENANCE: ":wrench:", NoticeKind.QUEUE: ":hourglass:"}  # fmt: skip

_TO_MEND = frozenset({NoticeKind.SOURCE, NoticeKind.QUEUE})


def notice_card(notice: Notice, *, component_name: str = "") -> View:
    """Draw a notice, for people who happen to look: it mentions nobody and can be answered by nobody."""
    name, words = phrase(component_name, 80) if component_name else "", phrase(notice.text, 400)
    about = f"*{name}*: " if name else ""
    # What we cannot hear, or cannot send, is somebody's to mend; the other notices only want a look.
    calm = "" if notice.kind in _TO_MEND else " Nobody is called because of this."
    line = f"{_SIGNS[notice.kind]} {about}{words} ({clock(notice.at)}){calm}"
    return View(notification(name, words), [context(line)])
