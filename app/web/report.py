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
from app.web.networks import NetworkNames, line_of, network_of
from domain.heard.mention import Submission
from domain.heard.proof_of_work import REPORT, read_proof, too_subject, why_unproven
from domain.incidents.incident import Incident
from listener.sources.form import Form, FormProblem, joining_id
from status_page.words.language import catalogue

FROM_NETWORK = 200  # reports in ten minutes: a carrier puts many thousand phones behind one network
TOO_FROM_NETWORK = 20  # “I have this too” in ten minutes, for each incident
MAX_FORM = 128 * 1024  # bytes; 5,000 characters of Persian are 30 kB as a form sends them
USED = 20_000  # proofs of work that are remembered; whoever has done more work than that may repeat the oldest
_WAIT = {"Retry-After": "600"}
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
    """One form that somebody sent: its fields, the language to answer in, and how it came."""

    fields: Mapping[str, str]
    language: str
    network: str
    visitor: str

    def to(self, page: str) -> NoReturn:
        """Lead to a page of the reader's language."""
        raise web.HTTPSeeOther(f"/{self.language}/{page}.html")


@dataclass(frozen=True, slots=True)
class ReportDoor:
    """Takes what customers tell us on the page; `now` is the real time, which proofs of work go by."""

    intake: Intake
    forms: Sequence[Form]
    components: Collection[str]
    languages: Sequence[str]
    now: Callable[[], datetime]
    hosts: frozenset[str] = frozenset()  # of our pages
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
        """Take one report, with or without proof of work; answers with the thank-you page of the reader's language."""
        visit = await self._visit(request)
        sent = Submission(visit.network, visit.visitor, self._is_proven(visit, REPORT))
        read = self.forms[0].receive(visit.fields, self.components, sent)
        if isinstance(read, tuple):
            visit.to("thanks" if read == (FormProblem.TRAPPED,) else f"report-{read[0].replace('_', '-')}")
        await self.intake.take([read.mention])
        visit.to("thanks")

    async def too(self, request: web.Request) -> web.StreamResponse:
        """Take “I have this too” about an incident that is open for everybody to see."""
        visit = await self._visit(request)
        incident = await self.intake.store.get(Incident, visit.fields.get("incident", "")[:100])
        if incident is None or not (incident.public and incident.is_open):
            visit.to("too-over")
        if self.joining.is_too_often(f"{incident.id} {visit.network}", time.monotonic()):
            raise _too_often(visit.language)
        is_proven = self._is_proven(visit, too_subject(incident.id))
        sent = Submission(visit.network, visit.visitor, is_proven, incident.id)
        read = self.forms[0].join(visit.fields, sent, joining_words(incident, visit.language), _about(incident))
        if isinstance(read, tuple):
            visit.to("too-thanks" if read == (FormProblem.TRAPPED,) else f"too-{read[0].replace('_', '-')}")
        # Whoever said it with an address and presses again without one is the same person.
        once = joining_id(incident.id, visit.visitor)
        if read.mention.contact or once not in self.joined:
            await self.intake.take([read.mention])
        self.joined.add(once)
        visit.to("too-thanks")

    async def _visit(self, request: web.Request) -> Visit:
        """Read a form; raises the answer when it is not to be taken."""
        if not self.forms:
            raise web.HTTPNotFound(text="This page takes no reports.\n")
        if (why := why_foreign(request.headers, self.hosts | {request.host})) is not None:
            raise web.HTTPForbidden(text=f"Not taken: {why}. Please use the form on our page.\n")
        spoken = self._known(request.headers.get("Accept-Language", "")[:2].lower())
        fields = await _fields(request, spoken)
        language = self._known(fields.get("language", ""))
        address, at = address_of(request), time.monotonic()
        network, line = network_of(address), self.names.name("line", line_of(address))
        named = self.names.name("network", network)
        if self.pace.is_too_often(line, at) or self.crowd.is_too_often(named, at):
            raise _too_often(language)
        return Visit(
            fields, language, named,
            self.names.name("visitor", network, request.headers.get("User-Agent", "")[:500]),
        )  # fmt: skip

    def _known(self, language: str) -> str:
        return language if language in self.languages else self.languages[0]

    def _is_proven(self, visit: Visit, subject: str) -> bool:
        """Check the proof of work, which is good for once."""
        field = visit.fields.get("proof", "")
        if why_unproven(field, subject, self.now(), self.used) is not None:
            return False
        proof = read_proof(field)
        self.used.add(proof.name if proof is not None else field)
        return True


def why_foreign(headers: Mapping[str, str], hosts: Collection[str]) -> str | None:
    """Say why a form was not sent from a page of ours, None when it may have been.

    A page elsewhere could have every visitor of its own send us a report, each from another network and with the work
    done. There is no session to protect, but that flood would look like many people, so it is turned away. Browsers
    since 2023 say where a form comes from. Before that there is `Origin`, which our own pages send as "null" (they
    send no referrer). What says neither is no browser that somebody else steers.
    """
    site = headers.get("Sec-Fetch-Site", "")
    if site:
        return None if site in _OWN else "it was sent from a page of somebody else"
    origin = headers.get("Origin", "null")
    known = {urlsplit(f"//{host}").hostname for host in hosts if host}
    if origin == "null" or urlsplit(origin).hostname in known:
        return None
    return "it was sent from a page of somebody else"


def joining_words(incident: Incident, language: str) -> str:
    """Write “I have this too” as a mention of its author, in their language."""
    return f"{catalogue(language).gettext('I have this too')}: {incident.title(language)}"


def _about(incident: Incident) -> str | None:
    """Name the component of an incident, None when it touches none or several."""
    touched = list(incident.components)
    return touched[0] if len(touched) == 1 else None


def _too_often(language: str) -> web.HTTPException:
    words = catalogue(language).gettext("That was too often. Please wait ten minutes.")
    return web.HTTPTooManyRequests(text=f"{words}\n", headers=_WAIT)


async def _fields(request: web.Request, language: str) -> dict[str, str]:
    """Read a form; `language` is for saying that it is too long."""
    try:
        posted = await request.clone(client_max_size=MAX_FORM).post()
    except web.HTTPRequestEntityTooLarge as err:
        words = catalogue(language).gettext("This report is too long. Please shorten it to 5,000 characters.")
        raise web.HTTPRequestEntityTooLarge(MAX_FORM, 0, text=f"{words}\n") from err
    except (ValueError, LookupError) as err:  # a broken body, a charset that does not exist
        raise web.HTTPBadRequest(text="The form could not be read.\n") from err
    return {name: value for name, value in posted.items() if isinstance(value, str)}
