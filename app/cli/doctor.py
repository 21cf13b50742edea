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
from app.wiring import Hubbub, build
from domain.errors import ServiceError
from domain.mention import MentionRecord
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
            ("classifier", lambda: _classifier(hubbub)),
            ("slack", lambda: _slack(hubbub)),
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


async def _classifier(hubbub: Hubbub) -> str:
    if hubbub.classifier_note is not None:
        raise ServiceError(f"the fallback is in use: {hubbub.classifier_note}")
    meaning = (await hubbub.understanding.classify(["nothing works, the app is down"]))[0]
    return f"{meaning.model} answers"


async def _slack(hubbub: Hubbub) -> str:
    return "off" if hubbub.slack is None else await hubbub.slack.check()


async def _source(hubbub: Hubbub, source: Source) -> str:
    state = await hubbub.store.get(SourceState, source.name)
    batch = await source.fetch(state.cursor if state else None)  # looks only: the cursor stays where it is
    last = f", last success {state.last_success:%Y-%m-%d %H:%M} UTC" if state and state.last_success else ""
    return f"answers, {len(batch.mentions)} mentions wait{last}"
