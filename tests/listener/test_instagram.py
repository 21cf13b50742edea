"""Instagram: comments and their replies under our posts, and posts that tag us."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from domain.errors import PermanentError
from domain.heard.mention import Author, MentionKind
from listener.sources.instagram import parse_comments, parse_media
from listener.sources.page_watch import WatchOptions
from tests.listener.service import ORIGIN, Reply, Service, json_fixture, source

MEDIA = "/v21.0/178/media"
OPTIONS = WatchOptions("178")


def account(session: aiohttp.ClientSession, service: Service, **options: Any) -> Any:
    return source("instagram", session, service.url, secrets={"access_token": "t"}, account="178", **options)


def test_comments_and_the_replies_in_them_become_mentions() -> None:
    parsed = parse_media(json_fixture("instagram.json"), ORIGIN, OPTIONS)
    comment, unnamed, reply = parsed.mentions
    assert (comment.native_id, comment.text) == ("7003", "@acme kargo nerede?")
    assert comment.author == Author("601", "zeynep.k", "zeynep.k", url="https://www.instagram.com/zeynep.k/")
    assert (comment.in_reply_to, comment.root, comment.kind) == ("9001", "9001", MentionKind.REPLY)
    assert comment.url == "https://www.instagram.com/p/AbC/"
    assert (reply.text, reply.in_reply_to, reply.root) == ("same @…", "7003", "9001")
    assert unnamed.author.id == "unknown:7002"


def test_our_answers_are_left_out_and_a_comment_without_id_is_set_aside() -> None:
    parsed = parse_media(json_fixture("instagram.json"), ORIGIN, OPTIONS)
    assert {mention.native_id for mention in parsed.mentions} == {"7003", "7002", "7004"}
    assert [aside.reason for aside in parsed.set_aside] == ["`id` is missing or no text"]


@pytest.mark.parametrize(
    "ours", [{"from": {"id": "178"}}, {"username": "acme"}, {"from": {"username": "Acme"}}], ids=str
)
def test_we_are_known_by_id_by_the_posts_owner_and_by_own_handles(ours: dict[str, Any]) -> None:
    item = {"id": "1", "text": "hi", "timestamp": "2026-11-02T09:00:00+0000", **ours}
    assert parse_comments({"data": [item]}, ORIGIN, OPTIONS, "9001").mentions == ()


def test_a_page_of_comments_knows_its_post() -> None:
    listed = json_fixture("instagram.json")["data"][0]["comments"]
    parsed = parse_comments(listed, ORIGIN, OPTIONS, "9001")
    assert {mention.root for mention in parsed.mentions} == {"9001"}


def test_posts_that_tag_us_are_read_by_their_caption() -> None:
    (mention,) = parse_media(
        json_fixture("instagram_tagged.json"), ORIGIN, WatchOptions("178", watch="tagged")
    ).mentions
    assert (mention.native_id, mention.kind, mention.author.id) == ("9100", MentionKind.POST, "pat")
    assert mention.text == "Broken on arrival, thanks @acme"
    assert mention.addressed


def test_an_answer_without_a_list_is_an_error() -> None:
    with pytest.raises(PermanentError):
        parse_media({}, ORIGIN, OPTIONS)
    with pytest.raises(PermanentError):
        parse_comments([], ORIGIN, OPTIONS, "1")


async def test_the_account_is_polled_with_nested_comments(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(MEDIA, Reply(json_fixture("instagram.json")))
    batch = await account(session, service).fetch(None)
    assert [mention.native_id for mention in batch.mentions] == ["7003", "7002", "7004"]
    assert not batch.more, "an `after` cursor without `next` is the end"
    fields = dict(service.asked[0].query)["fields"]
    assert fields.startswith("id,caption,timestamp,permalink,username,comments.limit(50){id,text,")
    assert "replies.limit(50){id,text," in fields


async def test_comments_that_go_on_are_followed(service: Service, session: aiohttp.ClientSession) -> None:
    listed = json_fixture("instagram.json")
    listed["data"][0]["comments"]["paging"] = {"cursors": {"after": "N"}, "next": "https://graph.example/?after=N"}
    item = {"id": "6999", "text": "older", "timestamp": "2026-11-02T08:00:00+0000"}
    service.says(MEDIA, Reply(listed))
    service.says("/v21.0/9001/comments", Reply({"data": [item]}))
    first = await account(session, service).fetch(None)
    assert first.more
    second = await account(session, service).fetch(first.cursor)
    assert [mention.native_id for mention in second.mentions] == ["6999"]
    assert ("after", "N") in service.asked[1].query
    assert not second.more


async def test_hidden_comments_are_erased_where_the_owner_wants_it(
    service: Service, session: aiohttp.ClientSession
) -> None:
    listed = json_fixture("instagram.json")
    listed["data"][0]["comments"]["data"][1]["hidden"] = True
    service.says(MEDIA, Reply(listed))
    batch = await account(session, service, erase_hidden=True).fetch(None)
    assert batch.deleted == ("7002", "7004"), "replies, too"


async def test_tagged_posts_have_their_own_list(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/v21.0/178/tags", Reply(json_fixture("instagram_tagged.json")))
    batch = await account(session, service, watch="tagged", own_handles=["@acme"]).fetch(None)
    assert [mention.native_id for mention in batch.mentions] == ["9100"]
