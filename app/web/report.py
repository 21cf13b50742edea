"""The page's doors for customers: "report a problem" and "I have this too", without an account or a captcha.

Neither needs a script. What a flood can do is bounded on the way in (pace, size, pages of others) and, for what counts
as people, in `domain.heard.brigading`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn
from urllib.parse import urlsplit

from aiohttp import web

from app.pipeline.intake import Intake
from app.web.inbound import REPORTS, Pace, address_of
from app.web.languages import asked_language
from app.web.networks import NetworkNames, line_of, network_of
from app.web.notices import said, unreadable
from app.web.site import CSP
from domain.heard.mention import Submission
from domain.heard.proof_of_work import REPORT, read_proof, too_subject, why_unproven
from domain.incidents.incident import Incident
from listener.sources.form import Form, FormProblem, joining_id
from listener.text import well_formed
from status_page.pages.lost import Imprint
from status_page.pages.pages import Typed
from status_page.pages.report_pages import ReportPages
from status_page.words.language import catalogue
from status_page.words.report_words import FOREIGN, LOST, TOO_LARGE, TOO_OFTEN

FROM_NETWORK = 200  # reports in ten minutes: a carrier puts many thousand phones behind one network
TOO_FROM_NETWORK = 20  # “I have this too” in ten minutes, for each incident
MAX_FORM = 128 * 1024  # bytes; 5,000 characters of Persian are 30 kB as a form sends them
USED = 20_000  # proofs of work that are remembered; whoever has done more work than that may repeat the oldest
_WAIT = {"Retry-After": "600"}
# What somebody typed stands in such an answer.
_PRIVATE = {"Cache-Control": "no-store", "Content-Security-Policy": CSP}
_OWN = frozenset({"same-origin", "same-site", "none"})


@dataclass(slots=True)
class Seen:
    """Remembers so many names, the oldest is forgotten first; with the process all of them are."""

    most: int = USED
    names: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def __contains__(self, name: object) -> bool:
        """Say whether a name is remembered."""
        return name in self.names

    def add(self, name: str) -> None:
        """Remember a name."""
        self.names[name] = None
        while len(self.names) > self.most:
            self.names.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """One form that somebody sent: its fields, the page and the language to answer in, and how it came."""

    fields: Mapping[str, str]
    pages: ReportPages
    language: str
    network: str
    visitor: str
    is_too_often: bool

    def to(self, page: str) -> NoReturn:
        """Lead to a page of the reader's language."""
        raise web.HTTPSeeOther(f"{self.pages.imprint.base}/{self.language}/{page}.html")

    def again(self, problem: str, status: int = 400, headers: Mapping[str, str] | None = None) -> web.Response:
        """Give the form for reports back, with all that was typed."""
        typed = Typed(*(self.fields.get(name, "") for name in ("text", "contact", "component")))
        return _page(self.pages.report(self.language, problem, typed), status, headers)

    def too_often(self) -> web.HTTPException:
        """Ask to wait."""
        return web.HTTPTooManyRequests(**said(TOO_OFTEN, self.pages.imprint, self.language, _WAIT))


