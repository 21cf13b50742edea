"""The Slack client: posts, edits and finds cards through slack-sdk; only errors of ours leave it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiolimiter import AsyncLimiter
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from alerts.blocks import fit, section
from alerts.cards import View
from alerts.members import Home, home_of, ids_of
from alerts.slack_errors import as_our_errors, error_code, retry_after
from domain.errors import NotFound, PermanentError

SLACK_API = "https://slack.com/api/"
CARD, LINE = "hubbub_card", "hubbub_line"
_LOOKS_LIKE_ID = re.compile(r"[CGDUW][A-Z0-9]{5,}")
_PAGES = 10  # of 200 messages, when a card is searched
_SHORT_WAIT_S = 3
_LINE_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message is; both are needed to edit it."""

    channel_id: str
    ts: str


class _ShortRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits only for what is worth waiting for in place; longer waits belong to the outbox."""

    async def _can_retry_async(
        self, *, state: RetryState, request: HttpRequest, response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:  # fmt: skip
        if response is None or response.status_code != 429:
            return False
        wait = retry_after(response.headers)
        return wait is not None and wait.total_seconds() <= _SHORT_WAIT_S


class SlackClient:
    """Talks to one workspace with one bot token; shares the session it is given."""

    def __init__(
        self, token: str, *, session: aiohttp.ClientSession | None = None, base_url: str = SLACK_API,
        per_second: float | None = 1.0, timeout_s: int = 15,
    ) -> None:  # fmt: skip
        """`per_second` is the pace of writes per channel (Slack allows about one), None for no pacing."""
        # A message may have been written although its answer was lost: what is not idempotent is never repeated here.
        once: list[AsyncRetryHandler] = [_ShortRateLimit()]
        again = [*once, AsyncServerErrorRetryHandler(), AsyncConnectionErrorRetryHandler()]
        self._writes = web_client(token, base_url, session, timeout_s, once)
        self._repeatable = web_client(token, base_url, session, timeout_s, again)
        self._ids: dict[str, str] = {}
        self._home: Home | None = None
        self._pace: defaultdict[str, AsyncLimiter] | None = None
        if per_second is not None:
            span = 1 / per_second
            self._pace = defaultdict(lambda: AsyncLimiter(1, span))

    def __repr__(self) -> str:
        """Show where it talks to, never with what token."""
        return f"SlackClient({self._writes.base_url!r})"

    async def post(self, channel: str, view: View, key: str) -> Posted:
        """Post a card once; `key` is kept in its metadata, so that `find` sees it after a crash."""
        body = {"channel": channel, **_plain_words(), "metadata": _metadata(CARD, key)}
        answer = await self._write("chat.postMessage", body, view)
        posted = Posted(str(answer.get("channel") or channel), str(answer.get("ts") or ""))
        self._ids[channel] = posted.channel_id
        return posted

    async def update(self, channel: str, ts: str, view: View) -> None:
        """Show the newest state on a posted card."""
        body = {"channel": await self._id_of(channel), "ts": ts, "parse": "none", "link_names": False}
        await self._write("chat.update", body, view)

    async def thread(self, channel: str, ts: str, text: str, key: str) -> str:
        """Add a line to a card's thread and give its ts; `text` is mrkdwn, escaped already."""
        body = {"channel": channel, "thread_ts": ts, **_plain_words(), "metadata": _metadata(LINE, key)}
        answer = await self._write("chat.postMessage", body, View(text, []))
        return str(answer.get("ts") or "")

    async def find(self, channel: str, key: str, oldest: datetime | None = None) -> str | None:
        """Find the ts of the card posted with `key`, not older than `oldest`; None when it was never posted."""
        return await self._search("conversations.history", {"channel": await self._id_of(channel)}, key, oldest)

    async def find_in_thread(self, channel: str, ts: str, key: str) -> str | None:
        """Find the ts of the thread line posted with `key`; None when it was never posted."""
        body = {"channel": await self._id_of(channel), "ts": ts}
        return await self._search("conversations.replies", body, key, None)

    async def open_modal(self, trigger_id: str, view: Mapping[str, object]) -> str:
        """Open a modal for the person who pressed (within three seconds) and give its id."""
        answer = await self._call(self._writes, "views.open", {"trigger_id": trigger_id, "view": dict(view)})
        opened = answer.get("view")
        return str(opened.get("id") or "") if isinstance(opened, Mapping) else ""

    async def tell(self, channel: str, user: str, text: str) -> None:
        """Tell one person something (plain, escaped here) that only they see: in `channel`, else by direct message."""
        text = fit(text, _LINE_LIMIT)
        if channel:
            body = {"channel": channel, "user": user, "text": text, "parse": "none", "link_names": False}
            try:
                await self._call(self._writes, "chat.postEphemeral", body)
            except NotFound:
                pass  # they pressed in a channel the bot or they are not in
            else:
                return
        await self._write("chat.postMessage", {"channel": user, **_plain_words()}, View(text, []))

    async def message(self, channel: str, ts: str) -> dict[str, Any] | None:
        """Give one message, also one in a thread; None when it is not there (any more)."""
        # Slack gives the message itself first, for the ts of a reply too.
        async for found in self._pages("conversations.replies", {"channel": channel, "ts": ts, "limit": 1}, "messages"):
            if found.get("ts") == ts:
                return dict(found)
        return None

    async def open_room(self, name: str, *, private: bool) -> str:
        """Create a channel and give its id; where the name is taken already, the id of the one that has it."""
        try:
            answer = await self._call(self._writes, "conversations.create", {"name": name, "is_private": private})
        except PermanentError as err:
            if not _is(err, "name_taken") or (known := await self._id_of(f"#{name}")) == f"#{name}":
                raise
            return known
        made = answer.get("channel")
        return str(made.get("id") or "") if isinstance(made, Mapping) else ""

    async def invite(self, channel: str, user: str) -> None:
        """Bring a person into a channel; whoever is there already stays."""
        try:
            await self._call(self._repeatable, "conversations.invite", {"channel": channel, "users": user})
        except PermanentError as err:
            if not (_is(err, "already_in_channel") or _is(err, "cant_invite_self")):
                raise

    async def set_topic(self, channel: str, topic: str) -> None:
        """Say what a channel is about (plain, escaped here)."""
        body = {"channel": channel, "topic": fit(topic, 250)}
        await self._call(self._repeatable, "conversations.setTopic", body)

    async def name_of(self, user: str) -> str:
        """Give the shown name of a person by their id; the id itself where Slack does not tell."""
        try:
            found = (await self._read("users.info", {"user": user})).get("user")
        except (PermanentError, NotFound):
            return user
        profile = found.get("profile") if isinstance(found, Mapping) else None
        shown = profile.get("display_name") if isinstance(profile, Mapping) else None
        named = found.get("real_name") or found.get("name") if isinstance(found, Mapping) else None
        return str(shown or named or user)

    async def home(self) -> Home:
        """Give the workspace we are in; Slack is asked until it has said so once."""
        if self._home is None:
            self._home = home_of(await self._call(self._repeatable, "auth.test", None))
        return self._home

    async def ids_of(self, user: str) -> frozenset[str]:
        """Give the ids of a person's workspace and organisation; none for whom Slack does not show us."""
        try:
            found = (await self._read("users.info", {"user": user})).get("user")
        except NotFound:
            return frozenset()
        except PermanentError as err:
            if not _is(err, "user_not_visible"):
                raise
            return frozenset()
        return ids_of(found) if isinstance(found, Mapping) else frozenset()

    async def check(self) -> str:
        """Say who we are at Slack ("hubbub in Acme"); raises when the token or the way there is no good."""
        answer = await self._call(self._repeatable, "auth.test", None)
        return f"{answer.get('user')} in {answer.get('team')}"

    async def _write(self, method: str, body: dict[str, Any], view: View) -> dict[str, Any]:
        client = self._repeatable if method == "chat.update" else self._writes
        if self._pace is not None:
            channel = str(body["channel"])
            await self._pace[self._ids.get(channel, channel)].acquire()
        body = {**body, "text": view.text, **({"blocks": view.blocks} if view.blocks else {})}
        try:
            return await self._call(client, method, body)
        except PermanentError as err:
            # A plain alert is better than none: Slack changes its rules for layouts, and it wrote nothing.
            if not view.blocks or not _is_layout(err):
                raise
            return await self._call(client, method, {**body, "blocks": [section(view.text)]})

    async def _call(self, client: AsyncWebClient, method: str, body: dict[str, Any] | None) -> dict[str, Any]:
        with as_our_errors(method):
            answer = await client.api_call(method, json=body)
            return dict(answer.data) if isinstance(answer.data, Mapping) else {}

    async def _read(self, method: str, query: Mapping[str, Any]) -> dict[str, Any]:
        # Slack's reading methods take no JSON body.
        with as_our_errors(method):
            answer = await self._repeatable.api_call(method, http_verb="GET", params=dict(query))
            return dict(answer.data) if isinstance(answer.data, Mapping) else {}

    async def _search(self, method: str, query: dict[str, Any], key: str, oldest: datetime | None) -> str | None:
        query = {**query, "include_all_metadata": True, "limit": 200}
        if oldest is not None:
            query["oldest"] = f"{oldest.timestamp():.6f}"
        async for message in self._pages(method, query, "messages"):
            if _key_of(message) == key:
                return str(message.get("ts") or "") or None
        return None

    async def _pages(self, method: str, query: Mapping[str, Any], name: str) -> AsyncIterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_PAGES):
            answer = await self._read(method, {**query, "cursor": cursor} if cursor else query)
            listed = answer.get(name)
            for item in listed if isinstance(listed, list) else []:
                if isinstance(item, Mapping):
                    yield item
            metadata = answer.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, Mapping) else ""
            if not cursor:
                return

    async def _id_of(self, channel: str) -> str:
        """Give the id behind "#name": editing and reading take no names, posting does."""
        if _LOOKS_LIKE_ID.fullmatch(channel) or channel in self._ids:
            return self._ids.get(channel, channel)
        query = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 200}
        try:
            async for found in self._pages("conversations.list", query, "channels"):
                self._ids.setdefault(f"#{found.get('name')}", str(found.get("id")))
        except PermanentError:
            return channel  # without channels:read Slack itself says what is wrong with the name
        return self._ids.get(f"#{channel.removeprefix('#')}", channel)


