"""YouTube: comments and replies under chosen videos, or under everything of one channel.

API: https://developers.google.com/youtube/v3/docs/commentThreads/list (read 2026-11). One call costs one unit of the
day's 10,000; searching costs a hundred, so it is never done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from domain.heard.mention import Author, Batch, Mention, MentionKind, SetAside
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer
from listener.items import Origin, Parsed, collect, dig, list_at, moment_at, moment_of, needed, text_at
from listener.options import SecretProblem
from listener.source import Configured
from listener.sources.google import LOOKED_INTO, Allowance, blames_key, counted, next_midnight, reasons, refused

HOST = "https://www.googleapis.com"
_OVERLAP = timedelta(hours=1)  # asked again each time: held comments show up late, with the time they were written
_DISABLED = "commentsDisabled"
_GONE = frozenset({_DISABLED, "videoNotFound", "channelNotFound", "forbidden"})  # "forbidden": a private video
_STALE = frozenset({"invalidPageToken", "processingFailure"})
_Id = Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]


@dataclass(frozen=True, slots=True)
class YouTubeOptions:
    """Whose comments to read."""

    channel: _Id | None = None  # its id (UC…), not its handle
    videos: tuple[_Id, ...] = ()
    page_size: Annotated[int, Field(ge=1, le=100)] = 100
    lookback_hours: Annotated[int, Field(ge=0, le=8760)] = 24  # how far the first poll pages back
    daily_units: Annotated[int, Field(ge=1)] = 10_000  # less when other programs use the same key

    def targets(self) -> tuple[str, ...]:
        """List what is asked for in turn."""
        return tuple(dict.fromkeys([*([self.channel] if self.channel else []), *self.videos]))


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round through all targets stands."""

    allowance: Allowance
    target: str | None  # None: all of them are left out today
    page: str | None = None
    newest: datetime | None = None  # seen at this target in this round
    known: Mapping[str, datetime] = field(default_factory=dict)  # target to its newest thread of the last round
    off: tuple[str, ...] = ()  # left out until the day ends: no comments allowed, or not there


def parse_threads(answer: object, origin: Origin) -> Parsed:
    """Read a page of threads, each with the replies shown beside it (up to five).

    Raises `PermanentError` when it has no list.
    """
    said = [pair for thread in list_at(answer, "items") for pair in _comments(thread)]
    return collect(said, lambda pair: _parse_comment(*pair, origin))


def next_page(at: Round, answer: object, since: datetime) -> str | None:
    """Give the token of the next page, None when there is none or what follows is older than `since`."""
    token, stamps = text_at(answer, "nextPageToken"), _stamps(answer)
    # The last one, not the oldest: a pinned thread stands first whatever its age.
    reached = bool(stamps) and stamps[-1] < since
    return token if token and token != at.page and not reached else None


def next_target(at: Round, targets: tuple[str, ...]) -> str | None:
    """Give the target after the present one that is not left out, None at the end of the round."""
    after = targets[targets.index(at.target) + 1 :] if at.target in targets else ()
    return next((target for target in after if target not in at.off), None)


