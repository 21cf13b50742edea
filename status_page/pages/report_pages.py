"""The forms for customers as they come back: with all that was typed, and why nothing was sent yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from domain.incidents.incident import Incident
from status_page.pages.lost import Imprint, imprint_of
from status_page.pages.pages import LanguagePages, Typed
from status_page.pages.uptime import records
from status_page.site import Site


@dataclass(frozen=True, slots=True)
class ReportPages:
    """Draws them in the frame of one site."""

    site: Site
    imprint: Imprint = field(init=False)
    frames: dict[str, LanguagePages] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read whose site it is."""
        object.__setattr__(self, "imprint", imprint_of(self.site))  # the usual way in a frozen dataclass

    @property
    def host(self) -> str:
        """The name under which people ask for the site."""
        return urlsplit(self.site.public_url).hostname or ""

    def report(self, language: str, problem: str, typed: Typed) -> bytes:
        """Draw the form for reports again; `problem`: one of `REPORT_PROBLEMS`."""
        return self._frame(language).report_form(problem, typed, index=False, **self.site.from_the_top(language))

    def too(self, language: str, incident: Incident, contact: str) -> bytes:
        """Draw “I have this too” again, because of its address."""
        return self._frame(language).too_form(incident, contact, **self.site.from_the_top(language))

    def _frame(self, language: str) -> LanguagePages:
        if language not in self.frames:
            self.frames[language] = LanguagePages(self.site, language, (), records((), (), self.site.now))
        return self.frames[language]
