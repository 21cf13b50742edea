"""The channels that are posted to: webhooks, Slack and browsers. Strangers named the addresses, so all is guarded.

The session must be one of listener/http.py without any private host: an address that the owner trusts for a source
is not to be reached by whoever types it into a form.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from app.subscribers.carrier import Hand, Job
from domain.errors import AuthError, PermanentError, ServiceError, TemporaryError
from domain.told.mailing import SENT, Outcome, Verdict
from status_page.publishers.wire import Request, receive

MOST_HANDS = 20


@dataclass(frozen=True, slots=True)
class Post:
    """One request; `gone` are the answers that mean "nobody is there", `proof` is the word the answer must hold."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    gone: frozenset[int] = frozenset({410})
    proof: str | None = None


class Gone(PermanentError):
    """The address has nobody behind it any more."""


@dataclass(frozen=True, slots=True)
class PostCarrier:
    """Sends what `write` makes of a job; what one address answers says nothing about the others."""

    who: str  # the channel, for messages
    write: Callable[[Job], Awaitable[Post]]
    session: aiohttp.ClientSession
    hands: int = MOST_HANDS
    on_auth: Verdict = Verdict.REFUSED  # what 401 and 403 say: for browsers they are about our key

    @asynccontextmanager
    async def hand(self) -> AsyncIterator[Hand]:
        """Open one; the session keeps the connections."""
        yield self._carry

    async def rest(self) -> None:
        """Nothing is kept open."""

    async def _carry(self, job: Job) -> Outcome:
        try:
            post = await self.write(job)
            said = await receive(self.session, _request(self.who, post))
        except Gone as err:
            return Outcome(Verdict.GONE, str(err))
        except TemporaryError as err:
            return Outcome(Verdict.LATER, str(err), err.retry_after)
        except ServiceError as err:
            return Outcome(self.on_auth if isinstance(err, AuthError) else Verdict.REFUSED, str(err))
        if post.proof is not None and not _holds(said, post.proof):
            return Outcome(Verdict.REFUSED, f"{self.who}: the answer does not hold the challenge.")
        return SENT


def _request(who: str, post: Post) -> Request:
    def judge(status: int, headers: Mapping[str, str], said: Mapping[str, object]) -> ServiceError | None:
        return Gone(f"{who} answers {status}.") if status in post.gone else None

    return Request("POST", post.url, who, post.headers, body=post.body, judge=judge)


def _holds(said: bytes, proof: str) -> bool:
    """Say whether an answer is the word itself, or JSON with it under "challenge"."""
    text: object = said[:4096].decode("utf-8", "replace").strip()
    try:
        found = json.loads(said)
        text = found.get("challenge") if isinstance(found, dict) else found
    except (ValueError, RecursionError):
        pass
    return isinstance(text, str) and hmac.compare_digest(text.encode("utf-8", "replace"), proof.encode())