@dataclass(frozen=True, slots=True)
class ReportDoor:
    """Takes what customers tell us on the page; `now` is the real time, which proofs of work go by."""

    intake: Intake
    forms: Sequence[Form]
    components: Collection[str]
    pages: Sequence[ReportPages]  # at least one; the first answers for every name that no other one has
    now: Callable[[], datetime]
    pace: Pace = field(default_factory=lambda: Pace(REPORTS))
    crowd: Pace = field(default_factory=lambda: Pace(FROM_NETWORK))  # of one network
    joining: Pace = field(default_factory=lambda: Pace(TOO_FROM_NETWORK))
    used: Seen = field(default_factory=Seen)  # proofs of work
    joined: Seen = field(default_factory=Seen)  # who has said “I have this too” of what
    names: NetworkNames = field(init=False)

    def __post_init__(self) -> None:
        """Set up the names of networks."""
        object.__setattr__(self, "names", NetworkNames(self.now))  # the usual way in a frozen dataclass

    def routes(self) -> list[web.RouteDef]:
        """Give the routes."""
        return [web.post("/report", self.report), web.post("/report/too", self.too)]

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Take one report, with or without proof of work; answers with the thanks, or the form with what was wrong."""
        visit = await self._visit(request)
        if visit.is_too_often:
            return visit.again("too_often", 429, _WAIT)
        sent = Submission(visit.network, visit.visitor, self._is_proven(visit, REPORT))
        read = self.forms[0].receive(visit.fields, self.components, sent)
        if isinstance(read, tuple):
            if read == (FormProblem.TRAPPED,):
                visit.to("thanks")
            return visit.again(read[0])
        await self.intake.take([read.mention])
        visit.to("thanks")

    async def too(self, request: web.Request) -> web.StreamResponse:
        """Take “I have this too” about an incident that is open for everybody to see."""
        visit = await self._visit(request)
        if visit.is_too_often:
            raise visit.too_often()
        incident = await self.intake.store.get(Incident, visit.fields.get("incident", "")[:100])
        if incident is None or not (incident.public and incident.is_open):
            visit.to("too-over")
        if self.joining.is_too_often(f"{incident.id} {visit.network}", time.monotonic()):
            raise visit.too_often()
        is_proven = self._is_proven(visit, too_subject(incident.id))
        sent = Submission(visit.network, visit.visitor, is_proven, incident.id)
        read = self.forms[0].join(visit.fields, sent, joining_words(incident, visit.language), _about(incident))
        if isinstance(read, tuple):
            if read == (FormProblem.TRAPPED,):
                visit.to("too-thanks")
            return _page(visit.pages.too(visit.language, incident, visit.fields.get("contact", "")), 400)
        # Whoever said it with an address and presses again without one is the same person.
        once = joining_id(incident.id, visit.visitor)
        if read.mention.contact or once not in self.joined:
            await self.intake.take([read.mention])
        self.joined.add(once)
        visit.to("too-thanks")

    async def _visit(self, request: web.Request) -> Visit:
        """Read a form; raises the answer when it is not to be taken."""
        pages = self._pages(request.host)
        spoken = asked_language(request, pages.imprint.languages)
        if not self.forms:
            raise web.HTTPNotFound(**said(LOST, pages.imprint, spoken))
        if is_foreign(request.headers, {request.host, *(own.host for own in self.pages)}):
            raise web.HTTPForbidden(**said(FOREIGN, pages.imprint, spoken))
        fields = await _fields(request, pages.imprint, spoken)
        language = fields.get("language", "")
        address, at = address_of(request), time.monotonic()
        network, line = network_of(address), self.names.name("line", line_of(address))
        named = self.names.name("network", network)
        return Visit(
            fields, pages, language if language in pages.imprint.languages else spoken, named,
            self.names.name("visitor", network, request.headers.get("User-Agent", "")[:500]),
            self.pace.is_too_often(line, at) or self.crowd.is_too_often(named, at),
        )  # fmt: skip

    def _pages(self, host: str) -> ReportPages:
        name = host.partition(":")[0].lower()
        return next((pages for pages in self.pages if pages.host == name), self.pages[0])

    def _is_proven(self, visit: Visit, subject: str) -> bool:
        """Check the proof of work, which is good for once."""
        field = visit.fields.get("proof", "")
        if why_unproven(field, subject, self.now(), self.used) is not None:
            return False
        proof = read_proof(field)
        self.used.add(proof.name if proof is not None else field)
        return True


def is_foreign(headers: Mapping[str, str], hosts: Collection[str]) -> bool:
    """Say whether a form was sent from a page of somebody else.

    A page elsewhere could have every visitor of its own send us a report, each from another network and with the work
    done. There is no session to protect, but that flood would look like many people, so it is turned away. Browsers
    since 2023 say where a form comes from. Before that there is `Origin`, which our own pages send as "null" (they
    send no referrer). What says neither is no browser that somebody else steers.
    """
    site = headers.get("Sec-Fetch-Site", "")
    if site:
        return site not in _OWN
    origin = headers.get("Origin", "null")
    known = {urlsplit(f"//{host}").hostname for host in hosts if host}
    return origin != "null" and urlsplit(origin).hostname not in known


def joining_words(incident: Incident, language: str) -> str:
    """Write “I have this too” as a mention of its author, in their language."""
    return f"{catalogue(language).gettext('I have this too')}: {incident.title(language)}"


def _about(incident: Incident) -> str | None:
    """Name the component of an incident, None when it touches none or several."""
    touched = list(incident.components)
    return touched[0] if len(touched) == 1 else None


def _page(body: bytes, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    own = {**_PRIVATE, **(headers or {})}
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=own)


async def _fields(request: web.Request, imprint: Imprint, language: str) -> dict[str, str]:
    """Read a form; raises the answer, in `language`, when it is too large or none."""
    try:
        posted = await request.clone(client_max_size=MAX_FORM).post()
    except web.HTTPRequestEntityTooLarge as err:
        raise web.HTTPRequestEntityTooLarge(MAX_FORM, 0, **said(TOO_LARGE, imprint, language)) from err
    except (ValueError, LookupError) as err:  # a broken body, a charset that does not exist
        raise unreadable(request, imprint) from err
    return {name: well_formed(value) for name, value in posted.items() if isinstance(value, str)}
