"""What others bring to us: reports from the page's form, and what sources are pushed by signed webhook."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol, runtime_checkable

from aiohttp import web

from app.pipeline.intake import Intake
from domain.errors import AuthError, PermanentError
from domain.mention import Batch
from listener.source import Source
from listener.sources.form import Form, FormProblem

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

    def why_not(self, address: str, at: float) -> str | None:
        """Say why an address must wait, or count its report and return None."""
        times = self.seen.setdefault(address, deque())
        self.seen.move_to_end(address)
        while times and at - times[0] > WITHIN_S:
            times.popleft()
        if len(times) >= self.most:
            return "too many reports from one address; please wait ten minutes"
        times.append(at)
        while len(self.seen) > ADDRESSES:
            self.seen.popitem(last=False)
        return None


@dataclass(frozen=True, slots=True)
class Inbound:
    """The doors for reports and webhooks."""

    intake: Intake
    forms: Sequence[Form]
    hooks: Mapping[str, Hook]
    components: Collection[str]
    languages: Sequence[str]
    pace: Pace = field(default_factory=Pace)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes."""
        hook = "/hooks/{name}"
        return [web.post("/report", self.report), web.get(hook, self.handshake), web.post(hook, self.hook)]

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Take one report; works without JavaScript, answers with the thank-you page of the reader's language."""
        if not self.forms:
            raise web.HTTPNotFound(text="This page takes no reports.\n")
        fields = await _fields(request)
        language = fields.get("language", "")
        language = language if language in self.languages else self.languages[0]
        why_not = self.pace.why_not(address_of(request), time.monotonic())
        if why_not is not None:
            raise web.HTTPTooManyRequests(text=f"{why_not}\n", headers={"Retry-After": "600"})
        read = self.forms[0].receive(fields, self.components)
        if isinstance(read, tuple) and read != (FormProblem.TRAPPED,):
            raise web.HTTPSeeOther(f"/{language}/report-{read[0].replace('_', '-')}.html")
        if not isinstance(read, tuple):
            await self.intake.take([read.mention])
        raise web.HTTPSeeOther(f"/{language}/thanks.html")

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
    remote, named = request.remote or "", request.headers.get("X-Forwarded-For", "")
    try:
        behind_proxy = bool(named) and ip_address(remote).is_private
    except ValueError:
        return remote
    # Only the last one: the others are what the client itself claims.
    return named.rpartition(",")[2].strip() if behind_proxy else remote


async def _fields(request: web.Request) -> dict[str, str]:
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except (ValueError, LookupError) as err:  # a broken body, a charset that does not exist
        raise web.HTTPBadRequest(text="The form could not be read.\n") from err


def sort_out(sources: Sequence[Source]) -> tuple[list[Form], dict[str, Hook]]:
    """Pick the sources that are brought to us."""
    forms = [source for source in sources if isinstance(source, Form)]
    return forms, {s.name: s for s in sources if isinstance(s, Hook) and not isinstance(s, Form)}
