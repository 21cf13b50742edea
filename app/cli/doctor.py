"""`hubbub doctor`: tries everything the settings name and says in plain words what works."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.outbox.posting import why_stopped
from app.wiring import Hubbub, build
from domain.errors import ServiceError
from domain.heard.budget import spend
from domain.heard.mention import MentionRecord
from domain.heard.source_health import Flow, Level
from domain.lease import LEASE_ID, Lease
from domain.records import SourceState
from listener.source import Source

Check = Callable[[], Awaitable[str]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Try store, classifier, Slack and every source once; exit code 1 when something does not work."""
    failed = asyncio.run(_doctor(config))
    if failed:
        raise ServiceError(f"{failed} of the checks failed")


async def _doctor(config: Path) -> int:
    settings, secrets = load_all(config)
    outfit.check(settings, secrets)
    async with AsyncExitStack() as stack:
        hubbub = await build(settings, secrets, stack, now=lambda: datetime.now(UTC))
        checks: list[tuple[str, Check]] = [
            ("store", lambda: _store(hubbub)),
            ("rounds", lambda: _rounds(hubbub)),
            ("classifier", lambda: _classifier(hubbub)),
            ("slack", lambda: _slack(hubbub)),
            ("page", lambda: _page(hubbub)),
            ("posting", lambda: _posting(hubbub)),
            *[(f"source {s.name}", lambda s=s: _source(hubbub, s)) for s in hubbub.sources],
        ]
        return sum([await _try(name, check) for name, check in checks])


async def _try(name: str, check: Check) -> bool:
    try:
        words, failed = await check(), False
    except ServiceError as err:
        words, failed = str(err), True
    typer.echo(f"{'✗' if failed else '✓'} {name}: {words}")
    return failed


async def _store(hubbub: Hubbub) -> str:
    return f"{await hubbub.store.count(MentionRecord)} mentions are kept"


async def _rounds(hubbub: Hubbub) -> str:
    """Say which process polls, counts and sends; none does while hubbub is not running."""
    lease = await hubbub.store.get(Lease, LEASE_ID)
    if lease is None or lease.until <= hubbub.now():
        return "no process does them now"
    return f"{lease.holder.name} does them since {lease.since:%Y-%m-%d %H:%M} UTC"


async def _classifier(hubbub: Hubbub) -> str:
    if hubbub.classifier_note is not None:
        raise ServiceError(f"the fallback is in use: {hubbub.classifier_note}")
    meaning = (await hubbub.understanding.classify(["nothing works, the app is down"]))[0]
    return f"{meaning.model} answers"


async def _page(hubbub: Hubbub) -> str:
    return f"goes to {hubbub.page.check()}"


async def _slack(hubbub: Hubbub) -> str:
    return "off" if hubbub.slack is None else await hubbub.slack.check()


async def _posting(hubbub: Hubbub) -> str:
    """Say whether what is approved leaves, and where to; accounts are not tried, for that would post."""
    publishing = hubbub.settings.publishing
    stop = await why_stopped(hubbub.store, publishing.stopped)
    if stop is not None:
        raise ServiceError(stop.words)
    names = ", ".join(hubbub.outbox.publishers) or "nowhere: there are no publishers"
    return f"dry run: nothing leaves; it would go to {names}" if publishing.dry_run else f"goes to {names}"


async def _source(hubbub: Hubbub, source: Source) -> str:
    state = await hubbub.store.get(SourceState, source.name) or SourceState(source.name)
    await hubbub.listening.measure()
    told = told_of(state, hubbub.listening.flows.get(source.name), hubbub.now())
    if source.page_cost > 0:
        health = hubbub.listening.health[source.name]
        if health.level is Level.DEAF:
            raise ServiceError(health.words)
        return ", ".join([f"not asked, for that costs up to ${source.page_cost:.2f}", *told])
    batch = await source.fetch(state.cursor)  # looks only: the cursor stays where it is
    return ", ".join([f"answers, {len(batch.mentions)} mentions wait", *told])


def told_of(state: SourceState, flow: Flow | None, now: datetime) -> list[str]:
    """Say what is remembered of a source, for people: last success, flow, quota, spending, what was set aside."""
    words = [f"last success {state.last_success:%Y-%m-%d %H:%M} UTC"] if state.last_success else []
    if flow is not None and (flow.last_hour or flow.usual):
        words.append(f"{flow.last_hour} in the last hour" + (f", usually {flow.usual_hour:.0f}" if flow.usual else ""))
    if state.quota is not None and state.quota.resets_at > now:
        words.append(f"quota {state.quota.remaining} until {state.quota.resets_at:%H:%M} UTC")
    if state.spent is not None:
        spent = spend(state.spent, 0, now)
        words.append(f"spent ${spent.today:.2f} today and ${spent.month:.2f} this month")
    if state.set_aside:
        words.append(f"{state.set_aside} items set aside")
    return words
