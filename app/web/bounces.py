"""The door for bounces: the mail provider's report (JSON) or a returned mail from a pipe, signed as our webhooks."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from app.store.protocol import update
from app.subscribers.bounces import MAX_BYTES, Bounces, Trouble
from domain.errors import AuthError
from domain.records import Kept
from domain.signing import SIGNATURE_HEADER
from listener.sources.webhook import verify

log = logging.getLogger(__name__)
PATH = "/hooks/bounces"
MAX_ITEMS = 1000  # of one body
MEMORY = "subscribers:bounces"  # the record of what was taken lately
REMEMBERED, MOST_REMEMBERED = timedelta(hours=24), 2000
_MAILS = frozenset({"message/rfc822", "message/global"})


class Report(BaseModel):
    """What a mail provider says of one address; further fields are left alone."""

    address: str = Field(min_length=3, max_length=320)
    kind: Trouble


@dataclass(frozen=True, slots=True)
class BounceDoor:
    """HTTP entrance for bounces; only there where the owner has set the secret."""

    bounces: Bounces
    secret: str
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)  # signatures age by the real time, also in the demo
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __repr__(self) -> str:
        """Leave the secret out of logs."""
        return "BounceDoor()"

    def routes(self) -> list[web.RouteDef]:
        """Give the route that docs/subscribers.md names."""
        return [web.post(PATH, self.take)] if self.secret else []

    async def take(self, request: web.Request) -> web.Response:
        """Take one body; 202 with a few words for each report once all of them are written down."""
        body = await request.clone(client_max_size=MAX_BYTES).read()  # 413 for more
        try:
            verify(body, request.headers.get(SIGNATURE_HEADER, ""), self.secret, self.wall())
        except AuthError as err:
            raise web.HTTPUnauthorized(text=f"{err}\n") from err
        if request.content_type not in {*_MAILS, "application/json"}:
            raise web.HTTPUnsupportedMediaType(text="Send a mail as message/rfc822, or a list as application/json.\n")
        items = None if request.content_type in _MAILS else _items(body)
        key = _key(request.headers.get("Idempotency-Key", ""), body)
        async with self.busy:  # the same body twice at once counts once
            if await self._is_known(key):
                return web.json_response({"results": [], "repeated": True}, status=202)
            results = [await self.bounces.take(body)] if items is None else [await self._one(item) for item in items]
            await self._remember(key)
        return web.json_response({"results": results, "repeated": False}, status=202)

    async def _one(self, item: object) -> str:
        try:
            report = Report.model_validate(item)
        except ValidationError as err:
            where = ".".join(str(step) for step in err.errors()[0]["loc"]) or "it"
            log.warning("bounces: one report set aside: `%s` is missing or wrong", where)
            return f"set aside: `{where}` is missing or wrong"
        return await self.bounces.hear(report.address, report.kind)

    async def _is_known(self, key: str) -> bool:
        known = await self.bounces.store.get(Kept, MEMORY)
        return known is not None and key in _fresh(known, self.bounces.now())

    async def _remember(self, key: str) -> None:
        at, store = self.bounces.now(), self.bounces.store
        await store.add(Kept(MEMORY, {}))

        def change(kept: Kept) -> Kept:
            return replace(kept, value=dict([*_fresh(kept, at).items(), (key, at.timestamp())][-MOST_REMEMBERED:]))

        await update(store, Kept, MEMORY, change)


def _fresh(kept: Kept, at: datetime) -> dict[str, float]:
    """Give what was taken within a day: key -> epoch seconds, oldest first."""
    oldest = (at - REMEMBERED).timestamp()
    return {name: when for name, when in kept.value.items() if isinstance(when, float) and when > oldest}


def _key(named: str, body: bytes) -> str:
    """Name a delivery, so that a second try is known: as the sender does, else by its bytes."""
    return hashlib.sha256(b"key:" + named.encode("utf-8", "replace") if named else body).hexdigest()[:32]


def _items(body: bytes) -> list[object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise web.HTTPBadRequest(text="The body is no JSON list of {address, kind}.\n")
    if len(found) > MAX_ITEMS:
        raise web.HTTPBadRequest(text=f"The body has more than {MAX_ITEMS} reports.\n")
    return found
