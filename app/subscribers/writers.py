"""What is posted to webhooks, to Slack and to browsers, and how each is told that it is from us."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.text import escape
from app.subscribers.addresses import is_push_address
from app.subscribers.carrier import Facts, Job, News
from app.subscribers.links import Links
from app.subscribers.posts import Post
from app.subscribers.push import OurKey, encrypt
from config.subscribers import PUSH_HOSTS
from domain.errors import PermanentError
from domain.ids import stable_id
from domain.signing import SIGNATURE_HEADER, sign
from domain.told.subscriber import Errand, Subscriber
from status_page.machines.webhook_body import webhook_body
from status_page.site import Site
from status_page.words.language import direction, speakable
from status_page.words.subscriber_words import chat_confirm, chat_text, manage_word, push_words, welcome_words

_JSON = {"Content-Type": "application/json"}
_SLACK_GONE = frozenset({403, 404, 410})  # action_prohibited, no_service or channel_not_found, channel_is_archived
_PUSH_GONE = frozenset({404, 410})  # RFC 8030 7.3
_PUSH_TTL_S = 4 * 3600  # what is told later than that is no news


@dataclass(slots=True)
class Webhooks:
    """Signed JSON under a secret of each subscriber's own, which they got with the challenge."""

    links: Links
    site: Callable[[], Awaitable[Site]]  # the page as it is now
    now: Callable[[], datetime]
    known: tuple[str, dict[str, Any]] | None = None  # the last mailing's body

    async def write(self, job: Job) -> Post:
        """Write one request."""
        who = job.subscriber
        if isinstance(job.what, News):
            body = {"meta": self._meta(who), **await self._body(job.what)}
            return self._post(who, body, stable_id("hook", job.what.mailing.id, who.id))
        key = stable_id("hook", who.id, str(who.errand_at))
        if job.what is Errand.REMIND:
            return self._post(who, {"meta": self._meta(who), "event": "subscribed"}, key)
        proof = self.links.challenge(who)
        secret = {"challenge": proof, "secret": self.links.secret(who)}
        return self._post(who, {"meta": self._meta(who), "event": "challenge", **secret}, key, proof)

    async def _body(self, news: News) -> dict[str, Any]:
        if self.known is None or self.known[0] != news.mailing.id:
            self.known = news.mailing.id, webhook_body(await self.site(), news.story, news.mailing.news)
        return self.known[1]

    def _meta(self, subscriber: Subscriber) -> dict[str, str]:
        return {"unsubscribe": self.links.unsubscribe(subscriber), "manage": self.links.manage(subscriber)}

    def _post(self, subscriber: Subscriber, content: dict[str, Any], key: str, proof: str | None = None) -> Post:
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        signature = sign(body, self.links.secret(subscriber), self.now())
        return Post(
            subscriber.address, body, {**_JSON, "Idempotency-Key": key, SIGNATURE_HEADER: signature}, proof=proof
        )


@dataclass(frozen=True, slots=True)
class SlackChannels:
    """Words for an incoming webhook of a Slack workspace; nothing in them can mention or link."""

    facts: Facts
    links: Links

    async def write(self, job: Job) -> Post:
        """Write one request."""
        who = job.subscriber
        stop = f"<{self.links.manage(who)}|{escape(manage_word(who.language))}>"
        if isinstance(job.what, News):
            told = self.facts.tell(job.what, who.language)
            if told is None:
                raise PermanentError("There is nothing to tell any more.")
            text = f"{escape(chat_text(told))}\n<{told.url}>\n{stop}"
        elif job.what is Errand.CONFIRM:
            text = f"{escape(chat_confirm(self.facts.brand, who.language))}\n<{self.links.confirm(who)}>"
        else:
            text = stop
        content = {"text": text, "unfurl_links": False, "unfurl_media": False}
        return Post(who.address, json.dumps(content, ensure_ascii=False).encode(), _JSON, _SLACK_GONE)


@dataclass(frozen=True, slots=True)
class Browsers:
    """Encrypted notifications."""

    facts: Facts
    links: Links
    key: OurKey
    now: Callable[[], datetime]
    hosts: Sequence[str] = PUSH_HOSTS  # also for those who signed up before hosts were checked

    async def write(self, job: Job) -> Post:
        """Write one request."""
        who = job.subscriber
        if not is_push_address(who.address, self.hosts):
            raise PermanentError("This address is at no push service of subscribers.push_hosts.")
        language = speakable(who.language)
        content = {
            "lang": language, "dir": direction(language), "manage": self.links.manage(who),
            "settings": manage_word(language),
        }  # fmt: skip
        if isinstance(job.what, News):
            told = self.facts.tell(job.what, language)
            if told is None:
                raise PermanentError("There is nothing to tell any more.")
            title, body = push_words(told, self.facts.brand)
            content |= {"title": title, "body": body, "url": told.url, "tag": told.id}
        else:
            title, body = welcome_words(self.facts.brand, language)
            content |= {"title": title, "body": body, "url": self.links.manage(who)}
        data = encrypt(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"), who.keys)
        return Post(who.address, data, self._headers(who, content.get("tag")), _PUSH_GONE)

    def _headers(self, subscriber: Subscriber, tag: str | None) -> dict[str, str]:
        # A later word about the same story replaces one that the browser has not fetched yet (RFC 8030 5.4).
        topic = {"Topic": stable_id("t", tag)[:32]} if tag else {}
        return {
            "Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm", "TTL": str(_PUSH_TTL_S),
            "Urgency": "high", "Authorization": self.key.authorization(subscriber.address, self.now()), **topic,
        }  # fmt: skip
