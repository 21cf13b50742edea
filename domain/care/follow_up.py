"""Coming back: each person who complained hears once, in their own language, that it is fixed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.care.case import Case
from domain.care.satisfaction import Answer
from domain.component import fold
from domain.heard.mention import Mention, MentionKind
from domain.ids import stable_id
from domain.work import Actor, Delivery, DeliveryState, deliveries_due


class ReplyVerdict(StrEnum):
    """What the platform's rules let us do."""

    ALLOWED = "allowed"  # send through the API
    ASSISTED = "assisted"  # a person opens the post and answers there
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class ReplyDecision:
    """The verdict with its reason, in words for the care team."""

    verdict: ReplyVerdict
    reason: str


# Platforms whose API accepts an answer to anyone (Mastodon, Bluesky, our own form by mail); X answers only who
# addressed us (self-serve rules since 2026-02-23); review stores and forums want a person at the site itself.
_OPEN_PLATFORMS = frozenset({"mastodon", "bluesky"})


def why_reply(
    source_type: str, *, addressed: bool, contact: str | None, can_send: bool, opted_out: bool
) -> ReplyDecision:
    """Decide if an answer may be sent, must be posted by hand, or must not be sent, and say why."""
    if opted_out:
        return ReplyDecision(ReplyVerdict.FORBIDDEN, "this person asked not to be contacted")
    if contact is not None:
        if can_send:
            return ReplyDecision(ReplyVerdict.ALLOWED, "they left an address for an answer")
        return ReplyDecision(ReplyVerdict.ASSISTED, "no mail server is set up")
    if source_type == "form":
        return ReplyDecision(ReplyVerdict.FORBIDDEN, "they left no address")
    if source_type in _OPEN_PLATFORMS and can_send:
        return ReplyDecision(ReplyVerdict.ALLOWED, "the platform lets us answer public posts")
    if source_type == "x" and addressed and can_send:
        return ReplyDecision(ReplyVerdict.ALLOWED, "they addressed us")
    return ReplyDecision(ReplyVerdict.ASSISTED, "answer at the platform itself")


# Folded: the words that our messages print, and how they are said politely.
_STOP = frozenset({
    "stop", "stop please", "please stop", "dur", "dur lutfen", "lutfen dur", "durdurun", "لغو", "لغو کنید",
})  # fmt: skip
_AROUND = ".!?؟،,;:\"'“”‘’„«»"  # our messages print the word in quotes


def asks_to_stop(text: str) -> bool:
    """True for an answer that is nothing but the word our follow-ups name for opting out (with a handle before it)."""
    words = [word.strip(_AROUND) for word in fold(text).split() if not word.startswith("@")]
    return " ".join(word for word in words if word) in _STOP


def body_of(mention: Mention) -> str:
    """Give the words of an answer; those of a mail begin with its subject, which is ours."""
    _subject, _, body = mention.text.partition("\n\n")
    return body if mention.source_type == "mail" and body.strip() else mention.text


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The word to one person after one incident; the id follows from both, so it exists once."""

    id: str
    incident_id: str
    person_id: str
    case_id: str
    decision: ReplyDecision
    delivery: Delivery
    author: str
    url: str | None = None
    answer: Answer | None = None
    rating: int | None = None  # how well we kept them informed, 1..5
    answered_at: datetime | None = None  # of what they said last
    version: int = 0

    @property
    def asked(self) -> bool:
        """True once the question is known to have reached the person."""
        return self.delivery.state is DeliveryState.SENT or self.answered_at is not None

    @property
    def work_at(self) -> datetime | None:
        """When it is to be sent, None while it waits or when it is done."""
        return deliveries_due((self.delivery,))


def follow_up_id(incident_id: str, person: str) -> str:
    """Name the follow-up of a person after an incident."""
    return stable_id("fol", incident_id, person)


def draft_follow_up(incident_id: str, case: Case, decision: ReplyDecision, channel: str, text: str, language: str,
                    now: datetime) -> FollowUp:  # fmt: skip
    """Draft the word to one person; forbidden ones are kept as skipped, so that the count is honest."""
    state = DeliveryState.SKIPPED if decision.verdict is ReplyVerdict.FORBIDDEN else DeliveryState.DRAFT
    key = follow_up_id(incident_id, case.person_id)
    delivery = Delivery(
        id=key, channel=channel, text=text, language=language, state=state, created_at=now,
        reply_to=case.reply_to, to=case.contact, handle=case.handle or None, subject=case.id,
    )  # fmt: skip
    return FollowUp(key, incident_id, case.person_id, case.id, decision, delivery, case.author, case.url)


def approve(follow_up: FollowUp, who: Actor) -> FollowUp:
    """Release a draft: sent by us where allowed, else left to a person's hand."""
    if follow_up.delivery.state is not DeliveryState.DRAFT:
        return follow_up
    allowed = follow_up.decision.verdict is ReplyVerdict.ALLOWED
    state = DeliveryState.PENDING if allowed else DeliveryState.ASSISTED
    return replace(follow_up, delivery=replace(follow_up.delivery, state=state, decided_by=who.name))


def answered(follow_up: FollowUp, answer: Answer | None, rating: int | None, at: datetime) -> FollowUp:
    """Note what came back; a later word replaces an earlier one, and what it leaves open stays as it was."""
    if follow_up.answered_at is not None and at < follow_up.answered_at:
        return follow_up
    return replace(follow_up, answer=answer or follow_up.answer, rating=rating or follow_up.rating, answered_at=at)


def answers_to(mention: Mention, follow_up: FollowUp) -> bool:
    """Say whether a mention of its person answers a follow-up; their word to somebody else in the thread does not."""
    word = follow_up.delivery
    ours = (word.remote_id or "").partition("|")[0]  # Bluesky's names the version of the post, too
    if ours and mention.in_reply_to == ours:
        return True
    asked_at = word.sent_at or word.created_at
    if word.state not in _RELEASED or mention.created_at <= asked_at or not word.reply_to:
        return False
    theirs = word.reply_to.partition("|")[0]
    # Under their own post, or in a talk that nobody else takes part in; a person who posted by hand left us no id.
    return mention.in_reply_to == theirs or (mention.kind is MentionKind.MESSAGE and mention.root in {theirs, ours})


_RELEASED = frozenset({DeliveryState.SENT, DeliveryState.ASSISTED})
