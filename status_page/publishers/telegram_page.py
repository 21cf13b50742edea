"""Reads what a public Telegram channel has posted from its preview page: a bot cannot ask for its own messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser

from status_page.publishers.alike import moment

_VOID = frozenset({"br", "img", "hr", "input", "link", "meta", "source", "wbr"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the page."""

    id: str
    text: str
    at: datetime | None


def messages_of(page: str) -> list[Message] | None:
    """Give the messages a page shows, oldest first; None when it is no channel's preview."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    if not reader.is_channel:
        return None
    return [Message(one.id, "".join(one.words), one.at) for one in reader.found]


@dataclass(slots=True)
class _Found:
    id: str
    words: list[str] = field(default_factory=list)
    at: datetime | None = None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self.is_channel = False
        self._depth = 0  # of open elements within the words of a message; 0: outside

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if self._depth:
            self._inside(tag)
        elif "tgme_channel_history" in classes or "tgme_channel_info" in classes:
            self.is_channel = True
        elif post := given.get("data-post"):
            self.is_channel = True
            self.found.append(_Found(post.rpartition("/")[2]))
        elif self.found:
            self._of_message(tag, classes, given)

    def _inside(self, tag: str) -> None:
        if tag == "br":
            self.found[-1].words.append("\n")
        if tag not in _VOID:
            self._depth += 1

    def _of_message(self, tag: str, classes: list[str], given: dict[str, str | None]) -> None:
        # The words of a message that is answered carry the class js-message_reply_text.
        if "tgme_widget_message_text" in classes and "js-message_reply_text" not in classes:
            self._depth = 1
        elif tag == "time" and (at := moment(given.get("datetime"))) is not None:
            self.found[-1].at = at

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag not in _VOID:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.found[-1].words.append(data)
