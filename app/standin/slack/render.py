"""Cards and modals as HTML, drawn from the same blocks that hubbub sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from app.standin.faces import colour, initials
from app.standin.slack.mrkdwn import mrkdwn, plain
from app.standin.slack.workspace import BOT_ID, BOT_USER, Channel, Message, Workspace

SHOWN_REPLIES = 4  # the newest ones; earlier ones are folded
SHOWN_CARDS = 80
_FILES = FileSystemLoader(Path(__file__).parent)
_PAGES = Environment(loader=_FILES, autoescape=True, trim_blocks=True, lstrip_blocks=True)


class Painter:
    """Draws one workspace for the page at `home` (only pictures from there are shown)."""

    def __init__(self, workspace: Workspace, home: str) -> None:
        """Take the names of people and channels for mentions."""
        self._workspace = workspace
        self._origin = "{0.scheme}://{0.netloc}/".format(urlsplit(home))
        self._names = {**workspace.names, BOT_USER: "hubbub"}

    def page(self, channel: Channel, user: str, token: str) -> str:
        """Draw the whole page as `user` sees `channel`."""
        space = self._workspace
        newest = space.changed_since(channel.id, 0, SHOWN_CARDS)
        cards = [self.card(channel, message, reader, user) for _, reader, message in newest if message]
        rooms = [*space.channels(), *space.direct_channels(user)]
        return self._draw(
            "page.html", channel=channel, rooms=rooms, people=space.people.values(), user=user, token=token,
            cards=[card for card in cards if card], revision=space.revision, count=space.count,
        )  # fmt: skip

    def card(self, channel: Channel, message: Message, reader: str, user: str) -> Markup | None:
        """Draw a message with its thread; None for what `user` may not see."""
        if reader and reader != user:
            return None
        replies = [] if reader else self._workspace.thread(channel.id, message["ts"])
        return Markup(self._draw("card.html", message=message, replies=replies, reader=reader, folded=SHOWN_REPLIES))  # noqa: S704

    def modal(self, view: Mapping[str, Any]) -> str:
        """Draw a modal as the inside of a dialog."""
        return self._draw("modal.html", view=view)

    def _draw(self, name: str, **values: Any) -> str:
        return _PAGES.get_template(name).render(
            **values, show=self._text, author=self._author, when=when, local=self._local, colour=colour,
            initials=initials, plain=plain, options=options,
        )  # fmt: skip

    def _text(self, text: Mapping[str, Any] | str) -> Markup:
        if isinstance(text, str):
            return mrkdwn(text, self._names, linkify=True)
        if text.get("type") == "plain_text":
            return plain(str(text["text"]), bool(text.get("emoji", True)))
        return mrkdwn(str(text["text"]), self._names, linkify=not text.get("verbatim"))

    def _author(self, message: Message) -> tuple[str, bool]:
        is_app = message.get("bot_id") == BOT_ID
        name = message.get("username") or self._names.get(str(message.get("user"))) or "somebody"
        return str(name), is_app

    def _local(self, url: object) -> str:
        """Give a picture's address if it is our own: the page fetches nothing from elsewhere."""
        address = str(url or "")
        return address if address.startswith((self._origin, "data:image/png;base64,")) else ""


def when(ts: str) -> datetime:
    """Read the moment out of a message's ts."""
    return datetime.fromtimestamp(float(ts), UTC)


def options(element: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """List a menu's options by group; one group without a label where there are none."""
    if "option_groups" in element:
        return [(group["label"]["text"], group["options"]) for group in element["option_groups"]]
    return [("", element.get("options", []))]
