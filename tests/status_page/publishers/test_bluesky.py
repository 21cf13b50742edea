"""Posts and answers on Bluesky: sessions, record keys that survive a retry, links by byte offsets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import AuthError, TemporaryError
from status_page.publishers.bluesky import Bluesky, post, record_key
from tests.domain.make import NOW, delivery
from tests.status_page.publishers.receiver import Receiver, hangs_up, receiving, says

LOGIN = says({"did": "did:plc:brand", "accessJwt": "jwt-1"})
PUT = says({"uri": "at://did:plc:brand/app.bsky.feed.post/3k", "cid": "bafy1"})
ALPHABET = set("234567abcdefghijklmnopqrstuvwxyz")


def account(server: Receiver, session: aiohttp.ClientSession) -> Bluesky:
    return Bluesky("bluesky", f"{server.url}/", "brand.example", "app-pass", session, lambda: NOW)


def sent(server: Receiver, number: int) -> dict[str, Any]:
    return dict(json.loads(server.got[number].body))


async def test_it_signs_in_once_and_puts_each_post(session: aiohttp.ClientSession) -> None:
    async with receiving(LOGIN, PUT, PUT) as server:
        brand = account(server, session)
        first = await brand.publish(delivery(text="Sorun çözüldü", language="tr"))
        await brand.publish(delivery(id="del_2"))
    assert [got.path.rpartition("/")[2] for got in server.got] == [
        "com.atproto.server.createSession", "com.atproto.repo.putRecord", "com.atproto.repo.putRecord",
    ]  # fmt: skip
    assert sent(server, 0) == {"identifier": "brand.example", "password": "app-pass"}
    assert "Authorization" not in server.got[0].headers
    assert server.got[1].headers["Authorization"] == "Bearer jwt-1"
    assert sent(server, 1) == {
        "repo": "did:plc:brand", "collection": "app.bsky.feed.post", "rkey": record_key("del_1", NOW),
        "record": {
            "$type": "app.bsky.feed.post", "text": "Sorun çözüldü", "langs": ["tr"],
            "createdAt": "2026-03-06T16:45:00.000Z",
        },
    }  # fmt: skip
    assert first.remote_id == "at://did:plc:brand/app.bsky.feed.post/3k|bafy1"
    assert first.url == f"https://bsky.app/profile/brand.example/post/{record_key('del_1', NOW)}"


async def test_a_retry_writes_the_same_record_again(session: aiohttp.ClientSession) -> None:
    async with receiving(LOGIN, hangs_up, LOGIN, PUT) as server:
        with pytest.raises(TemporaryError):
            await account(server, session).publish(delivery())
        await account(server, session).publish(delivery())  # after a restart: nothing is remembered
    assert sent(server, 1)["rkey"] == sent(server, 3)["rkey"]
    assert sent(server, 1)["record"] == sent(server, 3)["record"]


OLD = {"error": "ExpiredToken", "message": "Token has expired"}


@pytest.mark.parametrize("old_session", [says(OLD, 400), says({"error": "InvalidToken"}, 400), says({}, 401)])
async def test_an_old_session_is_renewed_once(old_session: Any, session: aiohttp.ClientSession) -> None:
    again = says({"did": "did:plc:brand", "accessJwt": "jwt-2"})
    async with receiving(LOGIN, PUT, old_session, again, PUT) as server:
        brand = account(server, session)
        await brand.publish(delivery())
        await brand.publish(delivery(id="del_2"))
    assert server.got[-1].headers["Authorization"] == "Bearer jwt-2"
    assert sent(server, 2) == sent(server, 4)


async def test_a_session_that_is_refused_again_is_an_error(session: aiohttp.ClientSession) -> None:
    async with receiving(LOGIN, says({}, 401), LOGIN, says({}, 401)) as server:
        with pytest.raises(AuthError):
            await account(server, session).publish(delivery())
    assert len(server.got) == 4


async def test_a_wrong_password_is_asked_for_once(session: aiohttp.ClientSession) -> None:
    wrong = says({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
    async with receiving(wrong) as server:
        with pytest.raises(AuthError, match="Invalid identifier or password"):
            await account(server, session).publish(delivery())
    assert len(server.got) == 1


async def test_a_yes_without_an_address_is_asked_again(session: aiohttp.ClientSession) -> None:
    async with receiving(LOGIN, says({"uri": "at://x"})) as server:
        with pytest.raises(TemporaryError, match="gave no address"):
            await account(server, session).publish(delivery())


async def test_a_session_without_a_token_is_no_session(session: aiohttp.ClientSession) -> None:
    async with receiving(says({"did": "did:plc:brand"})) as server:
        with pytest.raises(AuthError, match="app password"):
            await account(server, session).publish(delivery())


def linked(text: str) -> list[str]:
    """Cut out what the facets of a text point to, by bytes, as a client does."""
    record, raw = post(delivery(text=text)), text.encode()
    cut = [raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in record.get("facets", [])]
    assert cut == [f["features"][0]["uri"] for f in record.get("facets", [])]
    return cut


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("no link here", []),
        ("Ödemeler çalışıyor: https://durum.example/tr/1.html", ["https://durum.example/tr/1.html"]),
        ("پرداخت‌ها درست شد: https://status.example/fa/1.html، ببینید", ["https://status.example/fa/1.html"]),
        ("آدرس: https://status.example/fa؟ نه", ["https://status.example/fa"]),
        ("\u2067https://status.example/fa\u2069 درست شد", ["https://status.example/fa"]),
        ("👩‍👩‍👧 fixed ✅ (https://a.example/x?y=1&z=2).", ["https://a.example/x?y=1&z=2"]),
        ("http://a.example, and “https://b.example/q”…", ["http://a.example", "https://b.example/q"]),
        ("İşte: https://a.example/ödeme!", ["https://a.example/ödeme"]),
    ],
)
def test_links_are_found_by_byte_in_every_script(text: str, links: list[str]) -> None:
    assert linked(text) == links


@settings(deadline=None, max_examples=50)
@given(before=st.text(max_size=30), after=st.text(max_size=10))
def test_a_link_is_cut_out_exactly_between_any_words(before: str, after: str) -> None:
    assert "https://a.example/x" in linked(f"{before} https://a.example/x {after}")


def test_an_answer_names_its_parent_and_the_root_of_the_thread() -> None:
    ref = "at://a/p/2|cid2|at://a/p/1|cid1"
    assert post(delivery(reply_to=ref))["reply"] == {
        "root": {"uri": "at://a/p/1", "cid": "cid1"}, "parent": {"uri": "at://a/p/2", "cid": "cid2"},
    }  # fmt: skip


def test_an_answer_to_a_first_post_has_it_as_its_root() -> None:
    first = {"uri": "at://a/p/1", "cid": "cid1"}
    assert post(delivery(reply_to="at://a/p/1|cid1"))["reply"] == {"root": first, "parent": first}


def test_a_later_update_hangs_under_the_one_before_with_the_first_as_root() -> None:
    later = post(delivery(reply_to="at://us/p/2|cid2", root="at://us/p/1|cid1"))
    assert later["reply"] == {
        "root": {"uri": "at://us/p/1", "cid": "cid1"}, "parent": {"uri": "at://us/p/2", "cid": "cid2"},
    }  # fmt: skip


def test_a_record_key_is_a_tid_that_follows_time() -> None:
    keys = [record_key("del_1", NOW + timedelta(minutes=minute)) for minute in range(0, 200, 10)]
    assert all(len(key) == 13 and set(key) <= ALPHABET and key[0] in "234567abcdefghij" for key in keys)
    assert keys == sorted(keys)


def test_posts_of_the_same_moment_never_share_a_record_key() -> None:
    assert len({record_key(f"del_{number}", NOW) for number in range(3000)}) == 3000
    assert record_key("del_1", NOW) == record_key(replace(delivery(), text="edited").id, NOW)


async def test_a_post_is_taken_back_by_its_record_key(session: aiohttp.ClientSession) -> None:
    async with receiving(LOGIN, PUT, says({"commit": {}})) as server:
        brand = account(server, session)
        sent = await brand.publish(delivery())
        await brand.withdraw(delivery(remote_id=sent.remote_id))
    assert server.got[2].path == "/xrpc/com.atproto.repo.deleteRecord"
    assert dict(json.loads(server.got[2].body)) == {
        "repo": "did:plc:brand", "collection": "app.bsky.feed.post", "rkey": "3k",
    }  # fmt: skip


async def test_taking_back_renews_an_old_session(session: aiohttp.ClientSession) -> None:
    async with receiving(LOGIN, says(OLD, 400), LOGIN, says({})) as server:
        await account(server, session).withdraw(delivery(remote_id="at://did:plc:brand/app.bsky.feed.post/3k|bafy"))
    assert server.got[1].body == server.got[3].body
