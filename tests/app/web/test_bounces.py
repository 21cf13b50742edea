"""The door for bounces: signed, limited, each delivery counted once; nobody else learns that it is there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.store.protocol import update
from app.subscribers.bounces import MAX_BYTES
from app.web.bounces import MAX_ITEMS, PATH, BounceDoor
from app.web.inbound import Inbound
from domain.records import Kept
from domain.signing import SIGNATURE_HEADER, sign
from domain.told.subscriber import Channel, Standing, Subscriber, stopped
from tests.app.subscribers.conftest import town  # noqa: F401 - a fixture
from tests.app.subscribers.test_bounces import ADDRESS, report, told
from tests.app.subscribers.town import Town

SECRET = "what-the-mail-provider-signs-with"
JSON, MAIL = "application/json", "message/rfc822"


@dataclass
class Hall:
    """A town with the door."""

    town: Town
    session: aiohttp.ClientSession
    url: str

    async def push(self, body: object, kind: str = JSON, *, secret: str = SECRET, age: float = 0, key: str = "") -> Any:
        """Post a body; give the status and what was answered."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": kind, SIGNATURE_HEADER: sign(raw, secret, now() - timedelta(seconds=age))}
        if key:
            headers["Idempotency-Key"] = key
        async with self.session.post(self.url, data=raw, headers=headers) as answer:
            said = await answer.text()
            return answer.status, json.loads(said) if answer.content_type == JSON else said

    async def state(self, address: str = ADDRESS) -> tuple[Standing, int]:
        """Give state and refusals of an address."""
        known = await self.town.known(address)
        assert known is not None
        return known.state, known.failures


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def hall(town: Town) -> AsyncIterator[Hall]:  # noqa: F811
    async for opened in open_hall(town, SECRET):
        yield opened


async def open_hall(town: Town, secret: str) -> AsyncIterator[Hall]:  # noqa: F811
    door = BounceDoor(town.room.bounces, secret)
    assert not secret or secret not in repr(door)
    application = web.Application()
    inbound = Inbound(None, {})  # type: ignore[arg-type]  # stands behind it, as in the server
    application.add_routes([*door.routes(), *inbound.routes()])
    server = TestServer(application)
    await server.start_server()
    yield Hall(town, town.session, str(server.make_url(PATH)))
    await server.close()


def one(kind: str, address: str = ADDRESS, **more: Any) -> list[dict[str, Any]]:
    return [{"address": address, "kind": kind, **more}]


# --- what is reported


async def test_a_returned_mail_counts_as_it_does_on_the_command_line(hall: Hall) -> None:
    known, message_id = await told(hall.town)
    status, said = await hall.push(report(returned=f"Message-ID: {message_id}"), MAIL)
    assert (status, said) == (202, {"results": [f"{known.id}: stopped (5.1.1)"], "repeated": False})
    assert await hall.state() == (Standing.BOUNCED, 1)


async def test_a_returned_mail_still_needs_our_tag_for_it_is_from_anybody(hall: Hall) -> None:
    await told(hall.town)
    assert (await hall.push(report(), MAIL))[1]["results"] == ["not about a subscriber of ours"]
    assert await hall.state() == (Standing.ACTIVE, 0)


@pytest.mark.parametrize(
    ("kind", "word", "state"),
    [
        ("hard", "stopped (hard)", (Standing.BOUNCED, 1)), ("soft", "noted (soft)", (Standing.ACTIVE, 1)),
        ("complaint", "stopped (complaint)", (Standing.STOPPED, 0)),
    ],
)  # fmt: skip
async def test_what_the_provider_reports_needs_no_tag(
    hall: Hall, kind: str, word: str, state: tuple[Standing, int]
) -> None:
    known = await hall.town.add(ADDRESS)
    status, said = await hall.push(one(kind, " Zeynep@MAIL.example "))
    assert (status, said["results"]) == (202, [f"{known.id}: {word}"])
    assert await hall.state() == state


async def test_a_complaint_stops_also_what_was_not_confirmed(hall: Hall) -> None:
    known = await hall.town.add(ADDRESS)
    await update(hall.town.store, Subscriber, known.id, lambda s: replace(s, state=Standing.PENDING))
    await hall.push(one("complaint"))
    after = await hall.town.known(ADDRESS)
    assert after is not None
    assert (after.state, after.error) == (Standing.STOPPED, "called our mail spam")