def web_client(token: str, base_url: str, session: aiohttp.ClientSession | None, timeout_s: int,
                handlers: list[AsyncRetryHandler]) -> AsyncWebClient:  # fmt: skip
    """Set up slack-sdk for a token and an address, with our retry rules."""
    base_url = base_url if base_url.endswith("/") else f"{base_url}/"
    client = AsyncWebClient(
        token, base_url=base_url, session=session, timeout=timeout_s, retry_handlers=handlers,
        user_agent_prefix="hubbub",
    )  # fmt: skip
    if urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"}:
        client.proxy = None  # slack-sdk takes HTTP_PROXY without regard to NO_PROXY
    return client


def _plain_words() -> dict[str, Any]:
    return {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


def _metadata(event_type: str, key: str) -> dict[str, Any]:
    return {"event_type": event_type, "event_payload": {"key": key}}


def _key_of(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") not in {CARD, LINE}:
        return None
    payload = metadata.get("event_payload")
    return str(payload.get("key")) if isinstance(payload, Mapping) else None


def _is(error: PermanentError, code: str) -> bool:
    cause = error.__cause__
    return isinstance(cause, SlackApiError) and error_code(cause) == code


def _is_layout(error: PermanentError) -> bool:
    cause = error.__cause__
    return isinstance(cause, SlackApiError) and error_code(cause) in {"invalid_blocks", "invalid_blocks_format"}
