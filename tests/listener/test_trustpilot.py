"""Trustpilot: reviews with stars, edits, pages back to what is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, NotFound, PermanentError, RateLimited
from domain.heard.mention import Author, MentionKind
from listener.sources.trustpilot import Round, next_round, parse_reviews
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

UNIT = "46d6a890ffa235a75b00021d"
PATH = f"/v1/business-units/{UNIT}/reviews"


def reviews(session: aiohttp.ClientSession, service: Service, **options: Any) -> Any:
    return source("trustpilot", session, service.url, secrets={"api_key": "k3y"}, business_unit=UNIT, **options)


def page(newest: datetime, count: int = 100) -> dict[str, Any]:
    one = {"consumer": {"id": "c"}, "stars": 3, "title": "t", "text": "x"}
    made = [
        {**one, "id": f"r{newest:%H%M}{n}", "createdAt": (newest - timedelta(minutes=n)).isoformat()}
        for n in range(count)
    ]
    return {"reviews": made}


def test_reviews_become_mentions_with_stars() -> None:
    first, second = parse_reviews(json_fixture("trustpilot.json"), ORIGIN).mentions
    assert (first.native_id, first.text) == ("65aa01", "Para iadesi yok\n\nİki haftadır bekliyorum.")
    assert (first.author, first.rating, first.language) == (Author("65cc01", "Zeynep K."), 1, "tr")
    assert (first.kind, first.url) == (MentionKind.REVIEW, "https://www.trustpilot.com/reviews/65aa01")
    assert first.edited_at == datetime(2026, 11, 2, 11, tzinfo=UTC)
    assert second.edited_at is None
    assert second.text == "Great service and quick delivery", "a title made of the first words is not said twice"


def test_stars_without_words_are_left_out_and_a_review_of_nobody_is_set_aside() -> None:
    parsed = parse_reviews(json_fixture("trustpilot.json"), ORIGIN)
    assert [mention.native_id for mention in parsed.mentions] == ["65aa01", "65aa02"]
    assert [aside.reason for aside in parsed.set_aside] == ["`consumer.id` is missing or no text"]


@pytest.mark.parametrize("stars", [0, 6, "x", None])
def test_odd_stars_are_no_rating(stars: object) -> None:
    item = {**json_fixture("trustpilot.json")["reviews"][0], "stars": stars}
    assert parse_reviews({"reviews": [item]}, ORIGIN).mentions[0].rating is None


def test_an_id_never_becomes_an_address_of_its_own() -> None:
    item = {**json_fixture("trustpilot.json")["reviews"][0], "id": "../x"}
    assert parse_reviews({"reviews": [item]}, ORIGIN).mentions[0].url is None


async def test_the_key_travels_in_a_header(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(json_fixture("trustpilot.json")))
    batch = await reviews(session, service, language="tr").fetch(None)
    (asked,) = service.asked
    assert asked.headers["apikey"] == "k3y"
    assert dict(asked.query) == {"orderBy": "createdat.desc", "perPage": "100", "page": "1", "language": "tr"}
    assert (len(batch.mentions), batch.more) == (2, False)
    assert json.loads(batch.cursor or "") == {"since": "2026-11-01T10:00:00+00:00"}, "the newest, and a day of overlap"


async def test_pages_go_back_to_what_is_known(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(PATH, Reply(page(NOW)), Reply(page(NOW - timedelta(hours=2))), Reply(page(NOW, 0)))
    source_ = reviews(session, service)
    first = await source_.fetch(json.dumps({"since": (NOW - timedelta(hours=3)).isoformat()}))
    assert first.more
    second = await source_.fetch(first.cursor)
    assert ("page", "2") in service.asked[1].query
    assert not second.more
    third = await source_.fetch(second.cursor)
    assert ("page", "1") in service.asked[2].query
    assert json.loads(third.cursor or "") == json.loads(second.cursor or "")


@pytest.mark.parametrize(
    ("answer", "now_at", "more"),
    [
        (page(NOW), Round(NOW - timedelta(days=1)), True),
        (page(NOW), Round(NOW - timedelta(hours=1)), False),
        (page(NOW, 99), Round(NOW - timedelta(days=1)), False),
        (page(NOW), Round(NOW - timedelta(days=1), page=50), False),
        ({"reviews": []}, Round(NOW - timedelta(days=1)), False),
    ],
)
def test_a_round_ends_where_all_is_known(answer: object, now_at: Round, more: bool) -> None:
    then, goes_on = next_round(now_at, answer)
    assert goes_on == more
    assert then.since >= now_at.since


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(Reply({"message": "x"}, 401), AuthError), (Reply(status=404), NotFound), (Reply(status=429), RateLimited),
     (Reply({"reviews": None}), PermanentError)],
)  # fmt: skip
async def test_refusals_are_errors(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[Exception]
) -> None:
    service.says(PATH, reply)
    with pytest.raises(kind) as caught:
        await reviews(session, service).fetch(None)
    assert "k3y" not in str(caught.value)
