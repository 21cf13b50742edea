"""Builds each part that the settings ask for; nothing here knows another part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp

from alerts.client import SlackClient
from alerts.escalation import Target, Way
from alerts.second_channel import MailServer
from app.desk.incidents import IncidentDesk
from app.listening import Listening
from app.page.looks import page_problems
from app.pipeline.notices import Notices
from app.pipeline.others import Others
from app.pipeline.proof import Proof
from app.pipeline.providers import Providers
from app.pipeline.spotting import Spotting
from app.slack.incident_rooms import IncidentRooms
from app.store.open import check_url
from app.store.protocol import Store
from config.secrets import Secrets
from config.settings import PublisherSettings, QueryVariant, Settings, SourceSettings
from domain.care.case import CarePolicy
from domain.component import Component, Group
from domain.errors import ConfigError
from domain.heard import roles
from domain.heard.budget import Budget
from domain.heard.classification import Classification
from domain.heard.mention import MentionRecord
from domain.incidents.maintenance import Maintenance
from domain.incidents.templates import Template
from domain.variables import variable
from listener.alertmanager import Monitor
from listener.guard import private_entries, unreadable
from listener.http import Web
from listener.query import Query, Variant
from listener.registry import OWN_HANDLES, SOURCES, build_source, check_source
from listener.source import Source
from sentiment.duplicates import Recent
from sentiment.load import load_or_fallback
from sentiment.microbatch import MicroBatcher
from sentiment.people import Crowd
from sentiment.spikes import Sensitivity
from sentiment.spikes import Settings as DetectorSettings
from sentiment.why import words_that_decided
from status_page.publishers.mail import Mail
from status_page.publishers.publisher import Publisher
from status_page.publishers.registry import Account, build_publisher, problems_of
from status_page.words.posts import Outlet, outlet_of

BROUGHT = frozenset(name for name, kind in SOURCES.items() if kind.pushed)  # brought to us, so nobody asks for it
Why = Callable[[str, Classification], Awaitable[tuple[str, ...]]]


def store_url(settings: Settings, secrets: Secrets) -> str:
    """Give the store's URL; one from the environment may carry a password."""
    return secrets.store.get_secret_value() if secrets.store else settings.store


def trusted_hosts(settings: Settings) -> tuple[str, ...]:
    """List the private hosts we may connect to: those named, and those plainly meant by addresses the owner wrote.

    Not among them: our own page and desk, which a feed could otherwise redirect us to.
    """
    written = settings.model_dump(exclude={"network", "web", "page", "desk"}, warnings=False)
    return (*settings.network.private_hosts, *private_entries((*_strings(written), *getproxies().values())))


def _strings(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping | list | tuple):
        for branch in tree.values() if isinstance(tree, Mapping) else tree:
            yield from _strings(branch)


def components(settings: Settings) -> dict[str, Component]:
    """Give the components by id, in the owner's order."""
    return {c.id: Component(c.id, c.names, c.keywords, c.kinds, c.group, _texts(c.help)) for c in settings.components}


def _texts(urls: Mapping[str, object]) -> dict[str, str]:
    return {language: str(url) for language, url in urls.items()}


def groups(settings: Settings) -> tuple[Group, ...]:
    """Give the groups of components in the owner's order."""
    return tuple(Group(group.id, group.names) for group in settings.groups)


def care_policy(settings: Settings) -> CarePolicy:
    """Give the rules of the care team."""
    return CarePolicy(answer_within=settings.care.answer_within, low_rating=settings.care.low_rating)


def check(settings: Settings, secrets: Secrets) -> None:
    """Find what the parts themselves miss in their settings. Raises ConfigError with all of it."""
    problems: list[str] = []
    for s in settings.sources:
        problems += check_source(
            s.type,
            s.name,
            base_url=s.base_url,
            every=s.every,
            options=s.options,
            secrets=_secrets(s, secrets),
            query=query(settings, s.query),
        )
    for p in settings.publishers:
        problems += problems_of(_account(p, secrets))
    for m in settings.monitors:
        if len(secrets.of(m.name) or "") < 16:
            problems.append(f"monitor {m.name}: set {variable(m.name)} to at least 16 characters, its bearer token")
    problems += _store_problems(store_url(settings, secrets))
    problems += _slack_problems(settings.slack.mode, secrets)
    problems += _call_problems(settings)
    problems += page_problems(settings)
    problems += unreadable(settings.network.private_hosts)
    if problems:
        raise ConfigError(*problems)


def _store_problems(url: str) -> list[str]:
    try:
        check_url(url)
    except ConfigError as err:
        return [f"store: {problem}" for problem in err.problems]
    return []


