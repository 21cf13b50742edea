"""Plugs everything together from the settings; the only place that knows all the rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import aiohttp

from alerts.client import SlackClient
from alerts.escalation import first_wait
from app import outfit
from app.calls import Calls
from app.desk.asking import Asking, FeedbackLinks
from app.desk.care import CareDesk
from app.desk.follow_ups import FollowUps
from app.desk.front import FrontDesk
from app.desk.incidents import IncidentDesk
from app.desk.monitors import MonitorDesk
from app.desk.planned import PlannedDesk
from app.desk.promises import PromiseRound
from app.listening import Listening
from app.metrics import Metrics
from app.outbox.delivery import Outbox
from app.outbox.sending import learn_limits
from app.page.press import PagePress, press
from app.pipeline.intake import Intake
from app.pipeline.lanes import THREADS
from app.pipeline.providers import EVERY, Providers
from app.pipeline.spotting import Spotting
from app.pipeline.understanding import Understanding
from app.privacy.masking import masking
from app.privacy.retention import EVERY as FORGET_EVERY
from app.privacy.retention import Retention
from app.schedule import Round
from app.slack.cards import Cards
from app.slack.desk import SlackDesk
from app.slack.views import Views
from app.store.open import open_store
from app.store.protocol import Store
from app.subscribers.room import SubscriberRoom, open_room
from app.upkeep import Upkeep
from config.secrets import Secrets
from config.settings import Settings
from domain.component import Component
from domain.incidents.incident import Incident, Update
from domain.incidents.planned import PlannedWork, WorkUpdate
from domain.incidents.templates import last_post
from domain.work import Delivery
from listener.http import make_session
from listener.source import Source
from sentiment.microbatch import MicroBatcher
from status_page.publishers.publisher import Publisher
from status_page.words.incident_words import incident_url
from status_page.words.posts import draft_posts
from status_page.words.work_posts import draft_work_posts
from status_page.words.work_words import Occasion


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
    listening: Listening
    subscribers: SubscriberRoom

    def everywhere(self) -> list[Round]:
        """List what every process on a store does, for what it shows itself: its page, its numbers."""
        second = timedelta(seconds=1)
        return [
            Round("page", second, self.page.refresh),
            Round("hearing", 30 * second, self.listening.measure),
            Round("metrics", 15 * second, self.metrics.measure),
        ]

    async def remember(self) -> None:
        """Take up what was heard before; whoever does the rounds begins with it."""
        await self.understanding.remember(self.now())
        await self.spotting.restore()

    def rounds(self) -> list[Round]:
        """List what one process of those on a store does again and again: it polls, understands, counts and sends."""
        second = timedelta(seconds=1)
        return [
            *self.polls(),
            Round("understand", second, self.understanding.run),
            Round("count", 20 * second, self.spotting.run),
            Round("upkeep", 30 * second, self.upkeep.run),
            Round("outbox", second, self.outbox.run),
            Round("limits", timedelta(hours=12), partial(learn_limits, self.outbox.publishers), paced=True),
            Round("listening", 30 * second, self.listening.look),
            Round("forget", FORGET_EVERY, Retention(self.store, self.settings.privacy.keep, self.now).run, jitter=True),
            *([Round("providers", EVERY, self.providers.poll, jitter=True)] if self.providers.pages else []),
            *self.subscribers.rounds(),
        ]

    def polls(self) -> list[Round]:
        """Give every source that is asked for its news a round of its own."""
        asked = [source for source in self.sources if source.type not in outfit.BROUGHT]
        return [Round(f"poll {s.name}", s.every, partial(self.intake.turn, s), paced=True) for s in asked]

    async def settle(self) -> None:
        """Take one step of everything but polling; for clocks that do not wait."""
        await self.understanding.run()
        await self.spotting.run()
        await self.upkeep.run()
        await self.outbox.run()
        await self.subscribers.settle()
        await self.page.refresh()


async def build(
    settings: Settings, secrets: Secrets, stack: AsyncExitStack, *, now: Callable[[], datetime],
    slack_pace: float | None = 1.0,
) -> Hubbub:  # fmt: skip
    """Open everything the settings ask for; `stack` closes it again. Raises ConfigError, TemporaryError."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "hubbub"))
    store = await open_store(outfit.store_url(settings, secrets))
    stack.push_async_callback(store.close)
    asked_by = f"hubbub/0.1 ({settings.brand.name})"
    session = await stack.enter_async_context(make_session(asked_by, outfit.trusted_hosts(settings)))
    components = outfit.components(settings)
    publishers = outfit.publishers(settings, secrets, session, now)
    slack = outfit.slack_client(settings, secrets, session, slack_pace)
    sources = outfit.sources(settings, secrets, session, now)
    polled = [source for source in sources if source.type not in outfit.BROUGHT]
    listening = Listening(store, polled, settings.on_call.channel, now)
    subscribers = await open_room(settings, secrets, store, stack, now)
    metrics = Metrics(store, now, listening, subscribers.queue)
    feedback = FeedbackLinks(subscribers.links.key, str(settings.web.public_url))
    front = _desks(settings, store, now, components, publishers, feedback)
    page = press(settings, store, components, now)
    batcher, note = outfit.classifier(settings)
    stack.push_async_callback(batcher.close)
    await batcher.warm_up()
    providers = outfit.providers(settings, session, now)
    spotting = outfit.spotting(settings, store, front.incidents, components, now, providers, listening)
    understanding = _understanding(store, front, batcher, components, spotting)
    return Hubbub(
        settings=settings, secrets=secrets, now=now, store=store, metrics=metrics, session=session,
        classifier_note=note, monitors=MonitorDesk(store, now), providers=providers,
        sources=sources, listening=listening, subscribers=subscribers,
        intake=Intake(store, now, outfit.no_customers(settings), outfit.budgets(settings)),
        understanding=understanding, spotting=spotting, front=front, page=page, slack=slack, components=components,
        upkeep=_upkeep(settings, secrets, store, now, front, session, slack, components),
        outbox=Outbox(
            store, publishers, _cards(settings, store, slack, components, now, front), now,
            settings.publishing.dry_run, settings.publishing.stopped,
        ),
        slack_desk=_slack_desk(settings, store, front, slack, components),
    )  # fmt: skip


