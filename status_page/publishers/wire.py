"""One request with the errors of the house: what to try again, when, and what never."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from status_page.publishers.publisher import NotTaken

TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=10)
MAX_ANSWER = 1_000_000  # bytes
LONGEST_WAIT_S = 7200
Judge = Callable[[int, Mapping[str, str], Mapping[str, Any]], ServiceError | None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to send where; `who` names the channel in messages (never a URL with secrets).

    `judge` reads the refusals that mean something special at this platform: (status, headers, the answer's object).
    """

    method: str
    url: str
    who: str
    headers: Mapping[str, str]
    form: Mapping[str, str] | None = None
    body: bytes | None = None
    judge: Judge = lambda status, headers, said: None


def json_body(content: Mapping[str, Any]) -> bytes:
    """Write a body of JSON, letters of every script as they are."""
    return json.dumps(content, ensure_ascii=False).encode()


async def send(session: aiohttp.ClientSession, request: Request) -> dict[str, Any]:
    """Send and give the answer's JSON object ({} when it has none). Raises only ServiceErrors."""
    return _object(await receive(session, request))


async def receive(session: aiohttp.ClientSession, request: Request) -> bytes:
    """Send and give the answer's body, at most a little over a megabyte. Raises only ServiceErrors."""
    # `from None` throughout: the library's own words may quote the address or a header, and the token with it.
    try:
        async with session.request(
            request.method, request.url, headers=request.headers, timeout=TIMEOUT, allow_redirects=False,
            data=request.form if request.form is not None else request.body,
        ) as answer:  # fmt: skip
            raw = await _read(answer)
            if answer.status >= 300:
                said = _object(raw)
                special = request.judge(answer.status, answer.headers, said)
                raise special or refusal(request.who, answer.status, answer.headers.get("Retry-After"), _said(said))
            return raw
    except (ValueError, aiohttp.NonHttpUrlClientError) as err:
        raise PermanentError(f"{request.who}: address or token is not usable ({type(err).__name__}).") from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as err:
        raise NotTaken(f"{request.who} cannot be reached ({type(err).__name__}).") from None
    except (TimeoutError, aiohttp.ClientError, OSError) as err:
        raise TemporaryError(f"{request.who} gave no answer ({type(err).__name__}).") from None


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    raw = b""
    async for chunk in answer.content.iter_chunked(65_536):
        raw += chunk
        if len(raw) > MAX_ANSWER:
            break
    return raw


def refusal(who: str, status: int, retry_after: str | None, said: str) -> ServiceError:
    """Turn an HTTP status into the error that says whether to try again."""
    words = f"{who} answers {status}" + (f": {said}" if said else ".")
    if status in (401, 403):
        return AuthError(words)
    if status in (404, 410):
        return NotFound(words)
    wait = _wait(retry_after or "")
    if status == 429:
        return RateLimited(words, wait)
    if status >= 500 or status in (408, 425):
        return TemporaryError(words, wait)
    return PermanentError(words)


def bounded(seconds: float) -> timedelta:
    """Keep a wait that was asked for within reason: from nothing to two hours."""
    return timedelta(seconds=min(max(seconds, 0), LONGEST_WAIT_S))


def _wait(retry_after: str) -> timedelta | None:
    """Read seconds, at most two hours; a date or nonsense gives None, the caller's own back-off."""
    is_number = retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10
    return bounded(int(retry_after)) if is_number else None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(answer: Mapping[str, Any]) -> str:
    names = ("error", "message", "title", "detail", "description")
    parts = dict.fromkeys(str(answer[name]) for name in names if answer.get(name))
    return ": ".join(parts)[:200]
