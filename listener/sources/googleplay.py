"""Google Play reviews of our own app, through the Developer API, as a service account invited in the Play Console.

API: https://developers.google.com/android-publisher/reply-to-reviews (read 2026-11): only reviews with text that were
written or changed in the last seven days, newest first; 200 questions an hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import Field

from domain.errors import AuthError
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer
from listener.items import (
    BadItem,
    Origin,
    Parsed,
    collect,
    dig,
    list_at,
    moment_of,
    needed,
    number_at,
    stars,
    text_at,
)  # fmt: skip
from listener.options import SecretProblem
from listener.source import Configured
from listener.sources.google import (
    GRANT,
    LOOKED_INTO,
    Allowance,
    ServiceAccount,
    counted,
    read_account,
    refused,
    signed_claim,
)

HOST = "https://androidpublisher.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
HOURLY = 200
_OVERLAP = timedelta(hours=1)  # asked again each time: reviews are published some time after they were written
_EARLY = timedelta(minutes=1)  # a token is given up this long before it ends
_REMEMBERED = 20_000  # reviews we know the age of, to tell an edit from a new one


@dataclass(frozen=True, slots=True)
class GooglePlayOptions:
    """Which app."""

    package_name: Annotated[str, Field(pattern=r"^[A-Za-z]\w*(\.\w+){1,20}$", max_length=200)]  # com.acme.app
    page_size: Annotated[int, Field(ge=1, le=100)] = 100
    token_url: Annotated[str, Field(pattern=r"^https?://")] | None = None  # instead of the one in the key


@dataclass(slots=True)
class SignIn:
    """What is kept between polls: the token, and how old each review was when we first read it."""

    access: str = field(default="", repr=False)
    until: datetime | None = None
    seen: dict[str, datetime] = field(default_factory=dict)


def parse_reviews(answer: object, origin: Origin, package: str, seen: Mapping[str, datetime] | None = None) -> Parsed:
    """Read a page of reviews; one that `seen` knows to be older than its last change was edited.

    An answer without reviews has no list at all. Raises `PermanentError` when what is there is no list.
    """
    items = list_at(answer, "reviews") if not isinstance(answer, dict) or "reviews" in answer else []
    return collect(items, lambda review: _parse_review(review, origin, package, seen or {}))


def next_page(page: str | None, answer: object, since: datetime | None) -> str | None:
    """Give the token of the next page, None when there is none or what follows was last changed before `since`."""
    token, stamps = text_at(answer, "tokenPagination", "nextPageToken"), list(changes(answer).values())
    reached = since is not None and bool(stamps) and stamps[-1] < since
    return token if token and token != page and not reached else None


def changes(answer: object) -> dict[str, datetime]:
    """Give when each review of a page was last changed by its author, in the order of the page."""
    reviews = dig(answer, "reviews")
    found = ((text_at(r, "reviewId"), _moment(_said(r, "userComment"))) for r in _listed(reviews))
    return {review: moment for review, moment in found if review and moment}


def problems_of(options: GooglePlayOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to sign in."""
    key = text_at(secrets, "service_account")
    if not key:
        return [
            SecretProblem(
                "secret `service_account` is missing: the JSON key of a service account that may read the reviews."
            )
        ]
    try:
        read_account(key)
    except AuthError as err:
        return [SecretProblem(str(err))]
    return []


