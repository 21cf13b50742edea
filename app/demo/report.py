"""What came of a played scenario, held against its own ground truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.demo.scenario.load import Part, Post, truth
from app.demo.stage import Stage
from app.demo.world import native_keys
from app.store.protocol import Where
from domain.case import Case
from domain.follow_up import FollowUp
from domain.incident import Incident
from domain.mention import MentionRecord, Stage as Travelled
from domain.records import SourceState
from domain.signal import Signal
from domain.work import Delivery, DeliveryState


async def report(stage: Stage) -> dict[str, Any]:
    """Count everything; `lost` and `doubled` compare with what was really said and with what really left."""
    store = stage.hubbub.store
    mentions = await store.find(MentionRecord)
    cases, signals = await store.find(Case), await store.find(Signal, order="opened_at")
    incidents, follow_ups = await store.find(Incident, order="declared_at"), await store.find(FollowUp)
    expected = truth(stage.posts)
    heard = Counter(_key(stage, record) for record in mentions)
    wanted = set(native_keys(stage.posts))
    deliveries = [d for i in incidents for d in i.deliveries] + [d for c in cases for d in c.replies]
    deliveries += [f.delivery for f in follow_ups]
    cards = await _cards(stage)
    first = _first_alert(stage.posts, signals, incidents, stage.clock.start)
    return {
        "mentions": expected.stored, "stored": len(mentions), "edits": sum(bool(m.edits) for m in mentions),
        "duplicates": sum(m.duplicate_of is not None for m in mentions),
        "classified": sum(m.stage is Travelled.UNDERSTOOD for m in mentions),
        "complaints": sum(bool(m.classification and m.classification.is_complaint) for m in mentions),
        "cases": len(cases), "answered": sum(c.first_response_at is not None for c in cases),
        "signals": len(signals), "incidents": len(incidents), "updates": sum(len(i.updates) for i in incidents),
        "posts_published": _sent(d for i in incidents for d in i.deliveries),
        "replies_sent": _sent(d for c in cases for d in c.replies),
        "follow_ups": len(follow_ups), "follow_ups_sent": _sent(f.delivery for f in follow_ups),
        "still_broken": sum(len(i.still_broken) for i in incidents), **first,
        "lost": len(wanted - heard.keys()) + _missing_cards(cases, signals, incidents, cards),
        "doubled": _twice(heard) + _twice(cards) + _twice(stage.world.town.heard_keys(deliveries)),
        "errors": sum(d.state is DeliveryState.FAILED for d in deliveries),
        "sources": {s.id: {"stored": s.stored, "failures": s.failures} for s in await store.find(SourceState)},
        "model": mentions[0].classification.model if mentions and mentions[0].classification else None,
    }  # fmt: skip
