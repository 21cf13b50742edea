"""Gathers from the store what a review or a scorecard is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.store.protocol import Store, Where
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.care.mood import AFTERMATH
from domain.errors import NotFound
from domain.heard.mention import MentionRecord, Role
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from domain.records import MonitorAlert
from domain.review.score import Scorecard, scorecard
from domain.review.seen import LOOK_BACK, TAIL
from domain.review.story import Material, Review, review

MOST = 20_000  # complaints of one incident that are looked at
MOST_INCIDENTS = 200  # of one scorecard, the newest
MONITORS_SINCE = timedelta(hours=24)  # before it began; what fires longer than that is about something else
SAMPLE = 500  # affected people whose tone is compared: more would change nothing but the wait
NAMED = 5  # newest incidents that are named where one is not known


class ToldElsewhere(NotFound):
    """The incident was merged: another one has its complaints and tells its story; `target` is its id."""

    def __init__(self, message: str, target: str) -> None:
        """Name the other one."""
        super().__init__(message)
        self.target = target


async def gather_review(store: Store, incident_id: str, now: datetime) -> Review:
    """Review one incident as of `now`. Raises NotFound with the way on, ToldElsewhere for one that was merged."""
    incident = await store.get(Incident, incident_id)
    if incident is None:
        raise NotFound(await _unknown(store, incident_id))
    if incident.merged_into is not None:
        raise await _elsewhere(store, incident)
    known = await store.find(Incident, Where("is_open", "eq", False))
    return review(await _material(store, incident, known, now, mood=True), now)


async def gather_scorecard(store: Store, since: datetime, now: datetime) -> Scorecard:
    """Score the incidents that were declared since then, without the ones that others tell.

    Raises NotFound where no incident was ever declared.
    """
    recent = await store.find(
        Incident, Where("declared_at", "ge", since), order="-declared_at", limit=MOST_INCIDENTS + 1
    )
    if not recent and not await store.find(Incident, limit=1):
        raise NotFound(_EMPTY)
    known = await store.find(Incident, Where("is_open", "eq", False))
    told = [incident for incident in recent[:MOST_INCIDENTS] if incident.merged_into is None]
    reviews = [review(await _material(store, incident, known, now), now) for incident in told]
    return scorecard(reviews, since, now, cut=len(recent) > MOST_INCIDENTS)


async def _unknown(store: Store, wanted: str) -> str:
    newest = await store.find(Incident, order="-declared_at", limit=NAMED)
    if not newest:
        return _EMPTY
    named = ", ".join(f"{known.id} ({known.title('en')})" for known in newest)
    return f"There is no incident {wanted!r}. The newest are: {named}."


async def _elsewhere(store: Store, incident: Incident) -> ToldElsewhere:
    target, seen = incident, {incident.id}
    while target.merged_into is not None and target.merged_into not in seen:
        seen.add(target.merged_into)
        following = await store.get(Incident, target.merged_into)
        if following is None:
            break
        target = following
    said = f"{incident.id} was merged into {target.id} ({target.title('en')}), which tells its story; ask for that one."
    return ToldElsewhere(said, target.id)


async def _material(
    store: Store, incident: Incident, known: Sequence[Incident], now: datetime, *, mood: bool = False
) -> Material:
    merged = _merged_into(incident.id, known)
    signals = await store.find(Signal, Where("incident_id", "eq", incident.id))
    linked = await store.find(Case, Where("incident_id", "eq", incident.id))
    since = Material(incident, merged, tuple(signals)).since
    ended = None if incident.is_open else incident.resolved_at
    until = min(now, ended + TAIL) if ended is not None else now
    heard = await _heard(store, incident, since, until)
    return Material(
        incident, merged, tuple(signals), (*linked, *await _doubtful(store, heard, linked)),
        tuple({record.id: record for record in (*heard[:MOST], *await _linked(store, linked))}.values()),
        tuple(await store.find(FollowUp, Where("incident_id", "eq", incident.id))),
        await _monitors(store, incident, since, until),
        await _talk(store, linked, since, ended) if mood and ended is not None else (), len(heard) > MOST,
    )  # fmt: skip


def _merged_into(target: str, known: Sequence[Incident]) -> tuple[Incident, ...]:
    """Find whose story an incident tells, also over several merges."""
    ids, found = {target}, dict[str, Incident]()
    while fresh := [i for i in known if i.merged_into in ids and i.id not in found and i.id != target]:
        found |= {incident.id: incident for incident in fresh}
        ids |= found.keys()
    return tuple(sorted(found.values(), key=lambda incident: (incident.declared_at, incident.id)))


async def _heard(store: Store, incident: Incident, since: datetime, until: datetime) -> list[MentionRecord]:
    """Find complaints about its components, one more than are counted."""
    if not incident.components:
        return []
    return await store.find(
        MentionRecord, Where("component", "in_", sorted(incident.components)), Where("created_at", "ge", since),
        Where("created_at", "le", until), Where("is_complaint", "eq", True), Where("own", "eq", False),
        Where("role", "eq", str(Role.CUSTOMER)), order="created_at", limit=MOST + 1,
    )  # fmt: skip


async def _linked(store: Store, linked: Sequence[Case]) -> list[MentionRecord]:
    ids = [mention for case in linked for mention in case.mention_ids]
    return await store.find(MentionRecord, Where("id", "in_", ids)) if ids else []


async def _doubtful(store: Store, heard: Sequence[MentionRecord], linked: Sequence[Case]) -> list[Case]:
    """Find the cases of complaints that are not linked: people may have taken them off or put them elsewhere."""
    ids = {record.case_id for record in heard if record.case_id is not None} - {case.id for case in linked}
    return await store.find(Case, Where("id", "in_", sorted(ids))) if ids else []


async def _monitors(store: Store, incident: Incident, began: datetime, until: datetime) -> tuple[MonitorAlert, ...]:
    """Find what monitors said about its components around its time."""
    since = began - MONITORS_SINCE
    said = await store.find(
        MonitorAlert, Where("component", "in_", sorted(incident.components)), Where("received_at", "ge", since)
    )
    return tuple(alert for alert in said if since <= alert.started_at <= until and not _long_over(alert, began))


def _long_over(alert: MonitorAlert, began: datetime) -> bool:
    return alert.ended_at is not None and alert.ended_at < began - LOOK_BACK


async def _talk(store: Store, linked: Sequence[Case], began: datetime, ended: datetime) -> tuple[MentionRecord, ...]:
    """Find what the affected people wrote from its beginning to a week after its end."""
    people = sorted({case.person_id for case in linked})[:SAMPLE]  # ids are hashes, so this is a fair choice
    if not people:
        return ()
    return tuple(
        await store.find(
            MentionRecord, Where("person_id", "in_", people), Where("created_at", "ge", began),
            Where("created_at", "le", ended + AFTERMATH), order="created_at", limit=MOST,
        )
    )  # fmt: skip


_EMPTY = "No incident was ever declared, so there is nothing to report."
