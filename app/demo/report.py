"""What came of a played scenario, held against its own ground truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.demo.scenario.load import PAYMENT_OUTAGE, Part, Post, truth
from app.demo.stage import Stage
from app.demo.world import ANSWER
from app.standin.slack import SlackStandIn
from app.standin.town import Town
from app.store.protocol import Store, Where
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.care.satisfaction import tally
from domain.heard.mention import MentionRecord
from domain.heard.mention import Stage as Travelled
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from domain.records import SourceState
from domain.work import Card, Delivery, DeliveryState


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that hubbub remembers at the end."""

    mentions: list[MentionRecord]
    cases: list[Case]
    signals: list[Signal]
    incidents: list[Incident]
    follow_ups: list[FollowUp]

    @property
    def deliveries(self) -> list[Delivery]:
        """Every message to customers."""
        posts = [d for incident in self.incidents for d in incident.deliveries]
        replies = [d for case in self.cases for d in case.replies]
        return posts + replies + [follow_up.delivery for follow_up in self.follow_ups]

    @property
    def cards(self) -> dict[str, Card | None]:
        """The card of every record that has one."""
        shown: list[Case | Signal | Incident] = [*self.cases, *self.signals, *self.incidents]
        return {record.id: record.card for record in shown}


async def report(stage: Stage) -> dict[str, Any]:
    """Count everything; `lost` and `doubled` compare with what was said outside and with what arrived there."""
    store = stage.hubbub.store
    kept = Kept(
        await store.find(MentionRecord), await store.find(Case), await store.find(Signal, order="opened_at"),
        await store.find(Incident, order="declared_at"), await store.find(FollowUp),
    )  # fmt: skip
    outside = _outside(stage, kept)
    return {
        **_counts(stage, kept), **_times(stage, kept), **outside,
        "errors": sum(d.state is DeliveryState.FAILED for d in kept.deliveries),
        "sources": await _sources(store),
    }  # fmt: skip


def _counts(stage: Stage, kept: Kept) -> dict[str, Any]:
    meanings = [record.classification for record in kept.mentions]
    besides = "ours = ? OR key LIKE ?", (True, f"say:{ANSWER}%")
    others = {str(post.id) for post in stage.world.town.posts(*besides, limit=100_000)}
    scenario = [record for record in kept.mentions if record.mention.native_id not in others]
    said = tally(kept.follow_ups)
    return {
        "mentions": truth(stage.posts).stored, "stored": len(scenario),
        "duplicates": sum(m.duplicate_of is not None for m in kept.mentions),
        "edits": sum(len(m.edits) for m in kept.mentions),
        "classified": sum(m.stage is Travelled.UNDERSTOOD for m in scenario),
        "complaints": sum(m.is_complaint for m in meanings if m), "cases": len(kept.cases),
        "answered": sum(c.first_response_at is not None for c in kept.cases),
        "signals": len(kept.signals), "incidents": len(kept.incidents),
        "updates": sum(len(i.updates) for i in kept.incidents),
        "posts_published": _sent(d for i in kept.incidents for d in i.deliveries),
        "replies_sent": _sent(d for c in kept.cases for d in c.replies), "follow_ups": len(kept.follow_ups),
        "follow_ups_sent": _sent(f.delivery for f in kept.follow_ups),
        "follow_up_answers": f"{said.answered} answered: {said.fixed} fixed, {said.still_broken} still broken",
        "informed_well": said.score, "still_broken": sum(len(i.still_broken) for i in kept.incidents),
        "model": next((m.model for m in meanings if m), None),
    }  # fmt: skip


def _sent(deliveries: Iterable[Delivery]) -> int:
    return sum(d.state is DeliveryState.SENT for d in deliveries)


def _times(stage: Stage, kept: Kept) -> dict[str, float | None]:
    """Measure the payment outage in scenario seconds: first complaint, alert, public word."""
    said = [p for p in stage.posts if p.truth.part is Part.PAYMENT_OUTAGE and p.complains]
    first = stage.clock.start + min(p.offset for p in said)
    alerts = [s for s in kept.signals if s.component == "payments" and s.opened_at >= first]
    alert = min((s.opened_at for s in alerts), default=None)
    public = min((i.updates[0].at for i in kept.incidents if "payments" in i.components and i.declared_at >= first),
                 default=None)  # fmt: skip
    return {
        "first_complaint_to_alert_s": _seconds(first, alert), "alert_to_public_s": _seconds(alert, public),
        "outage_minute": float(PAYMENT_OUTAGE[0]),
    }  # fmt: skip


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start is not None and end is not None else None


def _outside(stage: Stage, kept: Kept) -> dict[str, int]:
    """Compare with the world outside: every post heard once, every card, line, post and answer there once."""
    heard = Counter(_heard_as(record) for record in kept.mentions)
    wanted = {_said_as(stage.world.town, post) for post in stage.posts if post.edit_of is None}
    shown = _shown(stage.slack)
    published = Counter(text for text in _published(stage.world.town))
    sent = [d for d in kept.deliveries if d.state is DeliveryState.SENT and d.channel == "mastodon"]
    missing = sum(d.remote_id is None or stage.world.town.find(d.remote_id) is None for d in sent)
    people = Counter((f.incident_id, f.person_id) for f in kept.follow_ups)
    return {
        "lost": len(wanted - heard.keys()) + len(kept.cards.keys() - shown.keys()) + missing,
        "doubled": _twice(heard) + _twice(shown) + _twice(people) + max(0, published.total() - len(sent)),
    }  # fmt: skip


def _heard_as(record: MentionRecord) -> str:
    said = record.mention
    return f"{said.source}:{said.text if said.source == 'form' else said.native_id.rsplit('/', 1)[-1]}"


def _said_as(town: Town, post: Post) -> str:
    standing = town.find(post.n) if post.source in ("mastodon", "forum") else None
    return f"{post.source}:{standing.id if standing else post.text if post.source == 'form' else post.n}"


def _published(town: Town) -> list[str]:
    return [post.text for post in town.posts("ours = ?", (True,), limit=100_000)]


def _shown(slack: SlackStandIn) -> Counter[str]:
    """Count the cards and thread lines in the local Slack by the key in their metadata."""
    keys = Counter[str]()
    for channel in slack.workspace.channels():
        for message in slack.workspace.history(channel.id, limit=100_000):
            keys.update(_keys(message))
            for line in slack.workspace.thread(channel.id, message["ts"]):
                keys.update(_keys(line))
    return keys


def _keys(message: Mapping[str, Any]) -> list[str]:
    key = ((message.get("metadata") or {}).get("event_payload") or {}).get("key")
    return [str(key)] if key else []


def _twice(counted: Mapping[Any, int]) -> int:
    return sum(times - 1 for times in counted.values() if times > 1)


async def _sources(store: Store) -> dict[str, dict[str, int]]:
    states = await store.find(SourceState, Where("id", "ne", ""))
    return {s.id: {"fetched": s.fetched, "stored": s.stored, "failures": s.failures} for s in states}
