"""The inbound webhook: signature first, then mapped fields."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError
from domain.heard.mention import MentionKind
from domain.signing import sign
from listener.sources.webhook import WebhookOptions, parse_body, verify
from tests.listener.service import NOW, ORIGIN, fixture, source

SECRET = "0123456789abcdef-secret"
MAPPED = {"id": "key", "text": "body", "created_at": "when", "author_handle": "by.nick", "language": "lang"}


def body(*items: dict[str, Any]) -> bytes:
    return json.dumps(list(items)).encode()


def test_a_plain_body_needs_no_mapping() -> None:
    item = {
        "id": 1, "text": "it broke", "created_at": "2026-11-02T10:00:00Z", "author": {"id": "u", "handle": "pat"},
        "kind": "review", "rating": "2", "url": "https://x.example/1", "contact": "pat@x.example",
    }  # fmt: skip
    (mention,) = parse_body(json.dumps(item).encode(), ORIGIN, WebhookOptions()).mentions
    assert (mention.native_id, mention.kind, mention.rating) == ("1", MentionKind.REVIEW, 2)
    assert (mention.author.id, mention.author.handle, mention.contact) == ("u", "pat", "pat@x.example")


def test_fields_are_found_where_the_settings_say() -> None:
    parsed = parse_body(fixture("webhook.json"), ORIGIN, WebhookOptions("data.comments", MAPPED, is_html=True))
    first, second = parsed.mentions
    assert (first.native_id, first.text, first.language) == ("71", "Uygulama açılmıyor", "tr")
    assert first.author.id == "ayse"
    assert (second.created_at.hour, second.language, second.kind) == (10, "en", MentionKind.MESSAGE)
    assert parsed.set_aside[0].reason == "`key` is missing or no text"


def test_lists_are_reached_by_number() -> None:
    options = WebhookOptions("entry.0.changes", {"id": "ids.1"})
    sent = json.dumps({"entry": [{"changes": [{"ids": ["a", "b"], "text": "x"}]}]}).encode()
    assert parse_body(sent, ORIGIN, options).mentions[0].native_id == "b"


def test_a_missing_date_is_now_and_a_missing_author_nobody_else() -> None:
    first, second = parse_body(body({"id": 1, "text": "x"}, {"id": 2, "text": "y"}), ORIGIN, WebhookOptions()).mentions
    assert first.created_at == NOW
    assert first.author.id != second.author.id


@pytest.mark.parametrize("item", [{"id": 1, "text": "x", "created_at": "later"}, {"text": "x"}, {"id": 1}, 7, None, []])
def test_a_bad_item_is_set_aside(item: object) -> None:
    parsed = parse_body(json.dumps([{"id": 9, "text": "ok"}, item]).encode(), ORIGIN, WebhookOptions())
    assert (len(parsed.mentions), len(parsed.set_aside)) == (1, 1)


@pytest.mark.parametrize(
    ("sent", "items", "says"),
    [
        (b"{", "", "not valid JSON"),
        (b"[" * 100_000, "", "not valid JSON"),
        (b"\xff", "", "not valid JSON"),
        (b"{}", "data.list", r"has no `data\.list`"),
        (b"null", "", "has no `item`"),
        (b"[" + b"1," * 1000 + b"1]", "", "more than 1000 items"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_error(sent: bytes, items: str, says: str) -> None:
    with pytest.raises(PermanentError, match=says):
        parse_body(sent, ORIGIN, WebhookOptions(items))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1,v1=",
        "v1=" + "0" * 64,
        f"t={int(NOW.timestamp())},v1={'0' * 64}",
        sign(b"other body", SECRET, NOW),
        sign(b"{}", "another secret..", NOW),
        sign(b"{}", SECRET, NOW - timedelta(minutes=6)),
        sign(b"{}", SECRET, NOW + timedelta(minutes=6)),
        sign(b"{}", SECRET, NOW).replace("t=1", "t=2", 1),
        "t=99999999999999999999,v1=" + "0" * 64,
    ],
)
def test_a_wrong_or_old_signature_is_refused(header: str) -> None:
    with pytest.raises(AuthError):
        verify(b"{}", header, SECRET, NOW)


def test_a_fresh_signature_is_accepted_and_an_empty_secret_never() -> None:
    verify(b"{}", sign(b"{}", SECRET, NOW - timedelta(minutes=4)), SECRET, NOW)
    with pytest.raises(AuthError):
        verify(b"{}", sign(b"{}", "", NOW), "", NOW)


async def test_a_pushed_body_comes_through_its_source(session: aiohttp.ClientSession) -> None:
    made: Any = source("webhook", session, secrets={"secret": SECRET}, items="data.comments", fields=MAPPED)
    sent = fixture("webhook.json")
    batch = made.receive(sent, {"x-hubbub-signature": sign(sent, SECRET, NOW)})
    assert [mention.source for mention in batch.mentions] == ["webhook-test"] * 2
    with pytest.raises(AuthError):
        made.receive(sent, {})
    assert (await made.fetch("kept")).cursor == "kept"
