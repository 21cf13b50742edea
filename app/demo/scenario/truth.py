"""What must come out of the scenario: counted from its own labels, to find what the pipeline lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.demo.scenario.post import Part, Post

# first minute, minute after the last
PAYMENT_OUTAGE = (2190, 2280)
DELIVERY_PROBLEM = (780, 900)


@dataclass(frozen=True, slots=True)
class Truth:
    """The expected result of one complete run."""

    mentions: Mapping[str, int]  # source -> distinct native ids: edits change one, reposts are ones of their own
    latest: Mapping[str, Post]  # native id -> last version
    edits: int
    reposts: int  # the same words by somebody else: stored, and folded in evidence
    complaints: int  # distinct native ids that complain in their last version
    payment_people: frozenset[str]  # who complained about payments while they failed
    delivery_people: frozenset[str]
    still_broken: tuple[str, ...]  # native ids of complaints after the all-clear
    contacts: Mapping[str, int]  # person -> utterances over the whole scenario, the brand left out

    @property
    def stored(self) -> int:
        """How many mentions the store holds at the end."""
        return sum(self.mentions.values())

    @property
    def returning(self) -> frozenset[str]:
        """Who spoke more than once."""
        return frozenset(person for person, times in self.contacts.items() if times > 1)


def truth(posts: Iterable[Post]) -> Truth:
    """Count what `posts`, in the order they were said, should lead to."""
    posts = tuple(posts)
    latest = {post.native_id: post for post in posts}
    firsts = [post for post in posts if post.edit_of is None]
    return Truth(
        mentions=dict(Counter(post.source for post in firsts)),
        latest=latest,
        edits=len(posts) - len(firsts),
        reposts=sum(post.repost_of is not None for post in posts),
        complaints=sum(post.complains for post in latest.values()),
        payment_people=complaining(posts, "payments", PAYMENT_OUTAGE),
        delivery_people=complaining(posts, "delivery", DELIVERY_PROBLEM),
        still_broken=tuple(post.native_id for post in posts if post.truth.part is Part.STILL_BROKEN),
        contacts=dict(Counter(post.person for post in firsts if not post.own)),
    )


def complaining(posts: Iterable[Post], component: str, minutes: tuple[int, int]) -> frozenset[str]:
    """Name the people who complained about a component in the minutes from the first up to before the second."""
    said = (post for post in posts if post.complains and post.truth.component == component)
    return frozenset(post.person for post in said if minutes[0] <= post.minute < minutes[1])
