"""Authors take posts back: no copy of ours is left after the round, whatever it had become by then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from app.pipeline.erasing import AT_ONCE, erase
from app.pipeline.intake import Intake, Taken
from app.store.protocol import Store
from domain.action import Verb
from domain.care.case import Case
from domain.heard.classification import Classification
from domain.heard.mention import Author, Batch, MentionRecord, Stage, mention_id
from domain.incidents.signal import Quote, Signal
from domain.privacy.erasure import REMOVED, SOMEBODY
from domain.records import Correction, Person
from sentiment.corrections import count_wrong, training_rows
from tests.app.desk.office import Crash, Crashing, Office, open_office, read_words, understanding
from tests.app.desk.slack_town import open_town
from tests.app.pipeline.watch import open_watch
from tests.domain.make import NOW, evidence, mention, signal

SECRET = "my card ending 4242 was declined"
WHO = Author("https://town.example/users/zeynep", "Zeynep Y.", "zeynep", 12, "https://town.example/@zeynep")


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def hear(office: Office, text: str = SECRET, native: str = "1", *, author: Author = WHO) -> None:
    await Intake(office.store, office.clock).take([mention(text, native, author=author)])
    await understanding(office.store, office.front).run()


async def take_back(office: Office, *natives: str) -> Taken:
    return await Intake(office.store, office.clock).keep("mastodon", Batch((), None, deleted=natives))


async def everything(store: Store) -> str:
    """Write down all that is kept."""
    kinds: tuple[Any, ...] = (MentionRecord, Case, Correction, Person, Signal)
    return repr([await store.find(kind) for kind in kinds])


async def the_only(store: Store, kind: Any) -> Any:
    (found,) = await store.find(kind)
    return found


async def test_a_removed_post_leaves_no_word_and_no_name_behind(office: Office) -> None:
    await hear(office)
    await hear(office, f"{SECRET}!!")  # edited
    case = await the_only(office.store, Case)
    await office.do(Verb.NOT_A_COMPLAINT, case.id)
    quoted = Quote(SECRET, "mastodon", "en", NOW, mention_id("mastodon", "1"))
    await office.store.add(signal(evidence=evidence(quotes=(quoted,))))
    assert await take_back(office, "1") == Taken(deleted=1)
    left = await everything(office.store)
    for secret in ("4242", "declined", "eynep", "town.example"):
        assert secret not in left
    record = await the_only(office.store, MentionRecord)
    assert (record.deleted_at, record.case_id) == (NOW, case.id)
    assert await office.store.search_mentions("4242", 10) == []
    corrections = await office.all(Correction)
    assert training_rows(corrections) == []
    assert count_wrong(corrections) == {"en": 1}


async def test_the_case_says_so_and_its_card_is_drawn_anew(office: Office) -> None:
    async with open_town(office) as town:
        await hear(office)
        for _ in range(2):
            await town.outbox().run()
        assert SECRET in repr(town.posts("care"))
        await take_back(office, "1")
        case = await the_only(office.store, Case)
        assert (case.text, case.author, case.status) == (REMOVED, SOMEBODY, "open")
        assert case.history[-1].text == "the author removed this post"
        for _ in range(2):
            await town.outbox().run()
        assert "4242" not in repr(town.posts("care"))
        assert REMOVED in repr(town.posts("care"))


async def test_other_posts_of_the_same_person_stay(office: Office) -> None:
    await hear(office)
    await hear(office, "card still declined", "2")
    await take_back(office, "1")
    case = await the_only(office.store, Case)
    assert (case.text, case.author, case.handle) == ("card still declined", "zeynep", "zeynep")
    assert (await the_only(office.store, Person)).name == "zeynep"
    await take_back(office, "2")
    assert (await the_only(office.store, Case)).author == SOMEBODY
    assert (await the_only(office.store, Person)).name == ""


async def test_what_is_not_ours_changes_nothing(office: Office) -> None:
    await hear(office)
    before = await everything(office.store)
    assert await take_back(office, "7", "8") == Taken()
    assert await erase(office.store, "bluesky", ["1"], NOW) == 0  # the same id elsewhere
    assert await everything(office.store) == before


async def test_a_removal_that_is_told_again_is_none(office: Office) -> None:
    await hear(office)
    assert await take_back(office, "1", "1") == Taken(deleted=1)
    before = await everything(office.store)
    assert await take_back(office, "1") == Taken()
    assert await everything(office.store) == before


async def test_thousands_of_removals_are_looked_through(office: Office) -> None:
    await hear(office)
    natives = [f"at://{n}" for n in range(3 * AT_ONCE)]
    assert await take_back(office, *natives, "1") == Taken(deleted=1)


async def test_a_post_and_its_removal_in_one_batch_leave_an_empty_shell(office: Office) -> None:
    batch = Batch((mention(SECRET, author=WHO),), None, deleted=("1",))
    assert await Intake(office.store, office.clock).keep("mastodon", batch) == Taken(stored=1, deleted=1)
    await understanding(office.store, office.front).run()
    assert "4242" not in await everything(office.store)
    assert (await the_only(office.store, MentionRecord)).stage is Stage.UNDERSTOOD
    assert await office.all(Case) == []


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", range(1, 5))
async def test_a_kill_on_the_way_is_made_good_by_the_next_round(office: Office, writes: int, written: bool) -> None:
    await hear(office)
    dying: Any = Crashing(office.store, writes, written=written)
    try:
        await Intake(dying, office.clock).keep("mastodon", Batch((), None, deleted=("1",)))
    except Crash:
        await take_back(office, "1")
    left = await everything(office.store)
    assert "4242" not in left
    assert left.count("the author removed this post") == 1


async def test_what_is_removed_while_it_is_understood_opens_nothing_with_its_words(office: Office) -> None:
    await Intake(office.store, office.clock).take([mention(SECRET, author=WHO)])

    async def why(text: str, meaning: Classification) -> tuple[str, ...]:
        await take_back(office, "1")
        return ("4242",)

    heard: list[MentionRecord] = []
    await understanding(office.store, office.front, why=why, heard=heard.append).run()
    assert "4242" not in await everything(office.store)
    assert heard == []


async def test_what_is_removed_before_it_is_read_is_never_read(office: Office) -> None:
    await Intake(office.store, office.clock).take([mention(SECRET, author=WHO)])
    await take_back(office, "1")
    read: list[str] = []

    async def classify(texts: Any) -> list[Classification]:
        read.extend(texts)
        return await read_words(texts)

    await understanding(office.store, office.front, classify=classify).run()
    assert read == []


async def test_a_live_signal_goes_on_without_the_removed_quotes() -> None:
    async with open_watch() as watch:
        await watch.minutes(10, complaints=3)
        (live,) = await watch.signals()
        quoted = {quote.mention_id for quote in live.evidence.quotes}
        gone = [post.native_id for post in watch.square.posts if post.id in quoted]
        await watch.intake.keep("mastodon", Batch((), None, deleted=tuple(gone)))
        (live,) = await watch.signals()
        assert live.evidence.quotes == ()
        await watch.minutes(6, complaints=3)
        (live,) = await watch.signals()
        assert live.evidence.quotes
        assert not quoted & {quote.mention_id for quote in live.evidence.quotes}


async def test_a_stranger_who_repeats_a_removed_text_is_heard(office: Office) -> None:
    text = "the payment page of this shop is broken again today, nobody can pay anything at all"
    await hear(office, text)
    await take_back(office, "1")
    fresh = understanding(office.store, office.front)  # the next process
    await fresh.remember(NOW)
    await Intake(office.store, office.clock).take([mention(text, "2", author=replace(WHO, id="other"))])
    await fresh.run()
    again = await office.store.get(MentionRecord, mention_id("mastodon", "2"))
    assert again is not None
    assert again.duplicate_of is None
