"""Telegram: what is written to our bot, and in the groups and channels it is a member of.

API: https://core.telegram.org/bots/api (getUpdates, Message; read 2026-11). The bot's token is part of the address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer, refusal
from listener.items import Origin, Parsed, collect, dig, list_at, moment_at, moment_of, needed, number_at, text_at
from listener.options import SecretProblem
from listener.pacing import LONGEST
from listener.source import Configured

HOST = "https://api.telegram.org"
KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
LIMIT = 100  # updates of one answer
_SILENCE = timedelta(days=6)
_COMMAND = re.compile(r"/\w{1,64}(?:@\w{1,64})?")


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """Which chats to listen to."""

    chats: tuple[int | str, ...] = ()  # ids or user names; empty: all that the bot is in


def parse_updates(answer: object, origin: Origin, bot_id: str = "", chats: Collection[int | str] = ()) -> Parsed:
    """Read an answer of getUpdates; bots, service messages and forwards of our own posts are left out."""
    wanted = {str(chat).lstrip("@").casefold() for chat in chats}

    def parse(update: object) -> Mention | None:
        """Take the message out of its update."""
        message = next((found for kind in KINDS if isinstance(found := dig(update, kind), Mapping)), None)
        if message is None:
            return None
        names = {text_at(message, "chat", "id"), text_at(message, "chat", "username").casefold()}
        return _parse_message(message, origin, bot_id) if not wanted or wanted & (names - {""}) else None

    return collect(list_at(answer, "result"), parse)


def next_offset(answer: object) -> int | None:
    """Give what to ask from next: one more than the highest update; None when there is no update."""
    numbers = [number_at(update, "update_id") for update in list_at(answer, "result")]
    return max((number + 1 for number in numbers if number is not None), default=None)


def why_refused(answer: Answer, said: object, now: datetime) -> ServiceError:
    """Say what a refusal means; Telegram repeats the status as `error_code` and puts the wait into the body."""
    status = number_at(said, "error_code") or answer.status
    if status == 409 and "webhook" in text_at(said, "description").lower():
        return PermanentError("This Telegram bot has a webhook: remove it (deleteWebhook), or use another bot.")
    if status == 409:
        return TemporaryError("Another program reads this Telegram bot's messages: only one may, stop the other one.")
    if status in (401, 404):
        return AuthError("Telegram does not know this bot: the secret `bot_token` is wrong or was revoked.")
    seconds = number_at(said, "parameters", "retry_after")
    if status == 429 and seconds is not None and seconds >= 0:
        return RateLimited("Telegram asks us to slow down (status 429).", min(timedelta(seconds=seconds), LONGEST))
    return refusal(answer.host, status, answer.headers, now)


def problems_of(options: TelegramOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to read the bot's messages."""
    if text_at(secrets, "bot_token"):
        return []
    return [SecretProblem("secret `bot_token` is missing: the token that @BotFather gave for your bot.")]


class Telegram(Configured[TelegramOptions]):
    """Polls the bot's updates; asking from an offset on tells Telegram to forget what is before it."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get the updates after those that the cursor says are stored."""
        state, origin = read_cursor(cursor), self.setup.origin()
        heard_at = moment_of(dig(state, "heard_at"))
        # After a week without news Telegram may number on below our offset; all before it was confirmed by then.
        silent = heard_at is not None and origin.now - heard_at > _SILENCE
        offset = None if silent else number_at(state, "offset")
        found = await self._updates(offset)
        parsed = parse_updates(found, origin, self._token().partition(":")[0], self.options.chats)
        newest = next_offset(found)
        heard_at = origin.now if newest is not None else heard_at
        mark = write_cursor(
            offset=offset if newest is None else newest, heard_at=heard_at.isoformat() if heard_at else None
        )
        return Batch(parsed.mentions, mark, parsed.set_aside, more=len(list_at(found, "result")) >= LIMIT)

    async def _updates(self, offset: int | None) -> object:
        # Telegram reads parameters from the address and the body alike.
        path = f"/bot{quote(self._token(), safe=':')}/getUpdates" + (f"?offset={offset}" if offset is not None else "")
        asked = {"limit": LIMIT, "timeout": 0, "allowed_updates": KINDS}
        try:
            answer = await self.setup.web().post(
                self.setup.url(HOST, path), asked, ok=(200, 400, 401, 403, 404, 409, 429)
            )
            said = answer.json() if answer.status == 200 else _said(answer)
        except ServiceError as err:
            raise err from None  # the causes can quote the address, and the token with it
        if dig(said, "ok") is not True:
            raise why_refused(answer, said, self.setup.now())
        return said

    def _token(self) -> str:
        return self.setup.secrets.get("bot_token", "")


