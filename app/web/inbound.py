"""What others bring to us: what sources are pushed by signed webhook; and who asks, how often (see report.py)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol, runtime_checkable

from aiohttp import web

from app.pipeline.intake import Intake
from domain.errors import AuthError, PermanentError
from domain.heard.mention import Batch
from listener.source import Source
from listener.sources.form import Form

REPORTS, WITHIN_S = 5, 600.0  # so many reports from one address in ten minutes are plenty
ADDRESSES = 10_000


@runtime_checkable
class Hook(Protocol):
    """A source that others push to."""

    @property
    def name(self) -> str:
        """The name in the settings, and in the address."""

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Batch:
        """Check and read one request; raises `AuthError` or `PermanentError`."""


@runtime_checkable
class Handshake(Protocol):
    """A hook whose sender first asks whether the address is ours (Meta)."""

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Give the answer, None when it was not asked as it should."""


@dataclass(slots=True)
class Pace:
    """Counts the reports of each address; memory is bounded, the oldest address is forgotten first."""

    most: int = REPORTS  # in ten minutes
    seen: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def is_too_often(self, address: str, at: float) -> bool:
        """Say whether an address must wait; if not, its report is counted."""
        times = self.seen.setdefault(address, deque())
        self.seen.move_to_end(address)
        while times and at - times[0] > WITHIN_S:
            times.popleft()
        if len(times) >= self.most:
            return True
        times.append(at)
        while len(self.seen) > ADDRESSES:
            self.seen.popitem(last=False)
        return False


@dataclass(frozen=True, slots=True)
class Inbound:
    """The doors for webhooks."""

    intake: Intake
    hooks: Mapping[str, Hook]

    def routes(self) -> list[web.RouteDef]:
        """Give the routes."""
        hook = "/hooks/{name}"
        return [web.get(hook, self.handshake), web.post(hook, self.hook)]

    async def handshake(self, request: web.Request) -> web.Response:
        """Answer a sender who asks whether this address takes what it wants to push."""
        source = self.hooks.get(request.match_info["name"])
        if not isinstance(source, Handshake):
            raise web.HTTPNotFound(text="There is no such webhook, or nothing to read here.\n")
        answer = source.challenge(request.query)
        if answer is None:
            raise web.HTTPForbidden(text="The token is not the one in the settings.\n")
        return web.Response(text=answer)

    async def hook(self, request: web.Request) -> web.Response:
        """Take what another system pushes; answered once it is stored."""
        source = self.hooks.get(request.match_info["name"])
        if source is None:
            raise web.HTTPNotFound(text="There is no such webhook.\n")
        body = await request.read()
        try:
            batch = source.receive(body, request.headers)
        except AuthError as err:
            raise web.HTTPUnauthorized(text=f"{err}\n") from err
        except PermanentError as err:
            raise web.HTTPBadRequest(text=f"{err}\n") from err
        taken = await self.intake.keep(source.name, batch)
        answer = {"stored": taken.stored, "duplicates": taken.duplicates, "set_aside": len(batch.set_aside)}
        if batch.deleted:
            answer["deleted"] = taken.deleted
        # Meta sends everything again that is not answered with exactly 200.
        return web.json_response(answer, status=200 if isinstance(source, Handshake) else 202)


def address_of(request: web.Request) -> str:
    """Give the address of whoever asks; behind a proxy of ours it is the last one that the proxy names."""
    # Some proxies add to the header, others add another one: what ours says stands last.
    remote, named = request.remote or "", ",".join(request.headers.getall("X-Forwarded-For", []))
    try:
        behind_proxy = bool(named) and ip_address(remote).is_private
    except ValueError:
        return remote
    # Only the last one: the others are what the client itself claims.
    return named.rpartition(",")[2].strip() if behind_proxy else remote


def sort_out(sources: Sequence[Source]) -> tuple[list[Form], dict[str, Hook]]:
    """Pick the sources that are brought to us."""
    forms = [source for source in sources if isinstance(source, Form)]
    return forms, {s.name: s for s in sources if isinstance(s, Hook) and not isinstance(s, Form)}
