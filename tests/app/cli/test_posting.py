"""`hubbub stop-posting` and `resume-posting`: the switch without Slack and without the desk."""

from __future__ import annotations

import asyncio

from app.posting import why_stopped
from app.store.open import open_store
from domain.records import AuditEntry
from tests.app.cli.running import Hubbub


def test_posting_is_stopped_and_resumed_from_the_command_line(hubbub: Hubbub) -> None:
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
    hubbub.config.write_text(hubbub.config.read_text() + "publishing: {stopped: true}\n")
    assert "by the settings" in hubbub("resume-posting", "-c", hubbub.config)[1]
