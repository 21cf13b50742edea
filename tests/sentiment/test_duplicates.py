from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sentiment.duplicates import Recent

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = "The Nimbus app has not let me sign in since this morning and support does not answer at all"


@pytest.mark.parametrize(
    "again",
    [
        LONG,
        f"RT @someone: {LONG}",
        f"{LONG} https://t.co/abc",
        f"@nimbus {LONG}!!!",
        LONG.upper(),
        LONG.replace("this morning", "this morning already"),
    ],
)
def test_a_repost_or_nearly_the_same_text_is_folded(again: str) -> None:
    recent = Recent()
    assert recent.fold("1", "ada", LONG, NOON) is None
    copy = recent.fold("2", "bob", again, NOON)
    assert copy is not None
    assert copy.of == "1"
    assert copy.reason


@pytest.mark.parametrize("text", ["is nimbus down?", "uygulama çöktü", "برنامه باز نمی‌شود", "🔥", ""])
def test_short_texts_of_different_people_are_different_voices(text: str) -> None:
    recent = Recent()
    assert recent.fold("1", "ada", text, NOON) is None
    assert recent.fold("2", "bob", text, NOON) is None


def test_a_person_who_repeats_themselves_is_one_voice() -> None:
    recent = Recent()
    assert recent.fold("1", "ada", "is nimbus down?", NOON) is None
    copy = recent.fold("2", "ada", "Is Nimbus DOWN??", NOON)
    assert copy is not None
    assert copy.reason == "the same person said the same before"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LONG, "The Nimbus app shows last month's bill twice and nobody can tell me why that is so"),
        (
            "Sabahtan beri uygulamaya giriş yapamıyorum, destek de cevap vermiyor artık",
            "Dünden beri kargom gelmedi, müşteri hizmetleri sürekli meşgul çalıyor",
        ),
        (
            "از صبح نمی‌توانم وارد حساب کاربری خودم بشوم و پشتیبانی هم جواب نمی‌دهد",
            "بسته‌ی من هنوز نرسیده و هیچ کس نمی‌گوید که کجا مانده است این هفته",
        ),
    ],
)
def test_different_complaints_are_kept(one: str, other: str) -> None:
    recent = Recent()
    recent.fold("1", "ada", one, NOON)
    assert recent.fold("2", "bob", other, NOON) is None


def test_the_same_mention_again_is_no_copy_of_itself() -> None:
    recent = Recent()
    recent.fold("1", "ada", LONG, NOON)
    assert recent.fold("1", "ada", LONG, NOON) is None


def test_what_is_older_than_the_window_is_forgotten() -> None:
    recent = Recent(window=timedelta(hours=1))
    recent.fold("1", "ada", LONG, NOON)
    assert recent.fold("2", "bob", LONG, NOON + timedelta(hours=2)) is None
    assert len(recent) == 1


def test_a_flood_does_not_fill_the_memory() -> None:
    recent = Recent(most=50)
    for i in range(300):
        recent.fold(str(i), str(i), f"post number {i} of a flood with words {i * 7} and {i * 13} of its own", NOON)
    assert len(recent) <= 50
