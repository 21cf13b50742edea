"""What Meta pushes: signature, handshake, three forms of bodies, edits and removals."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError
from domain.heard.mention import Author, MentionKind
from listener.sources.facebook_webhook import verify
from listener.sources.meta_changes import parse_changes, taken_back
from tests.listener.service import ORIGIN, fixture, json_fixture, source

SECRET = "0123456789abcdef0123456789abcdef"
TEN = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def hook(session: aiohttp.ClientSession, **options: Any) -> Any:
    given = {"verify_token": "meatyhamhock", **options}
    return source("facebook_webhook", session, secrets={"app_secret": SECRET}, **given)


def change(field: str = "feed", **value: Any) -> dict[str, Any]:
    return {
        "object": "page",
        "entry": [{"id": "100", "time": 1793613600, "changes": [{"field": field, "value": value}]}],
    }


def test_what_a_page_hears_becomes_mentions() -> None:
    found = {
        mention.native_id: mention for mention in parse_changes(json_fixture("facebook_webhook.json"), ORIGIN).mentions
    }
    assert set(found) == {"1_13", "1_14", "100_6", "88", "m_1"}
    comment, edited, post, review, message = (found[key] for key in ("1_13", "1_14", "100_6", "88", "m_1"))
    assert (comment.text, comment.in_reply_to, comment.root) == ("Ödeme olmuyor", "100_1", "100_1")
    assert (comment.author, comment.edited_at) == (Author("501", "Zeynep Kaya"), None)
    assert (comment.kind, comment.url) == (MentionKind.REPLY, "https://www.facebook.com/100/posts/1/")
    assert (edited.edited_at, edited.in_reply_to) == (TEN, "1_13")
    assert (post.kind, post.author, post.text) == (MentionKind.POST, Author("503", "Sara"), "پول من کجاست؟")
    assert (review.kind, review.rating, review.author.id) == (MentionKind.REVIEW, 1, "504")
    assert (message.kind, message.in_reply_to, message.reply_ref) == (MentionKind.MESSAGE, "m_0", "9501")
    assert message.created_at < TEN


def test_a_mention_that_carries_ids_only_is_set_aside_with_the_reason() -> None:
    for name in ("facebook_webhook.json", "facebook_webhook_instagram.json"):
        (aside,) = parse_changes(json_fixture(name), ORIGIN).set_aside
        assert "carries ids only" in aside.reason
        assert json.loads(aside.raw)["field"].startswith("mention")


def test_a_mention_with_text_is_kept() -> None:
    body = change("mention", item="comment", verb="add", comment_id="7_1", post_id="7", message="@Acme?", sender_id="5")
    (mention,) = parse_changes(body, ORIGIN).mentions
    assert (mention.native_id, mention.root, mention.addressed) == ("7_1", "7", True)
    (mention,) = parse_changes(change("mentions", media_id="9", comment_id="8", text="@acme?"), ORIGIN).mentions
    assert (mention.native_id, mention.root) == ("8", "9")


def test_instagram_comes_flat_in_changes_and_as_messages() -> None:
    parsed = parse_changes(json_fixture("facebook_webhook_instagram.json"), ORIGIN)
    comment, edited = parsed.mentions
    assert (comment.native_id, comment.in_reply_to, comment.root) == ("7003", "7001", "9001")
    assert (comment.author.handle, comment.created_at) == ("zeynep.k", TEN)
    assert (edited.native_id, edited.text, edited.edited_at is not None) == ("m_8", "order 77, not 76", True)


def test_a_body_that_is_one_change_is_read() -> None:
    body = {"field": "comments", "value": {"id": "1", "text": "hi", "from": {"id": "2"}, "media": {"id": "3"}}}
    assert [mention.native_id for mention in parse_changes(body, ORIGIN).mentions] == ["1"]


def test_what_was_removed_is_listed_and_likes_are_not() -> None:
    assert taken_back(json_fixture("facebook_webhook.json")) == ("1_15",)
    assert taken_back(json_fixture("facebook_webhook_instagram.json")) == ("m_9",)


@pytest.mark.parametrize(
    ("value", "erase_hidden", "gone"),
    [
        ({"item": "post", "verb": "remove", "post_id": "100_6"}, False, ("100_6",)),
        ({"item": "comment", "verb": "delete", "comment_id": "1", "post_id": "2"}, False, ("1",)),
        ({"item": "comment", "verb": "hide", "comment_id": "1"}, False, ()),
        ({"item": "comment", "verb": "hide", "comment_id": "1"}, True, ("1",)),
        ({"item": "comment", "verb": "add", "is_hidden": True, "comment_id": "1"}, True, ("1",)),
        ({"item": "comment", "verb": "unhide", "is_hidden": False, "comment_id": "1"}, True, ()),
        ({"item": "like", "verb": "remove", "post_id": "2"}, True, ()),
        ({"item": "comment", "verb": "remove"}, False, ()),
    ],
)
def test_removals(value: dict[str, Any], erase_hidden: bool, gone: tuple[str, ...]) -> None:
    assert taken_back(change(**value), erase_hidden) == gone


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        ({"rating": 4}, 4),
        ({"recommendation_type": "positive"}, 5),
        ({"recommendation_type": "NEGATIVE"}, 1),
        ({}, None),
    ],
)
def test_a_recommendation_counts_as_stars(value: dict[str, Any], rating: int | None) -> None:
    body = change("ratings", item="rating", verb="add", open_graph_story_id="8", review_text="x", **value)
    assert parse_changes(body, ORIGIN).mentions[0].rating == rating


def test_stars_without_words_and_words_under_a_review() -> None:
    stars = change("ratings", item="rating", verb="add", open_graph_story_id="8", rating=1, reviewer_id="5")
    assert parse_changes(stars, ORIGIN).mentions == ()
    under = change(
        "ratings", item="comment", verb="add", comment_id="8_1", post_id="8", message="me too", sender_id="5"
    )
    assert parse_changes(under, ORIGIN).mentions[0].kind is MentionKind.REPLY


@pytest.mark.parametrize(
    "item",
    [
        {"sender": {"id": "9"}, "timestamp": 1, "message": {"mid": "m", "attachments": [{"type": "image"}]}},
        {"sender": {"id": "9"}, "timestamp": 1, "reaction": {"mid": "m", "emoji": "❤"}},
        {"sender": {"id": "9"}, "timestamp": 1, "postback": {"mid": "m", "title": "Start"}},
    ],
)
def test_events_without_words_are_no_mentions(item: dict[str, Any]) -> None:
    parsed = parse_changes({"object": "page", "entry": [{"id": "100", "time": 1, "messaging": [item]}]}, ORIGIN)
    assert (parsed.mentions, parsed.set_aside) == ((), ())


@pytest.mark.parametrize("bad", [{}, {"item": "comment", "message": "x"}, None, 7, {"item": "post", "message": "x"}])
def test_one_bad_change_never_loses_the_others(bad: object) -> None:
    body = json_fixture("facebook_webhook.json")
    body["entry"][0]["changes"].insert(0, {"field": "feed", "value": bad})
    assert len(parse_changes(body, ORIGIN).mentions) == 5


@pytest.mark.parametrize("body", [None, 7, [], {}, {"entry": 7}, [{"object": "page"}]])
def test_a_body_that_meta_would_not_send_is_an_error(body: object) -> None:
    with pytest.raises(PermanentError, match="has no `entry`"):
        parse_changes(body, ORIGIN)


def test_too_many_changes_are_refused() -> None:
    with pytest.raises(PermanentError, match="more than 1000 changes"):
        parse_changes({"entry": [{"changes": [{}] * 1001}]}, ORIGIN)


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", "sha1=" + "0" * 40, "sha256=" + "0" * 64, "sha256=" + "é" * 64, signed(b"other"),
     signed(b"{}", "another secret"), signed(b"{}").upper(), signed(b"{}").removeprefix("sha256=")],
)  # fmt: skip
def test_a_missing_or_wrong_signature_is_refused(header: str) -> None:
    with pytest.raises(AuthError):
        verify(b"{}", header, SECRET)


def test_the_right_signature_is_accepted_and_an_empty_secret_never() -> None:
    verify(b"{}", signed(b"{}"), SECRET)
    with pytest.raises(AuthError):
        verify(b"{}", signed(b"{}", ""), "")


async def test_a_pushed_body_comes_through_its_source(session: aiohttp.ClientSession) -> None:
    body = fixture("facebook_webhook.json")
    batch = hook(session).receive(body, {"x-hub-signature-256": signed(body)})
    assert (len(batch.mentions), len(batch.set_aside), batch.deleted) == (5, 1, ("1_15",))
    assert (await hook(session).fetch("kept")).cursor == "kept"
    with pytest.raises(AuthError):
        hook(session).receive(body, {})
    with pytest.raises(PermanentError, match="not valid JSON"):
        hook(session).receive(b"{", {"X-Hub-Signature-256": signed(b"{")})


async def test_what_is_hidden_as_it_comes_is_not_even_stored(session: aiohttp.ClientSession) -> None:
    value: dict[str, Any] = {"item": "comment", "verb": "add", "is_hidden": True, "comment_id": "1", "message": "spam"}
    body = json.dumps(change(**value)).encode()
    batch = hook(session, erase_hidden=True).receive(body, {"X-Hub-Signature-256": signed(body)})
    assert (batch.mentions, batch.deleted) == ((), ("1",))
    assert len(hook(session).receive(body, {"X-Hub-Signature-256": signed(body)}).mentions) == 1


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "meatyhamhock", "hub.challenge": "1158201444"}, "1158201444"),
        ({"hub.mode": "subscribe", "hub.verify_token": "meatyhamhoc", "hub.challenge": "1"}, None),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "meatyhamhock", "hub.challenge": "1"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "meatyhamhock"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "meatyhamhock", "hub.challenge": "<script>"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "\ud800", "hub.challenge": "1"}, None),
        ({}, None),
    ],
)
async def test_only_metas_question_is_answered(
    session: aiohttp.ClientSession, query: dict[str, str], answer: str | None
) -> None:
    assert hook(session).challenge(query) == answer


def test_hostile_text_comes_out_as_plain_text_with_strangers_masked() -> None:
    said = "<script>x</script> @stranger \u202egnp.exe\x00 @acme پرداخت"
    body = change(item="comment", verb="add", comment_id="1", post_id="2", message=said, permalink_url="javascript:x")
    (mention,) = parse_changes(body, ORIGIN).mentions
    assert mention.text == "<script>x</script> @… gnp.exe @acme پرداخت"
    assert mention.url is None


def test_our_own_instagram_handle_is_known_beside_the_account() -> None:
    value = {"id": "1", "text": "thanks", "from": {"id": "9", "username": "Acme"}, "media": {"id": "3"}}
    assert parse_changes(change("comments", **value), ORIGIN).mentions == ()


def test_a_conversation_that_another_app_leads_is_heard_too() -> None:
    event = {"sender": {"id": "9"}, "timestamp": 1793613580000, "message": {"mid": "m", "text": "hello?"}}
    parsed = parse_changes({"object": "page", "entry": [{"id": "100", "time": 1, "standby": [event]}]}, ORIGIN)
    assert [mention.text for mention in parsed.mentions] == ["hello?"]


def test_messages_come_as_changes_where_people_log_in_with_instagram() -> None:
    value = {"sender": {"id": "9"}, "timestamp": "1793613580", "message": {"mid": "m", "text": "hello?"}}
    (mention,) = parse_changes(change("messages", **value), ORIGIN).mentions
    assert (mention.kind, mention.created_at) == (MentionKind.MESSAGE, datetime(2026, 11, 2, 9, 59, 40, tzinfo=UTC))


def test_two_people_meta_keeps_from_us_are_two() -> None:
    bodies = [change(item="comment", verb="add", comment_id=n, post_id="2", message="x") for n in ("1", "3")]
    first, second = (parse_changes(body, ORIGIN).mentions[0].author.id for body in bodies)
    assert first != second
