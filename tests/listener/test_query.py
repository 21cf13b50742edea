"""What counts as talk about us: names with their endings, exclusions, context, languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.dialects import X_LIMIT, hashtags, joined_by_or, one_each, words, x_search
from listener.query import Query, Variant, why_no_match, why_not
from listener.registry import build_source, check_source, searches
from listener.several import Filtered, Several

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ACME = Variant(any=("Acme", "acme pay", "#acmefail", "@acme_tr"))


def mention(text: str, **changes: object) -> Mention:
    known = Mention("men_1", "town", "rss", "1", Author("a"), text, NOW)
    return replace(known, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["acme is down", "ACME!", "I hate #Acme", "Acme'nin uygulaması açılmıyor", "acmeden para çekemiyorum", "Acme’s app",
     "Acme  pay does not work", "#AcmeFail again", "@acme_tr cevap verin"],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    assert why_no_match(ACME, text) is None


@pytest.mark.parametrize("text", ["acmeology is a science", "macme", "acne", "#acmefailure", "hello", ""])
def test_a_longer_word_is_not_the_name(text: str) -> None:
    assert why_no_match(ACME, text) == "it does not name us"


@pytest.mark.parametrize(
    ("term", "text"),
    [("İSTANBULKART", "istanbulkartı dolduramadım"), ("ığdır", "Iğdır'da internet yok"), ("كيان", "کیان قطع است"),
     ("ایران‌سل", "ایران سل قطعه"), ("بانک", "بانک‌ها بسته است"), ("پرداخت", "پرداختی انجام نشد")],
)  # fmt: skip
def test_turkish_and_persian_spellings_are_one(term: str, text: str) -> None:
    assert why_no_match(Variant(any=(term,)), text) is None


@pytest.mark.parametrize(
    ("variant", "text", "reason"),
    [
        (Variant(any=("delta",), context=("flight", "airline")), "delta variant news",
         "nothing beside the name shows that it is about us"),
        (Variant(any=("delta",), context=("flight", "airline")), "my Delta flight is late", None),
        (Variant(any=("acme",), none=("acme corp",)), "Acme Corp is hiring", "it says 'acme corp'"),
        (Variant(any=("acme",), all=("app", "crash")), "acme app is nice", "it does not say 'crash'"),
        (Variant(any=("acme",), all=("app", "crash")), "acme app: crash", None),
    ],
)  # fmt: skip
def test_context_exclusions_and_needed_words_decide_with_a_reason(
    variant: Variant, text: str, reason: str | None
) -> None:
    assert why_no_match(variant, text) == reason


def test_a_language_has_its_own_names_and_context() -> None:
    query = Query("b", Variant(any=("delta",), context=("flight",)),
                  {"tr": Variant(any=("deltahava",), context=("uçuş",))})  # fmt: skip
    assert why_not(query, mention("delta uçuş iptal", language="tr")) is None
    assert why_not(query, mention("deltahava uçuşu iptal", language="tr")) is None
    assert why_not(query, mention("delta uçuş", language="en")) is not None
    assert why_not(query, mention("delta uçuş iptal")) is None, "of unknown language: any variant may fit"


@pytest.mark.parametrize("changes", [{"addressed": True}, {"kind": MentionKind.REVIEW}, {"kind": MentionKind.MESSAGE}])
def test_what_was_said_to_us_needs_no_name(changes: dict[str, object]) -> None:
    assert why_not(Query("b", ACME), mention("it does not work", **changes)) is None


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=3))
def test_any_words_can_be_searched_in_any_text(text: str, terms: list[str]) -> None:
    why_no_match(Variant(any=tuple(terms), none=tuple(terms)), text)


QUERY = Query(
    "brand", Variant(any=("Acme", "acme pay", "#acmefail"), none=("acme corp",), context=("bank",)),
    {"tr": Variant(any=("acme banka",), context=("kart",))},
)  # fmt: skip


def test_each_service_is_asked_in_its_own_words() -> None:
    assert [s["query"] for s in one_each(QUERY)] == ["Acme", '"acme pay"', "#acmefail", '"acme banka"']
    assert joined_by_or(QUERY) == [{"query": 'Acme OR "acme pay" OR #acmefail OR "acme banka"'}]
    assert hashtags(QUERY) == [{"tags": ["Acme", "acmepay", "acmefail", "acmebanka"]}]
    assert words(QUERY) == [{"words": ["Acme", "acme pay", "#acmefail", "acme banka"]}]
    assert x_search(QUERY) == [
        {"query": '(Acme OR "acme pay" OR #acmefail OR "acme banka") (bank OR kart) -"acme corp" -is:retweet'}
    ]


def test_a_query_too_long_for_x_is_asked_without_what_can_be_filtered_here() -> None:
    query = Query("b", Variant(any=("acme",), none=tuple(f"not this {i}" for i in range(60)), context=("bank",)))
    asked = str(x_search(query)[0]["query"])
    assert len(asked) <= X_LIMIT
    assert asked.startswith("acme bank -")
    assert asked.endswith("-is:retweet")


def test_a_name_written_twice_is_asked_once() -> None:
    assert Query("b", Variant(any=("Acme", "ACME", "acmé"))).terms() == ("Acme",)


def test_without_names_the_needed_words_are_asked_for() -> None:
    assert one_each(Query("b", Variant(all=("acme", "down")))) == [{"query": "acme"}, {"query": "down"}]


class Shelf:
    """A source with pages prepared; remembers the cursors it was asked with."""

    name, type, every, page_cost = "town", "rss", timedelta(minutes=1), 0.0

    def __init__(self, *pages: Sequence[str]) -> None:
        self.pages, self.asked = pages, list[str | None]()

    async def fetch(self, cursor: str | None) -> Batch:
        self.asked.append(cursor)
        at = int(cursor or 0)
        said = self.pages[at] if at < len(self.pages) else ()
        return Batch(tuple(mention(text) for text in said), str(at + 1), more=at + 1 < len(self.pages))


async def test_what_a_query_does_not_want_is_dropped_and_counted() -> None:
    batch = await Filtered(Shelf(["acme is down", "something else"]), QUERY_LOOSE).fetch(None)
    assert [m.text for m in batch.mentions] == ["acme is down"]
    assert (batch.dropped, batch.cursor) == (1, "1")


QUERY_LOOSE = Query("brand", Variant(any=("acme",)))


async def test_several_searches_go_on_with_their_own_cursors_until_each_is_at_its_end() -> None:
    first, second = Shelf(["a1"], ["a3"]), Shelf(["b1"])
    source, cursor, said, more = Several([first, second]), None, [], True
    while more:
        batch = await source.fetch(cursor)
        said += [m.text for m in batch.mentions]
        cursor, more = batch.cursor, batch.more
    assert said == ["a1", "a3", "b1"]
    assert json.loads(cursor or "") == {"turn": 0, "cursors": ["2", "1"]}
    await source.fetch(cursor)
    assert first.asked == [None, "1", "2"]


async def test_a_search_that_fails_keeps_its_place() -> None:
    source = Several([Shelf(["a"]), Shelf(["b"])])
    after = (await source.fetch(None)).cursor
    again = await source.fetch(after)
    assert [m.text for m in again.mentions] == ["b"]
    assert [m.text for m in (await source.fetch(after)).mentions] == ["b"], "asked again with the same cursor"


async def test_the_settings_own_options_go_before_the_query() -> None:
    assert searches("hackernews", {"query": "mine"}, QUERY) == [{"query": "mine"}]
    assert searches("rss", {"url": "http://x.example/"}, QUERY) == [{"url": "http://x.example/"}]
    async with aiohttp.ClientSession() as session:
        built = build_source(
            "hackernews", "hn", base_url=None, every=timedelta(minutes=1), options={}, secrets={}, session=session,
            now=lambda: NOW, query=QUERY,
        )  # fmt: skip
    assert isinstance(built, Filtered)
    assert isinstance(built.source, Several)
    assert len(built.source.sources) == 4


def test_a_source_that_is_pushed_to_cannot_have_a_query() -> None:
    found = check_source("webhook", "hook", secrets={"secret": "x" * 16}, query=QUERY)
    assert found == ["source 'hook' (webhook): `query` is for sources that are polled; this one is pushed to."]


async def test_a_query_that_leaves_a_needed_option_open_is_a_problem() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ConfigError, match="query"):
            build_source(
                "hackernews", "hn", base_url=None, every=timedelta(minutes=1), options={}, secrets={}, session=session,
                now=lambda: NOW,
            )  # fmt: skip
