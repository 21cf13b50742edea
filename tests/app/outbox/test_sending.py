"""One message on its way out: when the platform is asked first, what is in doubt, what a change becomes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.outbox.sending import GIVE_UP_AFTER, LOOK, SETTLES, Sender, learn_limits
from domain.errors import AuthError, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.work import Delivery, DeliveryState
from status_page.publishers.publisher import NotTaken, Published, Publisher
from tests.app.desk.office import Tape
from tests.domain.make import NOW, delivery


@dataclass
class Forgetful(Tape):
    """A platform without idempotency: `shown` is what it says when it is asked."""

    remembers: timedelta = timedelta()
    shown: Published | ServiceError | None = None
    asked: list[Delivery] = field(default_factory=list)

    async def find(self, delivery: Delivery) -> Published | None:
        """Say what was posted."""
        self.asked.append(delivery)
        if isinstance(self.shown, ServiceError):
            raise self.shown
        return self.shown


@dataclass
class Editable(Tape):
    """A platform where words can be changed."""

    done: list[tuple[str, str | None]] = field(default_factory=list)

    async def edit(self, delivery: Delivery) -> None:
        """Replace the words."""
        self._do("edit", delivery.correction)

    async def withdraw(self, delivery: Delivery) -> None:
        """Take them back."""
        self._do("withdraw", delivery.remote_id)

    def _do(self, what: str, value: str | None) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.done.append((what, value))


class Ledger:
    """Keeps what is noted before each try; `taken` when somebody else was faster."""

    def __init__(self, taken: bool = False) -> None:
        self.notes: list[Delivery] = []
        self.taken = taken

    async def __call__(self, noted: Delivery) -> bool:
        """Note a try."""
        self.notes.append(noted)
        return not self.taken


async def carried(publisher: Publisher, post: Delivery, ledger: Ledger | None = None, *, now: datetime = NOW,
                  dry_run: bool = False) -> Delivery:  # fmt: skip
    return await Sender({"mastodon": publisher}, lambda: now, dry_run).carry(post, ledger or Ledger())


def pending(**changes: Any) -> Delivery:
    return delivery(state=DeliveryState.PENDING, **changes)


async def test_where_a_repeat_can_double_the_try_is_noted_before_it_is_made() -> None:
    platform, ledger = Forgetful(), Ledger()
    sent = await carried(platform, pending(), ledger)
    (noted,) = ledger.notes
    assert (noted.attempts, noted.unsure_since, noted.not_before, noted.state) == (
        1, NOW, NOW + SETTLES, DeliveryState.PENDING,
    )  # fmt: skip
    assert (sent.state, sent.attempts, sent.unsure_since, sent.not_before) == (DeliveryState.SENT, 1, None, None)
    assert platform.asked == []


async def test_what_somebody_else_has_taken_meanwhile_is_left_alone() -> None:
    platform, post = Forgetful(), pending()
    assert await carried(platform, post, Ledger(taken=True)) is post
    assert platform.tries == []


async def test_a_platform_that_knows_its_keys_is_not_noted_first() -> None:
    ledger = Ledger()
    await carried(Tape(), pending(), ledger)
    assert ledger.notes == []


DOUBT = pending(attempts=1, unsure_since=NOW - timedelta(minutes=2))


async def test_in_doubt_the_platform_is_asked_and_what_stands_there_is_not_sent_again() -> None:
    platform = Forgetful(shown=Published("7", "https://x.example/7"))
    sent = await carried(platform, DOUBT)
    assert (sent.state, sent.remote_id, sent.url, sent.unsure_since) == (
        DeliveryState.SENT, "7", "https://x.example/7", None,
    )  # fmt: skip
    assert platform.tries == []


async def test_what_does_not_stand_there_is_sent_and_the_first_doubt_stays_until_it_is() -> None:
    platform, ledger = Forgetful(troubles=[TemporaryError("dropped")]), Ledger()
    later = await carried(platform, DOUBT, ledger)
    assert (len(platform.asked), len(platform.tries)) == (1, 1)
    assert ledger.notes[0].unsure_since == later.unsure_since == DOUBT.unsure_since
    assert later.attempts == 2


@pytest.mark.parametrize(
    ("age", "asks"), [(timedelta(minutes=49), False), (timedelta(minutes=50), True), (timedelta(days=1), True)]
)
async def test_as_long_as_the_platform_remembers_our_key_it_need_not_be_asked(age: timedelta, asks: bool) -> None:
    platform, ledger = Forgetful(remembers=timedelta(minutes=50)), Ledger()
    await carried(platform, replace(DOUBT, unsure_since=NOW - age), ledger)
    assert (len(platform.asked), len(platform.sent)) == (int(asks), 1)
    assert ledger.notes[0].not_before is None  # and it can be tried again at once


@pytest.mark.parametrize(
    ("trouble", "in_doubt"),
    [
        (TemporaryError("dropped"), True),
        (NotTaken("nobody is listening"), False),
        (RateLimited("slow down", timedelta(minutes=3)), False),
    ],
)
async def test_only_an_answer_that_got_lost_leaves_a_doubt(trouble: Exception, in_doubt: bool) -> None:
    later = await carried(Forgetful(troubles=[trouble]), pending())
    assert (later.state, later.unsure_since is not None) == (DeliveryState.PENDING, in_doubt)
    again = await carried(Forgetful(troubles=[trouble]), DOUBT)
    assert again.unsure_since == DOUBT.unsure_since  # an earlier doubt is not cleared up by a later refusal


@pytest.mark.parametrize(
    ("shown", "state", "words"),
    [
        (PermanentError("nobody can tell"), DeliveryState.FAILED, f"nobody can tell {LOOK}"),
        (AuthError("the token may not read"), DeliveryState.FAILED, f"the token may not read {LOOK}"),
        (TemporaryError("down"), DeliveryState.PENDING, "down"),
    ],
)
async def test_a_platform_that_cannot_be_asked_is_never_posted_to_again(
    shown: ServiceError, state: DeliveryState, words: str
) -> None:
    platform = Forgetful(shown=shown)
    after = await carried(platform, DOUBT)
    assert (after.state, after.error, platform.tries) == (state, words, [])


async def test_a_refusal_in_doubt_says_that_it_may_be_out_already() -> None:
    after = await carried(Forgetful(troubles=[AuthError("no")]), DOUBT)
    assert (after.state, after.error) == (DeliveryState.FAILED, f"no {LOOK}")
    plain = await carried(Forgetful(troubles=[AuthError("no")]), pending())
    assert (plain.state, plain.error, plain.unsure_since) == (DeliveryState.FAILED, "no", None)


async def test_a_process_that_dies_at_each_try_gives_up_in_the_end() -> None:
    platform = Forgetful()
    after = await carried(platform, replace(DOUBT, attempts=GIVE_UP_AFTER))
    assert (after.state, platform.tries) == (DeliveryState.FAILED, [])
    assert after.error == f"given up after {GIVE_UP_AFTER} tries. {LOOK}"


def sent(**changes: Any) -> Delivery:
    return delivery(state=DeliveryState.SENT, remote_id="113", text="Old.", **changes)


async def test_words_are_replaced_where_that_can_be() -> None:
    platform = Editable()
    after = await carried(platform, sent(correction="New.", error="earlier"))
    assert platform.done == [("edit", "New.")]
    assert (after.state, after.text, after.correction, after.edits, after.error) == (
        DeliveryState.SENT, "New.", None, 1, None,
    )  # fmt: skip


async def test_what_was_sent_is_taken_back() -> None:
    platform = Editable()
    after = await carried(platform, sent(withdraw=True, correction="New."))
    assert platform.done == [("withdraw", "113")]
    assert (after.state, after.withdraw, after.correction, after.text) == (DeliveryState.WITHDRAWN, False, None, "Old.")


@pytest.mark.parametrize(
    ("wish", "words"),
    [({"correction": "New."}, "could not be corrected: no"), ({"withdraw": True}, "could not be withdrawn: no")],
)
async def test_a_change_that_is_refused_leaves_the_post_as_it_was(wish: dict[str, Any], words: str) -> None:
    after = await carried(Editable(troubles=[PermanentError("no")]), sent(**wish))
    assert (after.state, after.text, after.is_due, after.error) == (DeliveryState.SENT, "Old.", False, words)


async def test_a_change_is_tried_again_and_given_up_in_words() -> None:
    platform = Editable(troubles=[TemporaryError("down")] * 20)
    post = await carried(platform, sent(correction="New."))
    assert (post.state, post.is_due, post.not_before) == (DeliveryState.SENT, True, NOW + timedelta(seconds=20))
    for _ in range(GIVE_UP_AFTER - 1):
        post = await carried(platform, post)
    assert (post.state, post.is_due, post.text) == (DeliveryState.SENT, False, "Old.")
    assert post.error == f"could not be corrected: given up after {GIVE_UP_AFTER} tries: down"


@pytest.mark.parametrize("wish", [{"correction": "New."}, {"withdraw": True}])
async def test_a_channel_that_cannot_change_anything_says_so(wish: dict[str, Any]) -> None:
    after = await carried(Tape(), sent(**wish))
    assert after.state is DeliveryState.SENT
    assert "mastodon cannot" in (after.error or "")


@pytest.mark.parametrize("answer", [{}, {"handle": "zeynep"}, {"to": "z@mail.example"}])
async def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    answer: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    platform = Forgetful()
    with caplog.at_level(logging.INFO, "app.outbox.sending"):
        after = await carried(platform, pending(text="We are looking.", **answer), dry_run=True)
    assert (after.state, after.sent_at, after.is_due, platform.tries) == (DeliveryState.REHEARSED, None, False, [])
    (said,) = caplog.messages
    assert said.startswith("dry run: would post del_1 to mastodon: ")
    assert ("We are looking." in said) is (answer == {})  # an answer may carry a customer's words


async def test_a_dry_run_changes_nothing_that_stands_out_there() -> None:
    platform = Editable()
    after = await carried(platform, sent(withdraw=True), dry_run=True)
    assert (after.state, after.is_due, platform.done) == (DeliveryState.SENT, False, [])
    assert "dry run" in (after.error or "")


class Server(Tape):
    """A server that says its limits itself."""

    async def learn(self) -> None:
        """Learn them, or fail."""
        if self.troubles:
            raise self.troubles.pop(0)
        self.limit = 5000


async def test_limits_are_asked_for_and_one_that_fails_is_asked_again_soon() -> None:
    good, bad = Server(), Server(troubles=[TemporaryError("down")])
    publishers: dict[str, Publisher] = {"bad": bad, "good": good, "tape": Tape()}
    assert await learn_limits(publishers) == timedelta(minutes=10)
    assert (bad.limit, good.limit) == (500, 5000)
    assert await learn_limits(publishers) == timedelta(hours=12)
    assert bad.limit == 5000
