"""`hubbub backtest`: which alarms would other settings have raised on what was really said? Writes nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.pipeline.backtest import Alarm, Backtest, months
from app.pipeline.past import WARM_UP, Retelling, first_said, stored
from app.store.open import open_existing
from app.store.protocol import Store
from config.settings import Settings
from domain.errors import ConfigError
from domain.incidents.signal import SignalState
from sentiment.spikes import Sensitivity, State
from sentiment.spikes import Settings as DetectorSettings

Write = Callable[[str], object]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backtest")(backtest)


def backtest(
    config: ConfigOption = DEFAULT_CONFIG,
    begin: Annotated[
        str, typer.Option("--from", help="Needed; e.g. 2026-03-01 (ISO 8601, UTC without an offset).")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="ISO 8601; now if left out.")] = "",
    sensitivity: Annotated[str, typer.Option(help="low, normal or high instead of the settings'.")] = "",
    min_people: Annotated[int, typer.Option(help="Fewer distinct people never page.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
) -> None:
    """Replay stored mentions through the detector and list the alarms it would have raised."""
    settings, secrets = load_all(config)
    wanted = plan(settings, begin, end, sensitivity, min_people, datetime.now(UTC))
    asyncio.run(_run(outfit.store_url(settings, secrets), settings, wanted, as_json))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried, and on which time."""

    begin: datetime
    end: datetime
    detector: DetectorSettings


def plan(settings: Settings, begin: str, end: str, sensitivity: str, min_people: int, now: datetime) -> Plan:
    """Read the options; empty ones (or 0) leave what the settings say. Raises ConfigError with every problem."""
    problems: list[str] = []
    known = outfit.detector_settings(settings)
    first, last = _moment("--from", begin, None, problems), _moment("--to", end, now, problems)
    problems += _strange(sensitivity, min_people)
    if first is not None and last is not None and first >= last:
        problems.append("--to must be later than --from.")
    if problems or first is None or last is None:
        raise ConfigError(*problems)
    wanted = Sensitivity(sensitivity) if sensitivity else known.sensitivity
    return Plan(first, last, DetectorSettings(sensitivity=wanted, minimum_people=min_people or known.minimum_people))


def _strange(sensitivity: str, min_people: int) -> list[str]:
    problems = []
    if sensitivity and sensitivity not in set(Sensitivity):
        problems.append(f"--sensitivity must be low, normal or high, not {sensitivity!r}.")
    if min_people and not 2 <= min_people <= 1000:
        problems.append(f"--min-people must be from 2 to 1000, not {min_people}.")
    return problems


def _moment(name: str, text: str, default: datetime | None, problems: list[str]) -> datetime | None:
    if not text:
        if default is None:
            problems.append(f"{name} is needed, for example {name} 2026-03-01.")
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problems.append(f"{name} must look like 2026-03-01 or 2026-03-01T12:00, not {text!r}.")
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _run(url: str, settings: Settings, wanted: Plan, as_json: bool) -> None:
    store = await open_existing(url, "there is nothing to replay")
    try:
        found = await replay(store, settings, wanted, _progress if sys.stderr.isatty() else lambda done: None)
    finally:
        await store.close()
    if as_json:
        sys.stdout.write(json.dumps(as_data(found, wanted), indent=1) + "\n")
    else:
        show(found, wanted, sys.stdout.write)


async def replay(store: Store, settings: Settings, wanted: Plan, told: Callable[[float], None]) -> Backtest:
    """Send what was said through counting and detector; up to four weeks before the time warm it up."""
    test = Backtest(wanted.detector, wanted.begin, outfit.maintenance(settings))
    first = await first_said(store, wanted.begin - WARM_UP)
    if first is None or first >= wanted.end:
        return test
    retelling = Retelling(outfit.components(settings))
    async for page, until in stored(store, first, wanted.end):
        test.take(retelling.tell(page, until))
        told((until - first) / (wanted.end - first))
        await asyncio.sleep(0)  # Ctrl-C is heard
    return test


def _progress(done: float) -> None:
    sys.stderr.write(f"\rhubbub: {done:.0%} replayed " + ("\n" if done >= 1 else ""))


def show(found: Backtest, wanted: Plan, write: Write) -> None:
    """Write the alarms as a table, then the sums per month."""
    budget = f"sensitivity {wanted.detector.sensitivity}, at least {wanted.detector.minimum_people} people"
    write(f"{wanted.begin:%Y-%m-%d %H:%M} to {wanted.end:%Y-%m-%d %H:%M} UTC, {budget}\n\n")
    if not found.states:
        write("Nothing was said in this time, as far as is stored.\n")
        return
    write(f"{'component':<16} {'opened':<16} {'peak':<13} {'closed':<13} {'people':>6} {'delay':>7}  remark\n")
    for alarm in found.alarms:
        write(_line(alarm))
    write("" if found.alarms else "No alarm.\n")
    write("\n")
    for month in months(found.alarms):
        delay = f"median delay {_minutes(month.median_delay)} from the first report"
        write(f"{month.month}: {month.alarms} alarms, {month.pages} pages, {delay}\n")
    write(f"watched only, without an alarm: {sum(found.notes.values())} times\n")
    if cold := [component or "(none named)" for component, state in found.states.items() if _is_cold(state)]:
        write(f"not enough data yet: {', '.join(cold)}\n")


def _is_cold(state: State) -> bool:
    return state.machine.state is SignalState.WARMING


def _line(alarm: Alarm) -> str:
    name, closed = alarm.component or "(none named)", f"{alarm.closed:%m-%d %H:%M}" if alarm.closed else "still open"
    remark = f"part of {alarm.part_of or '(none named)'}" if alarm.part_of is not None else ""
    remark = "maintenance: pages nobody" if alarm.muted else remark
    return (
        f"{name:<16} {alarm.opened:%Y-%m-%d %H:%M} {alarm.peak:%m-%d %H:%M}   {closed:<13} "
        f"{alarm.people:>6} {_minutes(alarm.delay):>7}  {remark}\n"
    )


def _minutes(length: timedelta) -> str:
    return f"{length.total_seconds() / 60:.0f} min"


def as_data(found: Backtest, wanted: Plan) -> dict[str, Any]:
    """Give the same as plain data; moments in ISO 8601, delays in minutes."""
    return {
        "from": wanted.begin.isoformat(), "to": wanted.end.isoformat(),
        "sensitivity": str(wanted.detector.sensitivity), "min_people": wanted.detector.minimum_people,
        "alarms": [
            {
                "component": a.component, "opened": a.opened.isoformat(), "first_report": a.first_report.isoformat(),
                "peak": a.peak.isoformat(), "peak_people": a.peak_people, "people": a.people,
                "closed": a.closed.isoformat() if a.closed else None, "score": round(a.score, 2),
                "delay_min": a.delay.total_seconds() / 60, "part_of": a.part_of, "muted": a.muted, "pages": a.pages,
            }
            for a in found.alarms
        ],
        "months": [
            {"month": m.month, "alarms": m.alarms, "pages": m.pages,
             "median_delay_min": m.median_delay.total_seconds() / 60}
            for m in months(found.alarms)
        ],
        "watched_only": dict(found.notes),
        "warming": [component for component, state in found.states.items() if _is_cold(state)],
    }  # fmt: skip
