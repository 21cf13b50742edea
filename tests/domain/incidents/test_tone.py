"""The second look: what would sound wrong to a customer is remarked on, plain words are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.incidents.incident import IncidentStatus
from domain.incidents.templates import fill, last_post, offered
from domain.incidents.tone import ADVICE, Remark, Slip, remarks

FILLED = {
    "en": {"component": "Payments", "since": "13:57 UTC", "next_update": "14:35 UTC"},
    "tr": {"component": "Ödemeler", "since": "13:57 UTC", "next_update": "14:35 UTC"},
    "fa": {"component": "پرداخت", "since": "۱۳:۵۷ UTC", "next_update": "۱۴:۳۵ UTC"},
}


@pytest.mark.parametrize(
    ("language", "text", "slip", "words"),
    [
        ("en", "Cards fail due to AWS. We are looking.", Slip.BLAME, "due to AWS"),
        ("en", "This was a user error. We are looking.", Slip.BLAME, "user error"),
        ("en", "Because of our payment provider cards fail. We look.", Slip.BLAME, "Because of our payment provider"),
        ("tr", "AWS kaynaklı bir sorun var, bakıyoruz.", Slip.BLAME, "AWS kaynaklı"),
        ("tr", "Kullanıcı hatası olabilir, inceliyoruz.", Slip.BLAME, "Kullanıcı hatası"),
        ("fa", "به دلیل مشکل بانک پرداخت انجام نمی‌شود. در حال بررسی هستیم.", Slip.BLAME, "به دلیل مشکل بانک"),
        ("en", "It will be fixed in 10 minutes.", Slip.INVENTED_TIME, "It will be fixed in 10 minutes"),
        ("en", "We are working on it and it should be back within an hour.", Slip.INVENTED_TIME, None),
        ("en", "Payments will be back by 14:35.", Slip.INVENTED_TIME, None),
        ("en", "We expect this to be over by 14.35.", Slip.INVENTED_TIME, None),
        ("en", "We are looking, it will work again soon.", Slip.INVENTED_TIME, "it will work again soon"),
        ("tr", "10 dakika içinde düzelecek.", Slip.INVENTED_TIME, "10 dakika içinde düzelecek"),
        ("tr", "Bakıyoruz. Bir saat sonra çalışacak.", Slip.INVENTED_TIME, "Bir saat sonra çalışacak"),
        ("tr", "KISA SÜREDE çözülecek, bakıyoruz.", Slip.INVENTED_TIME, "KISA SÜREDE çözülecek"),
        ("tr", "Bakıyoruz. 15:05 UTC'ye kadar düzelecek.", Slip.INVENTED_TIME, "15:05 UTC'ye kadar düzelecek"),
        ("tr", "Bakıyoruz. 15:05 UTC’ye kadar düzelecek.", Slip.INVENTED_TIME, "15:05 UTC’ye kadar düzelecek"),
        ("tr", "15:05 UTC itibarıyla düzelecek, bakıyoruz.", Slip.INVENTED_TIME, "15:05 UTC itibarıyla düzelecek"),
        ("fa", "تا ده دقیقه دیگر", Slip.INVENTED_TIME, "تا ده دقیقه دیگر"),
        ("fa", "مشکل ظرف ۱۰ دقیقه حل می‌شود.", Slip.INVENTED_TIME, None),
        ("fa", "به‌زودی برطرف خواهد شد.", Slip.INVENTED_TIME, None),
        ("en", "The database is slow. We are looking.", Slip.JARGON, "database"),
        ("en", "We see HTTP 502 for cards.", Slip.JARGON, "HTTP 502"),
        ("tr", "Sunucularımız yavaş, bakıyoruz.", Slip.JARGON, "Sunucularımız"),
        ("fa", "سرورها کند شده‌اند. در حال بررسی هستیم.", Slip.JARGON, "سرورها"),
        ("en", "Some users may see errors. We are looking.", Slip.VAGUE, "Some users"),
        ("en", "We are sorry for any inconvenience.", Slip.VAGUE, "any inconvenience"),
        ("tr", "Bazı kullanıcılar sorun görebilir, bakıyoruz.", Slip.VAGUE, "Bazı kullanıcılar"),
        ("fa", "برخی از کاربران مشکل دارند. در حال بررسی هستیم.", Slip.VAGUE, "برخی از کاربران"),
        ("en", "We are looking!! Please wait.", Slip.SHOUTING, ""),
        ("en", "WE ARE LOOKING FOR THE CAUSE.", Slip.SHOUTING, ""),
        ("de", "WIR SUCHEN DIE URSACHE.", Slip.SHOUTING, ""),
        ("en", "Card payments fail in the app.", Slip.NO_NEXT_STEP, ""),
        ("tr", "Kart ödemeleri yapılamıyor.", Slip.NO_NEXT_STEP, ""),
        ("fa", "پرداخت با کارت انجام نمی‌شود.", Slip.NO_NEXT_STEP, ""),
    ],
)  # fmt: skip
def test_what_sounds_wrong_is_remarked_on_with_its_words(
    language: str, text: str, slip: Slip, words: str | None
) -> None:
    found = {remark.slip: remark.words for remark in remarks(text, language)}
    assert slip in found
    if words is not None:
        assert found[slip] == words
    assert all(remark.advice.endswith(ADVICE[remark.slip]) for remark in remarks(text, language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "We have had reports since 13:57 that card payments fail in the app. Bank transfer works. "
            "We are looking for the cause and will write again by 14:35.",
        ),
        ("en", "We are working on the fix and will write again in 30 minutes."),
        ("en", "A fix was put in place within 10 minutes. We are watching it."),
        ("en", "Bank transfer works. We are looking for the cause. Next update by 14:35 UTC."),
        ("tr", "Sorunu çözmek için çalışıyoruz ve 14:35'e kadar yeniden yazacağız."),
        ("tr", "13:57'den beri kartla ödeme yapılamıyor. Havale çalışıyor. 30 dakika içinde yeniden yazacağız."),
        ("tr", "Nedenini araştırıyoruz. En geç 15:05 UTC’ye kadar size yeniden yazacağız."),
        ("tr", "Bakıyoruz. En geç 5 Mar, 15:05 UTC'ye kadar size yeniden yazacağız."),
        ("fa", "از ۱۳:۵۷ پرداخت با کارت انجام نمی‌شود. در حال بررسی هستیم و تا ۳۰ دقیقه دیگر دوباره خبر می‌دهیم."),
        ("de", "Wird in 10 Minuten behoben sein."),  # not a language we know
        ("en", ""),
    ],
)
def test_plain_words_are_left_alone(language: str, text: str) -> None:
    assert remarks(text, language) == ()


def test_a_promise_beside_the_text_and_the_end_need_no_next_step() -> None:
    assert remarks("Card payments fail.", "en", promised=True) == ()
    assert remarks("Card payments work again.", "en", over=True) == ()


@given(st.text(max_size=300), st.sampled_from(["en", "tr", "fa"]))
def test_any_text_can_be_looked_at(text: str, language: str) -> None:
    for remark in remarks(text, language):
        assert isinstance(remark, Remark)
        assert len(remark.words) <= 80


@given(st.sampled_from(["in 10 ", "a ", "due to ", "will be fixed ", "و ", "-1.", "بعضی "]), st.integers(1, 700))
@settings(deadline=3000, max_examples=20)  # milliseconds; a pattern that backtracks takes minutes
def test_long_repetitions_are_looked_at_in_no_time(piece: str, times: int) -> None:
    for language in ("en", "tr", "fa"):
        remarks(piece * times, language)


# --- templates


@pytest.mark.parametrize("language", ["en", "tr", "fa"])
@pytest.mark.parametrize("phase", list(IncidentStatus))
@pytest.mark.parametrize("promised", [True, False])
def test_every_template_is_plain_and_complete_with_and_without_a_promise(
    phase: IncidentStatus, language: str, promised: bool
) -> None:
    for template in offered(phase):
        values = FILLED[language] | ({} if promised else {"next_update": ""})
        text = fill(template.text(language), values)
        assert "{" not in text
        assert FILLED[language]["component"] in text
        assert (FILLED[language]["next_update"] in text) == (promised and phase is not IncidentStatus.RESOLVED)
        assert remarks(text, language, over=phase is IncidentStatus.RESOLVED) == ()


def test_only_what_is_known_is_filled_and_other_braces_stay() -> None:
    assert fill("{component} {x} {next_update}. {since}.", {"component": "A"}) == "A {x} {next_update}. {since}."
    assert fill("We look. Again by {next_update}. Sorry.\nBye.", {"next_update": ""}) == "We look. Sorry.\nBye."
    assert fill("{component}", {"component": "{since}"}) == "{since}"


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("en", "our service", "Our service: x"),
        ("tr", "iadeler", "İadeler: x"),
        ("tr", "ödemeler ve kart", "Ödemeler ve kart: x"),
        ("tr", "e-fatura", "E-fatura: x"),
        ("en", "iOS app", "iOS app: x"),
        ("en", "acme.com", "acme.com: x"),
        ("fa", "پرداخت", "پرداخت: x"),
        ("en", "3D cards", "3D cards: x"),
    ],
)
def test_a_name_that_begins_a_sentence_gets_its_capital(language: str, name: str, said: str) -> None:
    assert fill("So: {component}. {component}: x", {"component": name}, language) == f"So: {name}. {said}"


def test_the_last_post_of_a_merged_incident_leads_to_the_other_one() -> None:
    assert last_post("Ödeme {since}", "https://s.example/1", "tr").endswith(
        "anlatıyoruz: Ödeme {since}\nhttps://s.example/1"
    )
    assert last_post("X", "", "de") == "We tell what happens here together with another problem from now on: X"
