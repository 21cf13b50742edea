"""The public doors of subscribers. GET only shows: mail scanners and link previews follow every link there is."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from pathlib import PurePosixPath
from typing import Any

from aiohttp import web

from app.subscribers.addresses import AddressProblem, browser_keys, read_address, veiled
from app.subscribers.links import Links
from app.subscribers.signup import SignUp
from app.web.inbound import Pace, address_of
from app.web.languages import asked_language
from app.web.notices import unreadable
from app.web.site import CSP
from config.subscribers import PUSH_HOSTS
from domain.told.subscriber import Channel, Standing, Subscriber, Wish
from status_page.pages.lost import imprint_of
from status_page.pages.subscribe_pages import FILES, TYPES, SubscribePages, Way, static_file
from status_page.words.subscriber_words import manage_said

FROM_ONE, FROM_ALL = 5, 500  # sign-ups in ten minutes from one network, and from everybody together
TRAP = "website"  # a field people do not see; programs fill it in
_EVERYBODY = "everybody"
_PRIVATE = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": CSP,
}  # fmt: skip
_MOST_COMPONENTS = 200


@dataclass(frozen=True, slots=True)
class SubscribeDoors:
    """Sign up, confirm, manage, stop. No cookie: whoever holds a link of ours may use it, nobody else can make one."""

    sign_up: SignUp
    links: Links
    pages: SubscribePages
    channels: Sequence[Channel]
    languages: Sequence[str]
    now: Callable[[], datetime]
    push_hosts: Sequence[str] = PUSH_HOSTS
    plain_http: bool = False  # takes addresses without TLS: for tests
    one: Pace = field(default_factory=lambda: Pace(FROM_ONE))
    all: Pace = field(default_factory=lambda: Pace(FROM_ALL))

    def routes(self) -> list[web.RouteDef]:
        """Give the routes; those below a language look like any page of the site."""
        of = f"/{{language:{'|'.join(map(re.escape, self.languages))}}}"
        return [
            web.get("/subscribe", self.choose), web.post("/subscribe", self.ask),
            *(web.get(f"/subscribe/{name}", self.file) for name in FILES),
            web.get(f"{of}/subscribe", self.form), web.get(f"{of}/subscribe/asked/{{channel}}", self.asked),
            web.get(f"{of}/subscribe/confirm/{{word}}", self.show_confirm),
            web.post(f"{of}/subscribe/confirm/{{word}}", self.confirm),
            web.get(f"{of}/manage/{{word}}", self.show_manage), web.post(f"{of}/manage/{{word}}", self.manage),
            web.get("/unsubscribe/{word}", self.show_stop), web.post("/unsubscribe/{word}", self.stop),
        ]  # fmt: skip

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Lead to the form in a language that the browser asks for."""
        raise web.HTTPFound(f"{self.pages.site.base}/{asked_language(request, self.languages)}/subscribe")

    async def file(self, request: web.Request) -> web.Response:
        """Give the style or a script of these pages."""
        name = PurePosixPath(request.path).name
        content, _ = static_file(name)
        headers = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": CSP}
        return web.Response(body=content, content_type=TYPES[PurePosixPath(name).suffix], headers=headers)

    async def form(self, request: web.Request) -> web.Response:
        """Show the form."""
        if not self.channels:
            return self._closed(request.match_info["language"])
        return self._page(self.pages.form(request.match_info["language"], self.now()))

    async def asked(self, request: web.Request) -> web.Response:
        """Show what comes after a sign-up."""
        channel = request.match_info["channel"]
        if not self.channels:
            return self._closed(request.match_info["language"])
        if channel not in self.channels:
            return self._refused(request.match_info["language"], "closed", None, 404)
        return self._page(self.pages.asked(request.match_info["language"], self.now(), channel))

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Take a sign-up. The answer is the same for addresses that are known, unknown, or asked too often."""
        fields = await self._fields(request)
        language = _first(fields, "language")
        language = language if language in self.languages else self.languages[0]
        typed, chosen = _first(fields, "address"), self._components(fields)
        channel = _first(fields, "channel") or Channel.MAIL
        way = Way(channel, True, typed[:254], chosen)
        if not self.channels:
            return self._closed(language)
        if channel not in self.channels:
            return self._refused(language, "closed", None, 404)
        if self._too_often(request):
            return self._refused(language, "pace", way, 429, {"Retry-After": "600"})
        if not _first(fields, TRAP).strip():
            wish = self._wish(Channel(channel), typed, language, chosen, fields)
            if isinstance(wish, AddressProblem):
                return self._refused(language, str(wish), way, 400)
            await self.sign_up.ask(wish)
        raise web.HTTPSeeOther(f"{self.pages.site.base}/{language}/subscribe/asked/{channel}")

    async def show_confirm(self, request: web.Request) -> web.Response:
        """Show the button that says yes."""
        language, word = request.match_info["language"], request.match_info["word"]
        known = await self.sign_up.find_confirming(word)
        if known is None:
            return self._gone(language, "subscribe/confirm", word)
        return self._confirm_page(language, word, known, done=known.state is Standing.ACTIVE)

    async def confirm(self, request: web.Request) -> web.Response:
        """Say yes."""
        language, word = request.match_info["language"], request.match_info["word"]
        known = await self.sign_up.confirm(word)
        if known is None or known.state is not Standing.ACTIVE:
            return self._gone(language, "subscribe/confirm", word)
        return self._confirm_page(language, word, known, done=True)

    async def show_manage(self, request: web.Request) -> web.Response:
        """Show what a subscriber gets."""
        language, word = request.match_info["language"], request.match_info["word"]
        known = await self.sign_up.find(word)
        return self._gone(language, "manage", word) if known is None else self._manage_page(language, word, known, "")

    async def manage(self, request: web.Request) -> web.Response:
        """Change, stop or begin again."""
        language, word = request.match_info["language"], request.match_info["word"]
        fields = await self._fields(request)
        step = _first(fields, "do")
        if step == "change":
            wanted = _first(fields, "language")
            language = wanted if wanted in self.languages else language
            known = await self.sign_up.change(word, self._components(fields), language)
        elif step in ("stop", "resume"):
            known = await (self.sign_up.stop(word) if step == "stop" else self.sign_up.resume(word))
        else:
            raise unreadable(request, imprint_of(self.pages.site))
        if known is None:
            return self._gone(language, "manage", word)
        return self._manage_page(language, word, known, step)

    async def show_stop(self, request: web.Request) -> web.Response:
        """Show the button that stops the news."""
        return await self._stop_page(request, self.sign_up.find, done=False)

    async def stop(self, request: web.Request) -> web.Response:
        """Stop the news at once: mail programs post here without a person, a cookie or a redirect (RFC 8058)."""
        return await self._stop_page(request, self.sign_up.stop, done=True)

    async def _stop_page(
        self, request: web.Request, step: Callable[[str], Awaitable[Subscriber | None]], *, done: bool
    ) -> web.Response:
        word = request.match_info["word"]
        known = await step(word)
        if known is None:
            return self._gone(asked_language(request, self.languages), "manage", word)
        language = known.language if known.language in self.languages else self.languages[0]
        return self._page(self.pages.stop(language, self.now(), word, veiled(known.channel, known.address), done=done))

    def _confirm_page(self, language: str, word: str, known: Subscriber, *, done: bool) -> web.Response:
        address = veiled(known.channel, known.address)
        manage = self.links.manage(known) if done else ""
        return self._page(self.pages.confirm(language, self.now(), word, address, known.components, manage=manage))

    def _manage_page(self, language: str, word: str, known: Subscriber, step: str) -> web.Response:
        address = veiled(known.channel, known.address)
        return self._page(self.pages.manage(
            language, self.now(), word, channel=known.channel, address=address, state=known.state,
            said=manage_said(step, language), chosen=known.components, chosen_language=known.language,
        ))  # fmt: skip

    def _gone(self, language: str, place: str, word: str) -> web.Response:
        return self._page(self.pages.gone(language, self.now(), place, word), 404)

    def _closed(self, language: str) -> web.Response:
        return self._page(self.pages.closed(language, self.now()), 404)

    def _refused(
        self, language: str, problem: str, way: Way | None, status: int, headers: dict[str, str] | None = None
    ) -> web.Response:
        return self._page(self.pages.form(language, self.now(), problem=problem, way=way), status, headers)

    def _page(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
        return web.Response(
            body=body, status=status, content_type="text/html", charset="utf-8", headers={**_PRIVATE, **(headers or {})}
        )

    async def _fields(self, request: web.Request) -> Any:
        try:
            return await request.post()
        except (ValueError, LookupError) as err:  # a broken body, a charset that does not exist
            raise unreadable(request, imprint_of(self.pages.site)) from err

    def _wish(
        self, channel: Channel, typed: str, language: str, components: tuple[str, ...], fields: Any
    ) -> Wish | AddressProblem:
        address = read_address(channel, typed, plain_http=self.plain_http, push_hosts=self.push_hosts)
        if isinstance(address, AddressProblem):
            return address
        keys: dict[str, str] | None = {}
        if channel is Channel.PUSH:
            keys = browser_keys(_first(fields, "p256dh"), _first(fields, "auth"))
        return AddressProblem.PUSH if keys is None else Wish(channel, address, language, components, keys)

    def _components(self, fields: Any) -> tuple[str, ...]:
        known = {component.id for component in self.pages.site.components}
        picked = [value for value in fields.getall("component", [])[:_MOST_COMPONENTS] if value in known]
        # All of them ticked one by one is "everything", also what comes later.
        return () if len(set(picked)) == len(known) else tuple(dict.fromkeys(picked))

    def _too_often(self, request: web.Request) -> bool:
        at = time.monotonic()
        if self.one.is_too_often(network_of(address_of(request)), at):
            return True
        return self.all.is_too_often(_EVERYBODY, at)


def network_of(address: str) -> str:
    """Give what one subscriber line has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def _first(fields: Any, name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""
