"""Several problems told as one, one told as two, a private one made public: pure changes, each of which can be undone.

A merge is a link: the merged incident stays as it is, another one tells its story.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from domain.errors import Refused
from domain.ids import stable_id
from domain.incidents.incident import Incident, IncidentStatus, Update, add_update, told
from domain.work import Actor, Delivery, DeliveryState


def why_not_merge(source: Incident, target: Incident) -> str | None:
    """Say why `target` cannot tell the story of `source`, None when it can."""
    if source.id == target.id:
        return "An incident cannot be merged into itself."
    if target.merged_into is not None:
        return "That incident is told by another one; merge into the one that tells it."
    if not target.is_open:
        return "That incident is resolved; reopen it first."
    if target.private and not source.private:
        return "Customers know about this incident: it cannot vanish into a private one."
    return None


def merged(source: Incident, target: Incident, moved: Iterable[str], farewell: Callable[[Delivery], str],
           who: Actor, now: datetime) -> Incident:  # fmt: skip
    """Let `target` tell the story; `moved` are the cases and signals that go along, `farewell` writes last posts."""
    if source.merged_into == target.id:
        return source
    if source.merged_into is not None:
        raise Refused("Another incident tells this story already; take that back first.")
    if (problem := why_not_merge(source, target)) is not None:
        raise Refused(problem)
    lent = () if source.private else tuple(c for c in source.components if c not in target.components)
    posts = tuple(_not_sent(post, who) for post in source.deliveries)
    source = replace(
        source, merged_into=target.id, moved=tuple(moved), lent=lent, watch=None,
        deliveries=(*posts, *_farewells(source, target, farewell, now)),
    )  # fmt: skip
    return told(source, now, who.name, f"merged it into “{target.title('en')}” ({target.id})")


def taken_in(target: Incident, source: Incident, who: Actor, now: datetime) -> Incident:
    """Tell the merged one's components and evidence too; safe to repeat."""
    known = frozenset(target.signal_ids)
    fresh = tuple(signal for signal in source.signal_ids if signal not in known)
    states = {c: state for c, state in source.components.items() if c in source.lent and c not in target.components}
    text = f"tells the story of “{source.title('en')}” ({source.id}), too"
    if not fresh and not states and any(line.text == text for line in target.history):
        return target
    last = replace(target.updates[-1], components={**states, **target.updates[-1].components})
    target = replace(target, updates=(*target.updates[:-1], last), signal_ids=(*target.signal_ids, *fresh))
    return told(target, now, who.name, text)


def unmerged(source: Incident, who: Actor, now: datetime) -> Incident:
    """Let the incident tell its own story again."""
    if source.merged_into is None:
        raise Refused("This incident is not merged.")
    words = f"took the merge into {source.merged_into} back"
    return told(replace(source, merged_into=None, moved=(), lent=()), now, who.name, words)


def given_back(target: Incident, source: Incident, who: Actor, now: datetime) -> Incident:
    """Stop telling what belongs to `source` (as it was while merged); safe to repeat."""
    words = f"does not tell the story of “{source.title('en')}” ({source.id}) any more"
    kept = tuple(signal for signal in target.signal_ids if signal not in source.signal_ids)
    bare = without(target, source.lent)
    if kept == target.signal_ids and bare == target:
        return target
    return told(replace(bare, signal_ids=kept), now, who.name, words)


def retold(incidents: Iterable[Incident]) -> Iterator[tuple[Incident, Incident]]:
    """Pair each merged incident that customers could read with the one that tells its story now, however far that is.

    Where a private one stands on the way there is no pair: nothing may hint at it.
    """
    known = {incident.id: incident for incident in incidents if not incident.private}
    for incident in known.values():
        if incident.merged_into is not None and (into := _teller(incident, known)) is not None:
            yield incident, into


def split_off(incident: Incident, components: Collection[str], name: str, who: Actor, now: datetime) -> Incident:
    """Leave components to another incident called `name`; the uptime that was lost counts there from the beginning."""
    if not any(component in incident.components for component in components):
        return incident
    if all(component in components for component in incident.components):
        raise Refused("At least one component must stay with this incident.")
    words = f"“{name}” is an incident of its own now: {', '.join(sorted(components))}"
    return told(without(incident, components), now, who.name, words)


def without(incident: Incident, components: Collection[str]) -> Incident:
    """Give the incident as if it had never touched these components."""
    updates = tuple(
        replace(update, components={c: state for c, state in update.components.items() if c not in components})
        for update in incident.updates
    )
    return incident if updates == incident.updates else replace(incident, updates=updates)


def published(incident: Incident, titles: Mapping[str, str], update: Update, drafts: Iterable[Delivery], who: Actor,
              now: datetime) -> Incident:  # fmt: skip
    """Make a private incident public with its first word; what was written before stays among our people."""
    if any(known.id == update.id for known in incident.updates):
        return incident
    if not incident.private:
        raise Refused("Customers can see this incident already.")
    if update.status is IncidentStatus.RESOLVED:
        raise Refused("Publish it with how far you are; then resolve it.")
    for before in incident.updates:
        text = before.texts.get("en") or next(iter(before.texts.values()), "")
        incident = told(incident, before.at, before.by, f"wrote before it was public ({before.status}): {text}")
    # A word nobody saw must not be told with the next one, so the first public word begins the story.
    bare = replace(incident, private=False, titles=dict(titles), updates=(update,), resolved_at=None, watch=None)
    return told(replace(bare, deliveries=tuple(drafts)), now, who.name, "made it public")


def updated(incident: Incident, update: Update, drafts: Iterable[Delivery], who: Actor, now: datetime) -> Incident:
    """Say the next word about an incident, public or private; nothing of a private one leaves the building."""
    if not incident.private:
        return add_update(incident, update, drafts, who, now)
    return replace(add_update(incident, update, (), who, now), follow_up=False)


def _teller(incident: Incident, known: Mapping[str, Incident]) -> Incident | None:
    passed: set[str] = set()
    found: Incident | None = incident
    while found is not None and found.merged_into is not None:
        if found.id in passed:  # two presses at once may have closed a ring
            return None
        passed.add(found.id)
        found = known.get(found.merged_into)
    return found


def _farewells(source: Incident, target: Incident, farewell: Callable[[Delivery], str],
               now: datetime) -> list[Delivery]:  # fmt: skip
    """Draft a last post for each thread of posts that customers can see."""
    threads = {(p.channel, p.language): p for p in source.deliveries if p.state is DeliveryState.SENT}
    return [
        Delivery(
            id=stable_id("del", source.id, target.id, channel, language), channel=channel, text=farewell(post),
            language=language, state=DeliveryState.DRAFT, created_at=now, subject=source.updates[-1].id,
        )
        for (channel, language), post in threads.items()
    ]  # fmt: skip


def _not_sent(post: Delivery, who: Actor) -> Delivery:
    """Hold back what would lead to a page that is gone."""
    waits = post.state is DeliveryState.DRAFT or (post.state is DeliveryState.PENDING and not post.attempts)
    return replace(post, state=DeliveryState.SKIPPED, decided_by=who.name) if waits else post
