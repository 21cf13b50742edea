"""The shape of `hubbub.yaml`. Secrets never stand here: they come from the environment (config/secrets.py)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import (
    AwareDatetime,
    Field,
    field_validator,
    model_validator,
)

from config.pages import BrandPage, Page
from config.parts import Duration, Identifier, Part, Url
from config.subscribers import Subscribers
from config.updates import UpdateTemplate
from domain.heard.classification import Kind

LANGUAGES = ("en", "tr", "fa")


class Brand(Part):
    """Whose customers we listen to."""

    name: str = Field(min_length=1, max_length=80)
    url: Url | None = None
    languages: tuple[str, ...] = ("en",)  # of the page and of what we write, the first is the default
    own_accounts: tuple[str, ...] = ()  # handles of ours, with or without "@"
    employees: tuple[str, ...] = ()  # handles of people who work here: heard, but never customers
    bots: tuple[str, ...] = ()  # handles that only repeat what others say
    competitors: tuple[str, ...] = ()

    @field_validator("languages")
    @classmethod
    def _known(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        strange = [language for language in languages if language not in LANGUAGES]
        if strange or not languages:
            raise ValueError(f"choose from {', '.join(LANGUAGES)}; {', '.join(strange) or 'nothing'} is not there yet")
        return tuple(dict.fromkeys(languages))


class ComponentSettings(Part):
    """A part of the service that customers can name."""

    id: Identifier
    names: dict[str, str] = Field(min_length=1)
    keywords: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()
    group: Identifier | None = None  # one of `groups`
    help: dict[str, Url] = Field(default_factory=dict)  # language -> a page that helps with it


class GroupSettings(Part):
    """Components that stand together on the page."""

    id: Identifier
    names: dict[str, str] = Field(min_length=1)


class QueryVariant(Part):
    """What to search for: `any` of these and all of `all`, none of `none`, and one of `context` beside it.

    An entry is a word, a phrase of several words, a #hashtag or a @handle. Matching ignores case and Turkish and
    Persian spelling differences. `context` is for names that mean other things, too (Delta, Ülker, ایرانسل).
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


class QuerySettings(QueryVariant):
    """A named search that sources refer to with `query`; `languages` adds or replaces parts for one language."""

    name: Identifier
    languages: dict[str, QueryVariant] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _asks_for_something(self) -> QuerySettings:
        if not (self.any or self.all or any(variant.any for variant in self.languages.values())):
            raise ValueError("name at least one word in `any` or `all`")
        return self


class Budget(Part):
    """The most a paid source may cost, in US dollars; it stops before it would cost more."""

    daily: float | None = Field(default=None, ge=0)
    monthly: float | None = Field(default=None, ge=0)


class SourceSettings(Part):
    """A place to listen to; `options` are the source's own and checked by it (docs/sources.md)."""

    type: str
    name: Identifier
    base_url: str | None = None
    every: Duration = timedelta(minutes=2)
    options: dict[str, object] = Field(default_factory=dict)
    query: Identifier | None = None  # one of `queries`
    budget: Budget = Budget()
    enabled: bool = True

    @field_validator("every")
    @classmethod
    def _not_rude(cls, every: timedelta) -> timedelta:
        if not timedelta(seconds=5) <= every <= timedelta(days=1):
            raise ValueError("poll between every 5 seconds (PT5S) and once a day (P1D)")
        return every


class PublisherSettings(Part):
    """An account or address that customers hear us through; `name` may be that of a source, to answer there."""

    type: Literal["mastodon", "bluesky", "webhook", "x", "telegram"]
    name: Identifier
    base_url: str | None = None
    languages: tuple[str, ...] = ()  # empty: every language of the brand
    posts: bool = True  # False: only answers, no incident posts
    options: dict[str, object] = Field(default_factory=dict)


class Publishing(Part):
    """Whether anything leaves the building at all: posts, answers, mails to customers."""

    dry_run: bool = False  # all is drafted, approved and logged as "would post", nothing leaves
    stopped: bool = False  # what is approved waits; `hubbub stop-posting` does the same without a restart


class Mail(Part):
    """How mail leaves: answers to those who left an address, and the second alert channel."""

    url: str = Field(pattern=r"^(smtp|smtps|maildir)://?")  # smtp://[user@]host[:port], smtps://..., maildir:///path
    sender: str = Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")


