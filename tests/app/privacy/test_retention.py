"""What is older than the owner keeps it is forgotten; what is open, young or public stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.pipeline.intake import Intake
from app.privacy import retention
from app.privacy.retention import Retention
from app.store import Store, Where
from domain.care.case import Case, CaseStatus
from domain.care.follow_up import FollowUp
from domain.heard.mention import MentionRecord, Stage
from domain.incidents.incident import Incident
from domain.incidents.notice import Notice, NoticeKind
from domain.incidents.signal import Signal
from domain.records import AuditEntry, Correction, MonitorAlert, Person, SetAsideItem
from tests.app.desk.office import Clock
from tests.app.privacy.life import DAY, TRACES, dump, live, old_records, said, their_case, traces
from tests.domain.make import NOW, incident

KEEP = 365 * DAY


def forgets(store: Store, clock: Clock | None = None, keep: timedelta = KEEP) -> Retention:
    return Retention(store, keep, clock or Clock(), rest=0)


async def test_what_is_old_leaves_no_words_and_no_names(store: Store) -> None:
    await store.add(*old_records(400 * DAY), Notice("note_1", NoticeKind.WATCH, None, NOW - 400 * DAY, "worth a look"))
    assert await forgets(store).run() == 11
    assert traces(await dump(store)) == []
    for kind in (Case, Person, FollowUp, SetAsideItem, MonitorAlert, Notice):
        assert await store.count(kind) == 0, kind
    assert await store.search_mentions("kırmızıbisiklet", 10) == []


async def test_figures_stay_when_the_words_go(store: Store) -> None:
    await store.add(*old_records(400 * DAY))
    await forgets(store).run()
    (shell,) = await store.find(MentionRecord)
    assert (shell.deleted_at, shell.stage, shell.case_id, shell.mention.text) == (NOW, Stage.UNDERSTOOD, None, "")
    assert shell.classification is not None and shell.classification.is_complaint
    assert await store.count(MentionRecord, Where("component", "eq", "payments")) == 1
    (correction,) = await store.find(Correction)
    assert (correction.text, correction.is_complaint) == ("", False)
    (gone,) = await store.find(Signal)
    assert (gone.evidence.people, gone.evidence.quotes, gone.evidence.terms) == (12, (), ())
    (entry,) = await store.find(AuditEntry)
    assert (entry.action, entry.detail) == ("reply", "On its way.")
    (told,) = await store.find(Incident)
    assert len(told.still_broken) == 1 and told.still_broken[0].startswith("gone_")
    assert told.updates[0].texts == {"en": "We are looking."}, "what customers were told stays public"


async def test_what_is_young_is_not_touched(store: Store) -> None:
    records = old_records(364 * DAY)
    await store.add(*records)
    assert await forgets(store).run() == 0
    for known in records:
        assert await store.get(type(known), known.id) == known


async def test_an_open_case_keeps_what_belongs_to_it_however_old(store: Store) -> None:
    records = [
        replace(known, status=CaseStatus.OPEN) if isinstance(known, Case) else known for known in old_records(400 * DAY)
    ]
    await store.add(*records)
    await forgets(store).run()
    (post,), (case,), (person,) = await store.find(MentionRecord), await store.find(Case), await store.find(Person)
    assert post.mention.text == "kırmızıbisiklet"
    assert case.text == "kırmızıbisiklet" and person.name == "@zeynepyildizoglu"


async def test_a_case_of_an_open_incident_waits_for_its_end(store: Store) -> None:
    records = [
        incident(still_broken=(known.still_broken[0],), id=known.id) if isinstance(known, Incident) else known
        for known in old_records(400 * DAY)
    ]
    await store.add(*records)
    await forgets(store).run()
    assert await store.count(Case) == 1
    assert await store.count(FollowUp) == 1
    (going,) = await store.find(Incident)
    assert not going.still_broken[0].startswith("gone_")


async def test_who_wants_peace_is_remembered_for_that_alone(store: Store) -> None:
    await store.add(Person("per_1", "Zeynep", "mastodon", NOW - 500 * DAY, NOW - 400 * DAY, 3, 1, opted_out=True))
    await forgets(store).run()
    (person,) = await store.find(Person)
    assert (person.name, person.opted_out) == ("", True)


async def test_log_entries_go_after_two_years(store: Store) -> None:
    entries = [AuditEntry(f"a{days}", NOW - days * DAY, "Ada", "desk", "claim", "c1") for days in (729, 731)]
    await store.add(*entries)
    await forgets(store).run()
    assert [entry.id for entry in await store.find(AuditEntry)] == ["a729"]


async def test_it_keeps_the_log_as_long_as_everything_else_where_that_is_longer(store: Store) -> None:
    await store.add(AuditEntry("a1", NOW - 900 * DAY, "Ada", "desk", "claim", "c1"))
    await forgets(store, keep=1000 * DAY).run()
    assert await store.count(AuditEntry) == 1


async def test_what_a_source_shows_again_does_not_come_back(store: Store) -> None:
    (post, *_) = old_records(400 * DAY)
    clock = Clock()
    intake = Intake(store, clock)
    await intake.take([post.mention])
    await forgets(store).run()
    again = await intake.take([post.mention, replace(post.mention, text="mavikaplumbağa")])
    assert (again.stored, again.edited) == (0, 0)
    assert traces(await dump(store)) == []


async def test_the_same_person_stays_one_for_the_counts_and_cannot_be_told(store: Store) -> None:
    posts = [said("mavikaplumbağa", f"777{n}", received_at=NOW) for n in range(3)]
    await store.add(*(replace(p, mention=replace(p.mention, created_at=NOW - 400 * DAY)) for p in posts))
    one, other = forgets(store), forgets(store)
    await one.run()
    names = {record.person_id for record in await store.find(MentionRecord)}
    assert len(names) == 1 and names != {posts[0].person_id}
    assert one.salt != other.salt


async def test_many_are_forgotten_in_small_steps_that_let_others_work(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 20)
    kept = their_case(said("x", "1"), id="case_open")
    posts = [said(f"mavikaplumbağa {n}", f"777{n}", case_id="case_open" if n % 3 == 0 else None) for n in range(90)]
    await store.add(kept, *(replace(p, mention=replace(p.mention, created_at=NOW - 400 * DAY)) for p in posts))
    turns = 0

    async def ticker() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(ticker())
    await forgets(store).run()
    other.cancel()
    left = await store.find(MentionRecord, Where("deleted_at", "eq", None))
    assert len(left) == 30 and {record.case_id for record in left} == {"case_open"}
    assert turns > 60


async def test_a_round_without_anything_due_reads_little_and_writes_nothing(store: Store) -> None:
    await store.add(*old_records(400 * DAY))
    rounds = forgets(store)
    assert await rounds.run() > 0
    before = await dump(store)
    assert await rounds.run() == 0
    assert await forgets(store).run() == 0, "another process finds nothing either"
    assert await dump(store) == before


async def test_a_crash_on_the_way_is_made_good_by_the_next_round(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.add(*old_records(400 * DAY))
    for step in ("_mentions", "_follow_ups", "_people", "_strip", "_drop"):
        rounds = forgets(store)

        async def dies(*_: Any) -> int:
            raise RuntimeError("killed")

        monkeypatch.setattr(Retention, step, dies)
        with pytest.raises(RuntimeError):
            await rounds.run()
        monkeypatch.undo()
    await forgets(store).run()
    assert traces(await dump(store)) == []


async def test_nothing_happens_to_the_living(store: Store) -> None:
    await live(store)
    before = await dump(store)
    assert await forgets(store).run() == 0
    assert await dump(store) == before
    assert len(traces(before)) == len(TRACES)
