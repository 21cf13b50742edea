"""Draws the Slack card of any record with what it needs from its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.cards import View
from alerts.case_card import case_card
from alerts.incident_card import incident_card
from alerts.notice_card import notice_card
from alerts.signal_card import signal_card
from alerts.work_card import work_card
from app.outbox.posting import why_stopped
from app.privacy.masking import Mask, hide_all, masked_case, masked_signal
from app.store.protocol import Store, Where
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.component import Component
from domain.incidents.incident import Incident
from domain.incidents.notice import Notice
from domain.incidents.planned import PlannedWork
from domain.incidents.signal import Signal
from domain.work import Delivery
from status_page.words.incident_words import incident_url
from status_page.words.work_words import work_url


@dataclass(frozen=True, slots=True)
class Views:
    """Knows the addresses of desk and page, and the names of the components; Slack sees people's words masked."""

    store: Store
    components: Mapping[str, Component]
    public_url: str
    now: Callable[[], datetime]
    hide: Mask = hide_all
    remark: Callable[[Delivery], str] = lambda post: ""  # what stands beside the preview of a post
    stopped: bool = False  # posting is, by the settings
    language: str = "en"  # of the page a card leads to

    async def draw(self, record: Case | Signal | Incident | PlannedWork | Notice) -> View:
        """Draw the card of a record as it is now."""
        if isinstance(record, Case):
            return await self._case(record)
        if isinstance(record, Signal):
            return await self._signal(record)
        if isinstance(record, Notice):
            return notice_card(record, component_name="" if record.component is None else self._name(record.component))
        return await (self._work(record) if isinstance(record, PlannedWork) else self._incident(record))

    async def _case(self, case: Case) -> View:
        incidents = await self.store.find(Incident, Where("is_open", "eq", True), order="-declared_at", limit=20)
        titles = [(incident.id, incident.title("en")) for incident in incidents if incident.public]
        shown = masked_case(case, self.hide)
        return case_card(shown, now=self.now(), open_incidents=titles, desk_url=self._desk("cases", case.id))

    async def _signal(self, signal: Signal) -> View:
        parent = await self.store.get(Signal, signal.parent_id) if signal.parent_id else None
        return signal_card(
            masked_signal(signal, self.hide), component_name=self._name(signal.component), now=self.now(),
            desk_url=self._desk("signals", signal.id), part_of=self._name(parent.component) if parent else "",
        )  # fmt: skip

    async def _incident(self, incident: Incident) -> View:
        counts = await self.store.group_count(FollowUp, "state", Where("incident_id", "eq", incident.id))
        stop = await why_stopped(self.store, self.stopped)
        return incident_card(
            incident, now=self.now(), follow_ups=counts,
            page_url=incident_url(self.public_url, self.language, incident),
            component_names={key: self._name(key) for key in self.components},
            desk_url=self._desk("incidents", incident.id), remark=self.remark, stopped=stop.words if stop else "",
        )  # fmt: skip

    async def _work(self, work: PlannedWork) -> View:
        stop = await why_stopped(self.store, self.stopped)
        return work_card(
            work, now=self.now(), page_url=work_url(self.public_url, "en", work), remark=self.remark,
            component_names={key: self._name(key) for key in self.components},
            desk_url=self._desk("maintenance", work.id), stopped=stop.words if stop else "",
        )  # fmt: skip

    def _name(self, component: str) -> str:
        known = self.components.get(component)
        return known.name("en") if known else component or "no particular component"

    def _desk(self, room: str, record_id: str) -> str:
        return f"{self.public_url}/desk/{room}/{record_id}"