def _call_problems(settings: Settings) -> list[str]:
    """Say whom nobody would reach when an alert calls them."""
    called, slack, mail = settings.on_call, settings.slack.mode != "off", _takes_mail(settings)
    unheard = [
        (called.escalate_to and not slack, "on_call.escalate_to: they are called in Slack, which slack.mode turns off"),
        (called.second_channel.mail and not mail, "on_call.second_channel.mail: set `mail` to an SMTP server first"),
    ]
    return [words for is_unheard, words in unheard if is_unheard]


def _slack_problems(mode: str, secrets: Secrets) -> list[str]:
    needed = [
        (mode != "off", secrets.slack_bot_token, "slack: set HUBBUB_SLACK_BOT_TOKEN, or slack.mode: off"),
        (mode == "socket", secrets.slack_app_token, "slack: Socket Mode needs HUBBUB_SLACK_APP_TOKEN"),
        (mode == "http", secrets.slack_signing_secret, "slack: signed requests need HUBBUB_SLACK_SIGNING_SECRET"),
    ]
    return [words for is_needed, secret, words in needed if is_needed and secret is None]


def sources(
    settings: Settings, secrets: Secrets, session: aiohttp.ClientSession, now: Callable[[], datetime]
) -> tuple[Source, ...]:
    """Build the enabled sources."""
    return tuple(
        build_source(
            s.type, s.name, base_url=s.base_url, every=s.every, secrets=_secrets(s, secrets), session=session, now=now,
            options={OWN_HANDLES: list(settings.brand.own_accounts), **s.options}, query=query(settings, s.query),
        )
        for s in settings.sources if s.enabled
    )  # fmt: skip


def form_names(settings: Settings) -> frozenset[str]:
    """Name the sources that take what customers report on the page; without one there is no form."""
    return frozenset(s.name for s in settings.sources if s.enabled and s.type == "form")


def budgets(settings: Settings) -> dict[str, Budget]:
    """Give what the sources may cost by their names, in US dollars."""
    return {s.name: Budget(s.budget.daily, s.budget.monthly) for s in settings.sources}


def no_customers(settings: Settings) -> roles.Known:
    """Give the names of those who are no customers."""
    brand = settings.brand
    return roles.known(brand.own_accounts, brand.employees, brand.bots, brand.competitors)


def query(settings: Settings, name: str | None) -> Query | None:
    """Give the search that a source refers to."""
    part = next((part for part in settings.queries if part.name == name), None)
    if part is None:
        return None
    languages = {language: _variant(found) for language, found in part.languages.items()}
    return Query(part.name, _variant(part), languages)


def _variant(part: QueryVariant) -> Variant:
    return Variant(part.any, part.all, part.none, part.context)


def _secrets(source: SourceSettings, secrets: Secrets) -> dict[str, str]:
    kind, secret = SOURCES.get(source.type), secrets.of(source.name)
    return {kind.secrets[0]: secret} if kind and kind.secrets and secret else {}


def publishers(
    settings: Settings, secrets: Secrets, session: aiohttp.ClientSession, now: Callable[[], datetime]
) -> dict[str, Publisher]:
    """Build the publishers by name, and "mail" where a mail server is set up."""
    built = {p.name: build_publisher(_account(p, secrets), session, now) for p in settings.publishers}
    if settings.mail is not None:
        password = secrets.smtp_password.get_secret_value() if secrets.smtp_password else None
        built["mail"] = Mail("mail", settings.mail.url, settings.mail.sender, password)
    return built


def outlets(settings: Settings, built: Mapping[str, Publisher]) -> dict[str, Outlet]:
    """Give the outlets of incident posts by name, each with its rules as they are known now."""
    wanted = [(p, _account(p, Secrets()).links) for p in settings.publishers if p.posts]
    return {p.name: outlet_of(built[p.name], p.languages, links) for p, links in wanted}


def _account(publisher: PublisherSettings, secrets: Secrets) -> Account:
    name = publisher.name
    return Account(publisher.type, name, publisher.base_url, publisher.options, secrets.of(name))


def slack_client(
    settings: Settings, secrets: Secrets, session: aiohttp.ClientSession, pace: float | None
) -> SlackClient | None:
    """Build the Slack client, None where Slack is off."""
    if settings.slack.mode == "off":
        return None
    if secrets.slack_bot_token is None:
        raise ConfigError("slack: set HUBBUB_SLACK_BOT_TOKEN, or slack.mode: off")
    token = secrets.slack_bot_token.get_secret_value()
    return SlackClient(token, session=session, base_url=settings.slack.api_url, per_second=pace)