@dataclass(frozen=True, slots=True)
class GooglePlay(Configured[GooglePlayOptions]):
    """Polls newest first down to what it knows; a changed review comes up again with a new date."""

    sign_in: SignIn = field(default_factory=SignIn)

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page, signing in first where needed."""
        state, origin = read_cursor(cursor), self.setup.origin()
        hour = origin.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        allowance = counted(state, HOURLY, hour)
        if not allowance.left:
            return Batch((), cursor, not_before=hour, quota=allowance.quota())
        page, since = text_at(state, "page") or None, moment_of(text_at(state, "since"))
        answer = await self._ask(page)
        allowance = allowance.spent()
        if answer.status != 200:
            if answer.status != 400 or page is None:
                raise refused(answer, origin.now, hour)
            return _batch(Parsed(), allowance, None, since, since)  # the page's token has expired: start again
        found = answer.json()
        parsed, changed = parse_reviews(found, origin, self.options.package_name, self.sign_in.seen), changes(found)
        self._remember(changed)
        then = next_page(page, found, since - _OVERLAP if since else None)
        known = [moment for moment in (since, moment_of(text_at(state, "newest"))) if moment]
        newest = max([*changed.values(), *known], default=None)
        return _batch(parsed, allowance, then, since if then else newest, newest)

    async def _ask(self, page: str | None) -> Answer:
        url = self.setup.url(HOST, f"/androidpublisher/v3/applications/{self.options.package_name}/reviews")
        params = [("maxResults", str(self.options.page_size)), *([("token", page)] if page else [])]
        for again in (True, False):
            headers = {"Authorization": f"Bearer {await self._token()}"}
            answer = await self.setup.web().get(url, params=params, headers=headers, ok=LOOKED_INTO)
            if answer.status != 401 or not again:
                break
            self.sign_in.access = ""  # taken back before its time
        return answer

    async def _token(self) -> str:
        now, kept = self.setup.now(), self.sign_in
        if kept.access and kept.until is not None and now < kept.until:
            return kept.access
        account = read_account(self.setup.secrets.get("service_account", ""))
        claim = await asyncio.to_thread(signed_claim, account, SCOPE, now)
        answer = await self.setup.web().post_form(
            self._token_url(account), {"grant_type": GRANT, "assertion": claim}, ok=(200, 400, 401)
        )
        given = answer.json()
        access, seconds = text_at(given, "access_token"), number_at(given, "expires_in")
        if answer.status != 200 or not access.isascii() or not access.isprintable() or not access:
            why = text_at(given, "error")
            said = why if why.replace("_", "").isalpha() and len(why) < 40 else f"status {answer.status}"
            raise AuthError(f"{answer.host} does not accept the service account ({said}).")
        kept.access, kept.until = access, now + timedelta(seconds=min(max(seconds or 3600, 0), 86400)) - _EARLY
        return access

    def _token_url(self, account: ServiceAccount) -> str:
        if self.options.token_url:
            return self.options.token_url
        address = urlsplit(account.token_uri)
        if (address.hostname or "").endswith(".googleapis.com"):  # Google's own: goes where `base_url` goes
            return self.setup.url(f"{address.scheme}://{address.netloc}", address.path)
        return account.token_uri

    def _remember(self, changed: Mapping[str, datetime]) -> None:
        seen = self.sign_in.seen
        seen |= {review: moment for review, moment in changed.items() if review not in seen}
        for review in list(seen)[: max(0, len(seen) - _REMEMBERED)]:
            del seen[review]


def _batch(
    parsed: Parsed, allowance: Allowance, page: str | None, since: datetime | None, newest: datetime | None
) -> Batch:
    mark = write_cursor(
        used=allowance.used, resets=allowance.resets_at.isoformat(), page=page,
        since=since.isoformat() if since else None, newest=newest.isoformat() if newest and page else None,
    )  # fmt: skip
    pause = None if allowance.left else allowance.resets_at
    return Batch(parsed.mentions, mark, parsed.set_aside, page is not None, pause, allowance.quota())


def _parse_review(review: object, origin: Origin, package: str, seen: Mapping[str, datetime]) -> Mention:
    native_id, said = needed(review, "reviewId"), _said(review, "userComment")
    changed, answered = _moment(said), _moment(_said(review, "developerComment"))
    if changed is None:
        raise BadItem("`lastModified` is no readable date")
    first = min(seen.get(native_id, changed), changed)
    edited = changed > first or (answered is not None and changed > answered)  # changed after our answer
    title, tab, text = text_at(said, "text").partition("\t")
    page = f"https://play.google.com/store/apps/details?id={package}&reviewId={quote(native_id, safe=':')}"
    return origin.mention(
        # The API names authors, it does not identify them; nobody has two reviews of an app.
        native_id, Author(native_id, text_at(review, "authorName")),
        "\n\n".join(filter(None, (title.strip(), text))) if tab else title, first,
        url=page, kind=MentionKind.REVIEW,
        language=text_at(said, "reviewerLanguage"), rating=stars(number_at(said, "starRating")),
        edited_at=changed if edited else None,
    )  # fmt: skip


def _said(review: object, who: str) -> object:
    """Find the part of the conversation that is the customer's ("userComment") or ours ("developerComment")."""
    return next((dig(comment, who) for comment in _listed(dig(review, "comments")) if dig(comment, who)), None)


def _listed(found: object) -> Sequence[object]:
    return found if isinstance(found, list) else ()


def _moment(said: object) -> datetime | None:
    """Read a protobuf time: whole seconds, as a string in JSON, and nanoseconds."""
    moment = moment_of(number_at(said, "lastModified", "seconds"))
    nanos = number_at(said, "lastModified", "nanos") or 0
    return moment.astimezone(UTC) + timedelta(microseconds=nanos // 1000) if moment and 0 <= nanos < 10**9 else moment