def problems_of(options: YouTubeOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to ask for comments."""
    problems = []
    if not options.targets():
        problems.append("option `videos` or `channel` is missing: the ids of videos, or of a channel (UC…).")
    if not text_at(secrets, "api_key"):
        problems.append(
            SecretProblem("secret `api_key` is missing: YouTube answers only to a key of a Google Cloud project.")
        )
    return problems


class YouTube(Configured[YouTubeOptions]):
    """Asks target after target, newest first down to what is known; one page a fetch."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page of one target."""
        at = self._round(cursor)
        target = at.target
        if target is None or not at.allowance.left:
            return self._batch(at, Parsed(), False)
        answer = await self.setup.web().get(
            self.setup.url(HOST, "/youtube/v3/commentThreads"), params=self._params(at, target), ok=LOOKED_INTO
        )
        at = replace(at, allowance=at.allowance.spent())
        if answer.status != 200:
            return self._unanswered(at, target, answer)
        found = answer.json()
        parsed = parse_threads(found, self.setup.origin())
        newest = max([*_stamps(found), *([at.newest] if at.newest else [])], default=None)
        page = next_page(at, found, self._since(at, target))
        if page:
            return self._batch(replace(at, page=page, newest=newest), parsed, True)
        known = {**at.known, target: newest} if newest else at.known
        return self._turn(replace(at, known=known), parsed)

    def _unanswered(self, at: Round, target: str, answer: Answer) -> Batch:
        """Leave out what has no comments to give; raises `ServiceError` for everything else."""
        why = reasons(answer)
        if at.page and why & _STALE:  # the page's token has expired: read this target anew
            return self._batch(replace(at, page=None, newest=None), Parsed(), False)
        alone = len(self.options.targets()) == 1
        if not why & _GONE or blames_key(why) or (alone and _DISABLED not in why):
            raise refused(answer, self.setup.now(), at.allowance.resets_at)
        said = f"it cannot be read ({', '.join(sorted(why & _GONE))}), so it is left out until tomorrow"
        aside = () if _DISABLED in why else (SetAside(target, said),)
        return self._turn(replace(at, off=(*at.off, target)), Parsed((), aside))

    def _turn(self, at: Round, parsed: Parsed) -> Batch:
        target = next_target(at, self.options.targets())
        return self._batch(replace(at, target=target, page=None, newest=None), parsed, target is not None)

    def _batch(self, at: Round, parsed: Parsed, more: bool) -> Batch:
        mark = write_cursor(
            used=at.allowance.used, resets=at.allowance.resets_at.isoformat(), target=at.target, page=at.page,
            newest=at.newest.isoformat() if at.newest else None, off=list(at.off) or None,
            known={target: moment.isoformat() for target, moment in at.known.items()} or None,
        )  # fmt: skip
        pause = None if more and at.allowance.left else self._pause(at.allowance)
        return Batch(parsed.mentions, mark, parsed.set_aside, more, pause, at.allowance.quota())

    def _pause(self, allowance: Allowance) -> datetime | None:
        """Wait for the reset, or as long as a whole round must take for the units to last."""
        if not allowance.left:
            return allowance.resets_at
        now = self.setup.now()
        wait = (allowance.resets_at - now) * len(self.options.targets()) / allowance.left
        return now + wait if wait > self.setup.every else None

    def _since(self, at: Round, target: str) -> datetime:
        known = at.known.get(target)
        return known - _OVERLAP if known else self.setup.now() - timedelta(hours=self.options.lookback_hours)

    def _round(self, cursor: str | None) -> Round:
        state, targets = read_cursor(cursor), self.options.targets()
        allowance = counted(state, self.options.daily_units, next_midnight(self.setup.now()))
        today = moment_of(text_at(state, "resets")) == allowance.resets_at
        left_out = dig(state, "off") if today else None
        off = tuple(target for target in targets if isinstance(left_out, list) and target in left_out)
        known = {target: moment for target in targets if (moment := moment_of(dig(state, "known", target)))}
        at = Round(allowance, text_at(state, "target"), known=known, off=off)
        if at.target in targets and at.target not in off:
            return replace(at, page=text_at(state, "page") or None, newest=moment_of(dig(state, "newest")))
        return replace(at, target=next((target for target in targets if target not in off), None))

    def _params(self, at: Round, target: str) -> list[tuple[str, str]]:
        whose = "allThreadsRelatedToChannelId" if target == self.options.channel else "videoId"
        params = [
            ("part", "snippet,replies"), (whose, target), ("maxResults", str(self.options.page_size)),
            ("order", "time"), ("textFormat", "plainText"), ("key", self.setup.secrets.get("api_key", "")),
        ]  # fmt: skip
        return [*params, ("pageToken", at.page)] if at.page else params


def _comments(thread: object) -> list[tuple[object, str]]:
    """Give the comments of a thread, the first one first, each with the id of the video."""
    first, replies = dig(thread, "snippet", "topLevelComment"), dig(thread, "replies", "comments")
    video = text_at(thread, "snippet", "videoId") or text_at(first, "snippet", "videoId")
    return [(comment, video) for comment in [first, *(replies if isinstance(replies, list) else [])]]


def _parse_comment(comment: object, video: str, origin: Origin) -> Mention:
    said, native_id = dig(comment, "snippet"), needed(comment, "id")
    at, changed = moment_at(said, "publishedAt"), moment_of(dig(said, "updatedAt"))
    parent = text_at(said, "parentId") or native_id.rpartition(".")[0] or None  # replies are <thread>.<reply>
    # With textFormat=plainText `textDisplay` is plain; `textOriginal` comes only with some answers.
    text = text_at(said, "textOriginal") or needed(said, "textDisplay")
    return origin.mention(
        native_id, _author(said), text, at, url=_address(text_at(said, "videoId") or video, native_id),
        kind=MentionKind.REPLY if parent else MentionKind.POST, in_reply_to=parent, root=parent,
        addressed=any(origin.is_own(name.rstrip(".-")) for name in re.findall(r"@([\w.-]+)", text)),
        edited_at=changed if changed and changed > at else None,
    )  # fmt: skip


def _author(said: object) -> Author:
    name, channel = text_at(said, "authorDisplayName"), text_at(said, "authorChannelId", "value")
    page = f"https://www.youtube.com/channel/{channel}" if channel else text_at(said, "authorChannelUrl")
    # Since 2023 the name shown is the handle; names without "@" are from before.
    handle = name[1:] if name.startswith("@") else ""
    return Author(channel or page or name, name, handle, url=page or None)


def _address(video: str, comment: str) -> str | None:
    # Both go into an address: anything but the characters of ids would be somebody's trick.
    plain = re.fullmatch(r"[\w-]+", video) and re.fullmatch(r"[\w.-]+", comment)
    return f"https://www.youtube.com/watch?v={video}&lc={comment}" if plain else None


def _stamps(answer: object) -> list[datetime]:
    """Give when the threads of a page began, in the order of the page."""
    found = (dig(t, "snippet", "topLevelComment", "snippet", "publishedAt") for t in list_at(answer, "items"))
    return [moment for value in found if (moment := moment_of(value))]
