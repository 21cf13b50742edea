"""What could not be read is kept in its raw form, once each, the newest of each source."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.pipeline import aside
from app.pipeline.aside import keep_aside
from app.store.protocol import Store, Where
from domain.heard.mention import SetAside
from domain.records import SetAsideItem
from tests.domain.make import NOW


def items(*raws: str) -> tuple[SetAside, ...]:
    return tuple(SetAside(raw, f"cannot read {raw}") for raw in raws)


async def kept(store: Store, source: str = "rss") -> list[str]:
    found = await store.find(SetAsideItem, Where("source", "eq", source), order="-at")
    return [item.raw for item in found]


async def test_an_item_is_kept_with_its_reason_and_its_first_moment(store: Store) -> None:
    assert await keep_aside(store, "rss", items("{…"), NOW) == 1
    assert await keep_aside(store, "rss", items("{…"), NOW + timedelta(hours=1)) == 0
    (item,) = await store.find(SetAsideItem)
    assert (item.source, item.raw, item.reason, item.at) == ("rss", "{…", "cannot read {…", NOW)


async def test_the_same_item_twice_on_a_page_is_one_and_at_another_source_another(store: Store) -> None:
    assert await keep_aside(store, "rss", items("a", "a"), NOW) == 1
    assert await keep_aside(store, "x", items("a"), NOW) == 1


async def test_the_newest_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MOST", 3)
    await keep_aside(store, "x", items("other"), NOW - timedelta(days=1))
    for n in range(7):
        await keep_aside(store, "rss", items(f"{n}"), NOW + timedelta(minutes=n))
    assert await kept(store) == ["6", "5", "4"]
    assert await kept(store, "x") == ["other"]


async def test_one_line_is_logged_for_what_is_new(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    await keep_aside(store, "rss", items("a", "b"), NOW)
    await keep_aside(store, "rss", items("a"), NOW)
    await keep_aside(store, "rss", (), NOW)
    assert [line.getMessage() for line in caplog.records] == [
        "source rss: 2 item(s) set aside, the first: cannot read a"
    ]


async def test_hostile_raw_text_is_kept_as_text(store: Store) -> None:
    raw = "<script>\0\ud800'; DROP TABLE set_aside; --"
    assert await keep_aside(store, "rss", items(raw), NOW) == 1
    assert await kept(store) == ["<script>\ufffd\ufffd'; DROP TABLE set_aside; --"]
