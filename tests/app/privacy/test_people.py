"""Finding a person, and gathering all that is kept about them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.privacy import people
from app.privacy.people import find_people, gather
from app.store import Store
from app.subscribers.addresses import mail_address
from domain.heard.mention import Author, mention_id, person_id
from domain.records import Person
from domain.told.subscriber import Channel, Standing, Subscriber, subscriber_id
from tests.app.privacy.life import ALI, DAY, TRACES, live, neighbour, said, traces
from tests.domain.make import NOW, mention, record


def subscriber(address: str) -> Subscriber:
    return Subscriber(subscriber_id(Channel.MAIL, address), Channel.MAIL, address, "tr", NOW, state=Standing.ACTIVE)


@pytest.mark.parametrize(
    "wanted", ["@zeynepyildizoglu", "zeynepyildizoglu", " @ZeynepYildizoglu ", "Zeynep Yıldızoğlu", "acct-777123"]
)
async def test_a_person_is_found_by_handle_name_or_account(store: Store, wanted: str) -> None:
    her = await live(store)
    assert [one.id for one in await find_people(store, wanted)] == [her]


async def test_a_person_is_found_by_id(store: Store) -> None:
    her = await live(store)
    (found,) = await find_people(store, her)
    assert (found.id, found.name, found.platform, found.last_seen) == (her, "@zeynepyildizoglu", "mastodon", NOW)


async def test_who_left_an_address_is_found_by_it(store: Store) -> None:
    said_it = record(mention("help", contact="Veli@Posta.example", source_type="form", author=Author("v", "Veli")))
    await store.add(said_it)
    (found,) = await find_people(store, "veli@posta.EXAMPLE")
    assert (found.id, found.platform) == (person_id(said_it.mention), "form")


async def test_a_subscriber_who_never_said_anything_is_found_by_the_address(store: Store) -> None:
    await store.add(subscriber("veli@posta.example"), subscriber("ali@posta.example"))
    (found,) = await find_people(store, "Veli@posta.example")
    assert (found.platform, found.mail) == ("subscriber", "Veli@posta.example")
    data = (await gather(store, found.id, found.mail)).as_data()
    assert [one["address"] for one in data["subscriptions"]] == ["veli@posta.example"]


async def test_a_subscriber_is_found_however_the_domain_is_written(store: Store) -> None:
    await store.add(subscriber("ali@xn--irket-idb.com.tr"))
    assert mail_address("ali@şirket.com.tr") == "ali@xn--irket-idb.com.tr"
    (found,) = await find_people(store, "ali@şirket.com.tr")
    assert len((await gather(store, found.id, found.mail)).subscriptions) == 1


async def test_who_was_not_understood_yet_is_found_too(store: Store) -> None:
    post = said("x", "1")
    await store.add(post)
    assert [one.id for one in await find_people(store, "zeynepyildizoglu")] == [post.person_id]
    assert [one.id for one in await find_people(store, post.person_id)] == [post.person_id]


async def test_a_handle_on_two_platforms_gives_both_newest_first(store: Store) -> None:
    await store.add(
        Person("per_1", "@zeynep", "mastodon", NOW - DAY, NOW - DAY), Person("per_2", "zeynep", "bluesky", NOW, NOW)
    )
    assert [(one.id, one.platform) for one in await find_people(store, "Zeynep")] == [
        ("per_2", "bluesky"), ("per_1", "mastodon"),
    ]  # fmt: skip


@pytest.mark.parametrize("wanted", ["nobody", "", "@", "per_0000", "x@y.example"])
async def test_nobody_is_found_where_nobody_is(store: Store, wanted: str) -> None:
    await live(store)
    assert await find_people(store, wanted) == []


async def test_everything_about_a_person_is_gathered_and_nothing_of_others(store: Store) -> None:
    her = await live(store)
    data = (await gather(store, her)).as_data()
    text = json.dumps(data, ensure_ascii=False, default=str)
    assert [trace for trace in TRACES if trace not in text] == []
    assert "komşu" not in text.casefold()
    assert [len(data[part]) for part in ("mentions", "cases", "follow_ups", "corrections", "log", "unreadable")] == [
        3, 1, 1, 1, 1, 1,
    ]  # fmt: skip
    assert data["quoted_in"] == [
        {"signal": "sig_1", "text": "kırmızıbisiklet ile ödeme olmadı", "at": "2026-03-06T16:45:00+00:00"}
    ]
    assert data["said_it_is_still_broken"] == ["inc_1"]
    assert data["identities"] == [
        {"platform": "mastodon", "account": "acct-777123", "handle": "@zeynepyildizoglu", "name": "Zeynep Yıldızoğlu",
         "url": "https://town.example/@zeynepyildizoglu", "mail": None}
    ]  # fmt: skip
    assert data["cases"][0]["replies"][0]["text"] == "@zeynepyildizoglu yanıtımız"


async def test_a_neighbour_is_somebody_else(store: Store) -> None:
    await live(store)
    assert traces(json.dumps((await gather(store, neighbour())).as_data(), ensure_ascii=False, default=str)) == []


async def test_short_names_are_not_looked_for_in_what_could_not_be_read(store: Store) -> None:
    post = said("x", "1", Author("42", "Ali", "ali"))
    post = replace(post, mention=replace(post.mention, native_id="7", url=None, id=mention_id("mastodon", "7")))
    await store.add(replace(post, id=post.mention.id))
    assert (await gather(store, post.person_id)).names == set()


async def test_a_large_store_is_read_page_by_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAGE", 7)
    await store.add(*(said(f"{n}", f"n{n}", replace(ALI, id=f"a{n}", handle=f"@h{n}")) for n in range(50)))
    assert [len(await find_people(store, f"h{n}")) for n in (0, 6, 7, 49)] == [1, 1, 1, 1]
