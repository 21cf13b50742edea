"""Rounds over the newest posts and the comments under them: what is asked next, and when a round is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.heard.mention import Author, Mention, SetAside
from listener.items import Parsed
from listener.sources.page_watch import FIRST, Round, Todo, comments_of, hidden_in, joined, next_round
from tests.listener.service import NOW, ORIGIN

HOUR = timedelta(hours=1)
SINCE = NOW - 3 * HOUR
MORE = {"cursors": {"after": "Z"}, "next": "https://graph.example/x?after=Z"}
Z = (("after", "Z"),)


def listed(*ages: float, paging: object = None, **nested: Any) -> dict[str, Any]:
    """Make a page of things said so many hours ago; `nested` goes into each of them."""
    items = [{"id": f"{age}", "at": (NOW - age * HOUR).isoformat(), **nested} for age in ages]
    return {"data": items, "paging": paging or {}}


def after(now_at: Round, answer: object, most: int = 25) -> Round:
    return next_round(now_at, answer, "at", most, NOW)


def test_a_short_list_ends_the_round_an_hour_before_its_newest() -> None:
    assert after(Round(SINCE), listed(1, 2)) == Round(NOW - 2 * HOUR)


def test_a_list_without_anything_leaves_the_place_as_it_was() -> None:
    assert after(Round(SINCE), listed()) == Round(SINCE)
    assert after(Round(SINCE), listed(paging=MORE)) == Round(SINCE), "an empty page is the end, whatever it promises"


def test_the_place_never_goes_back() -> None:
    assert after(Round(SINCE), listed(30)) == Round(SINCE)


def test_a_clock_that_is_ahead_does_not_carry_the_place_into_the_future() -> None:
    assert after(Round(SINCE), listed(-48)) == Round(NOW - HOUR)


def test_older_posts_are_asked_for_until_enough_are_seen() -> None:
    then = after(Round(SINCE), listed(1, 2, paging=MORE), most=4)
    assert (then.todo, then.posts, then.newest) == ((Todo("", Z),), 2, NOW - HOUR)
    assert then.since == SINCE, "the place moves when the round is over"
    last = after(then, listed(3, 4, paging={**MORE, "next": "https://graph.example/x?after=Y"}), most=4)
    assert last == Round(NOW - 2 * HOUR)


def test_posts_are_read_on_however_old_they_are_for_their_comments_are_not() -> None:
    assert after(Round(SINCE), listed(500, 600, paging=MORE)).todo == (Todo("", Z),)


@pytest.mark.parametrize(
    ("ages", "paging", "goes_on"),
    [((1, 2), MORE, True), ((1, 4), MORE, False), ((1, 2), {}, False), ((), MORE, False), ((3,), MORE, True)],
)
def test_comments_are_followed_until_they_are_known(ages: tuple[float, ...], paging: object, goes_on: bool) -> None:
    then = after(Round(SINCE), listed(9, comments=listed(*ages, paging=paging)))
    assert then.todo == ((Todo("9", Z),) if goes_on else (FIRST,))


def test_all_posts_with_more_comments_are_followed_one_by_one() -> None:
    then = after(Round(SINCE), listed(8, 9, paging=MORE, comments=listed(1, paging=MORE)))
    assert then.todo == (Todo("8", Z), Todo("9", Z), Todo("", Z))
    then = after(then, listed(2, 4, paging=MORE))
    assert then.todo == (Todo("9", Z), Todo("", Z))
    assert then.posts == 2, "comments are no posts"


def test_a_page_that_leads_to_itself_is_left() -> None:
    assert after(Round(SINCE, (Todo("8", Z),)), listed(1, paging=MORE)).todo == (FIRST,)
    assert after(Round(SINCE, (Todo("", Z),), 2), listed(1, paging=MORE)).todo == (FIRST,)


def test_hidden_comments_are_found_at_every_depth() -> None:
    reply = {"id": "c", "hidden": True}
    comments = {"data": [{"id": "a", "hidden": True}, {"id": "b", "hidden": "yes", "replies": {"data": [reply, 7]}}]}
    assert hidden_in({"data": [{"id": "p", "hidden": True, "comments": comments}, 7]}, FIRST, "hidden") == ("a", "c")
    assert hidden_in(comments, Todo("p"), "hidden") == ("a", "c")


@pytest.mark.parametrize("post", [None, 7, {}, {"comments": None}, {"comments": {"data": {"id": 1}}}])
def test_a_post_without_a_list_of_comments_has_none(post: object) -> None:
    assert comments_of(post) == []


def test_pages_are_joined_in_order() -> None:
    one, two = (ORIGIN.mention(name, Author("a"), name, NOW) for name in ("1", "2"))
    assert isinstance(one, Mention)
    asides = (SetAside("x", "why"), SetAside("y", "why"))
    assert joined([Parsed((one,), asides[:1]), Parsed((two,), asides[1:])]) == Parsed((one, two), asides)
    assert joined([]) == Parsed()