def _parse_message(message: object, origin: Origin, bot_id: str) -> Mention | None:
    text = text_at(message, "text") or text_at(message, "caption")
    speaker = dig(message, "sender_chat") or dig(message, "from") or dig(message, "chat")
    if not text or _COMMAND.fullmatch(text) or dig(speaker, "is_bot") is True or _repeats_us(message, origin):
        return None
    chat, message_id = dig(message, "chat"), needed(message, "message_id")
    reply_to, private = _replied(message), text_at(chat, "type") == "private"
    plain_kind = MentionKind.REPLY if reply_to else MentionKind.POST
    return origin.mention(
        f"{needed(chat, 'id')}:{message_id}", _author(speaker), text, moment_at(message, "date"),
        url=_address(chat, message_id), kind=MentionKind.MESSAGE if private else plain_kind,
        in_reply_to=reply_to, root=_root(message), addressed=private or _names_us(message, text, origin, bot_id),
        edited_at=moment_of(dig(message, "edit_date")),
    )  # fmt: skip


def _author(speaker: object) -> Author:
    names = [text_at(speaker, key) for key in ("first_name", "last_name", "title")]
    handle = text_at(speaker, "username")
    return Author(
        needed(speaker, "id"), " ".join(filter(None, names)), handle, url=f"https://t.me/{handle}" if handle else None
    )  # fmt: skip


def _repeats_us(message: object, origin: Origin) -> bool:
    """Tell a forward of our own post, or of what a bot said, from something a customer has to say."""
    forwarded = dig(message, "forward_origin")
    first = dig(forwarded, "chat") or dig(forwarded, "sender_chat") or dig(forwarded, "sender_user")
    first = first or dig(message, "forward_from_chat") or dig(message, "forward_from")  # before Bot API 7.0
    return dig(first, "is_bot") is True or origin.is_own(text_at(first, "username"))


def _replied(message: object) -> str | None:
    before = dig(message, "reply_to_message")
    # In a forum every message "answers" the one that opened its topic.
    if before is None or dig(before, "forum_topic_created") is not None:
        return None
    return _native_id(dig(message, "chat"), text_at(before, "message_id"))


def _root(message: object) -> str | None:
    """Name the post a thread of comments hangs on, or the channel post that was forwarded."""
    forwarded = dig(message, "forward_origin")
    if text_at(forwarded, "type") == "channel":
        return _native_id(dig(forwarded, "chat"), text_at(forwarded, "message_id"))
    if dig(message, "is_topic_message") is True:  # a topic of a forum is no conversation
        return None
    return _native_id(dig(message, "chat"), text_at(message, "message_thread_id"))


def _native_id(chat: object, message_id: str) -> str | None:
    chat_id = text_at(chat, "id")
    return f"{chat_id}:{message_id}" if chat_id and message_id else None


def _names_us(message: object, text: str, origin: Origin, bot_id: str) -> bool:
    answered = dig(message, "reply_to_message", "from")
    ours = text_at(answered, "id") == bot_id != "" or origin.is_own(text_at(answered, "username"))
    return ours or any(origin.is_own(name) for name in re.findall(r"@(\w{1,50})", text))


def _address(chat: object, message_id: str) -> str | None:
    """Give the address of a message; only channels and large groups (ids from -100...) have one."""
    name, chat_id = text_at(chat, "username"), text_at(chat, "id")
    if name and text_at(chat, "type") != "private":
        return f"https://t.me/{name}/{message_id}"
    return f"https://t.me/c/{chat_id[4:]}/{message_id}" if chat_id.startswith("-100") else None


def _said(answer: Answer) -> object:
    try:
        return answer.json()
    except ServiceError:
        return None
