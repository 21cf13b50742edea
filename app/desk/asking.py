"""The question after the end as it goes to one person: in their language, short enough, by mail with their own link."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from alerts.modals import platform_limit
from app.desk.care import reply_channel
from domain.care.case import Case
from domain.care.follow_up import follow_up_id
from domain.incidents.incident import Incident
from status_page.publishers.publisher import Measures, Publisher
from status_page.words.incident_words import follow_up_text
from status_page.words.lengths import Measure, fitting

_PREFIX = "fol_"
_WORD = re.compile(r"([0-9a-f]{20})([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class FeedbackLinks:
    """Makes and reads the links to the feedback page; `public_url` is where the page stands, without a slash."""

    key: bytes  # the one of `app.subscribers.links`, used for a purpose of its own
    public_url: str

    def __repr__(self) -> str:
        """Leave the key out of logs."""
        return "FeedbackLinks()"

    def of(self, follow_up: str) -> str:
        """Give the address for a follow-up (its id); nothing in it says who the person is."""
        return f"{self.public_url}/feedback/{follow_up.removeprefix(_PREFIX)}{self._proof(follow_up)}"

    def opened(self, word: str) -> str | None:
        """Give the id of the follow-up whose link this is, None for a word that is not ours."""
        found = _WORD.fullmatch(word)
        if found is None or not hmac.compare_digest(self._proof(_PREFIX + found[1]), found[2]):
            return None
        return _PREFIX + found[1]

    def _proof(self, follow_up: str) -> str:
        return hmac.new(self.key, f"feedback:{follow_up}".encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Asking:
    """Writes the question for one case of an incident: `app.desk.follow_ups.Words`."""

    links: FeedbackLinks
    publishers: Mapping[str, Publisher]

    def __call__(self, incident: Incident, case: Case) -> tuple[str, str]:
        """Give (text, its language); the title is shortened until the channel takes the whole."""
        url = self.links.public_url
        if case.contact is not None:
            page = self.links.of(follow_up_id(incident.id, case.person_id))
            return follow_up_text(incident, case, url, feedback=page)
        whole, language = follow_up_text(incident, case, url)
        measure, limit = self._rules(case)
        greeting = f"@{case.handle} " if case.handle else ""  # some channels put it before an answer
        if limit is None or measure(greeting + whole) <= limit:
            return whole, language
        for brief in (False, True):

            def write(room: int, brief: bool = brief) -> str:
                return greeting + follow_up_text(incident, case, url, room=room, brief=brief)[0]

            fits = fitting(write, measure, limit, 0)
            if measure(fits) <= limit:
                break
        return fits.removeprefix(greeting), language

    def _rules(self, case: Case) -> tuple[Measure, int | None]:
        publisher = self.publishers.get(reply_channel(case))
        if publisher is None:
            return len, platform_limit(case.source_type)  # a person posts it there
        return publisher.measure if isinstance(publisher, Measures) else len, publisher.limit
