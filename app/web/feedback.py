"""The public door to the questions of a follow-up by mail. GET only shows: mail scanners follow every link there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from app.desk.answers import keep, tell_case
from app.desk.asking import FeedbackLinks
from app.desk.telling import telling
from app.store.protocol import Store
from app.web.languages import asked_language
from app.web.notices import unreadable
from app.web.site import CSP
from domain.care.follow_up import FollowUp
from domain.care.satisfaction import Answer
from status_page.pages.feedback_pages import FeedbackPages
from status_page.pages.lost import imprint_of

LIFE = timedelta(days=30)  # afterwards the page says that the time is over
_PRIVATE = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": CSP,
}  # fmt: skip
_RATINGS = frozenset("12345")


@dataclass(frozen=True, slots=True)
class FeedbackDoors:
    """Is it fixed for you, and how well did we keep you informed? Whoever holds a link of ours may answer."""

    store: Store
    links: FeedbackLinks
    pages: FeedbackPages
    languages: Sequence[str]
    now: Callable[[], datetime]

    def routes(self) -> list[web.RouteDef]:
        """Give the routes: the mail's own link, and the page in each language."""
        of = f"/{{language:{'|'.join(map(re.escape, self.languages))}}}"
        return [
            web.get("/feedback/{word}", self.show), web.post("/feedback/{word}", self.take),
            web.get(f"{of}/feedback/{{word}}", self.show), web.post(f"{of}/feedback/{{word}}", self.take),
        ]  # fmt: skip

    async def show(self, request: web.Request) -> web.Response:
        """Show both questions with what was answered before."""
        known = await self._find(request.match_info["word"])
        return await self._answer(request, known)

    async def take(self, request: web.Request) -> web.Response:
        """Note the answers; a later one replaces an earlier one."""
        known = await self._find(request.match_info["word"])
        if known is None or self._is_over(known):
            return await self._answer(request, known)
        answer, rating = _answers(await self._fields(request))
        if answer is None and rating is None:
            return await self._answer(request, known, problem=True)
        at = self.now()
        kept = await keep(self.store, known.id, answer, rating, at, at)
        if kept is not None and answer is Answer.STILL_BROKEN:
            await tell_case(self.store, kept, at)
        return await self._answer(request, kept, said=True)

    async def _find(self, word: str) -> FollowUp | None:
        named = self.links.opened(word)
        known = await self.store.get(FollowUp, named) if named is not None else None
        # One without an address is of somebody who was forgotten on their word meanwhile.
        return known if known is not None and known.delivery.to is not None else None

    async def _fields(self, request: web.Request) -> Mapping[str, object]:
        try:
            return await request.post()
        except (ValueError, LookupError) as err:  # a broken body, a charset that does not exist
            raise unreadable(request, imprint_of(self.pages.site)) from err

    def _is_over(self, known: FollowUp) -> bool:
        return self.now() - (known.delivery.sent_at or known.delivery.created_at) > LIFE

    async def _answer(
        self, request: web.Request, known: FollowUp | None, *, said: bool = False, problem: bool = False
    ) -> web.Response:
        language = self._language(request, known)
        if known is None:
            return _page(self.pages.gone(language, self.now(), request.match_info["word"]), 404)
        if self._is_over(known):
            return _page(self.pages.over(language, self.now(), request.match_info["word"]), 410)
        incident = await telling(self.store, known.incident_id)
        body = self.pages.ask(
            language, self.now(), request.match_info["word"], incident, answer=known.answer, rating=known.rating,
            said=said, problem=problem,
        )  # fmt: skip
        return _page(body, 400 if problem else 200)

    def _language(self, request: web.Request, known: FollowUp | None) -> str:
        """Speak as the address says, else as the mail did, else as the browser asks."""
        wanted = request.match_info.get("language") or (known.delivery.language if known is not None else "")
        return wanted if wanted in self.languages else asked_language(request, self.languages)


def _answers(fields: Mapping[str, object]) -> tuple[Answer | None, int | None]:
    said, rating = fields.get("answer"), fields.get("rating")
    answer = Answer(said) if isinstance(said, str) and said in set(Answer) else None
    return answer, int(rating) if isinstance(rating, str) and rating in _RATINGS else None


def _page(body: bytes, status: int) -> web.Response:
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=_PRIVATE)
