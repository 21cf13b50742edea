"""What we said about an incident: to everybody (page, posts), to single customers, and how many of them we reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.care.case import Case, CaseStatus
from domain.care.follow_up import FollowUp, ReplyVerdict
from domain.incidents.incident import Incident, Update
from domain.work import Delivery, DeliveryState

OUT = frozenset({DeliveryState.SENT, DeliveryState.WITHDRAWN})  # customers could read it


class Means(StrEnum):
    """How a word reached customers."""

    PAGE = "page"
    POST = "post"
    ANSWER = "answer"  # to one customer
    FOLLOW_UP = "follow_up"  # to one customer, after the end


@dataclass(frozen=True, slots=True)
class Word:
    """One word of ours. Those to single customers carry no text: it was written for that person."""

    at: datetime
    means: Means
    channel: str  # "page", or the name of the publisher
    status: str  # how far we were (page), else how far the message came
    texts: Mapping[str, str] = field(default_factory=dict)  # language -> text
    next_update_by: datetime | None = None  # the promise made with it
    url: str | None = None
    about: str = ""  # the update that it says or repeats
    told_by: str = ""  # the incident, where one that was merged into this one said it


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of the people whose complaints are linked heard from us; each counts once per figure."""

    affected: int = 0
    answered: int = 0  # got an answer to their complaint
    told: int = 0  # got the word after the end
    either: int = 0
    forbidden: int = 0  # the platform or the person lets us send none
    waiting: int = 0  # their word after the end is not out yet

    @property
    def share(self) -> float | None:
        """The share of affected people who heard from us, 0..1; None when nobody is linked."""
        return self.either / self.affected if self.affected else None


def public_words(incident: Incident, merged: Iterable[Incident] = ()) -> tuple[Word, ...]:
    """List what everybody could read, oldest first; `merged` are those whose story the incident tells now."""
    found = []
    for told in (incident, *merged):
        by = "" if told is incident else told.id
        if not told.private:
            found += [_update(update, by) for update in told.updates]
        found += _posts(told, by)
    return tuple(sorted(found, key=lambda word: (word.at, word.means is not Means.PAGE, word.channel)))


def _update(update: Update, by: str) -> Word:
    return Word(update.at, Means.PAGE, "page", update.status, update.texts, update.next_update_by, None, update.id, by)


def _posts(incident: Incident, by: str) -> list[Word]:
    """Put the posts of one update on one channel together: one word in several languages."""
    groups: dict[tuple[str, str | None], list[Delivery]] = {}
    for post in incident.deliveries:
        if post.state in OUT:
            groups.setdefault((post.channel, post.subject), []).append(post)
    return [_post(posts, by) for posts in groups.values()]


def _post(posts: list[Delivery], by: str) -> Word:
    first = min(posts, key=_out_at)
    texts = {post.language: post.text for post in posts}
    url = next((post.url for post in posts if post.url), None)
    withdrawn = all(post.state is DeliveryState.WITHDRAWN for post in posts)
    state = DeliveryState.WITHDRAWN if withdrawn else DeliveryState.SENT
    return Word(_out_at(first), Means.POST, first.channel, state, texts, None, url, first.subject or "", by)


def _out_at(delivery: Delivery) -> datetime:
    return delivery.sent_at or delivery.created_at


def unsent(incident: Incident) -> dict[str, int]:
    """Count the posts that customers never saw, by what became of them."""
    return dict(sorted(Counter(str(post.state) for post in incident.deliveries if post.state not in OUT).items()))


def private_words(cases: Iterable[Case], follow_ups: Iterable[FollowUp]) -> tuple[Word, ...]:
    """List what single customers were told, oldest first."""
    answers = [(Means.ANSWER, reply) for case in cases for reply in case.replies]
    closing = [(Means.FOLLOW_UP, follow_up.delivery) for follow_up in follow_ups]
    found = [
        Word(_out_at(sent), means, sent.channel, sent.state)
        for means, sent in (*answers, *closing)
        if sent.state in OUT
    ]
    return tuple(sorted(found, key=lambda word: (word.at, word.means, word.channel)))


def reach(cases: Iterable[Case], follow_ups: Iterable[FollowUp]) -> Reach:
    """Count whom we reached, of those with a linked case that nobody dismissed."""
    cases = [case for case in cases if case.status is not CaseStatus.DISMISSED]
    affected = {case.person_id for case in cases}
    answered = {case.person_id for case in cases if case.first_response_at is not None}
    closing = {f.person_id: f for f in follow_ups if f.person_id in affected}
    told = {person for person, f in closing.items() if f.asked or f.delivery.state in OUT}
    forbidden = {person for person, f in closing.items() if f.decision.verdict is ReplyVerdict.FORBIDDEN}
    return Reach(
        len(affected), len(answered), len(told), len(answered | told), len(forbidden),
        len(closing.keys() - told - forbidden),
    )  # fmt: skip
