"""What others bring to us: reports from the page's form, and mentions pushed by signed webhook."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from aiohttp import web

from app.pipeline.intake import Intake
from domain.errors import AuthError, PermanentError
from listener.form import Form, FormProblem
from listener.source import Source
from listener.webhook import Webhook

log = logging.getLogger(__name__)
REPORTS, WITHIN_S = 5, 600.0  # so many reports from one address in ten minutes are plenty
ADDRESSES = 10_000


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
    hooks: Mapping[str, Webhook]
    components: Collection[str]
    languages: Sequence[str]
    pace: Pace = field(default_factory=Pace)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes."""
        return [web.post("/report", self.report), web.post("/hooks/{name}", self.hook)]

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

    async def hook(self, request: web.Request) -> web.Response:
        """Take mentions pushed by another system; 202 once they are stored."""
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
        taken = await self.intake.take(batch.mentions)
        for item in batch.set_aside:
            log.warning("webhook %s: one item set aside: %s", source.name, item.reason)
        answer = {"stored": taken.stored, "duplicates": taken.duplicates, "set_aside": len(batch.set_aside)}
        return web.json_response(answer, status=202)


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


def sort_out(sources: Sequence[Source]) -> tuple[list[Form], dict[str, Webhook]]:
    """Pick the sources that are brought to us."""
    forms = [source for source in sources if isinstance(source, Form)]
    return forms, {source.name: source for source in sources if isinstance(source, Webhook)}
