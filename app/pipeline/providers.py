"""What those we depend on say about themselves: their status pages, asked now and then as a cause to check."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from domain.errors import ServiceError
from listener.http import Web
from listener.items import text_at
from listener.text import clean_line

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=5)


@dataclass(slots=True)
class Providers:
    """Asks each page (name -> address of its status.json); a page that fails says nothing, and harms nothing."""

    web: Web
    pages: Mapping[str, str]
    said: dict[str, str | None] = field(default_factory=dict)  # name -> its trouble in its own words, None: all is well

    async def poll(self) -> None:
        """Ask all of them once."""
        for name, url in self.pages.items():
            try:
                self.said[name] = trouble_in((await self.web.get(url)).json())
            except ServiceError as err:
                log.debug("the status page of %s says nothing: %s", name, err)
                self.said.pop(name, None)

    @property
    def trouble(self) -> str | None:
        """Name those in trouble, None while all is well or nothing is known."""
        return ", ".join(f"{name} ({words})" for name, words in self.said.items() if words) or None


def trouble_in(status: object) -> str | None:
    """Read an answer of Statuspage's API (v2, status.json): its description, None when all systems work."""
    if text_at(status, "status", "indicator") in ("", "none"):
        return None
    return clean_line(text_at(status, "status", "description"), 80) or "trouble"
