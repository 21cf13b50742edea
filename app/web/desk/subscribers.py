"""Those who asked for news: how many, how mailings go, and one address at a time; never a list of addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web
from yarl import URL

from app.outbox.posting import why_stopped
from app.privacy.masking import hide_all
from app.store.protocol import Store, Where
from app.subscribers.news import left
from app.subscribers.queue import STUCK_AFTER
from app.subscribers.room import offered
from app.web.desk.acts import Outcome, act, back
from app.web.desk.charts import chart
from app.web.desk.room import FORM, Room, page, room_of
from domain.action import Verb
from domain.incidents.incident import Incident
from domain.incidents.planned import PlannedWork
from domain.records import AuditEntry
from domain.told.mailing import Mailing, MailingState
from domain.told.subscriber import Channel, Standing, Subscriber, lane

SHOWN, DAYS = 20, 30  # mailings; days of growth
WAYS = {Channel.MAIL: "Mail", Channel.PUSH: "Browsers", Channel.SLACK: "Slack", Channel.WEBHOOK: "Webhooks"}
STATES = {
    Standing.ACTIVE: "Confirmed", Standing.PENDING: "Unconfirmed", Standing.STOPPED: "Stopped",
    Standing.BOUNCED: "Bounced",
}  # fmt: skip
_MAILING_VERBS = {Verb.PAUSE_MAILING, Verb.RESUME_MAILING, Verb.RETRY_MAILING}
_SUBSCRIBER_VERBS = {Verb.STOP_SUBSCRIBER, Verb.ERASE_SUBSCRIBER}


@dataclass(frozen=True, slots=True)
class Progress:
    """One mailing as the page shows it."""

    mailing: Mailing
    title: str
    url: str | None  # of its story on the desk
    left: int  # subscribers whose turn has not come
    level: str  # hears | waits | deaf | gone: the colour
    words: str
    since: datetime | None = None

    @property
    def done(self) -> int:
        """How many subscribers had their turn."""
        m = self.mailing
        return m.sent + m.refused + m.owed + m.given_up + m.unwanted

    @property
    def share(self) -> int:
        """How far it is, in per cent."""
        whole = self.done + self.left
        return 100 if not whole else 100 * self.done // whole

    @property
    def can_hold(self) -> bool:
        """Say whether something of it could wait."""
        return self.mailing.held_by is None and (not self.mailing.is_over or self.mailing.owed > 0)

    @property
    def can_hurry(self) -> bool:
        """Say whether something of it waits that could be tried now."""
        waits = self.mailing.owed > 0 or self.mailing.not_before is not None
        return self.mailing.held_by is None and waits


@dataclass(frozen=True, slots=True)
class Growth:
    """Who came and went, day by day (UTC)."""

    days: tuple[date, ...]
    joined: tuple[int, ...]
    left: tuple[int, ...]


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [
        web.get("/subscribers", show), web.post("/subscribers/find", find),
        web.post(f"/subscribers/{{verb:{'|'.join(sorted(_MAILING_VERBS))}}}", change_mailing),
        web.get("/subscribers/{id}", show_one), web.post("/subscribers/{id}/{verb}", change_one),
    ]  # fmt: skip


async def show(request: web.Request) -> web.StreamResponse:
    """Show the counts, the growth and the mailings."""
    return await _draw(request, Outcome(status=200))


async def find(request: web.Request) -> web.StreamResponse:
    """Open the one subscriber of exactly this address; by POST, so that the address stands in no log and no history."""
    room, typed = room_of(request), request[FORM].get("address", "")
    known = await room.hubbub.front.subscribers.find(typed)
    if known is None:
        words = "Nobody is known at this address." if typed.strip() else "Type the whole address."
        return await _draw(request, Outcome(problem=words, status=404), "find")
    outcome = await act(request, Verb.LOOK_UP_SUBSCRIBER, known.id)
    if outcome.problem:
        return await _draw(request, outcome, "find")
    return await _draw_one(request, known.id, Outcome(status=200), address=known.address)


async def change_mailing(request: web.Request) -> web.StreamResponse:
    """Let a mailing wait or go on."""
    named = request[FORM].get("mailing", "")
    outcome = await act(request, Verb(request.match_info["verb"]), named)
    if outcome.problem:
        return await _draw(request, outcome, named)
    raise back("/desk/subscribers", outcome)


async def show_one(request: web.Request) -> web.StreamResponse:
    """Show one subscriber, the address masked."""
    return await _draw_one(request, request.match_info["id"], Outcome(status=200))


async def change_one(request: web.Request) -> web.StreamResponse:
    """Stop or erase one subscriber."""
    verb, id = request.match_info["verb"], request.match_info["id"]
    if verb not in _SUBSCRIBER_VERBS:
        raise web.HTTPNotFound(text="This cannot be done with a subscriber.\n")
    outcome = await act(request, Verb(verb), id)
    if outcome.problem:
        return await _draw_one(request, id, outcome, problem_at=verb)
    raise back("/desk/subscribers" if verb == Verb.ERASE_SUBSCRIBER else f"/desk/subscribers/{id}", outcome)


async def _draw(request: web.Request, outcome: Outcome, problem_at: str = "") -> web.Response:
    room = room_of(request)
    watch = await room.watch("subscribers")
    shelves = await room.store.group_count(Subscriber, "lane")
    tongues = await room.store.group_count(Subscriber, "language", Where("state", "eq", Standing.ACTIVE))
    grown = await growth(room.store, room.now)
    stop = await why_stopped(room.store, room.hubbub.settings.publishing.stopped)
    return page(
        request, "subscribers.html", status=outcome.status, watch=watch, problem=outcome.problem,
        problem_at=problem_at, table=counts(shelves), ways=WAYS, states=STATES, grown=grown,
        offered=offered(room.hubbub.settings), tongues=sorted(tongues.items(), key=lambda one: -one[1]),
        drawing=chart(grown.joined), mailings=await _mailings(room, halted=stop is not None), stop=stop,
        dry_run=room.hubbub.settings.publishing.dry_run,
    )  # fmt: skip


def counts(shelves: Mapping[str, int]) -> dict[Channel, dict[Standing, int]]:
    """Lay out how many addresses each channel has in each state; channels that nobody uses are left out."""
    every = {channel: {state: shelves.get(lane(channel, state), 0) for state in STATES} for channel in WAYS}
    return {channel: row for channel, row in every.items() if any(row.values())}


async def growth(store: Store, now: datetime) -> Growth:
    """Count who said yes and who was lost (stopped or bounced) on each of the last days, today included."""
    days = tuple(now.date() - timedelta(days=ago) for ago in reversed(range(DAYS)))
    first = days[0].isoformat()
    joined = await store.group_count(Subscriber, "confirmed_on", Where("confirmed_on", "ge", first))
    lost = await store.group_count(Subscriber, "ended_on", Where("ended_on", "ge", first))
    each = [day.isoformat() for day in days]
    return Growth(days, tuple(joined.get(day, 0) for day in each), tuple(lost.get(day, 0) for day in each))


async def _mailings(room: Room, *, halted: bool) -> list[Progress]:
    found = await room.store.find(Mailing, order="-created_at", limit=SHOWN)
    found += [
        mailing for state in (MailingState.RUNNING, MailingState.HELD) for channel in Channel
        for mailing in await room.store.find(Mailing, Where("lane", "eq", f"{channel} {state}"))
        if mailing not in found
    ]  # fmt: skip
    shown = [await _progress(room, mailing, halted) for mailing in found]
    return sorted(shown, key=lambda each: _ORDER.index(each.level))  # what needs a person first, else the newest


async def _progress(room: Room, mailing: Mailing, halted: bool) -> Progress:
    behind = 0 if mailing.is_over else await left(room.store, mailing)
    level, words, since = mailing_words(mailing, room.now, halted=halted)
    title, url = await _story(room.store, mailing.about)
    return Progress(mailing, title, url, behind, level, words, since)


async def _story(store: Store, about: str) -> tuple[str, str | None]:
    """Give the title of what a mailing tells, and its page on the desk."""
    incident = await store.get(Incident, about)
    if incident is not None:
        return incident.title("en"), f"/desk/incidents/{about}"
    work = await store.get(PlannedWork, about)
    return (work.title("en"), f"/desk/maintenance/{about}") if work is not None else ("a story that is gone", None)


def mailing_words(mailing: Mailing, now: datetime, *, halted: bool = False) -> tuple[str, str, datetime | None]:
    """Say how a mailing is: (level for the colour, words, since when)."""
    if mailing.held_by is not None:
        return "waits", f"paused by {mailing.held_by}", None
    if mailing.is_over:
        return "gone", _ENDS[mailing.state], mailing.finished_at
    if halted:
        return "waits", "posting is stopped, so it waits", mailing.waits_since
    error = hide_all(mailing.error or "")  # servers like to name the address
    if now - mailing.waits_since > STUCK_AFTER:
        return "deaf", f"stuck: {error or 'nothing goes out'}", mailing.waits_since
    if error:
        return "waits", f"the channel has trouble, tried again by itself: {error}", mailing.waits_since
    return "hears", "on its way", None


async def _draw_one(
    request: web.Request, id: str, outcome: Outcome, *, problem_at: str = "", address: str = ""
) -> web.Response:
    room = room_of(request)
    known = await room.store.get(Subscriber, id)
    if known is None:
        return page(request, "missing.html", status=404, what="subscriber")
    entries = await room.store.find(AuditEntry, Where("subject", "eq", id), order="-at", limit=50)
    return page(
        request, "subscriber.html", status=outcome.status, subscriber=known, ways=WAYS, states=STATES, entries=entries,
        address=address or masked(known), is_open=bool(address), problem=outcome.problem, problem_at=problem_at,
        wanted=_wanted(room, known.components), error=hide_all(known.error or ""),
    )  # fmt: skip


def masked(subscriber: Subscriber) -> str:
    """Show an address so that whoever knows it knows it again: d***@example.org; of a URL only the host."""
    if subscriber.channel is not Channel.MAIL:
        return f"{URL(subscriber.address).host or ''}/***"
    local, _, domain = subscriber.address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _wanted(room: Room, components: Sequence[str]) -> str:
    return ", ".join(room.component(id) for id in components) or "everything"


_ORDER = ("deaf", "waits", "hears", "gone")
_ENDS = {
    MailingState.DONE: "done", MailingState.SUPERSEDED: "ended: a newer word went out instead",
    MailingState.WITHDRAWN: "ended: the story is not public any more, or too old to tell",
}  # fmt: skip
