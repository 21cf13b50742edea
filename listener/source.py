"""What a source is to the rest of hubbub, and what each one is given when it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import aiohttp

from domain.heard.mention import Batch
from listener.http import Web
from listener.items import Origin

Options = TypeVar("Options")


class Source(Protocol):
    """A place where customers speak; `fetch` raises only `ServiceError`s."""

    @property
    def name(self) -> str:
        """The name in the settings."""

    @property
    def type(self) -> str:
        """The kind of source, as in the registry."""

    @property
    def every(self) -> timedelta:
        """How long to wait between two polls."""

    @property
    def page_cost(self) -> float:
        """The most one `fetch` can be charged, in US dollars; 0 for free services."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get what is new since `cursor` (None: the first time)."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What every source is given beside its own options."""

    name: str
    type: str
    every: timedelta
    session: aiohttp.ClientSession
    now: Callable[[], datetime]  # aware UTC
    base_url: str | None = None  # instead of the service's own address
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    own_handles: frozenset[str] = frozenset()

    def origin(self) -> Origin:
        """Describe this source, at this moment, to a pure parser."""
        return Origin(self.name, self.type, self.now(), self.own_handles)

    def web(self) -> Web:
        """Give the one way to ask the service."""
        return Web(self.session, self.now)

    def url(self, default_base: str, path: str) -> str:
        """Join `path` to the configured address, else to the service's own."""
        return f"{(self.base_url or default_base).rstrip('/')}{path}"


@dataclass(frozen=True, slots=True)
class Configured(Generic[Options]):
    """A source's settings: the part that is the same for all of them."""

    setup: Setup
    options: Options

    @property
    def name(self) -> str:
        """The name in the settings."""
        return self.setup.name

    @property
    def type(self) -> str:
        """The kind of source, as in the registry."""
        return self.setup.type

    @property
    def every(self) -> timedelta:
        """How long to wait between two polls."""
        return self.setup.every

    @property
    def page_cost(self) -> float:
        """Nothing, unless a paid source says otherwise."""
        return 0.0
