"""`hubbub person export` and `hubbub person erase`: what is kept about somebody, given out or erased on their word."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app import outfit
from app.cli.options import DEFAULT_CONFIG, ConfigOption, load_all
from app.privacy.erasing import erase_person
from app.privacy.people import Candidate, find_people, gather
from app.store.open import open_existing
from app.store.protocol import Store, Where
from domain.errors import ConfigError
from domain.records import Kept

T = TypeVar("T")
UNSCRUBBED = "unscrubbed"  # the name of the note that an erasure has not reached the file yet
person = typer.Typer(help="What is kept about one person: give it out, or erase it.", no_args_is_help=True)
Whom = Annotated[str, typer.Argument(metavar="ID|HANDLE|MAIL", help="per_..., a handle, a name or a mail address.")]


class Unknown(ConfigError):
    """Nobody of that name is known."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(person, name="person")


@person.command("export")
def export(whom: Whom, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print everything kept about a person as JSON, unmasked: it is meant for them."""
    data = asyncio.run(_with_store(config, lambda store: _export(store, whom)))
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n")


@person.command("erase")
def erase(
    whom: Whom,
    config: ConfigOption = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person's words, names, handles, links and addresses everywhere. This cannot be undone."""
    said = asyncio.run(_with_store(config, lambda store: _erase(store, whom, yes)))
    typer.echo(said)


async def _with_store(config: Path, work: Callable[[Store], Awaitable[T]]) -> T:
    settings, secrets = load_all(config)
    store = await open_existing(outfit.store_url(settings, secrets), "nothing is kept about anybody")
    try:
        return await work(store)
    finally:
        await store.close()


async def _the_one(store: Store, whom: str) -> Candidate:
    found = await find_people(store, whom)
    if not found:
        raise Unknown(f"Nothing is kept about {whom!r}.")
    if len(found) > 1:
        lines = [f"  {one.id}  {one.platform}  {one.name}  last heard {one.last_seen:%Y-%m-%d}" for one in found]
        raise ConfigError(f"{len(found)} people go by {whom!r}; say which one by its id:", *lines)
    return found[0]


async def _export(store: Store, whom: str) -> dict[str, object]:
    one = await _the_one(store, whom)
    return (await gather(store, one.id, one.mail)).as_data()


async def _erase(store: Store, whom: str, yes: bool) -> str:
    try:
        one = await _the_one(store, whom)
    except Unknown:
        # The records of an earlier try are gone, but it was stopped before the file was written anew.
        if await store.get(Kept, UNSCRUBBED) is None:
            raise
        await _scrub(store)
        return "Nothing is kept any more; the rest of an earlier erasure is done."
    if not yes:
        kept = await gather(store, one.id, one.mail)
        typer.echo(
            f"{one.name or one.id} ({one.platform}): {len(kept.mentions)} mentions, {len(kept.cases)} cases, "
            f"{len(kept.follow_ups)} follow-ups, last heard {one.last_seen:%Y-%m-%d}.",
            err=True,
        )
        typer.confirm("Erase all of it? This cannot be undone", abort=True, err=True)
    await store.add(Kept(UNSCRUBBED))
    by = f"{getpass.getuser()} (command line)"
    erased = await erase_person(store, one.id, lambda: datetime.now(UTC), by=by, mail=one.mail)
    await _scrub(store)
    return f"Erased: {erased.words}. In the log as {erased.stranger}."


async def _scrub(store: Store) -> None:
    typer.echo("hubbub: the database is written anew, so that its file shows nothing either ...", err=True)
    await store.scrub()
    await store.delete(Kept, Where("id", "eq", UNSCRUBBED))
