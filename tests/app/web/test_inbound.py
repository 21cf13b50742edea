"""What others bring: what sources are pushed by signed webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.pipeline.intake import Intake
from app.web.inbound import ADDRESSES, REPORTS, WITHIN_S, Inbound, Pace, sort_out
from domain.heard.mention import MentionRecord
from domain.signing import SIGNATURE_HEADER, sign
from listener.registry import build_source
from tests.app.desk.office import Office, open_office
from tests.domain.make import NOW

SECRET = "a-shared-secret-of-the-hook"
HOOKS: dict[str, tuple[str, dict[str, object], dict[str, str]]] = {
    "reviews": ("webhook", {}, {"secret": SECRET}),
    "page": ("facebook_webhook", {"verify_token": "meatyhamhock"}, {"app_secret": SECRET}),
    "desk": ("tickets", {}, {"secret": SECRET}),
}


@dataclass
class Gate:
    """A running door with the store behind it."""

    office: Office
    session: aiohttp.ClientSession
    base: str

    async def push(self, body: bytes, header: str | None = None, name: str = "reviews") -> tuple[int, Any]:
        """Push a webhook; give status and answer."""
        headers = {SIGNATURE_HEADER: sign(body, SECRET, NOW) if header is None else header}
        async with self.session.post(f"{self.base}/hooks/{name}", data=body, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith("{") else text

    async def push_with(self, name: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        """Push to a hook whose service signs in its own way; give status and answer."""
        async with self.session.post(f"{self.base}/hooks/{name}", data=body, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith("{") else text

    async def ask(self, name: str, **query: str) -> tuple[int, str, str]:
        """Ask a hook whether it is ours, as Meta does; give status, answer and its kind."""
        params = {f"hub.{key}": value for key, value in query.items()}
        async with self.session.get(f"{self.base}/hooks/{name}", params=params) as answer:
            return answer.status, await answer.text(), answer.content_type

    async def stored(self) -> list[MentionRecord]:
        """List what was stored."""
        return await self.office.all(MentionRecord)


@asynccontextmanager
async def open_gate() -> AsyncIterator[Gate]:
    async with open_office() as office, aiohttp.ClientSession() as session:
        kinds: dict[str, Any] = {**HOOKS, "form": ("form", {}, {})}
        sources = [
            build_source(kind, name, base_url=None, every=timedelta(minutes=1), options=options, secrets=secrets,
                         session=session, now=office.clock)
            for name, (kind, options, secrets) in kinds.items()
        ]  # fmt: skip
        _, hooks = sort_out(sources)
        app = web.Application(client_max_size=5_000_000)
        intake = Intake(office.store, office.clock)
        app.add_routes(Inbound(intake, hooks).routes())
        server = TestServer(app)
        await server.start_server()
        yield Gate(office, session, str(server.make_url("/")).rstrip("/"))
        await server.close()


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    async with open_gate() as opened:
        yield opened


def test_the_pace_forgets_after_ten_minutes_and_keeps_few_addresses() -> None:
    pace = Pace()
    assert [pace.is_too_often("a", n) for n in range(REPORTS + 1)] == [False] * REPORTS + [True]
    assert not pace.is_too_often("a", WITHIN_S + 1)
    for number in range(ADDRESSES + 50):
        pace.is_too_often(f"other {number}", 1000.0)
    assert len(pace.seen) == ADDRESSES


# --- webhooks


def items(*natives: str) -> bytes:
    listed = [{"id": n, "text": f"broken {n}", "author": {"id": "7", "name": "Zeynep"}} for n in natives]
    return json.dumps(listed).encode()


async def test_a_signed_push_is_stored_before_it_is_answered(gate: Gate) -> None:
    assert await gate.push(items("1", "2")) == (202, {"stored": 2, "duplicates": 0, "set_aside": 0})
    assert await gate.push(items("2", "3")) == (202, {"stored": 1, "duplicates": 1, "set_aside": 0})
    assert sorted(r.mention.text for r in await gate.stored()) == ["broken 1", "broken 2", "broken 3"]


async def test_one_bad_item_never_loses_the_others(gate: Gate) -> None:
    body = json.dumps([{"id": "1", "text": "fine"}, {"text": "no id"}, "no object", {"id": "4"}]).encode()
    assert await gate.push(body) == (202, {"stored": 1, "duplicates": 0, "set_aside": 3})


@pytest.mark.parametrize(
    "header",
    ["", "t=1,v1=00", sign(items("1"), "another secret entirely", NOW), sign(items("2"), SECRET, NOW),
     sign(items("1"), SECRET, NOW - timedelta(minutes=6)), sign(items("1"), SECRET, NOW + timedelta(minutes=6))],
)  # fmt: skip
async def test_an_unsigned_or_stale_push_gets_401_and_stores_nothing(gate: Gate, header: str) -> None:
    status, answer = await gate.push(items("1"), header)
    assert status == 401
    assert SECRET not in str(answer)
    assert await gate.stored() == []


@pytest.mark.parametrize("body", [b"not json", b"\xff\xfe", b"[" * 100_000, b"null", b""])
async def test_signed_garbage_gets_400(gate: Gate, body: bytes) -> None:
    assert (await gate.push(body))[0] == 400
    assert await gate.stored() == []


async def test_a_body_of_five_megabytes_is_refused_and_the_next_is_taken(gate: Gate) -> None:
    large = b'[{"id": "1", "text": "' + b"x" * 5_100_000 + b'"}]'
    assert (await gate.push(large))[0] == 413
    assert (await gate.push(items("1")))[0] == 202


async def test_a_hook_that_does_not_exist_is_not_found(gate: Gate) -> None:
    assert (await gate.push(items("1"), name="nothing"))[0] == 404
    assert (await gate.push(items("1"), name="form"))[0] == 404


async def test_a_hook_without_a_handshake_has_nothing_to_read(gate: Gate) -> None:
    for name in ("reviews", "desk", "nothing", "form"):
        assert (await gate.ask(name, mode="subscribe", verify_token="meatyhamhock", challenge="1"))[0] == 404


# --- Meta


def comment(verb: str = "add", message: str = "Ödeme olmuyor") -> bytes:
    said = {"message": message, "created_time": int(NOW.timestamp()), "from": {"id": "501", "name": "Zeynep"}}
    value = {"item": "comment", "verb": verb, "comment_id": "1_13", "post_id": "100_1", "parent_id": "100_1", **said}
    entry = {"id": "100", "time": int(NOW.timestamp()), "changes": [{"field": "feed", "value": value}]}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


def by_meta(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


async def test_metas_question_is_answered_with_its_challenge_as_plain_text(gate: Gate) -> None:
    asked = {"mode": "subscribe", "challenge": "1158201444"}
    assert await gate.ask("page", **asked, verify_token="meatyhamhock") == (200, "1158201444", "text/plain")
    status, answer, _ = await gate.ask("page", **asked, verify_token="guess")
    assert status == 403
    assert "meatyhamhock" not in answer
    assert (await gate.ask("page"))[0] == 403


async def test_what_meta_pushes_is_stored_once_edited_and_erased(gate: Gate) -> None:
    body = comment()
    stored = {"stored": 1, "duplicates": 0, "set_aside": 0}
    assert await gate.push_with("page", body, by_meta(body)) == (200, stored), "Meta wants exactly 200"
    assert await gate.push_with("page", body, by_meta(body)) == (200, {**stored, "stored": 0, "duplicates": 1})
    changed = comment("edited", "Ödeme hâlâ olmuyor")
    assert (await gate.push_with("page", changed, by_meta(changed)))[0] == 200
    (record,) = await gate.stored()
    assert (record.mention.source, record.mention.text) == ("page", "Ödeme hâlâ olmuyor")
    removed = comment("remove", "")
    answer = {"stored": 0, "duplicates": 0, "set_aside": 0, "deleted": 1}
    assert await gate.push_with("page", removed, by_meta(removed)) == (200, answer)
    (record,) = await gate.stored()
    assert record.deleted_at is not None
    assert "Ödeme" not in record.mention.text


async def test_a_push_that_meta_did_not_sign_stores_nothing(gate: Gate) -> None:
    body = comment()
    for headers in ({}, by_meta(body, "another secret"), by_meta(comment(message="other"))):
        status, answer = await gate.push_with("page", body, headers)
        assert status == 401
        assert SECRET not in str(answer)
    assert (await gate.push_with("page", b"{", by_meta(b"{")))[0] == 400
    assert await gate.stored() == []


# --- a help desk


async def test_a_ticket_is_stored_with_the_customers_address(gate: Gate) -> None:
    requester = {"id": 5, "name": "سارا", "email": "sara@mail.example"}
    body = json.dumps({"ticket": {"id": 7, "description": "پولم برنگشته", "requester": requester}}).encode()
    stamp = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(hmac.new(SECRET.encode(), stamp.encode() + body, hashlib.sha256).digest()).decode()
    headers = {"X-Zendesk-Webhook-Signature": signature, "X-Zendesk-Webhook-Signature-Timestamp": stamp}
    assert await gate.push_with("desk", body, headers) == (202, {"stored": 1, "duplicates": 0, "set_aside": 0})
    (record,) = await gate.stored()
    assert (record.mention.native_id, record.mention.contact) == ("7:0", "sara@mail.example")
    assert (await gate.push_with("desk", body, headers | {"X-Zendesk-Webhook-Signature-Timestamp": "2020"}))[0] == 401
