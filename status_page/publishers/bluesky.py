"""Posts and answers on Bluesky. Lexicons com.atproto.server.createSession, .repo.putRecord, .deleteRecord (2026-11)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import aiohttp

from domain.errors import AuthError, PermanentError, TemporaryError
from domain.work import Delivery
from status_page.publishers.publisher import Published
from status_page.publishers.wire import Request, json_body, send
from status_page.words.lengths import BLUESKY_LIMIT, bluesky_length

Result = TypeVar("Result")

# An address ends before punctuation, also Persian, and before the invisible marks of right-to-left text.
_NOT_URL = "\\s<>\"'«»“”\u200e\u200f\u202a-\u202e\u2066-\u2069"
_URL = re.compile(f"https?://[^{_NOT_URL}]*[^{_NOT_URL}.,;:!?)…،؛؟]")
_TID = "234567abcdefghijklmnopqrstuvwxyz"
COLLECTION = "app.bsky.feed.post"
_OLD_SESSION = re.compile("ExpiredToken|InvalidToken")


@dataclass(frozen=True, slots=True)
class Bluesky:
    """One account. The record key follows from the delivery's id, so a retry writes the same record again."""

    name: str
    base_url: str
    identifier: str
    password: str
    session: aiohttp.ClientSession
    now: Callable[[], datetime]
    limit: int | None = BLUESKY_LIMIT
    login: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Leave the password out of logs."""
        return f"Bluesky({self.name!r}, {self.identifier!r})"

    async def publish(self, delivery: Delivery) -> Published:
        """Post, or answer `delivery.reply_to` ("uri|cid" or "uri|cid|root uri|root cid")."""
        return await self._signed_in(lambda: self._put(delivery))

    def measure(self, text: str) -> int:
        """Count graphemes, or tenths of bytes where those are more."""
        return bluesky_length(text)

    async def withdraw(self, delivery: Delivery) -> None:
        """Delete the post; Bluesky does not mind if it is gone already."""
        uri = (delivery.remote_id or "").partition("|")[0]
        await self._signed_in(lambda: self._delete(uri.rpartition("/")[2]))

    async def _signed_in(self, call: Callable[[], Awaitable[Result]]) -> Result:
        try:
            await self._sign_in()
            return await call()
        except AuthError:
            if not self.login:
                raise
            self.login.clear()  # the session has expired: sign in once more
            await self._sign_in()
            return await call()

    async def _delete(self, rkey: str) -> None:
        record = {"repo": self.login["did"], "collection": COLLECTION, "rkey": rkey}
        await self._call("com.atproto.repo.deleteRecord", record, self.login["token"])

    async def _put(self, delivery: Delivery) -> Published:
        rkey = record_key(delivery.id, delivery.created_at)
        record = {"repo": self.login["did"], "collection": COLLECTION, "rkey": rkey, "record": post(delivery)}
        answer = await self._call("com.atproto.repo.putRecord", record, self.login["token"])
        uri, cid = answer.get("uri"), answer.get("cid")
        if not isinstance(uri, str) or not isinstance(cid, str):
            raise TemporaryError(f"Bluesky ({self.name}) accepted the post but gave no address.")
        return Published(f"{uri}|{cid}", f"https://bsky.app/profile/{self.identifier}/post/{rkey}")

    async def _sign_in(self) -> None:
        if self.login:
            return
        secret = {"identifier": self.identifier, "password": self.password}
        answer = await self._call("com.atproto.server.createSession", secret, None)
        did, token = answer.get("did"), answer.get("accessJwt")
        if not isinstance(did, str) or not isinstance(token, str):
            raise AuthError(f"Bluesky ({self.name}) did not accept the app password.")
        self.login.update(did=did, token=token)

    async def _call(self, method: str, body: dict[str, Any], token: str | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self.base_url.rstrip('/')}/xrpc/{method}"
        request = Request("POST", url, f"Bluesky ({self.name})", headers, body=json_body(body))
        try:
            return await send(self.session, request)
        except PermanentError as err:
            if _OLD_SESSION.search(str(err)):  # said with status 400, not 401
                raise AuthError(str(err)) from err
            raise


def record_key(delivery_id: str, at: datetime) -> str:
    """Make a TID (13 characters, 53 bits of microseconds and 10 of clock id) that is the same for each try."""
    digest = hashlib.sha256(delivery_id.encode()).digest()
    clock = int.from_bytes(digest[:2]) & 0x3FF
    # The posts of one update share their moment, and 10 bits are too few to keep them apart: spread them over a second.
    micros = int(at.timestamp() * 1_000_000) + int.from_bytes(digest[2:6]) % 1_000_000
    value = (micros << 10) | clock
    return "".join(_TID[(value >> shift) & 31] for shift in range(60, -1, -5))


def post(delivery: Delivery) -> dict[str, Any]:
    """Write the app.bsky.feed.post record of a delivery; links become facets by UTF-8 byte offsets."""
    record: dict[str, Any] = {
        "$type": COLLECTION, "text": delivery.text, "langs": [delivery.language],
        "createdAt": delivery.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }  # fmt: skip
    if facets := [_facet(delivery.text, match) for match in _URL.finditer(delivery.text)]:
        record["facets"] = facets
    if delivery.reply_to:
        parent = delivery.reply_to.split("|")
        root = delivery.root.split("|") if delivery.root else parent[2:4] or parent
        record["reply"] = {"root": _ref(root), "parent": _ref(parent)}
    return record


def _ref(parts: list[str]) -> dict[str, str]:
    return {"uri": parts[0], "cid": parts[1] if len(parts) > 1 else ""}


def _facet(text: str, match: re.Match[str]) -> dict[str, Any]:
    start = len(text[: match.start()].encode())
    end = start + len(match.group().encode())
    link = {"$type": "app.bsky.richtext.facet#link", "uri": match.group()}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [link]}
