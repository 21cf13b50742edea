"""Which channels there are, and how one is built from its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp

from domain.errors import ConfigError
from domain.variables import variable
from status_page.publishers import telegram, x
from status_page.publishers.bluesky import Bluesky
from status_page.publishers.mastodon import Mastodon
from status_page.publishers.publisher import Publisher
from status_page.publishers.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Account:
    """One publisher of the settings with its secret (a token, password or signing secret)."""

    type: str
    name: str
    base_url: str | None
    options: Mapping[str, object]
    secret: str | None

    def __repr__(self) -> str:
        """Leave the secret out of logs."""
        return f"Account({self.type!r}, {self.name!r})"

    def text(self, option: str) -> str:
        """Give a text or number option as text, "" where it is not set."""
        value = self.options.get(option)
        return str(value) if _is_text(value) else ""

    def number(self, option: str, default: float) -> float:
        """Give a number option."""
        value = self.options.get(option, default)
        return float(value) if isinstance(value, int | float) else default

    @property
    def links(self) -> bool:
        """True when posts carry the address of the incident's page; by default not where that costs more."""
        wanted = self.options.get("links")
        kind = PUBLISHERS.get(self.type)
        return wanted if isinstance(wanted, bool) else kind is None or kind.links


Build = Callable[[Account, aiohttp.ClientSession, Callable[[], datetime]], Publisher]


def _mastodon(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    return Mastodon(a.name, a.base_url or "", a.secret or "", session)


def _bluesky(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    return Bluesky(a.name, a.base_url or "https://bsky.social", a.text("identifier"), a.secret or "", session, now)


def _webhook(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    return Webhook(a.name, a.base_url or "", a.secret or "", session, now)


def _x(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    prices = a.number("price_post", x.PRICE_POST), a.number("price_link", x.PRICE_LINK)
    return x.X(a.name, a.base_url or x.HOST, a.secret or "", session, now, a.text("user_id"), *prices)


def _telegram(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    chat = a.text("chat")
    public = a.text("channel_name") or (chat if chat.startswith("@") else "")
    previews = a.text("preview_url") or telegram.PREVIEWS
    base = a.base_url or telegram.HOST
    return telegram.Telegram(a.name, base, a.secret or "", session, chat, public.lstrip("@"), previews)


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Option:
    """What an option of a channel may be."""

    fits: Callable[[object], bool]
    words: str


TEXT = Option(_is_text, "must be a text or a whole number")
PRICE = Option(_is_number, "must be a price in US dollars, from 0 to 100")
FLAG = Option(_is_flag, "must be true or false")


@dataclass(frozen=True, slots=True)
class Channel:
    """One line of the registry: how it is built, and what its settings must and may hold."""

    build: Build
    needs_url: bool
    options: tuple[str, ...] = ()  # each one is needed
    more: Mapping[str, Option] = field(default_factory=dict)  # beside `links`, which every channel takes
    links: bool = True  # posts carry the address of the incident's page unless the settings say otherwise


PUBLISHERS: Mapping[str, Channel] = {
    "mastodon": Channel(_mastodon, needs_url=True),
    "bluesky": Channel(_bluesky, needs_url=False, options=("identifier",)),
    "webhook": Channel(_webhook, needs_url=True),
    "x": Channel(
        _x, needs_url=False, more={"user_id": TEXT, "price_post": PRICE, "price_link": PRICE}, links=False
    ),
    "telegram": Channel(
        _telegram, needs_url=False, options=("chat",), more={"channel_name": TEXT, "preview_url": TEXT}
    ),
}  # fmt: skip


def problems_of(account: Account) -> list[str]:
    """List everything wrong with a publisher's settings, one sentence each."""
    channel, path = PUBLISHERS.get(account.type), f"publishers.{account.name}"
    if channel is None:
        return [f"{path}.type: choose from {', '.join(sorted(PUBLISHERS))}"]
    problems = [f"{path}.options.{name}: {account.type} needs it" for name in channel.options if not account.text(name)]
    problems += _strange_options(account, channel, path)
    wants_url = channel.needs_url or account.base_url is not None
    if wants_url and not (account.base_url or "").startswith(("https://", "http://")):
        problems.append(f"{path}.base_url: {account.type} needs an address that begins with https://")
    if not account.secret:
        problems.append(f"{path}: set {variable(account.name)} in the environment")
    return problems


def _strange_options(account: Account, channel: Channel, path: str) -> list[str]:
    known = {**dict.fromkeys(channel.options, TEXT), **channel.more, "links": FLAG}
    problems = []
    for name, value in account.options.items():
        if name not in known:
            problems.append(f"{path}.options.{name}: is not known")
        elif name not in channel.options and not known[name].fits(value):
            problems.append(f"{path}.options.{name}: {known[name].words}")
    return problems


def build_publisher(account: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    """Build the publisher of one account. Raises ConfigError with everything that is missing."""
    if problems := problems_of(account):
        raise ConfigError(*problems)
    return PUBLISHERS[account.type].build(account, session, now)
