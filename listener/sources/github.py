"""GitHub: the issues of one repository and the comments below them.

API: https://docs.github.com/en/rest/issues (read 2026-11). Both lists are read from the oldest change on, each with a
place of its own. Limits: 60 requests an hour, 5,000 with a token; an answer "not modified" is free with a token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import Field
from yarl import URL

from domain.errors import RateLimited, ServiceError
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer, refusal
from listener.items import Origin, Parsed, collect, dig, list_at, moment_at, moment_of, needed, text_at
from listener.pacing import quota_of, quota_pause, retry_after
from listener.several import Several
from listener.source import Configured, Setup, Source

HOST = "https://api.github.com"
_OVERLAP = timedelta(minutes=5)  # asked again each time: a list takes in some changes late
_PAUSE = timedelta(minutes=1)  # what GitHub asks for where it names no wait
_MAX_MARKDOWN = 10_000  # characters read; more cannot matter and could cost much to parse
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_NEXT = re.compile(r'<([^<>]*)>(?=[^<]*;\s*rel="?next\b)')


@dataclass(frozen=True, slots=True)
class GitHubOptions:
    """Which repository to follow."""

    repo: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]  # "owner/name"
    comments: bool = True
    pulls: bool = False  # pull requests and the comments below them, too
    per_page: Annotated[int, Field(ge=1, le=100)] = 100
    lookback_hours: Annotated[int, Field(ge=0, le=8760)] = 24  # how far the first round reaches


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round of pages stands: everything changed at `since` or later, oldest first."""

    since: datetime
    etag: str = ""  # of the first page, where it was the only one
    page: str = ""  # address of the next one
    newest: datetime | None = None  # seen in this round


def parse_issues(answer: object, origin: Origin, *, pulls: bool = False) -> Parsed:
    """Read a list of issues; bots, and pull requests unless `pulls`, are left out."""

    def parse(issue: object) -> Mention | None:
        """Take an issue with its title."""
        if dig(issue, "pull_request") is not None and not pulls:
            return None
        text = f"{text_at(issue, 'title')}\n\n{plain_text(text_at(issue, 'body'))}"
        return _mention(issue, origin, f"issue:{needed(issue, 'number')}", text, None)

    return collect(list_at(answer), parse)


def parse_comments(answer: object, origin: Origin, *, pulls: bool = False) -> Parsed:
    """Read a list of comments; bots, and what is said below pull requests unless `pulls`, are left out."""

    def parse(comment: object) -> Mention | None:
        """Take a comment that says something."""
        text = plain_text(text_at(comment, "body"))
        if not text or ("/pull/" in text_at(comment, "html_url") and not pulls):
            return None
        issue = f"issue:{needed(comment, 'issue_url').rsplit('/', 1)[-1]}"
        return _mention(comment, origin, f"comment:{needed(comment, 'id')}", text, issue)

    return collect(list_at(answer), parse)


def plain_text(markdown: str) -> str:
    """Give what somebody wrote: without marks, code blocks, raw HTML and the words of others they quote."""
    lines, quoted = [], 0
    for token in _MARKDOWN.parse(markdown[:_MAX_MARKDOWN]):
        quoted += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "inline" and not quoted and token.content != "_No response_":  # an empty field of a form
            lines.append("".join(_visible(part) for part in token.children or ()))
    return "\n".join(lines).strip()


def next_page(headers: Mapping[str, str], asked: str) -> str:
    """Give the address of the page after the one at `asked`, "" for none; a page elsewhere is none."""
    found = _NEXT.search(headers.get("Link", ""))
    return _same_server(found[1], asked) if found else ""