async def test_three_soft_ones_in_a_row_stop_an_address(hall: Hall) -> None:
    await hall.town.add(ADDRESS)
    for day in range(3):
        assert (await hall.state())[0] is Standing.ACTIVE
        await hall.push(one("soft", at=f"2026-03-0{day + 1}"))
    assert await hall.state() == (Standing.BOUNCED, 3)


async def test_only_mail_is_meant_and_what_is_over_stays_over(hall: Hall) -> None:
    await hall.town.add("https://hooks.example/1", channel=Channel.WEBHOOK)
    known = await hall.town.add(ADDRESS)
    await update(hall.town.store, Subscriber, known.id, lambda s: stopped(s, hall.town.clock()))
    body = [*one("hard", "https://hooks.example/1"), *one("hard", "nobody@mail.example"), *one("hard")]
    stranger = "not about a subscriber of ours"
    assert (await hall.push(body))[1]["results"] == [stranger, stranger, f"{known.id}: noted (hard)"]
    assert await hall.state() == (Standing.STOPPED, 0)


async def test_one_bad_report_does_not_lose_the_others(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    known = await hall.town.add(ADDRESS)
    bad = [5, {}, {"address": ADDRESS}, {"address": ADDRESS, "kind": "shrug"}, {"address": [], "kind": "hard"}]
    said = (await hall.push([*bad, *one("hard")]))[1]["results"]
    assert said[:-1] == [
        "set aside: `it` is missing or wrong", *["set aside: `address` is missing or wrong"],
        *["set aside: `kind` is missing or wrong"] * 2, "set aside: `address` is missing or wrong",
    ]  # fmt: skip
    assert said[-1] == f"{known.id}: stopped (hard)"
    assert ADDRESS not in caplog.text


# --- once only


async def test_a_second_try_of_the_same_body_counts_nothing(hall: Hall) -> None:
    await hall.town.add(ADDRESS)
    for _ in range(4):
        status, said = await hall.push(one("soft"))
    assert (status, said) == (202, {"results": [], "repeated": True})
    assert await hall.state() == (Standing.ACTIVE, 1)
    hall.town.clock.passes(hours=25)
    assert (await hall.push(one("soft")))[1]["repeated"] is False


async def test_the_sender_may_name_a_delivery_instead(hall: Hall) -> None:
    await hall.town.add(ADDRESS)
    for key in ("a", "b", "b"):
        await hall.push(one("soft"), key=key)
    await hall.push(one("soft", at="later"), key="a")
    assert await hall.state() == (Standing.ACTIVE, 2)


async def test_what_is_remembered_stays_small(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.bounces.MOST_REMEMBERED", 3)
    for number in range(5):
        await hall.push(one("soft", f"n{number}@mail.example"))
    (kept,) = [k for k in await hall.town.store.find(Kept) if k.id == "subscribers:bounces"]
    assert len(kept.value) == 3
    assert (await hall.push(one("soft", "n4@mail.example")))[1]["repeated"] is True
    assert (await hall.push(one("soft", "n0@mail.example")))[1]["repeated"] is False


# --- who and what may come in


@pytest.mark.parametrize("wrong", [{"secret": "something else"}, {"age": 301}, {"age": -301}])
async def test_without_our_signature_nothing_is_taken(hall: Hall, wrong: dict[str, Any]) -> None:
    await hall.town.add(ADDRESS)
    assert (await hall.push(one("hard"), **wrong))[0] == 401
    async with hall.session.post(hall.url, json=one("hard")) as answer:
        assert answer.status == 401
    assert await hall.state() == (Standing.ACTIVE, 0)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", JSON, 400), ({"address": ADDRESS, "kind": "hard"}, JSON, 400), (b"[" * 20_000, JSON, 400),
        ([{}] * (MAX_ITEMS + 1), JSON, 400), (b" " * (MAX_BYTES + 1), MAIL, 413), (b"x", "text/plain", 415),
        ([], JSON, 202), (b"no report at all", MAIL, 202),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_in_words(hall: Hall, body: object, kind: str, status: int) -> None:
    got, said = await hall.push(body, kind)
    assert got == status
    assert said


async def test_where_no_secret_is_set_there_is_no_such_door(town: Town) -> None:  # noqa: F811
    async for hall in open_hall(town, ""):
        assert await hall.push(one("hard")) == (404, "There is no such webhook.\n")
