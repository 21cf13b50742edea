"""Which channels there are, and how one is built from its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from domain.errors import ConfigError
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
        """Give a text option, "" where it is not set."""
        value = self.options.get(option)
        return value if isinstance(value, str) else ""


Build = Callable[[Account, aiohttp.ClientSession, Callable[[], datetime]], Publisher]


def _mastodon(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    return Mastodon(a.name, a.base_url or "", a.secret or "", session)


def _bluesky(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    return Bluesky(a.name, a.base_url or "https://bsky.social", a.text("identifier"), a.secret or "", session, now)


def _webhook(a: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    return Webhook(a.name, a.base_url or "", a.secret or "", session, now)


@dataclass(frozen=True, slots=True)
class Channel:
    """One line of the registry: how it is built, and what its settings must hold."""

    build: Build
    needs_url: bool
    options: tuple[str, ...] = ()  # each one is needed


PUBLISHERS: Mapping[str, Channel] = {
    "mastodon": Channel(_mastodon, needs_url=True),
    "bluesky": Channel(_bluesky, needs_url=False, options=("identifier",)),
    "webhook": Channel(_webhook, needs_url=True),
}


def problems_of(account: Account) -> list[str]:
    """List everything wrong with a publisher's settings, one sentence each."""
    channel, path = PUBLISHERS.get(account.type), f"publishers.{account.name}"
    if channel is None:
        return [f"{path}.type: choose from {', '.join(sorted(PUBLISHERS))}"]
    problems = [f"{path}.options.{name}: {account.type} needs it" for name in channel.options if not account.text(name)]
    problems += [f"{path}.options.{name}: is not known" for name in account.options if name not in channel.options]
    wants_url = channel.needs_url or account.base_url is not None
    if wants_url and not (account.base_url or "").startswith(("https://", "http://")):
        problems.append(f"{path}.base_url: {account.type} needs an address that begins with https://")
    if not account.secret:
        variable = f"HUBBUB_SECRET_{account.name.upper().replace('-', '_')}"
        problems.append(f"{path}: set {variable} in the environment")
    return problems


def build_publisher(account: Account, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Publisher:
    """Build the publisher of one account. Raises ConfigError with everything that is missing."""
    if problems := problems_of(account):
        raise ConfigError(*problems)
    return PUBLISHERS[account.type].build(account, session, now)
