"""One signal: the evidence that something is wrong, and the decision about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from app.store.protocol import Where
from app.web.desk.acts import Outcome, act, back
from app.web.desk.charts import chart
from app.web.desk.room import FORM, page, room_of
from domain.action import Verb
from domain.care.case import Case
from domain.incidents.incident import Incident
from domain.incidents.signal import Evidence, Signal

STEP = timedelta(minutes=5)  # of the series in the evidence
_VERBS = {Verb.ACKNOWLEDGE, Verb.DISMISS, Verb.SILENCE}


def routes() -> list[web.RouteDef]:
    """Give the routes."""
    return [web.get("/signals/{id}", show), web.post("/signals/{id}/{verb}", change)]


async def show(request: web.Request) -> web.StreamResponse:
    """Show a signal."""
    return await _draw(request, Outcome(status=200))


async def change(request: web.Request) -> web.StreamResponse:
    """Acknowledge, dismiss or silence; declaring has its own form."""
    verb, id = request.match_info["verb"], request.match_info["id"]
    if verb not in _VERBS:
        raise web.HTTPNotFound(text="This cannot be done with a signal.\n")
    outcome = await act(request, Verb(verb), id)
    if outcome.problem:
        return await _draw(request, outcome, verb)
    raise back(f"/desk/signals/{id}", outcome)


async def _draw(request: web.Request, outcome: Outcome, verb: str = "") -> web.Response:
    room = room_of(request)
    watch = await room.watch(f"signal:{request.match_info['id'][:80]}")
    signal = await room.store.get(Signal, request.match_info["id"])
    if signal is None:
        return page(request, "missing.html", status=404, what="signal")
    since = signal.evidence.since - timedelta(minutes=30)
    about = (Where("component", "eq", signal.component), Where("opened_at", "ge", since))
    return page(
        request, "signal.html", status=outcome.status, watch=watch, signal=signal, problem=outcome.problem,
        problem_at=verb, kept=request.get(FORM, {}) if outcome.problem else {},
        drawing=chart(signal.evidence.observed_series, signal.evidence.expected_series),
        rows=rows(signal.evidence, signal.closed_at or room.now), cases=await room.store.find(Case, *about, limit=100),
        incident=await room.store.get(Incident, signal.incident_id) if signal.incident_id else None,
    )  # fmt: skip


def rows(seen: Evidence, until: datetime) -> list[tuple[datetime, int, float | None]]:
    """Write the series as a table: (about when, people, expected), newest first."""
    size = len(seen.observed_series)
    expected: list[float | None] = [*seen.expected_series[-size:]] if size else []
    while len(expected) < size:
        expected.insert(0, None)
    pairs = zip(reversed(seen.observed_series), reversed(expected), strict=True)
    return [(until - STEP * (at + 1), people, usual) for at, (people, usual) in enumerate(pairs)]
