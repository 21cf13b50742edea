"""Mastodon: a hashtag, the mentions of our account, or the public timeline of one server.

API: https://docs.joinmastodon.org/methods/timelines/ (read 2026-11). Several hashtags or servers are several sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field

from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.items import Origin, Parsed, collect, dig, list_at, moment_at, moment_of, needed, number_at, text_at
from listener.options import SecretProblem
from listener.pacing import quota_of, quota_pause
from listener.source import Configured


@dataclass(frozen=True, slots=True)
class MastodonOptions:
    """Which timeline to follow."""

    timeline: Literal["tag", "mentions", "public"] = "tag"
    tags: tuple[str, ...] = ()  # for "tag": posts with any of them, without "#"
    local: bool = False  # only posts written on this server
    limit: Annotated[int, Field(ge=1, le=80)] | None = None  # per page; None: the server's own (20 or 40)


def parse_statuses(answer: object, origin: Origin, *, mentions_us: bool = False) -> Parsed:
    """Read a timeline; boosts are left out. Raises `PermanentError` when the answer is no list."""
    return collect(_once(list_at(answer), "uri"), lambda item: _parse_status(item, origin, mentions_us))


def parse_notifications(answer: object, origin: Origin) -> Parsed:
    """Read the notifications that somebody mentioned us; others are left out."""

    def parse(item: object) -> Mention | None:
        """Take the status out of its notification."""
        return _parse_status(dig(item, "status"), origin, True) if text_at(item, "type") == "mention" else None

    return collect(_once(list_at(answer), "status", "uri"), parse)


def newest_id(answer: object) -> str | None:
    """Give the highest id on a page: `min_id` of the next poll."""
    ids = [text_at(item, "id") for item in list_at(answer)]
    # Ids are numbers that outgrow 64 bits on some servers: longer is newer, then the usual order.
    return max((known for known in ids if known.isdigit()), key=lambda known: (len(known), known), default=None)


def problems_of(options: MastodonOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to follow this timeline."""
    problems = []
    if base_url is None:
        problems.append("`base_url` is missing: the address of the server, for example https://mastodon.social.")
    if options.timeline == "tag" and not any(tag.strip("# ") for tag in options.tags):
        problems.append("option `tags` is missing: at least one hashtag, without `#`.")
    if options.timeline == "mentions" and not text_at(secrets, "access_token"):
        problems.append(
            SecretProblem("secret `access_token` is missing: mentions need an account's token (scope read).")
        )
    return problems


class Mastodon(Configured[MastodonOptions]):
    """Polls one timeline forward with `min_id`, which leaves no gap (`since_id` would)."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get the next page after the newest post we know; the first time, the newest page."""
        known = text_at(read_cursor(cursor), "min_id")
        token = self.setup.secrets.get("access_token")
        answer = await self.setup.web().get(
            self.setup.url("https://mastodon.social", self._path()), params=self._params(known),
            headers={"Authorization": f"Bearer {token}"} if token else None,
        )  # fmt: skip
        page = answer.json()
        origin = self.setup.origin()
        mentions = self.options.timeline == "mentions"
        parsed = parse_notifications(page, origin) if mentions else parse_statuses(page, origin)
        newest = newest_id(page)
        # A page may be short because the server filtered it: only an empty one is the end. "0" after an empty first
        # page makes the next poll start at the oldest post, so that a sudden crowd is not cut to one page.
        return Batch(
            parsed.mentions, write_cursor(min_id=newest or known or "0"), parsed.set_aside,
            more=bool(known) and newest is not None and newest != known,
            not_before=quota_pause(answer.headers, origin.now), quota=quota_of(answer.headers, origin.now),
        )  # fmt: skip

    def _path(self) -> str:
        if self.options.timeline == "mentions":
            return "/api/v1/notifications"
        if self.options.timeline == "public":
            return "/api/v1/timelines/public"
        return f"/api/v1/timelines/tag/{quote(self._tags()[0], safe='')}"

    def _params(self, known: str) -> list[tuple[str, str]]:
        mentions = self.options.timeline == "mentions"
        params = [("types[]", "mention")] if mentions else [("any[]", tag) for tag in self._tags()[1:]]
        params += [("local", "true")] if self.options.local and not mentions else []
        params += [("limit", str(self.options.limit))] if self.options.limit else []
        return [*params, ("min_id", known)] if known else params

    def _tags(self) -> list[str]:
        named = self.options.tags if self.options.timeline == "tag" else ()
        return [tag.strip("# ") for tag in named if tag.strip("# ")]


def _parse_status(status: object, origin: Origin, mentions_us: bool) -> Mention | None:
    if dig(status, "reblog") or dig(status, "content") in ("", "<p></p>"):  # a boost, or pictures only
        return None
    account, reply_to = dig(status, "account"), text_at(status, "in_reply_to_id") or None
    handle = needed(account, "acct")
    direct = text_at(status, "visibility") == "direct"
    plain_kind = MentionKind.REPLY if reply_to else MentionKind.POST
    return origin.mention(
        # The server's own id, not `uri`: an answer through the API threads under it; on one server they are one to one.
        needed(status, "id"),
        Author(
            text_at(account, "uri") or text_at(account, "url") or needed(account, "id"),
            text_at(account, "display_name"), handle, number_at(account, "followers_count"),
            text_at(account, "url") or None,
        ),
        "<p>".join(filter(None, (text_at(status, "spoiler_text"), text_at(status, "content")))),
        moment_at(status, "created_at"), is_html=True,
        url=text_at(status, "url") or text_at(status, "uri"), language=text_at(status, "language"),
        kind=MentionKind.MESSAGE if direct else plain_kind, in_reply_to=reply_to,
        addressed=mentions_us or _names_us(status, origin), edited_at=moment_of(dig(status, "edited_at")),
    )  # fmt: skip


def _names_us(status: object, origin: Origin) -> bool:
    named = dig(status, "mentions")
    return isinstance(named, list) and any(origin.is_own(text_at(account, "acct")) for account in named)


def _once(items: list[object], *path: str) -> list[object]:
    """Drop what a page shows twice: the same post (by its `uri`) can be there under two ids."""
    return list({text_at(item, *path) or id(item): item for item in items}.values())
