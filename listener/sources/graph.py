"""Meta's Graph API as Facebook and Instagram share it: asking, its error codes, its usage headers, its pages.

API: https://developers.facebook.com/docs/graph-api (read 2026-11). The token travels in a header: addresses are logged
by proxies, and `paging.next` repeats whatever token an address held.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from listener.http import Answer, refusal
from listener.items import dig, number_at, text_at
from listener.pacing import retry_after
from listener.source import Setup

HOST = "https://graph.facebook.com"
VERSION = r"v[0-9]{1,3}\.[0-9]{1,2}"
BUSY = 95  # per cent of an hour's allowance: at 100 Meta refuses, and asking on prolongs the wait
REST = timedelta(minutes=15)  # the allowance is by the rolling hour
_ANSWERS = (200, 400, 401, 403, 404, 429, 500, 503)  # Meta says with a code in the body what is wrong
_NOT_THERE = (NotFound, "does not have what was asked for, or the token may not see it")
_MEANINGS: Mapping[int, tuple[type[PermanentError], str]] = {
    **dict.fromkeys((102, 190, 450, 452, 463, 467, 2500), (AuthError, "does not accept the access token any more")),
    **dict.fromkeys((3, 10, *range(200, 300)), (AuthError, "does not let this access token read that")),
    803: _NOT_THERE,
}
_TROUBLE = frozenset({1, 2})
_TOO_MUCH = frozenset({4, 17, 32, 341, 368, 613, *range(80000, 80015)})
_PAGE = ("after", "until", "since", "__paging_token")  # what may be taken from the address of the next page
_METERS = ("call_count", "total_time", "total_cputime")
Page = tuple[tuple[str, str], ...]  # the params that lead to a page of a list; none for the first


async def ask(setup: Setup, path: str, params: Sequence[tuple[str, str]]) -> tuple[object, datetime | None]:
    """GET `path`; gives the answer, and until when to rest where the allowance is nearly used up.

    Raises `ServiceError` by the code in the answer.
    """
    token = setup.secrets.get("access_token", "")
    headers = {"Authorization": f"Bearer {token}"}
    answer = await setup.web().get(setup.url(HOST, path), params=params, headers=headers, ok=_ANSWERS)
    found = answer.json() if answer.status == 200 else None
    if answer.status != 200 or isinstance(dig(found, "error"), Mapping):
        raise refused(answer, setup.now())
    return found, rest_until(answer.headers, setup.now())


def refused(answer: Answer, now: datetime) -> ServiceError:
    """Say what Meta's error means; its own words are not quoted: they can hold the token."""
    error, host = _error_in(answer), answer.host
    code = number_at(error, "code")
    if code is None:
        return refusal(host, answer.status, answer.headers, now)
    wait = retry_after(answer.headers, now)
    if code in _TOO_MUCH:
        return RateLimited(f"{host} asks us to slow down (error {code}).", wait or _regained_in(answer.headers) or REST)
    if code in _TROUBLE or dig(error, "is_transient") is True:
        return TemporaryError(f"{host} has trouble of its own (error {code}).", wait)
    kind, words = _MEANINGS.get(code, (PermanentError, "refused the request: check id, version and permissions"))
    if code == 100 and number_at(error, "error_subcode") == 33:
        kind, words = _NOT_THERE
    return kind(f"{host} {words} (error {code}).")


def rest_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Give the moment to ask again when a meter of the app or the page stands at 95 per cent or more."""
    fullest = max((_number(usage, meter) for usage in _usages(headers) for meter in _METERS), default=0.0)
    return now + (_regained_in(headers) or REST) if fullest >= BUSY else None


def next_page(answer: object) -> Page:
    """Give the page after this one, nothing at the end.

    Only known params are taken from `paging.next`: never its host, which could be anybody's, nor the token in it. An
    `after` cursor is there on the last page, too, so it alone promises nothing.
    """
    following = text_at(answer, "paging", "next")
    if not following:
        return ()
    try:
        said = dict(parse_qsl(urlsplit(following).query))
    except ValueError:
        said = {}
    said = said or {"after": text_at(answer, "paging", "cursors", "after")}
    return tuple((name, said[name]) for name in _PAGE if said.get(name))


def _error_in(answer: Answer) -> object:
    try:
        return dig(answer.json(), "error")
    except ServiceError:  # a web page
        return None


def _regained_in(headers: Mapping[str, str]) -> timedelta | None:
    minutes = max((_number(usage, "estimated_time_to_regain_access") for usage in _usages(headers)), default=0.0)
    return timedelta(minutes=min(minutes, 1440)) if minutes > 0 else None


def _usages(headers: Mapping[str, str]) -> Iterator[object]:
    """List the meters: `{"call_count": 9, ...}` of the app or page, `{"<id>": [{...}]}` of each business use case."""
    for name in ("X-App-Usage", "X-Page-Usage"):
        yield _json(headers.get(name, ""))
    cases = _json(headers.get("X-Business-Use-Case-Usage", ""))
    for usages in cases.values() if isinstance(cases, Mapping) else ():
        yield from usages if isinstance(usages, list) else ()


def _json(value: str) -> object:
    try:
        return json.loads(value[:10_000]) if value else None
    except (ValueError, RecursionError):
        return None


def _number(usage: object, name: str) -> float:
    found = dig(usage, name)
    try:
        number = float(found) if isinstance(found, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return number if math.isfinite(number) else 0.0
