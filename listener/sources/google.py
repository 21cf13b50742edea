"""What Google's APIs share: why they refuse, a day that ends at midnight in California, and service accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import AuthError, RateLimited, ServiceError
from domain.heard.mention import Quota
from listener.http import Answer, refusal
from listener.items import dig, moment_of, number_at, text_at
from listener.pacing import retry_after

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
PACIFIC = ZoneInfo("America/Los_Angeles")
LOOKED_INTO = (200, 400, 401, 403, 404, 429)  # statuses whose bodies say more than the status
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"})
_KEY = frozenset({"keyInvalid", "keyExpired", "accessNotConfigured", "ipRefererBlocked", "SERVICE_DISABLED"})
_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Requests we may send until `resets_at`, counted by us because the answers do not tell."""

    limit: int
    used: int
    resets_at: datetime

    @property
    def left(self) -> int:
        """How many may still be sent."""
        return max(0, self.limit - self.used)

    def spent(self) -> Allowance:
        """Count one request."""
        return replace(self, used=self.used + 1)

    def quota(self) -> Quota:
        """Tell the poller, which stretches its interval to it."""
        return Quota(self.left, self.resets_at)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """What is needed of the JSON key that Google Cloud hands out."""

    email: str
    private_key: str = field(repr=False)
    key_id: str
    token_uri: str


def counted(state: Mapping[str, object], limit: int, resets_at: datetime) -> Allowance:
    """Read the count back from a cursor; it starts at 0 when the cursor is of an earlier day (or hour)."""
    same = moment_of(text_at(state, "resets")) == resets_at
    return Allowance(limit, max(0, number_at(state, "used") or 0) if same else 0, resets_at)


def next_midnight(now: datetime) -> datetime:
    """Give the moment Google's daily quotas are refilled: midnight Pacific, in UTC, summer time minded."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC).astimezone(UTC)


def reasons(answer: Answer) -> frozenset[str]:
    """Collect the words by which an error answer says why, in its older and its newer form; none for other bodies."""
    try:
        error = dig(answer.json(), "error")
    except ServiceError:
        return frozenset()
    said = {text_at(error, "status")}
    for part in ("errors", "details"):
        items = dig(error, part)
        for item in items if isinstance(items, list) else []:
            # The newer form has one reason for all quotas; only the unit ("1/d/{project}") tells that it is the day's.
            daily = text_at(item, "metadata", "quota_unit").startswith("1/d/")
            said |= {text_at(item, "reason"), "dailyLimitExceeded" if daily else ""}
    return frozenset(said - {""})


def blames_key(why: frozenset[str]) -> bool:
    """Say whether it is the API key that is not good (enough)."""
    return bool(why & _KEY) or any(reason.startswith("API_KEY_") for reason in why)


def refused(answer: Answer, now: datetime, resets_at: datetime) -> ServiceError:
    """Say what an error answer means to a source; an exhausted quota waits for `resets_at`."""
    why = reasons(answer)
    if why & _SPENT:
        return RateLimited(f"Our quota at {answer.host} is used up.", resets_at - now)
    if why & _TOO_FAST or answer.status == 429:
        wait = retry_after(answer.headers, now) or _A_MINUTE
        return RateLimited(f"{answer.host} asks us to slow down (status {answer.status}).", wait)
    if blames_key(why):
        return AuthError(f"{answer.host} does not accept the API key (status {answer.status}).")
    return refusal(answer.host, answer.status, answer.headers, now)


def read_account(key: str) -> ServiceAccount:
    """Read the JSON key of a service account; raises `AuthError` saying what is wrong with it, never quoting it."""
    try:
        found = json.loads(key)
    except (ValueError, RecursionError):
        raise AuthError("secret `service_account` is no JSON: it should be the whole key file's text.") from None
    email, private_key = text_at(found, "client_email"), text_at(found, "private_key")
    if not email or not private_key:
        raise AuthError("secret `service_account` lacks `client_email` or `private_key`: is it the whole key?")
    key_id, token_uri = text_at(found, "private_key_id"), text_at(found, "token_uri")
    return ServiceAccount(email, private_key, key_id, token_uri or TOKEN_URI)


def signed_claim(account: ServiceAccount, scope: str, now: datetime) -> str:
    """Sign the request for a token (RFC 7523), good for an hour; raises `AuthError` when the key cannot sign."""
    import jwt  # late: with cryptography it takes a fifth of a second, and most setups need none

    issued = int(now.timestamp())
    claim = {"iss": account.email, "scope": scope, "aud": account.token_uri, "iat": issued, "exp": issued + 3600}
    try:
        return jwt.encode(claim, account.private_key, "RS256", {"kid": account.key_id} if account.key_id else None)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise AuthError("The `private_key` in secret `service_account` is no whole RSA key.") from None