class ModelSettings(Part):
    """The classifier."""

    name: str = "bundled"  # or a Hugging Face directory or name (needs the extra [torch])
    labels: dict[str, str] = Field(default_factory=dict)
    threads: int = Field(default=1, ge=1, le=64)
    window_ms: int = Field(default=50, ge=0, le=5000)


class Care(Part):
    """The team that answers customers."""

    channel: str = "#care"
    answer_within: Duration = timedelta(hours=1)  # wall clock, weekends too
    low_rating: int = Field(default=2, ge=0, le=4)


class SecondChannel(Part):
    """Where an alert goes besides Slack when nobody acknowledges it."""

    webhook: Url | None = None
    mail: str | None = None


class OnCall(Part):
    """The people who are called."""

    channel: str = "#on-call"
    escalate_after: Duration = timedelta(minutes=5)
    escalate_to: tuple[str, ...] = ()  # Slack user ids (U...) or names, called one after the other
    second_channel: SecondChannel = SecondChannel()
    incident_channels: bool = False  # a Slack channel for each incident; needs the scope channels:manage


class Detection(Part):
    """How readily an alarm is raised (docs/detection.md shows the trade-off)."""

    sensitivity: Literal["low", "normal", "high"] = "normal"
    min_people: int = Field(default=5, ge=2, le=1000)


class MonitorSettings(Part):
    """A technical monitor that pushes to /hooks/alertmanager/{name} or /hooks/monitor/{name}.

    Its secret is HUBBUB_SECRET_{NAME}.
    """

    name: Identifier
    label: str = Field(default="service", min_length=1)  # of an alert: its value names the component
    components: dict[str, str] = Field(default_factory=dict)  # value of the label -> our component
    fields: dict[Literal["name", "component", "state", "started_at", "summary"], str] = Field(default_factory=dict)


class MaintenanceSettings(Part):
    """Planned work: counted as ever, but it calls nobody."""

    components: tuple[str, ...] = ()  # none: all of them
    starts: AwareDatetime = Field(alias="from")
    ends: AwareDatetime = Field(alias="to")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> MaintenanceSettings:
        if self.ends <= self.starts:
            raise ValueError("`to` must be later than `from`")
        return self


class ProviderSettings(Part):
    """Somebody we depend on, with a page of Statuspage's kind."""

    name: str = Field(min_length=1, max_length=60)
    url: Url  # of its status.json, e.g. https://www.githubstatus.com/api/v2/status.json


class Slack(Part):
    """How we talk to Slack; tokens come from HUBBUB_SLACK_BOT_TOKEN and friends."""

    mode: Literal["off", "http", "socket"] = "off"
    api_url: str = "https://slack.com/api/"

    @field_validator("mode", mode="before")
    @classmethod
    def _yaml_says_false(cls, mode: object) -> object:
        # YAML 1.1 reads an unquoted off as false.
        return "off" if mode is False else mode


class Privacy(Part):
    """What is kept of people's words, and for how long."""

    # mentions, closed cases and people are erased when they are older; at least a day
    keep: Duration = Field(default=timedelta(days=365), ge=timedelta(days=1))
    mask: bool = True  # phone, mail, card, IBAN and national ids are masked in Slack, on pages, in exports and logs


class Network(Part):
    """Where hubbub may connect to: public addresses, and the private hosts named here."""

    private_hosts: tuple[str, ...] = ()  # names or networks, e.g. mastodon.internal, 10.1.0.0/16, 127.0.0.1


