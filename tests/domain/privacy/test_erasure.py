"""What an author takes back is gone from every copy; the shell and the figures stay."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

from domain.care.case import Case, join
from domain.heard.classification import Kind
from domain.heard.mention import Author, MentionRecord, Stage
from domain.incidents.signal import Quote
from domain.privacy.erasure import REMOVED, SOMEBODY, case_without, correction_without, erased, signal_without
from domain.records import Correction
from tests.domain.make import NOW, case, evidence, meaning, mention, record, signal

LATER = NOW + timedelta(hours=1)
WHO = Author("https://town.example/users/zeynep", "Zeynep Y.", "zeynep", 12, "https://town.example/@zeynep")


def said(native: str = "1", text: str = "my card was declined again") -> MentionRecord:
    at = NOW + timedelta(minutes=int(native))
    heard = mention(text, native, author=WHO, contact="z@mail.example", created_at=at, reply_ref="zeynep-7")
    return record(heard, edits=("my crad was declined",))


def test_nothing_of_the_words_and_of_the_person_is_left() -> None:
    known = said()
    shell = erased(known, LATER)
    left = repr(asdict(shell))
    for secret in ("card", "crad", "declined", "zeynep", "Zeynep", "z@mail", "town.example"):
        assert secret not in left
    assert (shell.id, shell.person_id, shell.mention.native_id) == (known.id, known.person_id, "1")
    assert (shell.deleted_at, shell.stage) == (LATER, Stage.UNDERSTOOD)


def test_the_figures_stay() -> None:
    shell = erased(said(), LATER)
    assert shell.classification is not None
    assert (shell.classification.is_complaint, shell.classification.component) == (True, "payments")
    assert shell.mention.created_at == said().mention.created_at


def test_what_was_not_understood_yet_never_will_be() -> None:
    shell = erased(replace(said(), stage=Stage.NEW, classification=None), LATER)
    assert (shell.stage, shell.classification) == (Stage.UNDERSTOOD, None)


def test_a_second_removal_changes_nothing() -> None:
    shell = erased(said(), LATER)
    assert erased(shell, LATER + timedelta(days=1)) == shell


def opened(*records: MentionRecord) -> Case:
    first, *others = records
    made = replace(case(), mention_ids=(first.id,), text=first.mention.text, author="zeynep", handle="zeynep")
    made = replace(made, reason=replace(made.reason, words=("declined",)))
    for other in others:
        made = join(made, other, NOW)
    return made


def test_the_case_of_a_removed_post_says_so_and_forgets_its_words() -> None:
    known = said()
    left = case_without(opened(known), known, (), LATER)
    assert (left.text, left.url, left.author, left.handle, left.contact) == (REMOVED, None, SOMEBODY, "", None)
    assert left.reason.words == ()
    assert (left.history[-1].at, left.history[-1].who) == (LATER, "hubbub")
    assert left.history[-1].text == "the author removed this post"
    assert left.revision > opened(known).revision  # the card is drawn anew


def test_a_repeat_after_a_crash_is_one_line() -> None:
    known = said()
    once = case_without(opened(known), known, (), LATER)
    assert case_without(once, known, (), LATER) == once
    assert case_without(once, erased(known, LATER), (), LATER) == once


def test_the_words_of_other_posts_of_the_case_stay() -> None:
    first, second = said("1"), said("2", "still declined!!")
    both = opened(first, second)
    left = case_without(both, first, {second.id}, LATER)
    assert (left.text, left.author, left.handle) == ("still declined!!", "zeynep", "zeynep")
    assert left.reason.words == ()  # they were of the first post
    left = case_without(both, second, {first.id}, LATER)
    assert (left.text, left.author) == (REMOVED, "zeynep")
    assert left.reason.words == ("declined",)
    assert left.history[-1].text == "the author removed post 2 of this case"
    last = case_without(left, first, set(), LATER)
    assert (last.author, len(last.history) - len(both.history)) == (SOMEBODY, 2)


def test_a_case_of_other_posts_is_left_alone() -> None:
    assert case_without(opened(said("1")), said("2"), (), LATER) == opened(said("1"))


def test_a_verdict_stays_without_the_words() -> None:
    known = Correction("c", "m", "card", "en", 0.9, Kind.OTHER, False, None, "m1", "Ada", NOW)
    assert correction_without(known) == replace(known, text="")


def test_a_quote_leaves_the_evidence_and_the_others_stay() -> None:
    quotes = tuple(Quote(f"text {n}", "mastodon", "en", NOW, f"men_{n}") for n in range(2))
    known = signal(evidence=evidence(quotes=quotes))
    left = signal_without(known, "men_0")
    assert (left.evidence.quotes, left.revision) == (quotes[1:], known.revision + 1)
    assert signal_without(left, "men_0") == left


def test_words_that_decided_are_gone_too() -> None:
    shell = erased(record(understood=meaning(why=("declined",))), LATER)
    assert shell.classification is not None
    assert shell.classification.why == ()
