"""The switch that stops everything we say in public, kept in the store: it works without Slack and without the desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.store.protocol import Store, update
from domain.action import Verb
from domain.ids import stable_id
from domain.records import AuditEntry, Kept
from domain.work import Actor

_ID = "posting"
IN_SETTINGS = "the settings (publishing.stopped)"


@dataclass(frozen=True, slots=True)
class Stop:
    """Posting is stopped: by whom, since when (None: by the settings), and why."""

    by: str
    at: datetime | None = None
    why: str = ""

    @property
    def words(self) -> str:
        """Say it in one sentence."""
        since = f" since {self.at:%Y-%m-%d %H:%M} UTC" if self.at else ""
        reason = f" ({self.why})" if self.why else ""
        return f"Posting is stopped by {self.by}{since}{reason}: what is approved waits."


async def why_stopped(store: Store, in_settings: bool = False) -> Stop | None:
    """Say whether nothing may leave now; withdrawals may."""
    if in_settings:
        return Stop(IN_SETTINGS)
    kept = await store.get(Kept, _ID)
    value = kept.value if kept is not None else {}
    if not value.get("stopped"):
        return None
    at = value.get("at")
    return Stop(str(value.get("by", "")), datetime.fromisoformat(at) if isinstance(at, str) else None,
                str(value.get("why", "")))  # fmt: skip


async def switch(store: Store, stopped: bool, who: Actor, now: datetime, why: str = "") -> bool:
    """Stop or resume posting for every process that uses this store; False when it was so already."""
    before = await why_stopped(store)
    if (before is not None) == stopped:
        return False
    value = {"stopped": stopped, "by": who.name, "at": now.isoformat(), "why": why.strip()[:200]}
    if not (await store.add(Kept(_ID, value)))[0]:
        await update(store, Kept, _ID, lambda kept: replace(kept, value=value))
    return True


async def note(store: Store, stopped: bool, who: Actor, now: datetime, detail: str) -> None:
    """Write into the audit log what was done without the front desk."""
    verb = Verb.STOP_POSTING if stopped else Verb.RESUME_POSTING
    identity = stable_id("aud", who.id, verb, now.isoformat())
    await store.add(AuditEntry(identity, now, f"{who.name} ({who.id})", who.via, verb, "", detail))