def next_round(now_at: Round, answer: object, page: str, etag: str) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once; `since` moves only when all pages are through."""
    moments = [moment for item in list_at(answer) if (moment := moment_of(dig(item, "updated_at")))]
    newest = max([*moments, *([now_at.newest] if now_at.newest else [])], default=None)
    if page and page != now_at.page:
        return Round(now_at.since, "", page, newest), True
    since = max(now_at.since, newest - _OVERLAP) if newest else now_at.since
    # The tag belongs to one address: of a first page that is asked for again, and that is all there was.
    same = since == now_at.since and not now_at.page
    return Round(since, etag if same else ""), False


def why_refused(answer: Answer, now: datetime) -> ServiceError:
    """Tell a limit from missing rights: GitHub says 403 to both (docs.github.com, "Rate limits", 2026-11)."""
    plain, body = refusal(answer.host, answer.status, answer.headers, now), answer.body.lower()
    if isinstance(plain, RateLimited) or any(word in body for word in (b"rate limit", b"rate-limit", b"abuse")):
        wait = retry_after(answer.headers, now) or _PAUSE
        return RateLimited(f"{answer.host} asks us to slow down (status {answer.status}).", wait)
    return plain


def repository(setup: Setup, options: GitHubOptions) -> Source:
    """Build the source: the list of issues, and that of comments where they are wanted."""
    issues = Listing(setup, options)
    return Several([issues, Listing(setup, options, "issues/comments")]) if options.comments else issues


@dataclass(frozen=True, slots=True)
class Listing(Configured[GitHubOptions]):
    """Polls one of the two lists page by page, with the tag of what it saw last."""

    what: Literal["issues", "issues/comments"] = "issues"

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        now_at, now = self._round(cursor), self.setup.now()
        answer = await self.setup.web().get(
            now_at.page or self._first_page(), params=() if now_at.page else self._params(now_at),
            headers=self._headers(now_at), ok=(200, 304, 403, 404, 410, 422, 429),
        )  # fmt: skip
        if answer.status == 200:
            batch = self._read(now_at, answer)
        elif answer.status == 304:
            batch = Batch((), cursor)
        elif answer.status in (404, 410, 422) and now_at.page:  # the repository moved, or GitHub pages no deeper
            batch = Batch((), _mark(Round(now_at.newest or now_at.since)), more=True)
        else:
            raise why_refused(answer, now)
        return replace(batch, not_before=quota_pause(answer.headers, now), quota=quota_of(answer.headers, now))

    def _read(self, now_at: Round, answer: Answer) -> Batch:
        found = answer.json()
        parse = parse_issues if self.what == "issues" else parse_comments
        parsed = parse(found, self.setup.origin(), pulls=self.options.pulls)
        page = next_page(answer.headers, self._first_page())
        then, more = next_round(now_at, found, page, answer.headers.get("ETag", ""))
        return Batch(parsed.mentions, _mark(then), parsed.set_aside, more)

    def _first_page(self) -> str:
        return self.setup.url(HOST, f"/repos/{self.options.repo}/{self.what}")

    def _headers(self, now_at: Round) -> dict[str, str]:
        token = self.setup.secrets.get("access_token")
        return {
            "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28",
            **({"Authorization": f"Bearer {token}"} if token else {}),
            **({"If-None-Match": now_at.etag} if now_at.etag else {}),
        }  # fmt: skip

    def _params(self, now_at: Round) -> list[tuple[str, str]]:
        params = [("state", "all")] if self.what == "issues" else []
        return [
            *params, ("since", f"{now_at.since:%Y-%m-%dT%H:%M:%SZ}"), ("sort", "updated"), ("direction", "asc"),
            ("per_page", str(self.options.per_page)),
        ]  # fmt: skip

    def _round(self, cursor: str | None) -> Round:
        state = read_cursor(cursor)
        since = moment_of(dig(state, "since")) or self.setup.now() - timedelta(hours=self.options.lookback_hours)
        page = _same_server(text_at(state, "page"), self._first_page())
        return Round(since, text_at(state, "etag"), page, moment_of(dig(state, "newest")))


def _mention(item: object, origin: Origin, native_id: str, text: str, issue: str | None) -> Mention | None:
    user, edited_at = dig(item, "user"), moment_of(dig(item, "updated_at"))
    login = text_at(user, "login") or "ghost"  # what GitHub shows for an account that is gone
    if text_at(user, "type") == "Bot" or login.endswith("[bot]"):
        return None
    created_at = moment_at(item, "created_at")
    mention = origin.mention(
        native_id, Author(text_at(user, "id") or login, "", login, url=text_at(user, "html_url")), text, created_at,
        url=text_at(item, "html_url"), kind=MentionKind.REPLY if issue else MentionKind.POST, in_reply_to=issue,
        root=issue, addressed=any(origin.is_own(name) for name in re.findall(r"@(\w[\w-]{0,50})", text)),
        edited_at=edited_at if edited_at and edited_at > created_at else None,
    )  # fmt: skip
    return replace(mention, reply_ref=mention.in_reply_to)


def _same_server(address: str, other: str) -> str:
    """Give an address if it is on the server of the other, else "": the token must not go anywhere else."""
    try:
        return address if URL(address).origin() == URL(other).origin() else ""
    except ValueError:
        return ""


def _visible(part: Token) -> str:
    if part.type in ("softbreak", "hardbreak"):
        return "\n"
    return part.content if part.type in ("text", "text_special", "code_inline", "image") else ""


def _mark(then: Round) -> str:
    return write_cursor(
        since=then.since.isoformat(), etag=then.etag or None, page=then.page or None,
        newest=then.newest.isoformat() if then.newest else None,
    )  # fmt: skip
