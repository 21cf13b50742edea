"""The page that a follow-up by mail leads to: is it fixed for you, and how well did we keep you informed?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from domain.care.satisfaction import Answer
from domain.incidents.incident import Incident
from status_page.markup import clean
from status_page.pages.pages import LanguagePages
from status_page.pages.subscribe_pages import FILES, static_file
from status_page.pages.templating import duration_words
from status_page.pages.uptime import records
from status_page.site import Site
from status_page.words.incident_words import incident_url


class _Frame(LanguagePages):
    """The surroundings of every page in one language."""

    def draw(self, template: str, path: str, **values: Any) -> bytes:
        """Fill a template whose page stands at `path` in the language's folder."""
        return self._render(template, path, **values)


@dataclass(frozen=True, slots=True)
class FeedbackPages:
    """Draws the page in each of the site's languages; `site` tells brand and look."""

    site: Site
    life: timedelta  # how long the question is open
    frames: dict[str, _Frame] = field(default_factory=dict)

    def ask(
        self, language: str, now: datetime, word: str, incident: Incident | None, *, answer: Answer | None = None,
        rating: int | None = None, said: bool = False, problem: bool = False,
    ) -> bytes:  # fmt: skip
        """Draw both questions with what was answered so far; `said`: it was noted now, `problem`: nothing was chosen.

        `incident` is None where there is nothing that customers may read about it.
        """
        title = clean(incident.titles.get(language, "")) if incident is not None else ""
        story = incident_url(self.site.public_url, language, incident) if incident is not None else ""
        return self._draw(
            language, "feedback.html", f"feedback/{word}", now, over=False, title=title, story=story, answer=answer,
            rating=rating, said=said, problem=problem, action=f"{self.site.base}/{language}/feedback/{word}", life="",
        )  # fmt: skip

    def over(self, language: str, now: datetime, word: str) -> bytes:
        """Draw what stands there when the time to answer is over."""
        life = duration_words(self.life, language)
        return self._draw(language, "feedback.html", f"feedback/{word}", now, over=True, life=life)

    def gone(self, language: str, now: datetime, word: str) -> bytes:
        """Draw what a link that is not ours, or whose report was erased, leads to; `word` may be anything."""
        return self._draw(language, "subscribe_gone.html", f"feedback/{quote(word, safe='')}", now, place="feedback")

    def _draw(self, language: str, template: str, path: str, now: datetime, **values: Any) -> bytes:
        if language not in self.frames:
            self.frames[language] = _Frame(self.site, language, (), records((), (), self.site.now))
        style = f"{self.site.base}/subscribe/{FILES[0]}?v={static_file(FILES[0])[1]}"
        # The mail's link stands outside of the languages' folders, so nothing here may be relative.
        places = {"style_url": style, **self.site.from_the_top(language)}
        return self.frames[language].draw(template, path, now=now, index=False, **places, **values)
