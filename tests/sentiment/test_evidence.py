from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from domain.incidents.signal import SignalState
from sentiment.evidence import Surroundings, gather, mask, other_causes, quotes_of, telling_terms, words_of
from sentiment.spikes import Reading
from sentiment.spikes.scan import Finding
from tests.sentiment.records import NOON, record

READING = Reading(1, SignalState.OPEN, 12.5, 0.1, Finding(12.5, 10, 9, 0.8))
USUAL = Counter({"the": 900, "app": 300, "nimbus": 500, "love": 80, "card": 40, "in": 700, "uygulama": 50})


def reports() -> list:  # type: ignore[type-arg]
    return [
        record("3", "Nimbus login broken, error 502 in the app", at=NOON + timedelta(minutes=2), region="london"),
        record("1", "the Nimbus app shows error 502 when I sign in, mail me at ada@example.org", at=NOON),
        record(
            "2",
            "uygulama giriş yapmıyor, hata 502 veriyor",
            at=NOON + timedelta(minutes=1),
            language="tr",
            source="forum",
        ),
        record("4", "برنامه باز نمی‌شود و خطا می‌دهد", at=NOON + timedelta(minutes=3), language="fa"),
        record("5", "error 502 again in the app @nimbus", at=NOON + timedelta(minutes=3), person="3"),
    ]


def test_tells_what_is_known_about_the_rise() -> None:
    evidence = gather(READING, reports(), Surroundings(USUAL, folded=4, unseen=("x",), checked=("a campaign",)))
    assert evidence.since == NOON
    assert evidence.people == 4
    assert (evidence.minutes, evidence.expected, evidence.score) == (10, 0.8, 12.5)
    assert evidence.languages == {"en": 3, "tr": 1, "fa": 1}
    assert evidence.sources == {"mastodon": 4, "forum": 1}
    assert evidence.regions == {"london": 1}
    assert (evidence.folded, evidence.unseen, evidence.checked) == (4, ("x",), ("a campaign",))
    assert "error" in evidence.terms


def test_no_report_is_no_evidence() -> None:
    with pytest.raises(ValueError, match="without a report"):
        gather(READING, [], Surroundings(USUAL))


def test_terms_are_what_is_said_more_than_usual_not_what_is_always_said() -> None:
    terms = telling_terms(
        ["the nimbus app error", "nimbus error in the app", "the error app", "error the nimbus"], USUAL
    )
    assert terms[0] == "error"
    assert "the" not in terms


def test_one_person_s_word_is_no_term() -> None:
    assert "zebra" not in telling_terms(["zebra", "error", "error", "error"], USUAL)


def test_quotes_are_few_and_differ_in_words_and_languages() -> None:
    quotes = quotes_of(reports() + [record(str(i), "error 502 again in the app") for i in range(10, 30)])
    assert len(quotes) == 4
    assert {quote.language for quote in quotes} == {"en", "tr", "fa"}
    assert len({quote.text for quote in quotes}) == 4
    assert [quote.at for quote in quotes] == sorted(quote.at for quote in quotes)


def test_quotes_hide_what_belongs_to_a_person() -> None:
    shown = " ".join(quote.text for quote in quotes_of(reports()))
    assert "ada@example.org" not in shown
    assert "@nimbus" not in shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("mail ada@example.org", "mail [mail]"),
        ("see https://x.example/a?b=1 now", "see [link] now"),
        ("@Ada_b@mastodon.example help", "@… help"),
        ("call +90 532 123 45 67", "call [number]"),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("TR33 0006 1005 1978 6457 8413 26", "[number]"),
        ("hesabım ۰۹۱۲۳۴۵۶۷۸۹", "hesabım [number]"),
        ("error 502 at 14:05", "error 502 at 14:05"),
    ],
)
def test_masks_the_private_and_leaves_the_rest(said: str, shown: str) -> None:
    assert mask(said) == shown


def test_a_long_quote_is_cut_between_words() -> None:
    (quote,) = quotes_of([record("1", "outage " * 100)])
    assert len(quote.text) <= 200
    assert quote.text.endswith("outage…")


def test_words_are_folded_and_masked() -> None:
    assert words_of("Login BROKEN, ask bob@example.org") == {"login", "broken", "ask", "mail"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, ()),
        ({"neutral": 90.0}, ("A campaign or viral topic: other talk is 9 times the usual.",)),
        ({"duplicates": 40}, ("A bot flood: 40 near-identical posts were folded and not counted.",)),
        ({"holiday": "Nowruz"}, ("Today is Nowruz: the usual volume may not apply.",)),
        ({"provider": "Cloud: degraded"}, ("An upstream provider reports trouble: Cloud: degraded",)),
    ],
)
def test_other_causes_are_named_in_words(given: dict[str, object], said: tuple[str, ...]) -> None:
    plain: dict[str, object] = {"neutral": 10.0, "usual_neutral": 10.0, "duplicates": 0, "reports": 9}
    assert other_causes(**(plain | given)) == said  # type: ignore[arg-type]
