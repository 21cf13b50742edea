"""Records that an older hubbub wrote are read: fields that came later have their defaults, and can be asked for."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from app.store.codec import packed, plain, record_of, unpacked
from app.store.open import open_store
from app.store.protocol import Where, update
from domain.care.follow_up import FollowUp, answered
from domain.care.satisfaction import Answer
from tests.app.store.records import NOON, follow_up

LATER = ("answer", "rating", "answered_at")


def test_a_follow_up_without_answers_is_read() -> None:
    body = plain(follow_up())
    for name in LATER:
        del body[name]
    found = record_of(FollowUp, body)
    assert found == follow_up() == unpacked(FollowUp, packed(body))
    assert (found.answer, found.rating, found.answered_at) == (None, None, None)


def test_an_answer_comes_back_as_it_was_written() -> None:
    known = answered(follow_up(), Answer.STILL_BROKEN, 2, NOON)
    assert unpacked(FollowUp, packed(plain(known))) == known


async def test_answers_can_be_counted_also_in_a_file_of_an_older_hubbub(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    store = await open_store(url)
    await store.add(follow_up("a"), follow_up("b"))
    await store.close()
    with sqlite3.connect(tmp_path / "old.db") as db:
        for id, body in db.execute("SELECT id, body FROM follow_ups").fetchall():
            old = {name: value for name, value in json.loads(body).items() if name not in LATER}
            db.execute("UPDATE follow_ups SET body = ? WHERE id = ?", (json.dumps(old).encode(), id))
        db.execute("ALTER TABLE follow_ups DROP COLUMN answer")
        db.execute("PRAGMA user_version=3")
    db.close()
    store = await open_store(url)
    await update(store, FollowUp, "a", lambda f: answered(f, Answer.FIXED, 5, NOON))
    assert await store.group_count(FollowUp, "answer") == {"fixed": 1, "": 1}
    assert [f.id for f in await store.find(FollowUp, Where("answer", "eq", "fixed"))] == ["a"]
    await store.close()