def _understanding(
    store: Store, front: FrontDesk, batcher: MicroBatcher, components: Mapping[str, Component], spotting: Spotting
) -> Understanding:
    return Understanding(
        store=store, care=front.care, classify=batcher.classify_many, why=outfit.explainer(batcher),
        components=tuple(components.values()), folder=outfit.folder(), heard=spotting.hear,
    )  # fmt: skip


def _desks(
    settings: Settings, store: Store, now: Callable[[], datetime], components: Mapping[str, Component],
    publishers: Mapping[str, Publisher], feedback: FeedbackLinks,
) -> FrontDesk:  # fmt: skip
    outlets = partial(outfit.outlets, settings, publishers)
    url = str(settings.web.public_url)

    def drafts(incident: Incident, update: Update) -> tuple[Delivery, ...]:
        return draft_posts(incident, update, tuple(outlets().values()), url)

    care = CareDesk(store, outfit.care_policy(settings), settings.care.channel, now, publishers.__contains__)
    incidents = IncidentDesk(
        store, settings.on_call.channel, now, drafts, components, settings.brand.languages,
        first_wait(outfit.targets(settings)), outfit.maintenance(settings),
        lambda target, language: last_post(target.title(language), incident_url(url, language, target), language),
    )  # fmt: skip
    follow_ups = FollowUps(store, care, Asking(feedback, publishers), now, settings.follow_up == "auto")

    def work_drafts(work: PlannedWork, occasion: Occasion, news: WorkUpdate) -> tuple[Delivery, ...]:
        return draft_work_posts(work, occasion, news, tuple(outlets().values()), url)

    channel, languages = settings.on_call.channel, settings.brand.languages
    planned = PlannedDesk(store, channel, now, work_drafts, components, languages)
    return FrontDesk(store, care, incidents, follow_ups, now, outlets, planned, outfit.templates(settings))


def _cards(
    settings: Settings, store: Store, slack: SlackClient | None, components: Mapping[str, Component],
    now: Callable[[], datetime], front: FrontDesk,
) -> Cards | None:  # fmt: skip
    if slack is None:
        return None
    hide = masking(settings.privacy.mask)
    url, stopped = str(settings.web.public_url), settings.publishing.stopped
    views = Views(store, components, url, now, hide, front.posts.remark, stopped, settings.brand.languages[0])
    return Cards(store, slack, now, views.draw, hide)


def _slack_desk(
    settings: Settings, store: Store, front: FrontDesk, slack: SlackClient | None, components: Mapping[str, Component]
) -> SlackDesk | None:
    if slack is None:
        return None
    url = str(settings.web.public_url)
    hide = masking(settings.privacy.mask)
    return SlackDesk(store, front, slack, components, settings.brand.languages, url, lambda: None, hide)


def _upkeep(
    settings: Settings, secrets: Secrets, store: Store, now: Callable[[], datetime], front: FrontDesk,
    session: aiohttp.ClientSession, slack: SlackClient | None, components: Mapping[str, Component],
) -> Upkeep:  # fmt: skip
    secret = secrets.alert_webhook_secret.get_secret_value() if secrets.alert_webhook_secret else ""
    mail = outfit.mail_server(settings, secrets)
    calls = Calls(session, slack, mail, secret, components, str(settings.web.public_url), now)
    targets = outfit.targets(settings)
    promises = PromiseRound(store, calls, targets, now)
    desks = (front.care, front.incidents, front.follow_ups)
    rooms = outfit.incident_rooms(settings, store, slack, now)
    return Upkeep(store, *desks, now, targets, calls.call, promises, front.planned, rooms)
