"""The pages of subscribers, drawn in the frame of the status page: sign up, confirm, manage, stop."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from status_page.markup import clean
from status_page.pages.pages import LanguagePages
from status_page.pages.templating import duration_words
from status_page.pages.uptime import records
from status_page.site import Site
from status_page.words.subscriber_words import about, problem_words

STATIC = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css", ".js": "text/javascript"}
FILES = ("subscribe.css", "subscribe.js", "subscribe_worker.js")


class _Frame(LanguagePages):
    """The surroundings of every page in one language."""

    def draw(self, template: str, path: str, **values: Any) -> bytes:
        """Fill a template whose page stands at `path` in the language's folder."""
        return self._render(template, path, **values)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of getting news, as the form shows it."""

    channel: str
    open: bool = False
    typed: str = ""
    chosen: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class SubscribePages:
    """Draws each page in one of the site's languages; `site` tells brand, look and components."""

    site: Site
    ways: Sequence[str]  # channels that are offered, the first one open
    life: timedelta  # of an unconfirmed sign-up
    push_key: str = ""  # ours, for browsers (VAPID)
    frames: dict[str, _Frame] = field(default_factory=dict)

    def form(self, language: str, now: datetime, *, problem: str = "", way: Way | None = None) -> bytes:
        """Draw the form, with what was wrong and what was typed already."""
        shown = [
            replace(way, open=True) if way is not None and way.channel == channel
            else Way(channel, open=way is None and place == 0)
            for place, channel in enumerate(self.ways)
        ]  # fmt: skip
        has_push = "push" in self.ways
        return self._draw(
            language, "subscribe.html", "subscribe", now, problem=problem_words(problem, language) if problem else "",
            ways=shown, action=f"{self.site.base}/subscribe", life=duration_words(self.life, language),
            push_key=self.push_key, push_problem=problem_words("push", language), worker=self._file(FILES[2]),
            script=self._file(FILES[1]) if has_push else "", site_components=self._components(language),
        )  # fmt: skip

    def asked(self, language: str, now: datetime, channel: str) -> bytes:
        """Draw what follows a sign-up: the same whether the address was known or not."""
        life = duration_words(self.life, language)
        return self._draw(
            language, "subscribe_asked.html", f"subscribe/asked/{channel}", now, channel=channel, life=life
        )

    def confirm(
        self, language: str, now: datetime, word: str, address: str, components: Sequence[str], *, manage: str = ""
    ) -> bytes:
        """Draw the button that says yes; with `manage`, that it was pressed."""
        return self._draw(
            language, "subscribe_confirm.html", f"subscribe/confirm/{word}", now, done=bool(manage), address=address,
            manage=manage, about=about(self.named(components, language), language),
            action=f"{self.site.base}/{language}/subscribe/confirm/{word}",
        )  # fmt: skip

    def manage(
        self, language: str, now: datetime, word: str, *, channel: str, address: str, state: str, said: str = "",
        chosen: Collection[str] = (), chosen_language: str = "",
    ) -> bytes:  # fmt: skip
        """Draw the page where a subscriber changes what they get."""
        return self._draw(
            language, "subscribe_manage.html", f"manage/{word}", now, channel=channel, address=address, state=state,
            word=said, chosen=chosen, chosen_language=chosen_language,
            action=f"{self.site.base}/{language}/manage/{word}", site_components=self._components(language),
            offered=bool(self.ways),
        )  # fmt: skip

    def stop(self, language: str, now: datetime, word: str, address: str, *, done: bool) -> bytes:
        """Draw the button that stops the news, or that it is stopped."""
        action, manage = f"{self.site.base}/unsubscribe/{word}", f"{self.site.base}/{language}/manage/{word}"
        return self._draw(
            language, "subscribe_stop.html", f"manage/{word}", now, done=done, address=address, action=action,
            manage=manage,
        )  # fmt: skip

    def gone(self, language: str, now: datetime, place: str, word: str) -> bytes:
        """Draw what a link to `place` that is not valid (any more) leads to; `word` may be anything."""
        path = f"{place}/{quote(word, safe='')}"
        return self._draw(language, "subscribe_gone.html", path, now, place=place, offered=bool(self.ways))

    def closed(self, language: str, now: datetime) -> bytes:
        """Draw what stands in the place of every page of a sign-up where no way is offered."""
        return self._draw(language, "subscribe_closed.html", "subscribe", now)

    def named(self, components: Sequence[str], language: str) -> list[str]:
        """Name components in the reader's language."""
        names = {each["id"]: each["name"] for each in self._components(language)}
        return [names.get(component, component) for component in components]

    def _components(self, language: str) -> list[dict[str, str]]:
        return [{"id": c.id, "name": clean(c.name(language))} for c in self.site.components]

    def _file(self, name: str) -> str:
        return f"{self.site.base}/subscribe/{name}?v={static_file(name)[1]}"

    def _draw(self, language: str, template: str, path: str, now: datetime, **values: Any) -> bytes:
        """Draw with links from the top: a page stands at several depths (a form, its refusal, a link in a mail)."""
        places: dict[str, Any] = {
            "style_url": self._file(FILES[0]), "now": now, "index": template == "subscribe.html",
            **self.site.from_the_top(language),
        }  # fmt: skip
        return self._frame(language).draw(template, path, **places, **values)

    def _frame(self, language: str) -> _Frame:
        if language not in self.frames:
            self.frames[language] = _Frame(self.site, language, (), records((), (), self.site.now))
        return self.frames[language]


@lru_cache(maxsize=len(FILES))
def static_file(name: str) -> tuple[bytes, str]:
    """Read one of `FILES`: its bytes and a short name of its content."""
    content = (STATIC / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]
