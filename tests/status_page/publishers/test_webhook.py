"""Posts handed to the owner's own system: signed, and known by their key."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace

import aiohttp

from domain.signing import sign
from domain.work import DeliveryState
from status_page.publishers.webhook import Webhook
from tests.domain.make import NOW, delivery
from tests.status_page.publishers.receiver import raw, receiving, says


async def test_the_receiver_can_check_that_it_is_us(session: aiohttp.ClientSession) -> None:
    post = delivery(text="پرداخت", language="fa", subject="upd_1", reply_to="del_0")
    async with receiving(says()) as server:
        sent = await Webhook("hook", f"{server.url}/in", "shared", session, lambda: NOW).publish(post)
    (got,) = server.got
    stamp = int(NOW.timestamp())
    expected = hmac.new(b"shared", f"{stamp}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Hubbub-Signature"] == f"t={stamp},v1={expected}"
    assert json.loads(got.body) == {
        "event": "posted", "id": "del_1", "text": "پرداخت", "language": "fa", "about": "upd_1", "reply_to": "del_0",
        "created_at": NOW.isoformat(),
    }  # fmt: skip
    assert sent.remote_id == "del_1"


async def test_a_repeat_is_known_by_its_key(session: aiohttp.ClientSession) -> None:
    async with receiving(raw(b"thanks", 202, "text/plain")) as server:
        hook = Webhook("hook", server.url, "shared", session, lambda: NOW)
        await hook.publish(delivery())
        await hook.publish(delivery())
    assert {got.headers["Idempotency-Key"] for got in server.got} == {"del_1"}
    assert server.got[0].body == server.got[1].body


def test_another_secret_or_body_gives_another_signature() -> None:
    same = sign(b"{}", "a", NOW)
    assert same == sign(b"{}", "a", NOW)
    assert len({same, sign(b"{}", "b", NOW), sign(b"{ }", "a", NOW)}) == 3


async def test_a_correction_and_a_withdrawal_are_events_of_their_own(session: aiohttp.ClientSession) -> None:
    sent = delivery(state=DeliveryState.SENT, text="Old.", correction="New.")
    async with receiving(says()) as server:
        hook = Webhook("hook", server.url, "shared", session, lambda: NOW)
        for _ in range(2):
            await hook.edit(sent)
        await hook.edit(replace(sent, edits=1))
        await hook.withdraw(replace(sent, correction=None, withdraw=True))
    told = [(json.loads(got.body)["event"], json.loads(got.body)["text"]) for got in server.got]
    assert told == [("corrected", "New.")] * 3 + [("withdrawn", "Old.")]
    keys = [got.headers["Idempotency-Key"] for got in server.got]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
