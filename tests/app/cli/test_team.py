"""`hubbub corrections export` and `hubbub password`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from app.store.open import open_store
from domain.heard.classification import Kind
from domain.records import Correction
from tests.app.cli.running import Hubbub
from tests.domain.make import NOW


async def open_and_close(hubbub: Hubbub) -> None:
    await (await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")).close()


def test_corrections_come_out_as_training_rows(hubbub: Hubbub) -> None:
    first = Correction("c1", "m1", "harika fiyat", "tr", 0.9, Kind.PRICE, False, None, "m-1", "Ada", NOW)
    second = replace(first, id="c2", text="kart", is_complaint=True, kind=Kind.PAYMENT_BILLING)

    async def remember() -> None:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        await store.add(first, second)
        await store.close()

    asyncio.run(remember())
    code, out, _ = hubbub("corrections", "export", "-c", hubbub.config)
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"text": "harika fiyat", "lang": "tr", "model": "m-1", "complaint": "no", "kind": "other"},
        {"text": "kart", "lang": "tr", "model": "m-1", "complaint": "yes", "kind": "payment_billing"},
    ]


def test_corrections_leave_the_store_masked_and_without_those_that_were_erased(hubbub: Hubbub) -> None:
    first = Correction("c1", "m1", "kartım 4111 1111 1111 1111", "tr", 0.9, Kind.PRICE, False, None, "m-1", "Ada", NOW)
    erased = [replace(first, id=f"c{n}", mention_id=f"m{n}", text="") for n in (2, 3)]

    async def remember() -> None:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        await store.add(first, *erased)
        await store.close()

    asyncio.run(remember())
    _, out, _ = hubbub("corrections", "export", "-c", hubbub.config)
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["kartım [card]"]
    hubbub.config.write_text(hubbub.config.read_text() + "privacy: {mask: false}\n")
    _, out, _ = hubbub("corrections", "export", "-c", hubbub.config)
    assert [json.loads(line)["text"] for line in out.splitlines()] == [first.text]


def test_without_a_database_none_is_made(hubbub: Hubbub) -> None:
    code, out, err = hubbub("corrections", "export", "-c", hubbub.config)
    assert (code, out) == (2, "")
    assert "does not exist, so there are no corrections" in err
    assert not (hubbub.folder / "hubbub.db").exists()


def test_without_corrections_nothing_is_printed(hubbub: Hubbub) -> None:
    asyncio.run(open_and_close(hubbub))
    assert hubbub("corrections", "export", "-c", hubbub.config)[:2] == (0, "")


def test_the_help_says_what_a_password_on_the_command_line_leaves_behind(hubbub: Hubbub) -> None:
    assert "stays in the shell's" in hubbub("password", "--help")[1]


def test_a_password_becomes_a_hash_that_fits_the_settings(hubbub: Hubbub) -> None:
    _, out, _ = hubbub("password", "--words", "correct horse")
    assert out.startswith("$argon2id$")
    assert PasswordHasher().verify(out.strip(), "correct horse")
    with pytest.raises(Exception, match="does not match"):
        PasswordHasher().verify(out.strip(), "wrong horse")
