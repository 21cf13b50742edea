"""Google Play: signing in as a service account, reviews, edits, pages, the hourly quota."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.heard.mention import MentionKind, Quota
from listener.registry import build_source
from listener.source import Source
from listener.sources.google import GRANT, TOKEN_URI
from listener.sources.googleplay import SCOPE, next_page, parse_reviews
from tests.listener.service import NOW, ORIGIN, Reply, Service, json_fixture, source

PATH = "/androidpublisher/v3/applications/com.acme.app/reviews"
TEN = 1793613600
GIVEN = Reply({"access_token": "t0k", "expires_in": 3599, "token_type": "Bearer"})


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def account(token_uri: str = TOKEN_URI, **changed: str) -> dict[str, str]:
    """The secrets, with a JSON key as Google hands it out."""
    pem = rsa_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = {"type": "service_account", "project_id": "p", "private_key_id": "k1", "private_key": pem.decode(),
           "client_email": "hub@p.example", "token_uri": token_uri}  # fmt: skip
    return {"service_account": json.dumps(key | changed)}


def play(
    session: aiohttp.ClientSession, service: Service, now: datetime = NOW, secrets: Mapping[str, str] | None = None,
    **options: Any,
) -> Source:  # fmt: skip
    return source("googleplay", session, service.url, now, secrets or account(), package_name="com.acme.app", **options)


def reviews(*ages: int, token: str | None = None, text: str = "\tbad") -> dict[str, Any]:
    """A page of reviews changed so many seconds before NOW; the ids are r0, r1 …"""
    said = [{"text": text, "lastModified": {"seconds": str(int(NOW.timestamp()) - age)}} for age in ages]
    found = [{"reviewId": f"r{i}", "comments": [{"userComment": one}]} for i, one in enumerate(said)]
    return {"reviews": found, **({"tokenPagination": {"nextPageToken": token}} if token else {})}


def test_reviews_become_mentions() -> None:
    parsed = parse_reviews(json_fixture("googleplay.json"), ORIGIN, "com.acme.app")
    first, second = parsed.mentions
    assert first.text == "Açılmıyor\n\nGüncellemeden sonra açılmıyor 😡", "title and text"
    assert (first.kind, first.rating, first.language) == (MentionKind.REVIEW, 1, "tr")
    assert first.created_at == datetime(2026, 11, 2, 11, 0, 0, 500000, tzinfo=UTC)
    assert (first.author.id, first.author.name, first.edited_at) == ("gp:one", "Zeynep K.", None)
    assert first.url == "https://play.google.com/store/apps/details?id=com.acme.app&reviewId=gp:one"
    assert (second.text, second.language, second.rating) == ("یک ستاره کمتر", "fa", 4)
    assert second.edited_at == second.created_at, "changed after we answered"
    assert [aside.reason for aside in parsed.set_aside] == ["`lastModified` is no readable date"]


def test_a_review_known_to_be_older_than_its_change_was_edited() -> None:
    known = datetime.fromtimestamp(TEN, UTC)
    first = parse_reviews(json_fixture("googleplay.json"), ORIGIN, "com.acme.app", {"gp:one": known}).mentions[0]
    assert first.created_at == known
    assert first.edited_at == datetime(2026, 11, 2, 11, 0, 0, 500000, tzinfo=UTC)


def test_an_answer_without_reviews_is_empty_and_another_shape_is_refused() -> None:
    assert parse_reviews({}, ORIGIN, "a.b").mentions == ()
    strange: object
    for strange in ([], "x", None, {"reviews": {}}):
        with pytest.raises(PermanentError, match="`reviews` should be a list"):
            parse_reviews(strange, ORIGIN, "a.b")


@pytest.mark.parametrize(
    ("page", "answer", "since", "then"),
    [
        (None, reviews(10, token="B"), None, "B"), (None, reviews(10), None, None),
        (None, reviews(10, 500, token="B"), 100, None), (None, reviews(10, 50, token="B"), 100, "B"),
        ("B", reviews(10, token="B"), None, None), (None, {}, None, None),
    ],
    ids=["first poll", "last page", "known reached", "newer than known", "same page again", "empty"],
)  # fmt: skip
def test_pages_are_read_down_to_what_is_known(
    page: str | None, answer: dict[str, Any], since: int | None, then: str | None
) -> None:
    assert next_page(page, answer, NOW - timedelta(seconds=since) if since else None) == then


async def test_the_account_signs_in_and_asks_with_its_token(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/token", GIVEN)
    service.says(PATH, Reply(json_fixture("googleplay.json")))
    batch = await play(session, service).fetch(None)
    signing, asking = service.asked
    assert (signing.method, signing.headers["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")
    form = dict(pair.split("=", 1) for pair in signing.body.split("&"))
    assert form["grant_type"] == GRANT.replace(":", "%3A")
    claim = jwt.decode(
        form["assertion"], rsa_key().public_key(), ["RS256"], audience="https://oauth2.googleapis.com/token",
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip
    issued = int(NOW.timestamp())
    assert (claim["iss"], claim["scope"]) == ("hub@p.example", SCOPE)
    assert (claim["iat"], claim["exp"]) == (issued, issued + 3600)
    assert jwt.get_unverified_header(form["assertion"])["kid"] == "k1"
    assert asking.headers["Authorization"] == "Bearer t0k"
    assert asking.query == [("maxResults", "100")]
    assert (len(batch.mentions), batch.more) == (2, True)
    assert batch.quota == Quota(199, NOW + timedelta(hours=1))


async def test_a_token_is_kept_until_a_minute_before_its_end(service: Service, session: aiohttp.ClientSession) -> None:
    clock = [NOW]
    service.says("/token", GIVEN)
    service.says(PATH, Reply({}))
    kept = build_source(
        "googleplay", "p", base_url=service.url, every=timedelta(minutes=5), options={"package_name": "com.acme.app"},
        secrets=account(), session=session, now=lambda: clock[0],
    )  # fmt: skip
    for seconds in (0, 3538, 3540):
        clock[0] = NOW + timedelta(seconds=seconds)
        await kept.fetch(None)
    assert [asked.path for asked in service.asked] == ["/token", PATH, PATH, "/token", PATH]


async def test_a_token_taken_back_is_renewed_once(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/token", GIVEN)
    service.says(PATH, Reply({"error": {"code": 401}}, 401), Reply({}))
    await play(session, service).fetch(None)
    service.says(PATH, Reply({"error": {"code": 401}}, 401))
    with pytest.raises(AuthError):
        await play(session, service).fetch(None)
    assert [asked.path for asked in service.asked] == ["/token", PATH] * 4


@pytest.mark.parametrize("how", ["token_url", "token_uri"])
async def test_the_token_comes_from_where_the_owner_says(
    service: Service, session: aiohttp.ClientSession, how: str
) -> None:
    service.says("/other", GIVEN)
    service.says(PATH, Reply({}))
    if how == "token_url":
        await play(session, service, token_url=f"{service.url}/other").fetch(None)
    else:
        await play(session, service, secrets=account(f"{service.url}/other")).fetch(None)
    assert service.asked[0].path == "/other"


PRIVATE = "MIIEsecretsecretsecret"


@pytest.mark.parametrize(
    ("secrets", "token", "kind", "says"),
    [
        (account(private_key=PRIVATE), GIVEN, AuthError, "no whole RSA key"),
        (account(), Reply({"error": "invalid_grant", "error_description": "x"}, 400), AuthError, "invalid_grant"),
        (account(), Reply({"error": {"code": 401}}, 401), AuthError, "status 401"),
        (account(), Reply({"access_token": "a\nb"}), AuthError, "does not accept the service account"),
        (account(), Reply({}), AuthError, "does not accept the service account"),
        (account(), Reply("oops", 503), TemporaryError, "trouble of its own"),
        (account(), Reply("", 429), RateLimited, "slow down"),
    ],
)  # fmt: skip
async def test_a_bad_key_gets_a_clear_sentence(
    service: Service, session: aiohttp.ClientSession, secrets: dict[str, str], token: Reply, kind: type[ServiceError],
    says: str,
) -> None:  # fmt: skip
    service.says("/token", token)
    with pytest.raises(kind, match=says) as caught:
        await play(session, service, secrets=secrets).fetch(None)
    assert PRIVATE not in f"{caught.value!r} {caught.value.__cause__!r}"


def reason(word: str) -> Reply:
    return Reply({"error": {"code": 403, "errors": [{"reason": word}]}}, 403)


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (reason("permissionDenied"), AuthError, None),
        (reason("quotaExceeded"), RateLimited, timedelta(hours=1)),
        (reason("rateLimitExceeded"), RateLimited, timedelta(minutes=1)),
        (Reply({"error": {"code": 404}}, 404), NotFound, None),
        (Reply({"error": {"code": 400}}, 400), PermanentError, None),
    ],
)
async def test_refusals_are_errors(
    service: Service, session: aiohttp.ClientSession, reply: Reply, kind: type[ServiceError], wait: timedelta | None
) -> None:
    service.says("/token", GIVEN)
    service.says(PATH, reply)
    with pytest.raises(kind) as caught:
        await play(session, service).fetch(None)
    assert getattr(caught.value, "retry_after", None) == wait


async def test_pages_end_where_the_last_round_began(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/token", GIVEN)
    service.says(PATH, Reply(reviews(600, token="B")), Reply(reviews(86400)), Reply(reviews(60, 86400, token="B")))
    apps = play(session, service, page_size=10)
    first = await apps.fetch(None)
    second = await apps.fetch(first.cursor)
    third = await apps.fetch(second.cursor)
    assert [first.more, second.more, third.more] == [True, False, False]
    assert [asked.query for asked in service.asked[1:]] == [
        [("maxResults", "10")], [("maxResults", "10"), ("token", "B")], [("maxResults", "10")]
    ]  # fmt: skip
    assert json.loads(third.cursor or "")["since"] == (NOW - timedelta(seconds=60)).isoformat()


async def test_a_changed_review_comes_again_as_an_edit(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/token", GIVEN)
    service.says(PATH, Reply(reviews(600)), Reply(reviews(60, text="\tgood now")))
    apps = play(session, service)
    first = await apps.fetch(None)
    for _ in range(2):
        (mention,) = (await apps.fetch(first.cursor)).mentions
        assert (mention.id, mention.created_at) == (first.mentions[0].id, first.mentions[0].created_at)
        assert mention.edited_at == NOW - timedelta(seconds=60)


async def test_an_expired_page_token_starts_again(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/token", GIVEN)
    service.says(PATH, Reply(reviews(600, token="B")), Reply({"error": {"code": 400}}, 400), Reply(reviews(600)))
    apps = play(session, service)
    batch = await apps.fetch((await apps.fetch(None)).cursor)
    assert (batch.more, batch.mentions) == (False, ())
    assert len((await apps.fetch(batch.cursor)).mentions) == 1
    assert service.asked[-1].query == [("maxResults", "100")]


async def test_two_hundred_questions_an_hour(service: Service, session: aiohttp.ClientSession) -> None:
    hour = NOW + timedelta(hours=1)
    used = json.dumps({"used": 199, "resets": hour.isoformat()})
    service.says("/token", GIVEN)
    service.says(PATH, Reply({}))
    last = await play(session, service).fetch(used)
    assert (last.quota, last.not_before) == (Quota(0, hour), hour)
    asked = len(service.asked)
    waiting = await play(session, service).fetch(last.cursor)
    assert (waiting.cursor, waiting.not_before, len(service.asked)) == (last.cursor, hour, asked)
    assert (await play(session, service, hour).fetch(last.cursor)).quota == Quota(199, hour + timedelta(hours=1))
