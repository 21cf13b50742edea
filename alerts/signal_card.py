"""The evidence card: what customers report about one component, for the people on call."""

from __future__ import annotations

from datetime import datetime

from alerts.blocks import Block, actions, button, context, phrase, section, select
from alerts.cards import (
    View,
    chart,
    clock,
    clock_and_day,
    figure,
    foot,
    language_name,
    notification,
    people,
    shares,
    source_name,
    span,
)
from domain.action import Verb
from domain.incidents.signal import Evidence, Quote, Signal, SignalState

SILENCES = (("30 minutes", 30), ("2 hours", 120), ("8 hours", 480), ("24 hours", 1440))

_SIGNS = {
    SignalState.WARMING: (":white_circle:", "still learning what is normal"),
    SignalState.QUIET: (":white_circle:", "quiet"),
    SignalState.WATCH: (":large_yellow_circle:", "more reports than usual, we watch"),
    SignalState.OPEN: (":large_orange_circle:", "possible outage, nobody is looking yet"),
    SignalState.RECOVERING: (":large_green_circle:", "fewer reports, it seems to recover"),
    SignalState.CLOSED: (":white_circle:", "over, reports are back to normal"),
}


def signal_card(signal: Signal, *, component_name: str, now: datetime, desk_url: str = "", part_of: str = "") -> View:
    """Draw the card of a signal; it says "customers report", never that we are down.

    `part_of` names the component whose earlier signal calls people for this one, too.
    """
    sign, state = signal_state(signal, now)
    if part_of and not signal.over:
        state = f"part of: {phrase(part_of, 80)}"
    title, seen = f"Customers report: {phrase(component_name, 80)}", signal.evidence
    blocks = [section(f"{sign} *{title}* — {state}\n{_figures(seen, now)}")]
    if drawing := chart(seen.observed_series, seen.expected_series):
        blocks.append(section(f"{drawing}\npeople per 5 minutes, the last 3 hours"))
    if seen.quotes:
        blocks.append(section("\n".join(_quote(said) for said in seen.quotes[:5])))
    if details := _details(signal):
        blocks.append(context(*details))
    if row := _buttons(signal):
        blocks.append(actions("signal", signal.id, signal.revision, row))
    blocks.append(foot(now, desk_url, "Cases and why this alert"))
    text = notification(title, state, f"{people(seen.people)} in {seen.minutes} min, expected {figure(seen.expected)}")
    return View(text, blocks)


def signal_state(signal: Signal, now: datetime) -> tuple[str, str]:
    """Say the state of a signal: its coloured sign and the words, a person's decision before the detector's view."""
    if signal.dismissed_reason is not None:
        return ":white_circle:", f"dismissed: {phrase(signal.dismissed_reason, 150)}"
    sign, words = _SIGNS[signal.state]
    if signal.state is SignalState.CLOSED:
        return sign, words
    recovering = ", it seems to recover" if signal.state is SignalState.RECOVERING else ""
    if signal.incident_id is not None:
        return ":large_purple_circle:", f"incident declared{recovering}"
    if signal.acknowledged_by is not None:
        return ":large_blue_circle:", f"{phrase(signal.acknowledged_by.name, 60)} is looking{recovering}"
    if signal.silenced_until is not None and signal.silenced_until > now:
        return ":no_bell:", f"silenced until {clock_and_day(signal.silenced_until, now)}, still counting"
    if signal.evidence.quiet and signal.state is SignalState.OPEN:
        return ":large_yellow_circle:", "for a look, nobody is called"
    return sign, words


def _figures(seen: Evidence, now: datetime) -> str:
    since = f"since {clock_and_day(seen.since, now)} ({span(now - seen.since)})"
    first = f"*{people(seen.people)}* in {seen.minutes} min · expected {figure(seen.expected)} · {since}"
    languages = {code: language_name(code) for code in seen.languages}
    sources = {name: source_name(name) for name in seen.sources}
    second = [shares(seen.languages, languages), shares(seen.sources, sources), shares(seen.regions)]
    return "\n".join(part for part in (first, " · ".join(part for part in second if part)) if part)


def _quote(said: Quote) -> str:
    where = f"{source_name(said.source)}, {clock(said.at)}"
    return f"> “{phrase(said.text, 220)}” — {where}"


def _details(signal: Signal) -> list[str]:
    seen = signal.evidence
    unseen = [phrase(name, 60) for name in seen.unseen[:8]]
    folded = [f"{seen.folded:,} reposts and duplicates folded"] if seen.folded else []
    checked = [*[phrase(cause, 120) for cause in seen.checked[:6]], *folded]
    lines = [
        ("Said more than usual: ", [f"“{phrase(term, 40)}”" for term in seen.terms[:8]]),
        (":see_no_evil: Not seen now: ", unseen),
        ("Also checked: ", checked),
        ("", [f"Called so far: {signal.escalations} more after the first"] if signal.escalations else []),
    ]
    return [start + ", ".join(parts) for start, parts in lines if parts]


def _buttons(signal: Signal) -> list[Block]:
    if signal.over:
        return []
    row: list[Block] = []
    if signal.acknowledged_by is None and signal.parent_id is None:
        row.append(button("Acknowledge", Verb.ACKNOWLEDGE, signal.id, "primary"))
    if signal.incident_id is None:
        row.append(button("Declare incident", Verb.DECLARE, signal.id, "danger"))
        row.append(button("Dismiss", Verb.DISMISS, signal.id))
    choices = [(label, f"{signal.id}|{minutes}") for label, minutes in SILENCES]
    return row + select("Silence", Verb.SILENCE, choices)
