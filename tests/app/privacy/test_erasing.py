"""Erasing a person: nothing is left of who they were and what they said, wherever it was copied; others keep theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.desk.care import CareDesk
from app.desk.follow_ups import FollowUps
from app.pipeline.intake import Intake
from app.privacy.erasing import Erased, erase_person
from app.privacy.people import gather
from app.store import Store, open_store, update
from app.store.protocol import Where
from domain.care.case import CarePolicy, Case, CaseStatus
from domain.care.follow_up import FollowUp, ReplyVerdict
from domain.errors import TemporaryError
from domain.heard.mention import MentionRecord
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal
from domain.records import AuditEntry, Correction, Person, SetAsideItem
from domain.told.subscriber import Subscriber
from domain.work import DeliveryState
from tests.app.desk.office import Clock, Crash, Crashing, open_office
from tests.app.desk.slack_town import open_town
from tests.app.privacy.life import ALI, TRACES, ZEYNEP, dump, live, neighbour, said, their_case, traces
from tests.domain.make import NOW


async def erase(store: Store, person: str) -> Erased:
    return await erase_person(store, person, Clock(), by="root", settle=0)


async def test_nothing_is_left_of_a_person(store: Store) -> None:
    her = await live(store)
    assert len(traces(await dump(store))) == len(TRACES), "she is everywhere before"
    erased = await erase(store, her)
    assert traces(await dump(store)) == []
    assert her not in await dump(store), "nor the id that follows from her account"
    assert erased.words == (
        "subscriptions: 1, log entries: 1, corrections: 1, quotes: 1, unreadable items: 1, follow-ups: 1, cases: 1, "
        "mentions: 3, person: 1"
    )
    for words in ("kırmızıbisiklet", "turuncuşemsiye"):
        assert await store.search_mentions(words, 10) == []


async def test_the_log_does_not_lead_back_to_the_address_of_a_subscriber(store: Store) -> None:
    her = await live(store)
    (subscription,) = (await gather(store, her)).subscriptions
    await store.add(AuditEntry("aud_1", NOW, "Bora (U2)", "desk", "stop_subscriber", subscription.id))
    await erase(store, her)
    (entry,) = await store.find(AuditEntry, Where("id", "eq", "aud_1"))
    assert (entry.action, entry.subject) == ("stop_subscriber", "")


async def test_her_neighbour_keeps_everything(store: Store) -> None:
    her = await live(store)
    before = (await gather(store, neighbour())).as_data()
    await erase(store, her)
    after = (await gather(store, neighbour())).as_data()
    assert after == before
    (signal,) = await store.find(Signal)
    assert [quote.text for quote in signal.evidence.quotes] == ["komşunun sözü"]
    assert [item.id for item in await store.find(SetAsideItem)] == ["set_a"]
    assert [one.address for one in await store.find(Subscriber)] == ["komsu@posta.example"]


async def test_the_counts_stay_true(store: Store) -> None:
    her = await live(store)
    erased = await erase(store, her)
    assert await store.count(MentionRecord) == 4
    (told,) = await store.find(Incident)
    assert told.still_broken == (erased.stranger, neighbour())
    (correction,) = await store.find(Correction)
    assert (correction.text, correction.is_complaint) == ("", False)
    shell = await store.get(MentionRecord, said("", "777").id)
    assert shell is not None and shell.classification is not None
    assert (shell.deleted_at, shell.classification.is_complaint, shell.person_id) == (NOW, True, erased.stranger)


async def test_her_open_case_is_closed_and_nothing_more_is_sent(store: Store) -> None:
    her = await live(store)
    erased = await erase(store, her)
    case = await store.get(Case, "case_z")
    assert case is not None
    assert (case.status, case.author, case.contact, case.reply_to) == (CaseStatus.CLOSED, "somebody", None, None)
    assert [reply.state for reply in case.replies] == [DeliveryState.SENT, DeliveryState.SKIPPED]
    assert [line.text for line in case.history] == [
        "wrote again", "noted", "replied via mastodon", "drafted a reply to be posted by hand", "claimed the case",
        "the person asked to be forgotten: words and names are erased",
    ]  # fmt: skip
    (follow_up,) = await store.find(FollowUp)
    assert follow_up.delivery.state is DeliveryState.SKIPPED
    care = CareDesk(store, CarePolicy(), "#care", Clock(), lambda channel: True)
    assert (await care.decision(case)).verdict is ReplyVerdict.FORBIDDEN
    stranger = await store.get(Person, erased.stranger)
    assert stranger is not None and (stranger.name, stranger.opted_out) == ("", True)


async def test_no_follow_up_is_drafted_for_her_case_when_its_incident_ends(store: Store) -> None:
    her = await live(store)
    await erase(store, her)
    await update(store, Incident, "inc_1", lambda i: replace(i, follow_up=True, resolved_at=NOW, updates=_ended(i)))
    care = CareDesk(store, CarePolicy(), "#care", Clock(), lambda channel: True)
    follow_ups = FollowUps(store, care, lambda i, c: ("Is it fixed?", "en"), Clock(), auto=True)
    await follow_ups.draft_due()
    drafted = [f for f in await store.find(FollowUp) if f.id != "fol_z"]
    assert [f.delivery.state for f in drafted] == [DeliveryState.SKIPPED]


def _ended(going: Incident) -> Any:
    from domain.incidents.incident import IncidentStatus

    return (*going.updates, replace(going.updates[-1], id="upd_2", status=IncidentStatus.RESOLVED))


async def test_the_log_says_that_somebody_was_erased_but_not_who(store: Store) -> None:
    her = await live(store)
    erased = await erase(store, her)
    (entry,) = [e for e in await store.find(AuditEntry) if e.action == "erase_person"]
    assert (entry.actor, entry.subject) == ("root", erased.stranger)
    assert "mentions: 3" in entry.detail
    others = {e.id: e.detail for e in await store.find(AuditEntry)}
    assert (others["aud_z"], others["aud_a"]) == ("Sent.", "Noted. [text=komşuya not]")


async def test_erasing_twice_changes_nothing_more(store: Store) -> None:
    her = await live(store)
    await erase(store, her)
    before = await dump(store)
    again = await erase(store, her)
    assert again.words == "nothing was left to erase"
    assert await dump(store) == before


async def test_what_a_source_shows_again_does_not_bring_her_back(store: Store) -> None:
    her = await live(store)
    await erase(store, her)
    posts = [said("kırmızıbisiklet ile ödeme olmadı mavikaplumbağa", "777"), said("turuncuşemsiye", "7771")]
    taken = await Intake(store, Clock()).take([post.mention for post in posts])
    assert (taken.stored, taken.edited) == (0, 0)
    assert traces(await dump(store)) == []


async def test_what_she_says_afterwards_is_heard_as_new(store: Store) -> None:
    her = await live(store)
    await erase(store, her)
    later = said("yeni bir söz", "999").mention
    assert (await Intake(store, Clock()).take([later])).stored == 1
    assert len((await gather(store, her)).mentions) == 1


@pytest.mark.parametrize("written", [False, True])
async def test_a_kill_at_any_write_is_made_good_by_doing_it_again(written: bool) -> None:
    writes = 0
    while True:
        writes += 1
        store = await open_store("sqlite://")
        her = await live(store)
        try:
            await erase(Crashing(store, writes, written=written), her)  # type: ignore[arg-type]
        except Crash:
            assert await store.get(Person, her) is not None or not traces(await dump(store)), "still to be found"
            await erase(store, her)
            assert traces(await dump(store)) == [], f"killed at write {writes}"
            assert her not in await dump(store)
            await store.close()
        else:
            await store.close()
            break
    assert writes > 10


async def test_what_is_written_while_she_is_erased_is_erased_too(store: Store) -> None:
    her = await live(store)
    busy = Meanwhile(store, her)
    await erase(busy, her)  # type: ignore[arg-type]
    assert busy.wrote == 3
    assert traces(await dump(store)) == []


async def test_a_reply_that_was_just_being_sent_does_not_bring_her_words_back(store: Store) -> None:
    her = await live(store)
    busy = Meanwhile(store, her, only_reply=True)
    await erase(busy, her)  # type: ignore[arg-type]
    assert busy.wrote == 1
    assert traces(await dump(store)) == []


async def test_it_gives_up_with_words_where_somebody_writes_all_the_time(store: Store) -> None:
    her = await live(store)
    busy = Meanwhile(store, her, times=99)
    with pytest.raises(TemporaryError, match="written about all the time"):
        await erase(busy, her)  # type: ignore[arg-type]


class Meanwhile:
    """A store on which hubbub goes on: after each deletion of the person somebody writes about her again."""

    def __init__(self, store: Store, person: str, times: int = 1, *, only_reply: bool = False) -> None:
        self._store, self._person, self._left, self._only_reply, self.wrote = store, person, times, only_reply, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def delete(self, kind: type[Any], *where: Any) -> int:
        """Delete; then a reply that was on its way arrives, she posts again, and is remembered again."""
        gone = await self._store.delete(kind, *where)
        if kind is Person and self._left:
            self._left -= 1
            new = said("mavikaplumbağa", f"777{self._left}9")
            sent = their_case(new).replies
            await update(self._store, Case, "case_z", lambda c: replace(c, replies=sent))
            self.wrote += 1
            if not self._only_reply:
                await self._store.add(new, Person(self._person, "@zeynepyildizoglu", "mastodon", NOW, NOW))
                self.wrote += 2
        return gone


async def test_her_card_in_slack_shows_her_no_more() -> None:
    async with open_office() as office, open_town(office) as town:
        case = await office.hear("kırmızıbisiklet ile ödeme olmadı", author=ZEYNEP)
        assert case is not None
        await office.store.add(Person(case.person_id, "@zeynepyildizoglu", "mastodon", NOW, NOW))
        await town.outbox().run()
        assert traces(str(town.posts()))
        await erase(office.store, case.person_id)
        await town.outbox().run()
        assert traces(str(town.posts())) == []
        assert "the person asked to be forgotten" in town.thread()[-1]


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_the_file_holds_no_byte_of_her(tmp_path: Path) -> None:
    file = tmp_path / "hubbub.db"
    store = await open_store(f"sqlite:///{file}")
    # Enough neighbours that pages were split and rows have moved before she is erased.
    for n in range(40):
        await store.add(*(said(f"söz {n} {k} " + "dolgu " * (k % 60), f"n{n}x{k}", ALI) for k in range(20)))
    her = await live(store)
    for n in range(40):
        await store.add(*(said(f"kırmızıbisiklet{n} {k} " + "dolgu " * (k % 60), f"777{n}x{k}") for k in range(10)))
    for post in await store.find(MentionRecord, limit=600):
        await store.replace(
            replace(post, mention=replace(post.mention, text=post.mention.text + " ve biraz daha uzun"))
        )
    await erase(store, her)
    await store.scrub()
    raw = bytes_of(tmp_path)
    folded = [b"kirmizibisiklet", b"mavikaplumbaga", b"turuncusemsiye"]  # as the search writes them
    assert [trace for trace in TRACES if trace.encode() in raw] == []
    assert [trace for trace in folded if trace in raw] == []
    assert b"dolgu" in raw, "her neighbour is still there"
    assert len(await store.search_mentions("dolgu", 10_000)) > 100
    await store.close()


async def test_a_person_without_records_is_no_mistake(store: Store) -> None:
    assert (await erase(store, "per_nobody")).words == "nothing was left to erase"
    assert await store.count(AuditEntry) == 0
