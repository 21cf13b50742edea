"""Trustpilot: the reviews of one business unit, newest first.

API: https://developers.trustpilot.com/business-units-api (read 2026-11). The key goes into a header, not into the
address. The private list, with customers' mail addresses, needs OAuth and is not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.items import (
    Origin,
    Parsed,
    collect,
    dig,
    list_at,
    moment_at,
    moment_of,
    needed,
    number_at,
    stars,
    text_at,
)
from listener.options import SecretProblem
from listener.pacing import quota_of, quota_pause
from listener.source import Configured

HOST = "https://api.trustpilot.com"
PAGE_SIZE = 100
_MAX_PAGES = 50  # of one round
_OVERLAP = timedelta(days=1)  # asked again each time: reviews are checked before they appear, and edited after


@dataclass(frozen=True, slots=True)
class TrustpilotOptions:
    """Whose reviews to read."""

    business_unit: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]  # its id, 24 characters
    language: Annotated[str, Field(pattern=r"^([a-z]{2})?$")] = ""  # only reviews in it
    lookback_hours: Annotated[int, Field(ge=0, le=8760)] = 168  # how far the first round reaches


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round of pages stands: everything since `since`, newest first."""

    since: datetime
    page: int = 1
    newest: datetime | None = None  # seen in this round


def parse_reviews(answer: object, origin: Origin) -> Parsed:
    """Read a page of reviews; raises `PermanentError` when it has no list."""
    return collect(list_at(answer, "reviews"), lambda review: _parse_review(review, origin))


def next_round(now_at: Round, answer: object) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once. Past the last page comes an empty one."""
    found = (moment_of(dig(review, "createdAt")) for review in list_at(answer, "reviews"))
    said = [moment for moment in found if moment]
    newest = max([*said, *([now_at.newest] if now_at.newest else [])], default=None)
    is_full = len(list_at(answer, "reviews")) >= PAGE_SIZE
    if is_full and said and min(said) >= now_at.since and now_at.page < _MAX_PAGES:
        return Round(now_at.since, now_at.page + 1, newest), True
    return Round(max(now_at.since, newest - _OVERLAP) if newest else now_at.since), False


def problems_of(options: TrustpilotOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say whether the key is missing."""
    if text_at(secrets, "api_key"):
        return []
    return [SecretProblem("secret `api_key` is missing: Trustpilot answers only to the key of an API application.")]


class Trustpilot(Configured[TrustpilotOptions]):
    """Polls the reviews page by page, back to those that are known."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        now_at, now = self._round(cursor), self.setup.now()
        params = [("orderBy", "createdat.desc"), ("perPage", str(PAGE_SIZE)), ("page", str(now_at.page))]
        params += [("language", self.options.language)] if self.options.language else []
        answer = await self.setup.web().get(
            self.setup.url(HOST, f"/v1/business-units/{self.options.business_unit}/reviews"), params=params,
            headers={"apikey": self.setup.secrets.get("api_key", "")},
        )  # fmt: skip
        found = answer.json()
        parsed, (then, more) = parse_reviews(found, self.setup.origin()), next_round(now_at, found)
        newest = then.newest.isoformat() if then.newest else None
        mark = write_cursor(since=then.since.isoformat(), page=then.page if more else None, newest=newest)
        return Batch(
            parsed.mentions, mark, parsed.set_aside, more, quota_pause(answer.headers, now),
            quota_of(answer.headers, now),
        )  # fmt: skip

    def _round(self, cursor: str | None) -> Round:
        state, now = read_cursor(cursor), self.setup.now()
        since = moment_of(text_at(state, "since")) or now - timedelta(hours=self.options.lookback_hours)
        return Round(since, max(1, number_at(state, "page") or 1), moment_of(text_at(state, "newest")))


def _parse_review(review: object, origin: Origin) -> Mention | None:
    native_id, title, text = needed(review, "id"), text_at(review, "title").strip(), text_at(review, "text").strip()
    if not title and not text:  # stars only
        return None
    said, changed = moment_at(review, "createdAt"), moment_of(dig(review, "updatedAt"))
    # Trustpilot makes a title out of the first words where the customer gave none.
    starts_with_title = title and text.startswith(title.rstrip(".… "))
    name = text_at(review, "consumer", "displayName")
    return origin.mention(
        native_id, Author(needed(review, "consumer", "id"), name),
        text if starts_with_title else f"{title}\n\n{text}", said, kind=MentionKind.REVIEW,
        url=f"https://www.trustpilot.com/reviews/{native_id}" if native_id.isalnum() and native_id.isascii() else None,
        rating=stars(number_at(review, "stars")), language=text_at(review, "language"), addressed=True,
        edited_at=changed if changed and changed > said else None,
    )  # fmt: skip
