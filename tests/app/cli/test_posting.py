"""`hubbub stop-posting` and `resume-posting`: the switch without Slack and without the desk."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from app import outfit
from app.cli.doctor import _posting as posting
from app.outbox.delivery import Outbox
from app.outbox.posting import switch, why_stopped
from app.store.open import open_store
from config.load import load
from domain.errors import ServiceError
from domain.records import AuditEntry
from tests.app.cli.running import Hubbub
from tests.domain.make import ADA, NOW


def make_store(hubbub: Hubbub) -> None:
    """Make the store, as a running hubbub has."""

    async def make() -> None:
        await (await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")).close()

    asyncio.run(make())


@pytest.mark.parametrize("command", ["stop-posting", "resume-posting"])
def test_without_a_database_nothing_is_said_to_be_stopped(hubbub: Hubbub, command: str) -> None:
    code, out, err = hubbub(command, "-c", hubbub.config)
    assert (code, out) == (2, "")
    assert "does not exist, so no hubbub runs on it, and nothing was changed" in err
    assert not (hubbub.folder / "hubbub.db").exists()


def test_the_switch_is_thrown_where_the_settings_are(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    hubbub.config.write_text(hubbub.config.read_text().replace(f"{hubbub.folder}/hubbub.db", "hubbub.db"))
    make_store(hubbub)
    elsewhere = hubbub.folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert hubbub("stop-posting", "wrong words", "-c", "../hubbub.yaml")[0] == 0
    assert list(elsewhere.iterdir()) == []
    monkeypatch.chdir(hubbub.folder)
    assert "(wrong words)" in hubbub("stop-posting")[1]


def test_posting_is_stopped_and_resumed_from_the_command_line(hubbub: Hubbub) -> None:
    make_store(hubbub)
    code, out, _ = hubbub("stop-posting", "wrong words", "-c", hubbub.config)
    assert code == 0
    assert out.startswith("Posting is stopped by ")
    assert "(wrong words)" in out
    again = hubbub("stop-posting", "-c", hubbub.config)[1]
    assert again == out  # the first reason stays
    assert hubbub("resume-posting", "-c", hubbub.config)[:2] == (
        0, "Posting goes on: what was approved goes out now.\n",
    )  # fmt: skip

    async def read() -> tuple[object, list[AuditEntry]]:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        found = await why_stopped(store), await store.find(AuditEntry, order="at")
        await store.close()
        return found

    stop, entries = asyncio.run(read())
    assert stop is None
    assert [(entry.action, entry.via) for entry in entries] == [
        ("stop_posting", "command line"), ("resume_posting", "command line"),
    ]  # fmt: skip


def test_resuming_cannot_overrule_the_settings(hubbub: Hubbub) -> None:
    make_store(hubbub)
    hubbub.config.write_text(hubbub.config.read_text() + "publishing: {stopped: true}\n")
    assert "by the settings" in hubbub("resume-posting", "-c", hubbub.config)[1]


def the_doctors_word(hubbub: Hubbub, settings: str = "", stopped: bool = False) -> str:
    """Ask the doctor about posting alone: the other checks take long."""
    hubbub.config.write_text(hubbub.config.read_text() + settings)
    tree, secrets = load(hubbub.config, {"HUBBUB_SECRET_TOWN": "tok"} if settings else {})

    async def ask() -> str:
        store = await open_store("sqlite://")
        if stopped:
            await switch(store, True, ADA, NOW)
        session: Any = None
        outbox = Outbox(store, outfit.publishers(tree, secrets, session, lambda: NOW), None, lambda: NOW)
        house: Any = SimpleNamespace(settings=tree, store=store, outbox=outbox)
        try:
            return await posting(house)
        finally:
            await store.close()

    return asyncio.run(ask())


TOWN = "publishers: [{type: mastodon, name: town, base_url: 'https://town.example'}]\n"


def test_the_doctor_says_where_posts_go(hubbub: Hubbub) -> None:
    assert the_doctors_word(hubbub) == "goes to nowhere: there are no publishers"
    assert the_doctors_word(hubbub, TOWN) == "goes to town"


def test_the_doctor_names_a_dry_run(hubbub: Hubbub) -> None:
    word = the_doctors_word(hubbub, TOWN + "publishing: {dry_run: true}\n")
    assert word == "dry run: nothing leaves; it would go to town"


def test_the_doctor_reports_a_stop_as_a_trouble(hubbub: Hubbub) -> None:
    with pytest.raises(ServiceError, match="Posting is stopped by Ada"):
        the_doctors_word(hubbub, stopped=True)
