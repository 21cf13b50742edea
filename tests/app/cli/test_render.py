"""`hubbub render`: the static page of what is stored, into any folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.store.open import open_store
from tests.app.cli.running import Hubbub
from tests.domain.make import incident


def test_the_page_is_written_with_its_incidents(hubbub: Hubbub) -> None:
    async def remember() -> None:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        await store.add(incident())
        await store.close()

    asyncio.run(remember())
    code, out, err = hubbub("render", "out", "-c", hubbub.config)
    assert (code, out, err) == (0, "out: published, with 1 incidents.\n", "")
    assert "Payments fail" in Path("out/en/index.html").read_text()
    assert Path("out/fa/index.html").exists()


def test_a_fresh_store_gives_a_quiet_page(hubbub: Hubbub) -> None:
    assert hubbub("render", "out", "-c", hubbub.config)[:2] == (0, "out: published, with 0 incidents.\n")
    assert Path("out/index.html").exists()


def test_a_folder_that_cannot_be_written_is_a_failure_in_words(hubbub: Hubbub) -> None:
    Path("out").write_text("a file is in the way")
    code, _, err = hubbub("render", "out", "-c", hubbub.config)
    assert code == 1
    assert "could not be written" in err
