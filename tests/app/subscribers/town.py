"""A town for subscribers: a mail server and web servers on loopback, a room with all channels, the public doors."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from bs4 import BeautifulSoup, Tag

from app.store.open import open_store
from app.store.protocol import Store
from app.subscribers.room import SubscriberRoom, open_room
from app.web.site import safe_headers
from app.web.subscribe import SubscribeDoors
from config.secrets import Secrets
from config.settings import Settings
from domain.component import ComponentStatus
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.told.subscriber import Channel, Standing, Subscriber, subscriber_id
from domain.work import Actor
from tests.app.desk.office import Clock
from tests.domain.make import NOW
from tests.ports import quiet_port

SENDER = "news@nar.example"
ADA = Actor("U1", "Ada", "slack")
TREE: Mapping[str, Any] = {
    "brand": {"name": "Nar", "languages": ["en", "tr", "fa"]},
    "components": [
        {"id": "payments", "names": {"en": "Payments", "tr": "Ödemeler", "fa": "پرداخت"}},
        {"id": "delivery", "names": {"en": "Delivery", "tr": "Teslimat", "fa": "ارسال"}},
    ],
    "subscribers": {"mail": True, "webhooks": True, "slack": True, "push": True},
}


@dataclass
class Sink:
    """Takes mail; `refuse` gives the answer to a recipient, "" for yes."""

    got: list[Envelope] = field(default_factory=list)
    refuse: Callable[[str], str] = lambda address: ""
    after_data: str = "250 OK"
    sessions: int = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, answers: Any) -> Any:
        """Count the connections."""
        self.sessions += 1
        session.host_name = hostname
        return answers

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        """Take or refuse a recipient."""
        answer = self.refuse(address)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        """Keep a mail."""
        if self.after_data.startswith("250"):
            self.got.append(envelope)
        return self.after_data

    def mails(self, to: str = "") -> list[EmailMessage]:
        """Read the mails, or those to one address."""
        kept = [e for e in self.got if not to or e.rcpt_tos == [to]]
        return [cast(EmailMessage, message_from_bytes(cast(bytes, e.content), policy=default)) for e in kept]

    def reached(self) -> list[str]:
        """List whom mail reached, in order."""
        return [str(envelope.rcpt_tos[0]) for envelope in self.got]


@dataclass
class Hearer:
    """A web server of a subscriber: keeps what is posted, answers as told."""

    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    echo: bool = True  # answers a challenge
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """Take one request."""
        body = await request.read()
        self.heard.append((dict(request.headers), body))
        text = ""
        if self.echo and body.startswith(b"{"):
            text = json.dumps({"challenge": json.loads(body).get("challenge")})
        return web.Response(status=self.status, text=text, headers=self.headers)

    def said(self) -> list[dict[str, Any]]:
        """Read what was posted."""
        return [json.loads(body) for _, body in self.heard]


@dataclass
class Page:
    """One answer, read as a browser reads it."""

    status: int
    url: str
    text: str
    headers: Mapping[str, str]
    soup: BeautifulSoup = field(init=False)

    def __post_init__(self) -> None:
        """Read the markup."""
        self.soup = BeautifulSoup(self.text, "html.parser")

    @property
    def words(self) -> str:
        """The words of the main part in one line."""
        main = self.soup.select_one("main")
        return " ".join(main.get_text(" ").split()) if main else self.text

    def forms(self) -> list[Tag]:
        """List the forms of the main part."""
        return list(self.soup.select("main form"))

    def links(self) -> list[str]:
        """List where the page leads."""
        found = [str(each.get("href")) for each in self.soup.select("a[href], link[href]")]
        return [*found, *(str(each.get("src")) for each in self.soup.select("script[src]"))]


@dataclass
class Town:
    """Everything at once."""

    store: Store
    room: SubscriberRoom
    clock: Clock
    sink: Sink
    hearer: Hearer
    session: aiohttp.ClientSession
    base: str
    port: int
    smtp: Controller | None = None

    def open_mail(self) -> None:
        """Start the mail server."""
        self.smtp = Controller(self.sink, hostname="127.0.0.1", port=self.port)
        self.smtp.start()

    def close_mail(self) -> None:
        """Stop the mail server."""
        if self.smtp is not None:
            self.smtp.stop()
        self.smtp = None

    async def get(self, url: str) -> Page:
        """Open a page without following redirects; also links of mails, whatever host they name."""
        return await self._ask("GET", url)

    async def post(self, url: str, data: Any = None, **headers: str) -> Page:
        """Post a form."""
        return await self._ask("POST", url, data=data, headers=headers)

    async def _ask(self, method: str, url: str, **more: Any) -> Page:
        path = re.sub(r"^https?://[^/]+", "", url)
        async with self.session.request(method, self.base + path, allow_redirects=False, **more) as answer:
            text = await answer.text(errors="replace")
            return Page(answer.status, str(answer.url), text, answer.headers)

    async def sign_up(self, address: str = "zeynep@mail.example", channel: str = "mail", **more: Any) -> Page:
        """Fill in the form."""
        return await self.post("/subscribe", {"language": "en", "channel": channel, "address": address, **more})

    async def add(self, address: str, *components: str, channel: Channel = Channel.MAIL, **more: Any) -> Subscriber:
        """Put a confirmed subscriber into the store."""
        made = active(address, *components, channel=channel, **more)
        await self.store.add(made)
        return made

    async def known(self, address: str, channel: Channel = Channel.MAIL) -> Subscriber | None:
        """Read the subscriber of an address."""
        return await self.store.get(Subscriber, subscriber_id(channel, address))

    async def confirmed(self, address: str) -> Subscriber:
        """Sign up by mail, and press the button."""
        await self.sign_up(address)
        await self.room.errands.run()
        page = await self.get(link_in(self.sink.mails(address)[-1]))
        await self.post(str(page.forms()[0]["action"]))
        known = await self.known(address)
        assert known is not None
        return known


DAY = timedelta(days=1)


def active(address: str, *components: str, channel: Channel = Channel.MAIL, **more: Any) -> Subscriber:
    """Make a subscriber who confirmed yesterday."""
    return Subscriber(
        subscriber_id(channel, address), channel, address, **{"language": "en", "asked_at": NOW - DAY, **more},
        components=components, state=Standing.ACTIVE, confirmed_at=NOW - DAY,
    )  # fmt: skip


@asynccontextmanager
async def open_town(store_url: str = "sqlite://", **tree: Any) -> AsyncIterator[Town]:
    """Open a town; `tree` changes the settings."""
    async with AsyncExitStack() as stack:
        sink, clock, hearer = Sink(), Clock(), Hearer()
        port = quiet_port()
        ear = web.Application()
        ear.router.add_post("/{path:.*}", hearer.take)
        where = await _serve(ear, stack)
        hearer.url = f"{where}/services/T1/B1/secret"
        store = await open_store(store_url)
        stack.push_async_callback(store.close)
        mail = {"url": f"smtp://127.0.0.1:{port}", "sender": SENDER}
        settings = Settings.model_validate({**TREE, "mail": mail, "web": {"public_url": "https://nar.example"}, **tree})
        hosts = (*settings.subscribers.push_hosts, where.removeprefix("http://"))  # our own push service, too
        wanted = settings.subscribers.model_copy(update={"push_hosts": hosts})
        settings = settings.model_copy(update={"subscribers": wanted})
        room = await open_room(settings, Secrets(), store, stack, clock, reachable=("127.0.0.1",))
        doors = SubscribeDoors(
            room.sign_up, room.links, room.pages, room.channels, settings.brand.languages, clock, hosts, plain_http=True
        )
        application = web.Application(middlewares=[safe_headers])
        application.add_routes(doors.routes())
        base = await _serve(application, stack)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        town = Town(store, room, clock, sink, hearer, session, base, port)
        town.open_mail()
        stack.callback(town.close_mail)
        yield town


async def _serve(application: web.Application, stack: AsyncExitStack) -> str:
    server = TestServer(application)
    await server.start_server()
    stack.push_async_callback(server.close)
    return str(server.make_url("/")).rstrip("/")


def links_in(mail: EmailMessage) -> list[str]:
    """List every address in a mail: headers, text and HTML."""
    found = [str(value) for value in mail.values()]
    found += [str(part.get_content()) for part in mail.walk() if not part.is_multipart()]
    return list(dict.fromkeys(re.findall(r"https?://[^\s\"'<>]+", "\n".join(found))))


def link_in(mail: EmailMessage, part: str = "/subscribe/confirm/") -> str:
    """Give the link whose path has `part` in it."""
    return next(link for link in links_in(mail) if part in link)


def said(number: int = 1, status: IncidentStatus = IncidentStatus.INVESTIGATING, **more: Any) -> Update:
    """Make a public word about payments."""
    parts: dict[str, Any] = {
        "at": NOW, "texts": {"en": "We look into it.", "tr": "Bakıyoruz.", "fa": "در حال بررسی هستیم."},
        "components": {"payments": ComponentStatus.PARTIAL_OUTAGE}, **more,
    }  # fmt: skip
    return Update(f"upd_{number}", parts.pop("at"), status, parts.pop("texts"), "Ada", **parts)


def incident(*updates: Update, id: str = "inc_1", **more: Any) -> Incident:
    """Make an incident about payments."""
    parts: dict[str, Any] = {
        "titles": {"en": "Cards are declined", "tr": "Kartlar reddediliyor", "fa": "پرداخت انجام نمی‌شود"},
        **more,
    }
    words = updates or (said(),)
    resolved = words[-1].at if words[-1].status is IncidentStatus.RESOLVED else None
    return Incident(id, parts.pop("titles"), Impact.MAJOR, NOW, NOW, ADA, words, **{"resolved_at": resolved, **parts})


def work(*components: str, **more: Any) -> PlannedWork:
    """Make planned work that was announced just now, for tomorrow."""
    word = WorkUpdate("word_1", NOW, WorkStatus.SCHEDULED, {"en": "We renew the database."}, "Ada")
    return PlannedWork(**{
        "id": "work_1", "titles": {"en": "Database"}, "components": components or ("payments",),
        "starts_at": NOW + DAY, "ends_at": NOW + DAY + timedelta(hours=2), "announced_at": NOW,
        "announced_by": ADA, "updates": (word,), **more,
    })  # fmt: skip