def targets(settings: Settings) -> list[Target]:
    """List who is called when nobody acknowledges, the second channel last."""
    wait, second = settings.on_call.escalate_after, settings.on_call.second_channel
    called = [Target(name, Way.SLACK, name, wait) for name in settings.on_call.escalate_to]
    if second.webhook is not None:
        called.append(Target("the webhook", Way.WEBHOOK, str(second.webhook), wait))
    if second.mail is not None:
        called.append(Target(second.mail, Way.MAIL, second.mail, wait))
    return called


def incident_rooms(
    settings: Settings, store: Store, slack: SlackClient | None, now: Callable[[], datetime]
) -> IncidentRooms | None:
    """Build what opens a Slack channel for each incident, None where the owner does not want it."""
    if slack is None or not settings.on_call.incident_channels:
        return None
    return IncidentRooms(store, slack, str(settings.web.public_url), now, settings.brand.languages[0])


def _takes_mail(settings: Settings) -> bool:
    return settings.mail is not None and not settings.mail.url.startswith("maildir:")


def mail_server(settings: Settings, secrets: Secrets) -> MailServer | None:
    """Give the mail server for alerts, None where none is set up."""
    if settings.mail is None or not _takes_mail(settings):
        return None
    where = urlsplit(settings.mail.url)
    password = secrets.smtp_password.get_secret_value() if secrets.smtp_password else None
    tls = "tls" if where.scheme == "smtps" else "none" if where.hostname in {"127.0.0.1", "localhost"} else "starttls"
    port = where.port or (465 if tls == "tls" else 587)
    return MailServer(where.hostname or "localhost", port, settings.mail.sender, where.username, password, tls)


def classifier(settings: Settings) -> tuple[MicroBatcher, str | None]:
    """Load the classifier behind its micro-batcher; the second value says why the fallback is in use."""
    model = settings.model
    loaded, note = load_or_fallback(model.name, labels=model.labels or None, threads=model.threads)
    return MicroBatcher(loaded, window=timedelta(milliseconds=model.window_ms)), note


def explainer(batcher: MicroBatcher) -> Why:
    """Give the function that finds the words behind a decision, off the event loop."""

    async def why(text: str, meaning: Classification) -> tuple[str, ...]:
        return await batcher.run(words_that_decided, text, meaning)

    return why


@dataclass(frozen=True, slots=True)
class Folder:
    """Near-duplicates among the mentions of the last day."""

    recent: Recent

    def fold(self, record: MentionRecord) -> str | None:
        """Remember a mention and give the id of an earlier one that says nearly the same, or None."""
        copy = self.recent.fold(record.id, record.person_id, record.mention.text, record.mention.created_at)
        return copy.of if copy is not None else None


def folder() -> Folder:
    """Build the memory of near-duplicates."""
    return Folder(Recent())


def spotting(
    settings: Settings, store: Store, desk: IncidentDesk, known: Mapping[str, Component], now: Callable[[], datetime],
    providers: Providers, listening: Listening,
) -> Spotting:  # fmt: skip
    """Build the counting of people and the detector behind it."""
    detector = detector_settings(settings)
    forms = form_names(settings)
    proof = Proof(store, settings.holidays, lambda: providers.trouble, listening.unheard, forms)
    polled = frozenset(s.name for s in settings.sources if s.enabled and s.type not in BROUGHT)
    notices = Notices(store, settings.on_call.channel, now)
    others = Others(detector, bool(forms))
    return Spotting(store, desk, proof, known, detector, now, Crowd(tuple(known)), notices, others, polled)


def detector_settings(settings: Settings) -> DetectorSettings:
    """Give the detector's settings."""
    detection = settings.detection
    return DetectorSettings(sensitivity=Sensitivity(detection.sensitivity), minimum_people=detection.min_people)


def maintenance(settings: Settings) -> tuple[Maintenance, ...]:
    """Give the planned maintenance."""
    return tuple(Maintenance(m.components, m.starts, m.ends) for m in settings.maintenance)


def templates(settings: Settings) -> tuple[Template, ...]:
    """Give the owner's own words for updates."""
    return tuple(Template(t.name, t.phase, t.texts) for t in settings.update_templates)


def monitors(settings: Settings, secrets: Secrets) -> dict[str, tuple[Monitor, str]]:
    """Give the technical monitors that may push to us by name, each with its secret."""
    known = tuple(component.id for component in settings.components)
    made = {
        m.name: Monitor(m.name, m.label, m.components, known, {str(at): path for at, path in m.fields.items()})
        for m in settings.monitors
    }
    return {name: (monitor, secrets.of(name) or "") for name, monitor in made.items()}


def providers(settings: Settings, session: aiohttp.ClientSession, now: Callable[[], datetime]) -> Providers:
    """Give those whose status pages we ask."""
    return Providers(Web(session, now), {p.name: str(p.url) for p in settings.providers})
