"""X: posts and their edits, pages, money, the two kinds of limits, and what has to be erased."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, TemporaryError
from domain.heard.mention import Author, MentionKind, Quota
from listener.http import Answer
from listener.sources.x import REACH, Round, another_try, next_round, old_posts
from listener.sources.x_posts import gone_ids, moment_of_id, parse_posts
from listener.sources.x_refusals import cap_reset, why_refused
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

SEARCH, MENTIONS, LOOKUP = "/2/tweets/search/recent", "/2/users/900/mentions", "/2/tweets"
SECRETS = {"access_token": "t0k"}
NEWEST, EDITED, LONG = "2117220173214646300", "2117217650000000190", "2117215140049846180"
YESTERDAY = "2117028912952246272"  # 2026-11-01 23:00
EMPTY: dict[str, Any] = {"meta": {"result_count": 0}}
GONE = "https://api.twitter.com/2/problems/resource-not-found"
HIDDEN = "https://api.twitter.com/2/problems/not-authorized-for-resource"
NO_PAGE = {"errors": [{"parameters": {"next_token": ["b"]}, "message": "Invalid next_token:[b]"}]}
TOO_OLD = {
    "errors": [{
        "parameters": {"since_id": ["1"]},
        "message": "'since_id' must be a tweet id created after [2026-10-26T12:00Z]. "
        "Please use a 'since_id' that is larger than 2",
    }],
    "title": "Invalid Request", "type": "https://api.twitter.com/2/problems/invalid-request",
}  # fmt: skip


def answered(status: int, body: object, **headers: str) -> Answer:
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer("api.x.com", status, named, json.dumps(body).encode())


def page(*ids: str, token: str | None = None) -> dict[str, Any]:
    posts = [{"id": known, "text": f"acme {known}", "author_id": "1"} for known in ids]
    return {"data": posts, "meta": {"newest_id": ids[0], "result_count": len(ids), "next_token": token}}


def state(**known: Any) -> str:
    return json.dumps(known)


def test_posts_become_mentions() -> None:
    first, reply, long = parse_posts(json_fixture("x_search.json"), ORIGIN, "900").mentions
    assert first.text == "Acme app keeps crashing & I can't pay <3 hours now. @acme @… please"
    assert first.author == Author("501", "Jo 🌻", "jo_makes", 12, "https://x.com/jo_makes")
    assert first.url == f"https://x.com/jo_makes/status/{NEWEST}"
    assert (first.kind, first.language, first.addressed, first.root) == (MentionKind.POST, "en", True, None)
    assert (reply.kind, reply.in_reply_to, reply.root) == (
        MentionKind.REPLY, "2117213000000000150", "2117212000000000100",
    )  # fmt: skip
    assert reply.addressed, "it answers our account"
    assert (long.native_id, long.addressed) == (LONG, True), "it quotes our account"
    assert long.text.endswith("Destek de cevap vermiyor."), "the whole text, not its first 280 characters"


def test_an_edit_keeps_the_id_of_the_first_version_and_is_answered_by_the_last() -> None:
    edit = parse_posts(json_fixture("x_search.json"), ORIGIN).mentions[1]
    assert (edit.native_id, edit.reply_ref) == (EDITED, "2117217656632246200")
    assert edit.edited_at == datetime(2026, 11, 2, 11, 30, tzinfo=UTC)
    assert edit.created_at == moment_of_id(EDITED)
    assert edit.url is not None
    assert edit.url.endswith("/2117217656632246200")


def test_reposts_are_left_out_bad_posts_set_aside_and_missing_authors_forgiven() -> None:
    parsed = parse_posts(json_fixture("x_search.json"), ORIGIN)
    assert len(parsed.mentions) == 3
    assert [aside.reason for aside in parsed.set_aside] == ["it has no text"]
    assert parsed.mentions[2].author == Author("503"), "X did not find the author of the third"


def test_a_page_without_any_of_the_fields_is_read_all_the_same() -> None:
    (mention,) = parse_posts({"data": [{"id": NEWEST, "text": "acme is down"}], "meta": {}}, ORIGIN).mentions
    assert mention.created_at.replace(microsecond=0) == datetime(2026, 11, 2, 11, 40, tzinfo=UTC)
    assert mention.author.id == f"unknown:{NEWEST}", "nobody else's words are taken for theirs"
    assert parse_posts({"data": [{"id": NEWEST, "text": "RT @acme: up"}], "meta": {}}, ORIGIN).mentions == ()


@pytest.mark.parametrize(
    ("code", "language"), [("tr", "tr"), ("in", "id"), ("iw", "he"), ("und", None), ("qme", None), ("quz", "quz")]
)
def test_languages_of_their_own_become_ours(code: str, language: str | None) -> None:
    post = {"id": NEWEST, "text": "acme", "author_id": "1", "lang": code}
    assert parse_posts({"data": [post]}, ORIGIN).mentions[0].language == language


def test_no_results_are_no_data_and_other_partial_errors_are_shown() -> None:
    assert parse_posts(EMPTY, ORIGIN).mentions == ()
    odd = {"type": "https://api.twitter.com/2/problems/oops", "title": "Oops"}
    assert len(parse_posts({**EMPTY, "errors": [odd]}, ORIGIN).set_aside) == 1


def test_what_is_no_page_is_refused() -> None:
    with pytest.raises(PermanentError):
        parse_posts({}, ORIGIN)
    with pytest.raises(NotFound, match="user_id"):
        parse_posts({"errors": [{"type": GONE, "parameter": "id", "value": "900"}]}, ORIGIN)


@pytest.mark.parametrize(
    ("errors", "gone"),
    [
        ([{"type": GONE, "parameter": "ids", "resource_id": "1", "value": "1"}], ("1",)),
        ([{"type": HIDDEN, "parameter": "ids", "value": "2"}], ("2",)),
        ([{"type": GONE, "parameter": "referenced_tweets.id", "value": "3"}], ()),
        ([{"type": "about:blank", "parameter": "ids", "value": "4"}, None, "x"], ()),
        (None, ()),
    ],
)
def test_only_asked_posts_that_x_does_not_show_are_gone(errors: Any, gone: tuple[str, ...]) -> None:
    assert gone_ids({"errors": errors}) == gone


@pytest.mark.parametrize(
    ("now_at", "answer", "then", "more"),
    [
        (Round("5"), page("9", "8", token="b"), Round("5", token="b", newest="9"), True),
        (Round("5", token="b", newest="9"), page("7", "6"), Round("9"), False),
        (Round("5", token="b", newest="9"), page("7", token="b"), Round("9"), False),
        (Round("5", newest="9", token="b"), EMPTY, Round("9"), False),
        (Round("9"), page("10"), Round("10"), False),
        (Round("5"), EMPTY, Round("5"), False),
        (Round(start=NOW), EMPTY, Round(start=NOW), False),
        (Round(start=NOW), page("7"), Round("7"), False),
    ],
)
def test_since_id_moves_only_when_a_round_is_complete(now_at: Round, answer: Any, then: Round, more: bool) -> None:
    assert next_round(now_at, answer) == (then, more)


@pytest.mark.parametrize(
    ("now_at", "said", "then"),
    [
        (Round("1"), TOO_OLD, Round(start=NOW - REACH)),
        (Round("1", token="b", newest="9"), NO_PAGE, Round("1", newest="9")),
        (Round(start=NOW - timedelta(days=9)), {"message": "Invalid 'start_time'"}, Round(start=NOW - REACH)),
        (Round("1"), {"message": "Invalid query"}, None),
        (Round(start=NOW), TOO_OLD, None),
    ],
)  # fmt: skip
def test_a_refused_place_is_asked_for_in_another_way(now_at: Round, said: object, then: Round | None) -> None:
    assert another_try(now_at, json.dumps(said).encode(), NOW) == then


@pytest.mark.parametrize(
    ("answer", "kind", "wait"),
    [
        (answered(429, {"title": "Too Many Requests"}, x_rate_limit_reset="9"), RateLimited, timedelta(seconds=9)),
        (answered(429, {"title": "UsageCapExceeded", "period": "Monthly"}), RateLimited, timedelta(days=28, hours=12)),
        (answered(429, {"type": "https://api.x.com/2/problems/usage-capped", "period": "Daily"}), RateLimited,
         timedelta(hours=12)),
        (answered(403, {"title": "SpendCapReached", "reset_date": "2026-11-09"}), RateLimited,
         timedelta(days=6, hours=12)),
        (answered(402, {"title": "CreditsDepleted"}), RateLimited, timedelta(hours=1)),
        (answered(403, {"title": "Client Forbidden"}), AuthError, None),
        (answered(400, TOO_OLD), PermanentError, None),
        (answered(403, "not what X says"), AuthError, None),
    ],
)  # fmt: skip
def test_a_full_window_and_a_used_up_month_wait_differently(
    answer: Answer, kind: type[Exception], wait: timedelta | None
) -> None:
    err = why_refused(answer, NOW)
    assert type(err) is kind
    assert getattr(err, "retry_after", None) == wait


@pytest.mark.parametrize(
    ("now", "until"),
    [(datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
     (datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC))],
)  # fmt: skip
def test_a_month_ends_at_its_end(now: datetime, until: datetime) -> None:
    assert cap_reset({"period": "Monthly"}, now) == until
    assert cap_reset({"reset_date": "2020-01-01"}, now) == until, "a date in the past is no reset"


async def test_pages_are_followed_and_the_place_survives_a_crash(
    service: Service, session: aiohttp.ClientSession
) -> None:
    broken = Reply("<html>", 503)
    service.says(SEARCH, Reply(json_fixture("x_search.json")), broken, Reply(page("2117215110000000140")))
    search = source("x", session, service.url, query="acme -is:retweet", secrets=SECRETS)
    first = await search.fetch(None)
    known = json.loads(first.cursor or "")
    assert (first.more, known["token"], known.get("since_id")) == (True, "b26v89c1", None)
    with pytest.raises(TemporaryError):
        await search.fetch(first.cursor)
    second = await search.fetch(first.cursor)
    assert json.loads(second.cursor or "")["since_id"] == NEWEST
    assert (len(second.mentions), second.more) == (1, False)
    asked = [dict(each.query) for each in service.asked]
    assert asked[0]["query"] == "acme -is:retweet"
    assert asked[0]["max_results"] == "100"
    assert asked[0]["start_time"] == "2026-11-01T12:00:00Z"
    assert "note_tweet" in asked[0]["tweet.fields"]
    assert asked[0]["expansions"] == "author_id,referenced_tweets.id"
    assert service.asked[0].headers["Authorization"] == "Bearer t0k"
    assert asked[2]["next_token"] == "b26v89c1"
    assert asked[2]["start_time"] == asked[0]["start_time"], "a page belongs to one question"


async def test_a_round_goes_on_from_the_newest_post_without_a_start(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(SEARCH, Reply(EMPTY))
    await source("x", session, service.url, query="acme", secrets=SECRETS).fetch(state(since_id="77"))
    asked = dict(service.asked[0].query)
    assert asked["since_id"] == "77"
    assert "start_time" not in asked, "X refuses both together"


async def test_mentions_of_our_account_are_addressed_to_us(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(MENTIONS, Reply(page(NEWEST, token="next")), Reply(EMPTY))
    mentions = source("x", session, service.url, timeline="mentions", user_id=900, max_results=50, secrets=SECRETS)
    batch = await mentions.fetch(None)
    await mentions.fetch(batch.cursor)
    assert batch.mentions[0].addressed
    assert batch.cost == pytest.approx(0.001)
    assert "query" not in dict(service.asked[0].query)
    assert ("pagination_token", "next") in service.asked[1].query


async def test_an_old_since_id_falls_back_to_a_start(service: Service, session: aiohttp.ClientSession) -> None:
    service.says(SEARCH, Reply(TOO_OLD, 400), Reply(page(NEWEST)))
    batch = await source("x", session, service.url, query="acme", secrets=SECRETS).fetch(state(since_id="1"))
    assert len(batch.mentions) == 1
    assert json.loads(batch.cursor or "")["since_id"] == NEWEST
    assert dict(service.asked[1].query)["start_time"] == "2026-10-26T13:00:00Z"


async def test_a_query_that_x_does_not_understand_is_told_with_its_reason(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(SEARCH, Reply({"errors": [{"message": "Invalid query:[(]"}]}, 400))
    with pytest.raises(PermanentError, match=r"Invalid query:\[\(\]"):
        await source("x", session, service.url, query="(", secrets=SECRETS).fetch(None)
    assert len(service.asked) == 1


async def test_reading_costs_by_the_post_and_says_what_is_left(
    service: Service, session: aiohttp.ClientSession
) -> None:
    left = {"x-rate-limit-remaining": "7", "x-rate-limit-reset": str(int(NOW.timestamp()) + 300)}
    service.says(SEARCH, Reply(json_fixture("x_search.json"), headers=left))
    search = source("x", session, service.url, query="acme", secrets=SECRETS)
    batch = await search.fetch(None)
    assert batch.cost == pytest.approx(5 * 0.005), "reposts and unreadable posts are charged, too"
    assert batch.quota == Quota(7, NOW + timedelta(minutes=5))
    assert search.page_cost == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("options", "cost", "most"),
    [
        ({"price_post": 0.01, "max_results": 10}, 0.05, 0.1),
        ({"price_included": 0.01}, 0.025 + 3 * 0.01, 3.5),
        ({"timeline": "mentions", "user_id": "900"}, 0.005, 0.5),
        ({"timeline": "mentions", "user_id": "900", "recheck": False}, 0.005, 0.1),
    ],
)
async def test_prices_are_the_owners_to_set(
    service: Service, session: aiohttp.ClientSession, options: dict[str, Any], cost: float, most: float
) -> None:
    for path in (SEARCH, MENTIONS):
        service.says(path, Reply(json_fixture("x_search.json")))
    asked = source("x", session, service.url, query="acme", secrets=SECRETS, **options)
    assert (await asked.fetch(None)).cost == pytest.approx(cost)
    assert asked.page_cost == pytest.approx(most)


async def test_deleted_posts_of_the_last_day_are_found_once_an_hour(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(SEARCH, Reply(json_fixture("x_search.json") | {"meta": {"newest_id": NEWEST}}), Reply(EMPTY))
    error = {"type": GONE, "parameter": "ids", "resource_id": EDITED, "value": EDITED}
    service.says(LOOKUP, Reply({"data": [{"id": NEWEST, "text": "x"}], "errors": [error]}))
    first = await source("x", session, service.url, query="acme", secrets=SECRETS).fetch(None)
    soon = source("x", session, service.url, now=NOW + timedelta(minutes=59), query="acme", secrets=SECRETS)
    assert (await soon.fetch(first.cursor)).deleted == ()
    assert [each.path for each in service.asked] == [SEARCH, SEARCH], "nothing is asked for again within the hour"
    later = source("x", session, service.url, now=NOW + timedelta(hours=1), query="acme", secrets=SECRETS)
    batch = await later.fetch(first.cursor)
    assert (batch.deleted, batch.cost) == ((EDITED,), 0), "today's posts were paid with their page"
    assert service.asked[-1].query == [("ids", f"{NEWEST},{EDITED},{LONG}")]
    assert json.loads(batch.cursor or "")["recent"] == [NEWEST, LONG]


async def test_a_failed_look_up_loses_no_page_and_waits_an_hour(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(SEARCH, Reply(page(NEWEST)))
    service.says(LOOKUP, Reply({"title": "UsageCapExceeded"}, 429))
    before = state(recent=[YESTERDAY], checked_at="2026-11-02T10:00:00+00:00")
    batch = await source("x", session, service.url, query="acme", secrets=SECRETS).fetch(before)
    assert (len(batch.mentions), batch.deleted) == (1, ())
    assert json.loads(batch.cursor or "")["checked_at"] == NOW.isoformat()


async def test_yesterdays_posts_are_paid_again_with_the_first_look_of_a_day(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says(SEARCH, Reply(EMPTY))
    service.says(LOOKUP, Reply({"data": [{"id": YESTERDAY, "text": "x"}, {"id": NEWEST, "text": "x"}]}))
    search = source("x", session, service.url, query="acme", max_results=10, secrets=SECRETS)
    first = await search.fetch(state(recent=[YESTERDAY, NEWEST], checked_at="2026-11-01T23:30:00+00:00"))
    again = await search.fetch(state(recent=[YESTERDAY, NEWEST], checked_at="2026-11-02T10:30:00+00:00"))
    assert (first.cost, again.cost) == (pytest.approx(0.005), 0)
    assert old_posts({"data": [{"id": "x"}, None]}, NOW) == 0


async def test_only_the_newest_hundred_of_a_day_are_kept_in_mind(
    service: Service, session: aiohttp.ClientSession
) -> None:
    day_old = [str(int(NEWEST) - (hours * 3_600_000 << 22)) for hours in range(30)]
    service.says(SEARCH, Reply(page(*[str(int(NEWEST) - n) for n in range(90)])))
    before = state(recent=day_old, checked_at=NOW.isoformat())
    batch = await source("x", session, service.url, query="acme", secrets=SECRETS).fetch(before)
    kept = json.loads(batch.cursor or "")["recent"]
    assert len(kept) == 100
    assert kept[0] == NEWEST
    assert all(NOW - (moment_of_id(known) or NOW) < timedelta(days=1) for known in kept)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(Reply({"title": "Unauthorized"}, 401), AuthError), (Reply("<html>", 503), TemporaryError),
     (Reply("Forbidden", 403), AuthError), (Reply(b"<!doctype html><html>"), TemporaryError),
     (Reply([]), PermanentError)],
)  # fmt: skip
async def test_refusals_are_errors_without_the_token(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[Exception]
) -> None:
    service.says(SEARCH, reply)
    with pytest.raises(kind) as caught:
        await source("x", session, service.url, query="acme", secrets=SECRETS).fetch(None)
    assert "t0k" not in str(caught.value)