class Web(Part):
    """The page, the desk and the inbound doors."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Url = "http://127.0.0.1:8080"  # type: ignore[assignment]


class DeskUser(Part):
    """Somebody who may sign in to the desk; make the hash with `hubbub password`."""

    name: str = Field(min_length=1, max_length=60)
    password_hash: str = Field(pattern=r"^\$argon2id\$")


class Desk(Part):
    """The web desk."""

    users: tuple[DeskUser, ...] = ()


class Settings(Part):
    """Everything in `hubbub.yaml`."""

    brand: Brand
    store: str = "sqlite:///hubbub.db"
    components: tuple[ComponentSettings, ...] = Field(min_length=1)
    groups: tuple[GroupSettings, ...] = ()
    queries: tuple[QuerySettings, ...] = ()
    sources: tuple[SourceSettings, ...] = ()
    publishers: tuple[PublisherSettings, ...] = ()
    publishing: Publishing = Publishing()
    mail: Mail | None = None
    subscribers: Subscribers = Subscribers()
    model: ModelSettings = ModelSettings()
    care: Care = Care()
    on_call: OnCall = OnCall()
    update_templates: tuple[UpdateTemplate, ...] = ()
    detection: Detection = Detection()
    holidays: tuple[date, ...] = ()  # days on which the usual volume may not apply; named as a cause to check
    maintenance: tuple[MaintenanceSettings, ...] = ()
    monitors: tuple[MonitorSettings, ...] = ()
    providers: tuple[ProviderSettings, ...] = ()
    slack: Slack = Slack()
    privacy: Privacy = Privacy()
    network: Network = Network()
    web: Web = Web()
    page: Page = Page()
    pages: tuple[BrandPage, ...] = ()  # further ones, for other brands
    desk: Desk = Desk()
    follow_up: Literal["ask", "auto"] = "ask"  # auto: allowed answers go out without a person's press

    @model_validator(mode="after")
    def _names_are_unique(self) -> Settings:
        for what, names in (
            ("components", [c.id for c in self.components]),
            ("groups", [g.id for g in self.groups]),
            ("queries", [q.name for q in self.queries]),
            ("sources", [s.name for s in self.sources]),
            ("publishers", [p.name for p in self.publishers]),
            ("monitors", [m.name for m in self.monitors]),
            ("pages", [p.name for p in self.pages]),
            ("pages", [p.out_dir for p in (self.page, *self.pages)]),
            ("pages", [str(p.public_url) for p in self.pages]),
            ("providers", [p.name for p in self.providers]),
            ("update_templates", [f"{t.name} ({t.phase})" for t in self.update_templates]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what}: the name {', '.join(twice)} is used more than once")
        return self

    @model_validator(mode="after")
    def _components_are_known(self) -> Settings:
        known = {component.id for component in self.components}
        for what, named in (
            *((f"maintenance.{i}", m.components) for i, m in enumerate(self.maintenance)),
            *((f"monitors.{m.name}", tuple(m.components.values())) for m in self.monitors),
            ("page", self.page.components),
            *((f"pages.{p.name}", p.components) for p in self.pages),
        ):
            strange = sorted(set(named) - known)
            if strange:
                raise ValueError(f"{what}: {', '.join(strange)} is no component; known are {', '.join(sorted(known))}")
        return self

    @model_validator(mode="after")
    def _references_are_known(self) -> Settings:
        groups, queries = {group.id for group in self.groups}, {query.name for query in self.queries}
        for what, named, known in (
            *((f"components.{c.id}.group", c.group, groups) for c in self.components),
            *((f"sources.{s.name}.query", s.query, queries) for s in self.sources),
            *(
                (f"pages.{p.name}.languages", said, set(self.brand.languages))
                for p in self.pages
                for said in p.languages
            ),
            *(
                (f"publishers.{p.name}.languages", said, set(self.brand.languages))
                for p in self.publishers
                for said in p.languages
            ),
        ):
            if named is not None and named not in known:
                there = ", ".join(sorted(known)) or "none"
                raise ValueError(f"{what}: {named} is not there; known are {there}")
        return self

    @model_validator(mode="after")
    def _templates_speak_every_language(self) -> Settings:
        for template in self.update_templates:
            missing = [language for language in self.brand.languages if language not in template.texts]
            if missing:
                raise ValueError(f"update_templates: {template.name} has no text in {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _mail_can_leave(self) -> Settings:
        if self.subscribers.mail and self.mail is None:
            raise ValueError("subscribers.mail: set `mail` first, with the server that takes it")
        return self

    @model_validator(mode="after")
    def _monitors_have_their_own_secret(self) -> Settings:
        others = {source.name for source in self.sources} | {outlet.name for outlet in self.publishers}
        shared = sorted({monitor.name for monitor in self.monitors} & others)
        if shared:
            raise ValueError(f"monitors: {', '.join(shared)} is a source or publisher, too, and would share its secret")
        return self
