"""Plugs everything together from the settings; the only place that knows all the rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from alerts.client import SlackClient
from alerts.escalation import first_wait
from app import outfit
from app.calls import Calls
from app.cards import Cards
from app.delivery import Outbox
from app.desk.care import CareDesk
from app.desk.follow_ups import FollowUps
from app.desk.front import FrontDesk
from app.desk.incidents import IncidentDesk
from app.desk.monitors import MonitorDesk
from app.metrics import Metrics
from app.page import PagePress, press
from app.pipeline.intake import Intake
from app.pipeline.providers import EVERY, Providers
from app.pipeline.spotting import Spotting
from app.pipeline.understanding import Understanding
from app.schedule import Round
from app.slack_desk import SlackDesk
from app.store.open import open_store
from app.store.protocol import Store
from app.upkeep import Upkeep
from app.views import Views
from config.secrets import Secrets
from config.settings import Settings
from domain.component import Component
from domain.incident import Incident, Update
from domain.work import Delivery
from listener.http import make_session
from listener.source import Source
from sentiment.microbatch import MicroBatcher
from status_page.posts import Outlet, draft_posts
from status_page.publishers.publisher import Publisher
from status_page.words import follow_up_text


@dataclass(slots=True)
class Hubbub:
    """One running hubbub: its memory, its sources, its desks, its ways out."""

    settings: Settings
    secrets: Secrets
    now: Callable[[], datetime]
    store: Store
    session: aiohttp.ClientSession
    sources: tuple[Source, ...]
    classifier_note: str | None  # why the fallback is in use, None while the transformer is
    intake: Intake
    understanding: Understanding
    spotting: Spotting
    front: FrontDesk
    upkeep: Upkeep
    outbox: Outbox
    page: PagePress
    slack: SlackClient | None
    slack_desk: SlackDesk | None
    components: Mapping[str, Component]
    metrics: Metrics
    monitors: MonitorDesk
    providers: Providers

    def rounds(self) -> list[Round]:
        """List everything that happens again and again."""
        polls = [
            Round(f"poll {source.name}", source.every, lambda s=source: self.intake.poll(s), jitter=True)  # type: ignore[misc]
            for source in self.sources
        ]
        second = timedelta(seconds=1)
        return [
            *polls,
            Round("understand", second, self.understanding.run),
            Round("count", 20 * second, self.spotting.run),
            Round("upkeep", 30 * second, self.upkeep.run),
            Round("outbox", second, self.outbox.run),
            Round("page", second, self.page.refresh),
            Round("metrics", 15 * second, self.metrics.measure),
            *([Round("providers", EVERY, self.providers.poll, jitter=True)] if self.providers.pages else []),
        ]

    async def settle(self) -> None:
        """Take one step of everything but polling; for clocks that do not wait."""
        await self.understanding.run()
        await self.spotting.run()
        await self.upkeep.run()
        await self.outbox.run()
        await self.page.refresh()


async def build(
    settings: Settings, secrets: Secrets, stack: AsyncExitStack, *, now: Callable[[], datetime],
    slack_pace: float | None = 1.0,
) -> Hubbub:  # fmt: skip
    """Open everything the settings ask for; `stack` closes it again. Raises ConfigError, TemporaryError."""
    store = await open_store(outfit.store_url(settings, secrets))
    stack.push_async_callback(store.close)
    session = await stack.enter_async_context(make_session(f"hubbub/0.1 ({settings.brand.name})"))
    components = outfit.components(settings)
    publishers = outfit.publishers(settings, secrets, session, now)
    slack = outfit.slack_client(settings, secrets, session, slack_pace)
    metrics = Metrics(store, now)
    front = _desks(settings, store, now, components, publishers)
    page = press(settings, store, components, now)
    batcher, note = outfit.classifier(settings)
    stack.push_async_callback(batcher.close)
    await batcher.warm_up()
    providers = outfit.providers(settings, session, now)
    spotting = outfit.spotting(settings, store, front.incidents, components, now, providers)
    understanding = _understanding(store, front, batcher, components, spotting)
    await understanding.remember(now())
    await spotting.restore()
    return Hubbub(
        settings=settings, secrets=secrets, now=now, store=store, metrics=metrics, session=session,
        classifier_note=note, monitors=MonitorDesk(store, now), providers=providers,
        sources=outfit.sources(settings, secrets, session, now), intake=_intake(settings, store, now),
        understanding=understanding, spotting=spotting, front=front, page=page, slack=slack, components=components,
        upkeep=_upkeep(settings, secrets, store, now, front, session, slack, components),
        outbox=Outbox(store, publishers, _cards(settings, store, slack, components, now), now),
        slack_desk=_slack_desk(settings, store, front, slack, components),
    )  # fmt: skip


def _intake(settings: Settings, store: Store, now: Callable[[], datetime]) -> Intake:
    own = frozenset(handle.lstrip("@").casefold() for handle in settings.brand.own_accounts)
    return Intake(store, now, own)


def _understanding(
    store: Store, front: FrontDesk, batcher: MicroBatcher, components: Mapping[str, Component], spotting: Spotting
) -> Understanding:
    return Understanding(
        store=store, care=front.care, classify=batcher.classify_many, why=outfit.explainer(batcher),
        components=tuple(components.values()), folder=outfit.folder(), heard=spotting.hear,
    )  # fmt: skip


def _desks(
    settings: Settings, store: Store, now: Callable[[], datetime], components: Mapping[str, Component],
    publishers: Mapping[str, Publisher],
) -> FrontDesk:  # fmt: skip
    outlets = [Outlet(p.name, p.languages, publishers[p.name].limit) for p in settings.publishers if p.posts]
    url = str(settings.web.public_url)

    def drafts(incident: Incident, update: Update) -> tuple[Delivery, ...]:
        return draft_posts(incident, update, outlets, url)

    care = CareDesk(store, outfit.care_policy(settings), settings.care.channel, now, publishers.__contains__)
    incidents = IncidentDesk(
        store, settings.on_call.channel, now, drafts, components, settings.brand.languages,
        first_wait(outfit.targets(settings)), outfit.maintenance(settings),
    )  # fmt: skip
    follow_ups = FollowUps(store, care, lambda i, c: follow_up_text(i, c, url), now, settings.follow_up == "auto")
    return FrontDesk(store, care, incidents, follow_ups, now)


def _cards(
    settings: Settings, store: Store, slack: SlackClient | None, components: Mapping[str, Component],
    now: Callable[[], datetime],
) -> Cards | None:  # fmt: skip
    if slack is None:
        return None
    views = Views(store, components, str(settings.web.public_url), now)
    return Cards(store, slack, now, views.draw)


def _slack_desk(
    settings: Settings, store: Store, front: FrontDesk, slack: SlackClient | None, components: Mapping[str, Component]
) -> SlackDesk | None:
    if slack is None:
        return None
    url = str(settings.web.public_url)
    return SlackDesk(store, front, slack, components, settings.brand.languages, url, wake=lambda: None)


def _upkeep(
    settings: Settings, secrets: Secrets, store: Store, now: Callable[[], datetime], front: FrontDesk,
    session: aiohttp.ClientSession, slack: SlackClient | None, components: Mapping[str, Component],
) -> Upkeep:  # fmt: skip
    secret = secrets.alert_webhook_secret.get_secret_value() if secrets.alert_webhook_secret else ""
    mail = outfit.mail_server(settings, secrets)
    calls = Calls(session, slack, mail, secret, components, str(settings.web.public_url), now)
    targets = outfit.targets(settings)
    return Upkeep(store, front.care, front.incidents, front.follow_ups, now, targets, calls.call)
