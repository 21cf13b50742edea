"""The town: a Mastodon to poll and post to, a forum, a webhook, a page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import feedparser
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from bs4 import BeautifulSoup

from app.standin.town import TOWN, TOWN_TOKEN, Post, Town, town_app
from app.standin.town.api import read_window
from app.standin.town.timeline import threads
from tests.app.standin.world import Clock

SHARED = Path(__file__).parents[4] / "../shared/fixtures"
OURS = {"Authorization": f"Bearer {TOWN_TOKEN}"}
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> \u202e \x07\x00 #acme'


@dataclass
class Place:
    """A running town."""

    server: TestServer
    town: Town
    http: aiohttp.ClientSession
    clock: Clock
    broken: set[str] = field(default_factory=set)
    heard: list[Post] = field(default_factory=list)

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/stand-in/town/"

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any, aiohttp.ClientResponse]:
        async with self.http.request(method, self.home + path, **more) as answer:
            text = await answer.text()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, json.loads(text) if is_json else text, answer

    async def ids(self, path: str, **more: Any) -> list[str]:
        return [each["id"] for each in (await self.call("GET", path, **more))[1]]

    async def post(self, text: str, key: str = "", **form: Any) -> dict[str, Any]:
        headers = {**OURS, **({"Idempotency-Key": key} if key else {})}
        status, answer, _ = await self.call("POST", "api/v1/statuses", data={"status": text, **form}, headers=headers)
        assert status == 200, answer
        return dict(answer)

    def say(self, text: str, author: str = "ayse", **more: Any) -> str:
        self.clock.move(seconds=1)
        return self.town.say(author, author.title(), text, self.clock(), **more)

    async def close(self) -> None:
        await self.http.close()
        await self.server.close()


async def start(path: Path | None = None, clock: Clock | None = None) -> Place:
    clock, app = clock or Clock(), web.Application()
    broken: set[str] = set()
    heard: list[Post] = []
    town = town_app(path, now=clock, down=lambda place: place in broken, on_post=heard.append)
    app.add_subapp("/stand-in/town/", town)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    return Place(server, town[TOWN], aiohttp.ClientSession(), clock, broken, heard)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    made = await start()
    yield made
    await made.close()


async def test_min_id_goes_forward_without_a_gap(place: Place) -> None:
    said = [place.say(f"post {n} #acme") for n in range(7)]
    cursor, seen = said[0], []
    while page := await place.ids(f"api/v1/timelines/tag/acme?limit=2&min_id={cursor}"):
        assert page == sorted(page, key=int, reverse=True)  # newest first inside a page, as the real one
        seen += page[::-1]
        cursor = page[0]
    assert seen == said[1:]


async def test_since_id_and_max_id_start_at_the_newest(place: Place) -> None:
    said = [place.say(f"{n}") for n in range(5)]
    assert await place.ids(f"api/v1/timelines/public?limit=2&since_id={said[0]}") == [said[4], said[3]]
    assert await place.ids(f"api/v1/timelines/public?limit=2&max_id={said[3]}") == [said[2], said[1]]
    assert await place.ids("api/v1/timelines/public?min_id=0&limit=2") == [said[1], said[0]]


@pytest.mark.parametrize(
    ("query", "limit"),
    [({}, 20), ({"limit": "5"}, 5), ({"limit": "9999"}, 40), ({"limit": "x"}, 20), ({"limit": "0"}, 20)],
)
def test_limits_are_those_of_a_real_server(query: dict[str, str], limit: int) -> None:
    assert read_window(query).limit == limit
    assert read_window({"min_id": "abc", "max_id": "9" * 30}).condition == "id > 0"


async def test_link_headers_lead_on_and_keep_the_question(place: Place) -> None:
    said = [place.say(f"{n} #acme #pay") for n in range(4)]
    _, _, answer = await place.call("GET", "api/v1/timelines/tag/acme?limit=2&any[]=pay")
    older, newer = answer.links["next"]["url"], answer.links["prev"]["url"]
    assert (older.query["max_id"], newer.query["min_id"]) == (said[2], said[3])
    assert older.query["limit"] == "2" and older.query.getall("any[]") == ["pay"]
    async with place.http.get(older) as page:
        assert [each["id"] for each in await page.json()] == [said[1], said[0]]
    _, _, empty = await place.call("GET", "api/v1/timelines/tag/nothing")
    assert "Link" not in empty.headers


async def test_a_tag_is_found_in_any_case_and_script(place: Place) -> None:
    turkish, persian = place.say("bozuk #ÖDEME"), place.say("خراب #پرداخت")
    assert await place.ids("api/v1/timelines/tag/ödeme") == [turkish]
    assert await place.ids("api/v1/timelines/tag/پرداخت") == [persian]
    assert await place.ids("api/v1/timelines/tag/ödeme?any[]=پرداخت") == [persian, turkish]
    assert await place.ids("api/v1/timelines/tag/ödem%") == []


async def test_ids_rise_even_when_somebody_s_clock_goes_back(place: Place) -> None:
    first = place.say("now")
    place.clock.move(days=-3)
    assert int(place.say("earlier")) == int(first) + 1
    assert int(first) >> 16 == int(Clock().at.timestamp() * 1000) + 1000


async def test_saying_the_same_native_key_again_changes_nothing(place: Place) -> None:
    first = place.say("once", key="scenario-1")
    revision = place.town.revision
    assert place.say("once", key="scenario-1") == first
    assert place.town.revision == revision and len(await place.ids("api/v1/timelines/public")) == 1


async def test_an_edit_shows_and_keeps_the_id(place: Place) -> None:
    id_ = place.say("on fire", key="k")
    place.town.edit("k", "not on fire #calm")
    _, status, _ = await place.call("GET", f"api/v1/statuses/{id_}")
    assert status["content"].startswith("<p>not on fire") and status["edited_at"] is not None
    assert await place.ids("api/v1/timelines/tag/calm") == [id_]
    revision = place.town.revision
    place.town.edit("k", "not on fire #calm")
    assert place.town.revision == revision


async def test_a_repeated_idempotency_key_gives_the_first_post_for_good(place: Place) -> None:
    first = await place.post("We look into it.", "inc-42-update-1")
    place.clock.move(days=30)
    again = await place.post("We look into it.", "inc-42-update-1")
    assert again["id"] == first["id"] and len(place.heard) == 1
    assert (await place.post("We look into it.", "inc-42-update-2"))["id"] != first["id"]


async def test_posting_replying_editing_and_deleting_as_the_product_does(place: Place) -> None:
    theirs = place.say("@acme card declined")
    reply = await place.post("@ayse Üzerindeyiz", "k", in_reply_to_id=theirs, language="tr", visibility="unlisted")
    assert (reply["in_reply_to_id"], reply["language"], reply["visibility"]) == (theirs, "tr", "unlisted")
    assert [m["acct"] for m in reply["mentions"]] == ["ayse"] and reply["account"]["acct"] == "acme"
    status, edited, _ = await place.call(
        "PUT", f"api/v1/statuses/{reply['id']}", data={"status": "@ayse Düzeldi"}, headers=OURS
    )  # fmt: skip
    assert status == 200 and "Düzeldi" in edited["content"] and edited["edited_at"]
    assert (await place.call("GET", f"api/v1/statuses/{theirs}"))[1]["replies_count"] == 1
    status, gone, _ = await place.call("DELETE", f"api/v1/statuses/{reply['id']}", headers=OURS)
    assert status == 200 and gone["text"] == "@ayse Düzeldi"
    assert (await place.call("GET", f"api/v1/statuses/{reply['id']}"))[0] == 404


async def test_json_bodies_are_taken_too(place: Place) -> None:
    asked = {"status": "by json", "language": "en", "in_reply_to_id": None}
    status, answer, _ = await place.call("POST", "api/v1/statuses", json=asked, headers=OURS)
    assert status == 200 and answer["content"] == "<p>by json</p>"


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"status": ""}, 422, "can't be blank"),
        ({"status": "x" * 501}, 422, "limit of 500"),
        ({"status": "x", "visibility": "loud"}, 422, "Visibility"),
        ({"status": "x", "in_reply_to_id": "12"}, 404, "Record not found"),
    ],
)
async def test_what_a_real_server_refuses_is_refused(
    place: Place, form: dict[str, str], status: int, words: str
) -> None:
    got, answer, _ = await place.call("POST", "api/v1/statuses", data=form, headers=OURS)
    assert (got, words in answer["error"]) == (status, True)
    assert place.heard == []


async def test_an_address_counts_23_towards_the_limit(place: Place) -> None:
    await place.post("x" * 476 + " https://example.com/" + "y" * 300)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "api/v1/statuses"), ("GET", "api/v1/notifications"), ("GET", "api/v1/accounts/verify_credentials")],
)
async def test_a_token_is_needed_and_must_be_right(place: Place, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        status, answer, _ = await place.call(method, path, data={"status": "x"}, headers=headers)
        assert (status, answer) == (401, {"error": "The access token is invalid"})


async def test_somebody_else_s_post_cannot_be_touched(place: Place) -> None:
    theirs = place.say("mine")
    for method in ("PUT", "DELETE"):
        status, _, _ = await place.call(method, f"api/v1/statuses/{theirs}", data={"status": "x"}, headers=OURS)
        assert status == 404
    assert (await place.call("GET", f"api/v1/statuses/{theirs}"))[1]["content"] == "<p>mine</p>"


async def test_mentions_arrive_as_notifications(place: Place) -> None:
    place.say("nothing for you")
    hit, private = place.say("@acme help"), place.say("@Acme privately", visibility="direct")
    await place.post("@acme talking to ourselves")
    _, found, answer = await place.call("GET", "api/v1/notifications?types[]=mention", headers=OURS)
    assert [(n["type"], n["status"]["id"]) for n in found] == [("mention", private), ("mention", hit)]
    assert answer.links["prev"]["url"].query.getall("types[]") == ["mention"]
    assert await place.ids("api/v1/notifications?types[]=follow", headers=OURS) == []
    assert private not in await place.ids("api/v1/timelines/public")


async def test_replies_to_others_are_not_on_the_public_timeline_but_own_threads_are(place: Place) -> None:
    theirs = place.say("declined #acme")
    ours = await place.post("@ayse looking #acme", in_reply_to_id=theirs)
    first = await place.post("Since 13:57 payments fail.")
    later = await place.post("Fixed.", in_reply_to_id=first["id"])
    assert await place.ids("api/v1/timelines/public") == [later["id"], first["id"], theirs]
    assert ours["id"] in await place.ids("api/v1/timelines/tag/acme")


async def test_the_context_shows_what_is_above_and_below(place: Place) -> None:
    root = place.say("root", key="root")
    middle = place.say("middle", in_reply_to="root")
    leaf, private = place.say("leaf", in_reply_to=middle), place.say("psst", in_reply_to=middle, visibility="direct")
    _, found, _ = await place.call("GET", f"api/v1/statuses/{middle}/context")
    assert [s["id"] for s in found["ancestors"]] == [root]
    assert [s["id"] for s in found["descendants"]] == [leaf] and private not in str(found)


async def test_the_instance_tells_its_limit_and_who_we_are(place: Place) -> None:
    _, instance, answer = await place.call("GET", "api/v2/instance")
    assert instance["configuration"]["statuses"]["max_characters"] == 500
    assert answer.headers["X-RateLimit-Remaining"] == "299" and answer.headers["X-RateLimit-Reset"].endswith("Z")
    _, who, _ = await place.call("GET", "api/v1/accounts/verify_credentials", headers=OURS)
    assert (who["acct"], who["display_name"]) == ("acme", "Acme")


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/fixtures is not on this machine")
async def test_a_status_has_the_keys_of_a_recorded_one(place: Place) -> None:
    recorded = json.loads((SHARED / "posting/mastodon/status_post_public.replay.json").read_text())
    theirs = recorded["interactions"][0]["response"]["json"]
    ours = await place.post("Toot!")
    beyond_us = {"pinned", "tagged_collections", "quote_approval"}
    assert theirs.keys() - beyond_us <= ours.keys()
    assert ours["content"] == theirs["content"]


@pytest.mark.parametrize("part", ["mastodon", "forum", "hook"])
async def test_a_part_that_is_down_answers_503_and_the_others_go_on(place: Place, part: str) -> None:
    place.broken.add(part)
    calls = {
        "mastodon": ("GET", "api/v1/timelines/public"), "forum": ("GET", "forum.atom"), "hook": ("POST", "hook"),
    }  # fmt: skip
    for name, (method, path) in calls.items():
        assert (await place.call(method, path, data=b"{}" if method == "POST" else None))[0] == (
            503 if name == part else 200
        )


async def test_the_forum_is_a_feed_that_feed_readers_read(place: Place) -> None:
    place.say("not in the forum")
    first = place.say("My parcel is lost.\nAgain.", place="forum", title="Lost parcel")
    second = place.say(HOSTILE, place="forum", title=f"بسته {HOSTILE}")
    _, body, answer = await place.call("GET", "forum.atom")
    feed = feedparser.parse(body)
    assert feed.bozo == 0 and [e.link.rsplit("/", 1)[-1] for e in feed.entries] == [second, first]
    assert feed.entries[1].title == "Lost parcel" and feed.entries[1].author == "Ayse"
    assert "<br />" in feed.entries[1].content[0].value
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert (await place.call("GET", "forum.atom", headers=etag))[0] == 304
    place.town.edit(first, "Found!")
    assert (await place.call("GET", "forum.atom", headers=etag))[0] == 200


async def test_the_hook_remembers_each_key_once(place: Place) -> None:
    for key in ("a", "a", "b"):
        headers = {"Idempotency-Key": key}
        status, answer, _ = await place.call("POST", "hook", json={"key": key}, headers=headers)
        assert (status, answer["id"]) == (200, key)
    _, seen, _ = await place.call("GET", "hook")
    assert [(h["key"], h["times"], json.loads(h["body"]["text"])) for h in seen] == [
        ("a", 2, {"key": "a"}), ("b", 1, {"key": "b"}),
    ]  # fmt: skip
    assert (await place.call("POST", "hook", data=b"x" * (2**20 + 1)))[0] == 413


async def test_everything_is_there_again_after_the_process_was_killed(tmp_path: Path) -> None:
    first = await start(tmp_path / "town.db")
    theirs = first.say("said", key="k")
    ours = await first.post("posted", "idem")
    await first.call("POST", "hook", data=b"{}", headers={"Idempotency-Key": "h"})
    await first.http.close()  # the file is never closed, as after kill -9
    second = await start(tmp_path / "town.db")
    assert await second.ids("api/v1/timelines/public") == [ours["id"], theirs]
    assert (await second.post("posted", "idem"))["id"] == ours["id"] and second.heard == []
    assert second.say("said", key="k") == theirs
    assert (await second.call("POST", "hook", data=b"{}", headers={"Idempotency-Key": "h"}))[1]["duplicate"]
    for place in (second, first):
        await place.close()


async def test_the_page_shows_who_was_answered_and_stays_deaf_to_hostile_words(place: Place) -> None:
    theirs = place.say("Kart reddedildi @acme", language="tr")
    place.clock.move(minutes=5)
    ours = await place.post("@ayse سلام، در حال بررسی هستیم", in_reply_to_id=theirs, language="fa")
    place.say("teşekkürler", in_reply_to=ours["id"])
    place.town.say(HOSTILE, HOSTILE, HOSTILE, place.clock(), title=HOSTILE)
    place.say("direct words", visibility="direct")
    page = BeautifulSoup((await place.call("GET", ""))[1], "html.parser")
    card = page.find(id=f"p-{theirs}")
    assert "answered after 5 min" in card.select_one(".depth0").text
    assert card.select_one(".depth1.ours .badge") and card.select_one(".depth1 .words")["dir"] == "rtl"
    assert "teşekkürler" in card.select_one(".depth2").text
    assert [script["src"] for script in page.find_all("script")] == ["town.js"] and page.find_all("img") == []
    assert "direct words" not in page.text and "\x07" not in page.text
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


async def test_the_tabs_show_their_part(place: Place) -> None:
    answered, alone = place.say("answer me"), place.say("nobody answers")
    await place.post("here", in_reply_to_id=answered)
    news = await place.post("news")
    forum = place.say("words", place="forum", title="Title")
    await place.call("POST", "hook", data=b"<b>x</b>", headers={"Idempotency-Key": "h"})

    async def cards(tab: str) -> list[str]:
        page = BeautifulSoup((await place.call("GET", f"?show={tab}"))[1], "html.parser")
        return [str(card.get("id") or card.pre.text) for card in page.find_all("article")]

    assert await cards("all") == [f"p-{news['id']}", f"p-{alone}", f"p-{answered}"]
    assert await cards("answered") == [f"p-{answered}"]
    assert await cards("ours") == [f"p-{news['id']}"]
    assert await cards("forum") == [f"p-{forum}"]
    assert await cards("hooks") == ["<b>x</b>"]
    assert await cards("nonsense") == await cards("all")


async def test_the_page_hears_of_changes_only(place: Place) -> None:
    id_ = place.say("one")
    _, news, _ = await place.call("GET", "ui/timeline?show=all&seen=")
    assert [card["key"] for card in news["cards"]] == [f"p-{id_}"]
    assert (await place.call("GET", f"ui/timeline?show=all&seen={news['revision']}"))[0] == 204


async def test_the_address_of_a_post_leads_to_its_thread(place: Place) -> None:
    root = place.say("root")
    leaf = await place.post("leaf", in_reply_to_id=root)
    async with place.http.get(leaf["url"], allow_redirects=False) as answer:
        assert answer.status == 302 and answer.headers["Location"].endswith(f"?show=all#p-{root}")
    assert (await place.call("GET", "@ayse/12"))[0] == 404


async def test_a_foreign_page_cannot_post_although_the_token_is_known(place: Place) -> None:
    headers = {**OURS, "Origin": "http://evil.example"}
    assert (await place.call("POST", "api/v1/statuses", data={"status": "x"}, headers=headers))[0] == 403
    assert (await place.call("GET", "", headers={"Host": "evil.example"}))[0] == 403


def test_an_answer_to_what_is_gone_stands_alone() -> None:
    town = Town(None, Clock())
    root = town.say("a", "A", "root", Clock().at)
    leaf = town.say("b", "B", "leaf", Clock().at, in_reply_to=root)
    town.remove(root)
    (thread,) = threads(town.posts("place = ?", ("mastodon",), limit=10))
    assert (str(thread.root.id), thread.answers, thread.wait) == (leaf, (), "")
    town.close()


async def test_our_own_account_lists_what_it_posted_newest_first(place: Place) -> None:
    first, second = await place.post("one"), await place.post("two")
    place.say("somebody else")
    (_, me, _) = await place.call("GET", "api/v1/accounts/verify_credentials", headers=OURS)
    assert await place.ids(f"api/v1/accounts/{me['id']}/statuses?limit=40") == [second["id"], first["id"]]
    assert (await place.call("GET", "api/v1/accounts/1/statuses"))[0] == 404
