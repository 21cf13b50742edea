"""Puts the parts for subscribers together, and lists what they do again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp

from app import outfit
from app.page.sheets import Sheet, sheets
from app.schedule import Round
from app.store.protocol import Store, Where
from app.subscribers.bounces import Bounces
from app.subscribers.carrier import Carrier, Facts
from app.subscribers.errands import Errands
from app.subscribers.fan_out import Lane
from app.subscribers.letters import Letterhead
from app.subscribers.links import Links, our_keys
from app.subscribers.mail import MailCarrier
from app.subscribers.planning import Planner
from app.subscribers.posts import PostCarrier
from app.subscribers.push import OurKey, key_of
from app.subscribers.queue import Queue
from app.subscribers.sending import exits
from app.subscribers.signup import SignUp
from app.subscribers.writers import Browsers, SlackChannels, Webhooks
from config.secrets import Secrets
from config.settings import Settings
from domain.component import Component
from domain.errors import ConfigError
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from domain.told.mailing import Verdict
from domain.told.subscriber import Channel
from listener.http import make_session
from status_page.markup import clean
from status_page.pages.subscribe_pages import SubscribePages
from status_page.site import Site

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SubscriberRoom:
    """Everything about subscribers of one hubbub. Its pages work even where no way is offered: old links must."""

    channels: tuple[Channel, ...]
    links: Links
    sign_up: SignUp
    planner: Planner
    lanes: Mapping[Channel, Lane]
    errands: Errands
    queue: Queue
    bounces: Bounces
    pages: SubscribePages

    def rounds(self) -> list[Round]:
        """List what happens again and again; each channel goes its own pace."""
        return [
            Round("erase old sign-ups", timedelta(minutes=10), self.sign_up.expire, jitter=True),
            *([
                Round("plan mailings", SECOND, self.planner.run), Round("answer sign-ups", SECOND, self.errands.run),
                Round("watch the queue", 30 * SECOND, self.queue.look),
            ] if self.channels else []),
            *(Round(f"{channel} to subscribers", SECOND, lane.run) for channel, lane in self.lanes.items()),
        ]  # fmt: skip

    async def settle(self) -> None:
        """Take one step of everything; for clocks that do not wait."""
        await self.errands.run()
        await self.planner.run()
        for lane in self.lanes.values():
            await lane.run()
        await self.queue.look()


async def open_room(
    settings: Settings, secrets: Secrets, store: Store, stack: AsyncExitStack, now: Callable[[], datetime],
    *, reachable: tuple[str, ...] = (),
) -> SubscriberRoom:  # fmt: skip
    """Build the room; `reachable` are private hosts that strangers may have us post to (none, but for tests)."""
    channels = offered(settings)
    keys = await our_keys(store)
    links = Links(keys.links, str(settings.web.public_url))
    # A session of its own: what the owner trusts for a source is not for everybody who can type an address.
    session = await stack.enter_async_context(make_session("hubbub/0.1", reachable))
    bench = _Bench(settings, secrets, store, links, key_of(keys.push, _contact(settings)), session, now)
    carriers = {channel: _CARRIERS[channel](bench) for channel in channels}
    dry_run, stopped = settings.publishing.dry_run, settings.publishing.stopped
    life = settings.subscribers.unconfirmed_expire
    return SubscriberRoom(
        channels=channels, links=links, sign_up=SignUp(store, links, life, now),
        planner=Planner(store, channels, now),
        lanes={c: Lane(store, c, carrier, now, dry_run=dry_run, stopped=stopped) for c, carrier in carriers.items()},
        errands=Errands(store, carriers, now, dry_run),
        queue=Queue(store, channels, settings.on_call.channel, now, stopped),
        bounces=Bounces(store, links, now), pages=SubscribePages(bench.empty_site(), channels, life, bench.key.public),
    )  # fmt: skip


def offered(settings: Settings) -> tuple[Channel, ...]:
    """List the channels that the settings offer, in the order of the page."""
    wanted = settings.subscribers
    ways = (
        (Channel.MAIL, wanted.mail), (Channel.PUSH, wanted.push), (Channel.SLACK, wanted.slack),
        (Channel.WEBHOOK, wanted.webhooks),
    )  # fmt: skip
    return tuple(channel for channel, is_on in ways if is_on)


async def open_bounces(settings: Settings, store: Store, now: Callable[[], datetime]) -> Bounces:
    """Build only what reads bounces, for the command line."""
    return Bounces(store, Links((await our_keys(store)).links, str(settings.web.public_url)), now)


@dataclass(slots=True)
class _Bench:
    """What the carriers are built from."""

    settings: Settings
    secrets: Secrets
    store: Store
    links: Links
    key: OurKey
    session: aiohttp.ClientSession
    now: Callable[[], datetime]
    components: dict[str, Component] = field(init=False)
    sheet: Sheet = field(init=False)  # the first page

    def __post_init__(self) -> None:
        self.components = outfit.components(self.settings)
        self.sheet = sheets(self.settings, self.components)[0]

    def facts(self) -> Facts:
        return Facts(_line(self.settings.brand.name), str(self.settings.web.public_url), self.components)

    def mail(self) -> Carrier:
        settings = self.settings
        if settings.mail is None:
            raise ConfigError("subscribers.mail: set `mail` first, with the server that takes it")
        password = self.secrets.smtp_password.get_secret_value() if self.secrets.smtp_password else None
        head = Letterhead(_line(settings.brand.name), settings.mail.sender, self.links, settings.subscribers.bounces)
        way_out, wanted = exits(settings.mail.url, password), settings.subscribers
        return MailCarrier(self.facts(), head, way_out, wanted.unconfirmed_expire, self.now, wanted.connections)

    def webhooks(self) -> Carrier:
        return PostCarrier("The webhook", Webhooks(self.links, self.site, self.now).write, self.session)

    def slack(self) -> Carrier:
        return PostCarrier("Slack", SlackChannels(self.facts(), self.links).write, self.session)

    def push(self) -> Carrier:
        writer = Browsers(self.facts(), self.links, self.key, self.now, self.settings.subscribers.push_hosts)
        return PostCarrier("The push service", writer.write, self.session, on_auth=Verdict.OURS)

    async def site(self) -> Site:
        """Give the page as it is now, for the state that webhooks tell."""
        incidents = await self.store.find(Incident, Where("is_open", "eq", True))
        planned = await self.store.find(PlannedWork, Where("finished_at", "eq", None))
        return self.empty_site(tuple(i for i in incidents if i.public), tuple(planned))

    def empty_site(self, incidents: tuple[Incident, ...] = (), planned: tuple[PlannedWork, ...] = ()) -> Site:
        return self.sheet.site(incidents, planned, self.now(), None)


def _line(name: str) -> str:
    return " ".join(clean(name).split())


def _contact(settings: Settings) -> str:
    return f"mailto:{settings.mail.sender}" if settings.mail is not None else str(settings.web.public_url)


_CARRIERS: Mapping[Channel, Callable[[_Bench], Carrier]] = {
    Channel.MAIL: _Bench.mail, Channel.WEBHOOK: _Bench.webhooks, Channel.SLACK: _Bench.slack,
    Channel.PUSH: _Bench.push,
}  # fmt: skip
