"""Answers to "is it fixed for you?" are read in three languages, and what is not clear is never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.care.answer_words import SENSES, SPOKEN_IN
from domain.care.follow_up import FollowUp, ReplyDecision, ReplyVerdict, answered, draft_follow_up
from domain.care.satisfaction import Answer, Satisfaction, read_answer, tally
from domain.component import fold
from domain.work import DeliveryState
from tests.domain.make import NOW, case

FIXED, BROKEN = Answer.FIXED, Answer.STILL_BROKEN

ENGLISH: list[tuple[str, Answer | None, int | None]] = [
    ("yes", FIXED, None), ("Yes!", FIXED, None), ("YES", FIXED, None), ("yesss", FIXED, None), ("yep", FIXED, None),
    ("Yeah, thanks", FIXED, None), ("@nar yes it is", FIXED, None), ("yes it does, thank you so much!", FIXED, None),
    ("it works", FIXED, None), ("Works now 👍", FIXED, None), ("works again, thanks team", FIXED, None),
    ("all good now, cheers", FIXED, None), ("It's fixed for me", FIXED, None), ("Fixed, ty!", FIXED, None),
    ("finally resolved", FIXED, None), ("It’s working again", FIXED, None), ("solved ✅", FIXED, None),
    ("no problems anymore", FIXED, None), ("no more errors, great support", FIXED, None), ("👍", FIXED, None),
    ("👍🏽", FIXED, None), ("✅", FIXED, None), ("✔️", FIXED, None), ("isn't down anymore", FIXED, None),
    ("no longer broken", FIXED, None), ("my card works again", FIXED, None), ("I can log in again", FIXED, None),
    ("yes 🙏", FIXED, None), ("It isn't a problem anymore", FIXED, None), ("back to normal", FIXED, None),
    ("no", BROKEN, None), ("No.", BROKEN, None), ("nope", BROKEN, None), ("NO!!!", BROKEN, None),
    ("noooo", BROKEN, None), ("not fixed", BROKEN, None), ("still not working", BROKEN, None),
    ("Still broken", BROKEN, None), ("no, still the same error", BROKEN, None), ("not yet", BROKEN, None),
    ("Not yet fixed", BROKEN, None), ("it isn't", BROKEN, None), ("no it is not", BROKEN, None),
    ("doesn't work", BROKEN, None), ("does not work for me", BROKEN, None), ("It still doesn't work", BROKEN, None),
    ("doesn't seem to work", BROKEN, None), ("never got fixed", BROKEN, None), ("same problem here", BROKEN, None),
    ("nothing has changed", BROKEN, None), ("I still can't log in", BROKEN, None), ("👎", BROKEN, None),
    ("❌", BROKEN, None), ("still down on my side", BROKEN, None), ("nothing works", BROKEN, None),
    ("I tried three times, still getting errors", BROKEN, None), ("unfortunately not fixed", BROKEN, None),
    ("I restarted it but it still doesn't work", BROKEN, None), ("it's worse", BROKEN, None),
    ("Yes all sorted thank you for the quick response", FIXED, None), ("Looks good now", FIXED, None),
    ("It is now, thanks", FIXED, None), ("Nope still getting declined", BROKEN, None), ("not for me", BROKEN, None),
    ("No still can't pay with my card", BROKEN, None), ("app still crashes on checkout", BROKEN, None),
    ("fixed for now", None, None), ("no more", None, None), ("yes you guys are useless", None, None),
    ("No complaints", None, None), ("no way it's fixed", None, None), ("not bad", None, None),
    ("5/5", None, 5), ("4", None, 4), ("4 out of 5", None, 4), ("3 stars", None, 3), ("⭐⭐⭐⭐", None, 4),
    ("★★★☆☆", None, 3), ("yes 5", FIXED, 5), ("Yes, 5/5!", FIXED, 5), ("works, thank you! 4/5", FIXED, 4),
    ("no 2", BROKEN, 2), ("Still broken. 1/5", BROKEN, 1), ("1 of 5", None, 1), ("rating: 3", None, 3),
    ("", None, None), ("   ", None, None), ("thanks", None, None), ("ok", None, None), ("@nar", None, None),
    ("is it fixed?", None, None), ("is it fixed", None, None), ("Fixed??", None, None), ("and when?", None, None),
    ("yes but payments fail", None, None), ("yes and no", None, None), ("yes, still broken", None, None),
    ("it works sometimes", None, None), ("works on wifi only", None, None), ("partly fixed", None, None),
    ("almost working", None, None), ("I hope it's fixed soon", None, None), ("wish it was fixed", None, None),
    ("fix it!", None, None), ("get it fixed", None, None), ("it should be fixed by now", None, None),
    ("you said it's fixed", None, None), ("maybe", None, None), ("not sure", None, None), ("no idea", None, None),
    ("I think it works", None, None), ("it was broken", None, None), ("it worked yesterday", None, None),
    ("no thanks", None, None), ("no need", None, None), ("No problem", None, None), ("yeah right 🙄", None, None),
    ("yes 🙄", None, None), ("fixed my ass", None, None), ("solved nothing", None, None), ("good work!", None, None),
    ("it works for my friend", None, None), ("haven't tried yet", None, None), ("if it works I tell you", None, None),
    ("someone is working on it", None, None), ("not anymore", None, None), ("+1", None, None), ("0", None, None),
    ("6", None, None), ("10/10", None, None), ("4.5/5", None, None), ("5 minutes", None, None), ("yes :(", None, None),
    ("yes, 5 minutes ago", None, None), ("3 4", None, None), ("1/5 or 5/5", None, None), ("stop", None, None),
    ("yes I would like to order a new card please", None, None), ("still no problems", None, None),
    ("5/5 but the parcel never came", None, None), ("why is it still not working", None, None),
    ("It works. However since this morning my orders are not shown any more and the parcel of last week, which I paid "
     "twice, has never come, please look into it", None, None),
    ("yes still", None, None), ("yes it still is", None, None), ("works on and off", None, None),
    ("works intermittently", None, None), ("far from fixed", None, None), ("works then stops", None, None),
    ("so called fixed", None, None), ("works like crap", None, None), ("fixed, I lost all my data", None, None),
    ("yes problems", None, None), ("yes unfortunately", None, None), ("not the same error", None, None),
    ("it's been worse", None, None), ("no the app still crashes", BROKEN, None),
    ("payments are working again", FIXED, None), ("yes please fix it", None, None), ("yes again", None, None),
    ("not just down, dead", None, None),
]  # fmt: skip
TURKISH: list[tuple[str, Answer | None, int | None]] = [
    ("evet", FIXED, None), ("EVET", FIXED, None), ("Evet!", FIXED, None), ("evettt", FIXED, None),
    ("evet teşekkürler", FIXED, None), ("düzeldi", FIXED, None), ("DÜZELDİ", FIXED, None),
    ("düzeldi, teşekkür ederim", FIXED, None), ("Düzelmiş, sağ olun 🙏", FIXED, None), ("çözüldü", FIXED, None),
    ("cozuldu", FIXED, None), ("sorunum çözüldü", FIXED, None), ("halloldu eyvallah", FIXED, None),
    ("çalışıyor", FIXED, None), ("ÇALIŞIYOR TEŞEKKÜRLER", FIXED, None), ("şimdi çalışıyor", FIXED, None),
    ("artık sorun yok", FIXED, None), ("hiçbir sorun kalmadı", FIXED, None), ("sorun yaşamıyorum", FIXED, None),
    ("problem kalmadı", FIXED, None), ("her şey yolunda", FIXED, None), ("normale döndü", FIXED, None),
    ("evet 👍", FIXED, None), ("@nar evet düzeldi", FIXED, None), ("bende düzeldi", FIXED, None),
    ("az önce düzeldi", FIXED, None), ("girebiliyorum", FIXED, None), ("oldu, teşekkürler", FIXED, None),
    ("çalışmıyor değil", FIXED, None), ("artık hata vermiyor", FIXED, None),
    ("hayır", BROKEN, None), ("HAYIR", BROKEN, None), ("Hayır!", BROKEN, None), ("yok", BROKEN, None),
    ("maalesef", BROKEN, None), ("maalesef hayır", BROKEN, None), ("düzelmedi", BROKEN, None),
    ("Düzelmedi maalesef", BROKEN, None), ("hâlâ düzelmedi", BROKEN, None), ("hala çalışmıyor", BROKEN, None),
    ("hâlâ bozuk", BROKEN, None), ("halen aynı sorun var", BROKEN, None), ("aynı hata", BROKEN, None),
    ("çözülmedi", BROKEN, None), ("henüz değil", BROKEN, None), ("hayır değil", BROKEN, None),
    ("düzelmiş değil", BROKEN, None), ("hâlâ giremiyorum", BROKEN, None), ("sorun devam ediyor", BROKEN, None),
    ("hiçbir şey değişmedi", BROKEN, None), ("değişen bir şey yok", BROKEN, None), ("olmuyor", BROKEN, None),
    ("olmadı yine", BROKEN, None), ("açılmıyor hala", BROKEN, None), ("hâlâ bekliyorum", BROKEN, None),
    ("ödeme yapamıyorum", BROKEN, None), ("👎", BROKEN, None), ("yine aynı sorun", BROKEN, None),
    ("evet sorunum çözüldü ilginiz için teşekkürler", FIXED, None), ("hayır hata veriyor", BROKEN, None),
    ("hayır hâlâ ödeme alamıyorum", BROKEN, None), ("kargom hala gelmedi", BROKEN, None),
    ("evet hâlâ bozuk", None, None), ("şimdilik düzeldi", None, None), ("keşke düzeldi diyebilsem", None, None),
    ("sizde düzeldi bende düzelmedi", None, None), ("çalışıyor gibi", None, None), ("sorun değil", None, None),
    ("5", None, 5), ("4/5", None, 4), ("5 üzerinden 3", None, 3), ("evet 4", FIXED, 4), ("hayır 1", BROKEN, 1),
    ("düzeldi, 5/5", FIXED, 5), ("4 puan", None, 4), ("2 yıldız", None, 2), ("puanım 4", None, 4),
    ("teşekkürler", None, None), ("tamam", None, None), ("dur", None, None), ("düzeldi mi?", None, None),
    ("düzeldi mi", None, None), ("ne zaman düzelecek", None, None), ("evet ama yavaş", None, None),
    ("düzeldi ama hâlâ yavaş", None, None), ("kısmen düzeldi", None, None), ("bazen çalışıyor", None, None),
    ("düzeldi sanırım", None, None), ("düzeldi sayılır", None, None), ("düzeldi diyorsunuz", None, None),
    ("inşallah düzelir", None, None), ("umarım düzeldi", None, None), ("hayır teşekkürler", None, None),
    ("evet hayır", None, None), ("ne oldu", None, None), ("bilmiyorum", None, None), ("emin değilim", None, None),
    ("arkadaşımda düzeldi", None, None), ("düzeltin artık", None, None), ("neden hâlâ çalışmıyor", None, None),
    ("5 dakika", None, None), ("3 gündür bekliyorum", None, None), ("hâlâ çalışıyor", None, None),
    ("evet, kargom da gelmedi ama", None, None), ("oldu bitti maşallah ya rezillik", None, None),
    ("düzeldi diyemem", None, None), ("çözüldü denemez", None, None), ("çalışıyor sayılmaz", None, None),
    ("düzeldi demeyin", None, None), ("düzeldi dediler", None, None), ("çözüldü deniyor", None, None),
    ("çözüldü yalan", None, None), ("düzeldi zannettim", None, None), ("çözülmüş olması gerekiyordu", None, None),
    ("zor açılıyor", None, None), ("arada bir çalışıyor", None, None), ("kesik kesik çalışıyor", None, None),
    ("yarım yamalak çalışıyor", None, None), ("kapanıp açılıyor", None, None), ("düzeldi yine gitti", None, None),
    ("açıldı kapandı", None, None), ("yok teşekkürler", None, None), ("yok sağol", None, None),
    ("tekrar oldu", BROKEN, None), ("sorun devam etmiyor", FIXED, None), ("aynı sorun yok", FIXED, None),
    ("aynı hata kalmadı", FIXED, None), ("hâlâ sorun yok", FIXED, None), ("hâlâ sorun yaşamıyorum", FIXED, None),
    ("çalışmaya devam ediyor", FIXED, None), ("yok sorun", FIXED, None), ("yok sıkıntı", FIXED, None),
    ("aynı", BROKEN, None), ("aynı durum", BROKEN, None), ("hâlen aynı", BROKEN, None), ("sorunlu", BROKEN, None),
    ("çözülemedi", BROKEN, None), ("düzeltilmedi", BROKEN, None), ("erişemiyorum", BROKEN, None),
    ("hata alıyoruz", BROKEN, None), ("çalışmıyo", BROKEN, None), ("açılmıyo", BROKEN, None),
    ("değişen hiçbir şey yok", BROKEN, None), ("internet yok", BROKEN, None), ("internet geldi", FIXED, None),
    ("bağlantı geldi", FIXED, None), ("geri geldi", FIXED, None), ("düzeltildi", FIXED, None),
    ("girebiliyoruz", FIXED, None), ("giriş yapabiliyorum", FIXED, None), ("giriyorum", FIXED, None),
    ("erişebiliyorum", FIXED, None), ("hata yok", FIXED, None), ("hata almıyorum", FIXED, None),
    ("sıkıntısız", FIXED, None), ("problem oldu", None, None), ("evet sorun", None, None), ("evet yine", None, None),
    ("giriyorum atıyor", None, None), ("yok sorun büyük", None, None), ("yok sorun yine", None, None),
    ("açılıyor bakiye yanlış", None, None), ("eksik düzeldi", None, None), ("aynı hata değil", None, None),
    ("sorun geri geldi", BROKEN, None), ("yok sorun devam ediyor", BROKEN, None),
    ("çalışmaya devam etmiyor", BROKEN, None), ("uygulama hâlâ donuyor", BROKEN, None),
    ("evet tekrar çalışıyor", FIXED, None), ("kartım çalışıyor artık", FIXED, None),
    ("aynı sorunu yaşamıyorum", None, None),
]  # fmt: skip
PERSIAN: list[tuple[str, Answer | None, int | None]] = [
    ("بله", FIXED, None), ("آره", FIXED, None), ("اره", FIXED, None), ("بلی", FIXED, None), ("بله ممنون", FIXED, None),
    ("بله، درست شد", FIXED, None), ("درست شد", FIXED, None), ("درست شده، مرسی", FIXED, None), ("حل شد", FIXED, None),
    ("مشکلم حل شد ممنون", FIXED, None), ("مشکل برطرف شد", FIXED, None), ("رفع شده", FIXED, None),
    ("کار می‌کند", FIXED, None), ("کار می‌کنه الان", FIXED, None), ("کار میکنه", FIXED, None),
    ("كار مي‌كند", FIXED, None), ("الان کار می کنه", FIXED, None), ("مشکلی نیست", FIXED, None),
    ("دیگه مشکلی ندارم", FIXED, None), ("اوکی شد", FIXED, None), ("آره اوکیه", FIXED, None), ("وصل شد", FIXED, None),
    ("الان خوبه", FIXED, None), ("بله 👍", FIXED, None), ("@nar بله درست شد 🌹", FIXED, None),
    ("خراب نیست", FIXED, None), ("دیگه قطع نمیشه", FIXED, None), ("بالاخره درست شد خدا را شکر", FIXED, None),
    ("نه", BROKEN, None), ("نه!", BROKEN, None), ("خیر", BROKEN, None), ("نخیر", BROKEN, None),
    ("متأسفانه نه", BROKEN, None), ("نه هنوز", BROKEN, None), ("هنوز نه", BROKEN, None), ("درست نشد", BROKEN, None),
    ("هنوز درست نشده", BROKEN, None), ("حل نشده", BROKEN, None), ("کار نمی‌کند", BROKEN, None),
    ("هنوز کار نمی‌کنه", BROKEN, None), ("کار نمی کنه", BROKEN, None), ("كار نمي‌كند", BROKEN, None),
    ("هنوز خرابه", BROKEN, None), ("همون مشکل", BROKEN, None), ("هنوز مشکل دارم", BROKEN, None),
    ("باز نمیشه", BROKEN, None), ("وصل نمی‌شود", BROKEN, None), ("فرقی نکرده", BROKEN, None),
    ("نه، همچنان قطعه", BROKEN, None), ("نشد", BROKEN, None), ("وصل نیست", BROKEN, None), ("👎", BROKEN, None),
    ("بله حل شده ممنون از پیگیری", FIXED, None), ("خوشبختانه درست شد", FIXED, None), ("باز هم خراب شد", BROKEN, None),
    ("خیر همچنان مشکل دارم", BROKEN, None), ("هنوز همون خطا رو میده", BROKEN, None), ("نه فعلا", BROKEN, None),
    ("انگار درست شده", None, None), ("ظاهرا حل شد", None, None), ("کاش درست شده بود", None, None),
    ("درست نیست این رفتار", None, None), ("بله هنوز خرابه", None, None), ("درست میشه ایشالا", None, None),
    ("۵", None, 5), ("۴/۵", None, 4), ("۵ از ۵", None, 5), ("٤ از ٥", None, 4), ("بله ۵", FIXED, 5),
    ("نه ۱", BROKEN, 1), ("درست شد. ۴ از ۵", FIXED, 4), ("۳ ستاره", None, 3), ("امتیاز ۴", None, 4),
    ("ممنون", None, None), ("باشه", None, None), ("لغو", None, None), ("درست شد؟", None, None),
    ("کی درست میشه", None, None), ("بله ولی کند است", None, None), ("گاهی کار می‌کند", None, None),
    ("تا حدودی حل شد", None, None), ("امیدوارم درست شده باشد", None, None), ("فکر کنم درست شد", None, None),
    ("شاید", None, None), ("نمی‌دانم", None, None), ("نه ممنون", None, None), ("چرا هنوز درست نشده", None, None),
    ("گفتید درست شده", None, None), ("برای دوستم درست شد", None, None), ("نه مشکلی نیست", None, None),
    ("لطفاً درست کنید", None, None), ("۵ دقیقه", None, None), ("اگر درست شد خبر می‌دهم", None, None),
    ("بله هنوز", None, None), ("آره هنوز هست", None, None), ("بله همچنان", None, None),
    ("بله مشکلم هنوز هست", None, None), ("میگن درست شده", None, None), ("گفتند حل شده", None, None),
    ("نمی‌توان گفت حل شده", None, None), ("دروغه درست شده", None, None), ("نصفه درست شده", None, None),
    ("ناقص درست شد", None, None), ("به سختی باز میشه", None, None), ("دیر باز میشه", None, None),
    ("وصل شد رفت", None, None), ("نه خدا رو شکر", None, None), ("هنوزم نه", BROKEN, None), ("هنوز همونه", BROKEN, None),
    ("مشکل وجود دارد", BROKEN, None), ("ارور میده", BROKEN, None), ("خطا میدهد", BROKEN, None),
    ("خطا میده", BROKEN, None), ("نرسید", BROKEN, None), ("نرسیده", BROKEN, None), ("نیومده", BROKEN, None),
    ("برنگشته", BROKEN, None), ("بدتر شد", BROKEN, None), ("تا الان نه", BROKEN, None), ("حله", FIXED, None),
    ("وارد شدم", FIXED, None), ("وصل شدم", FIXED, None), ("مشکلی نداریم", FIXED, None), ("قطعی ندارم", FIXED, None),
    ("واریز شد", FIXED, None), ("درست است", FIXED, None), ("وصل میشه میپره", None, None), ("حل شد مثلا", None, None),
    ("بله مشکلی هست", None, None), ("بله دوباره", None, None), ("همون مشکل نیست", None, None),
    ("وارد شدم پرید", None, None), ("افتضاح کار میکنه", None, None), ("یک ساعت درست شد", None, None),
    ("بله لطفا", None, None), ("هنوز قطع و وصل میشه", BROKEN, None), ("نه هنوز همونه", BROKEN, None),
    ("آره عزیزم حله", FIXED, None), ("کارتم کار میکنه", FIXED, None),
]  # fmt: skip
OTHER: list[tuple[str, str, Answer | None, int | None]] = [
    ("fa", "bale", FIXED, None), ("fa", "hanuz na", BROKEN, None), ("fa", "dorost shod", FIXED, None),
    ("en", "are", None, None), ("tr", "yo", BROKEN, None), ("en", "yo", None, None), ("en", "yok", None, None),
    ("en", "evet", FIXED, None), ("tr", "yes", FIXED, None), ("fa", "no", BROKEN, None), ("de", "evet", FIXED, None),
    ("unknown", "بله", FIXED, None), ("de", "ja", None, None), ("fr", "oui merci", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answer", "rating"), ENGLISH)
def test_english_answers_are_read(text: str, answer: Answer | None, rating: int | None) -> None:
    assert read_answer(text, "en") == (answer, rating)


@pytest.mark.parametrize(("text", "answer", "rating"), TURKISH)
def test_turkish_answers_are_read(text: str, answer: Answer | None, rating: int | None) -> None:
    assert read_answer(text, "tr") == (answer, rating)


@pytest.mark.parametrize(("text", "answer", "rating"), PERSIAN)
def test_persian_answers_are_read(text: str, answer: Answer | None, rating: int | None) -> None:
    assert read_answer(text, "fa") == (answer, rating)


@pytest.mark.parametrize(("language", "text", "answer", "rating"), OTHER)
def test_people_answer_in_other_languages_too(
    language: str, text: str, answer: Answer | None, rating: int | None
) -> None:
    assert read_answer(text, language) == (answer, rating)


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("evet", "hayır"), ("بله", "نه")])
def test_yes_and_no_together_are_no_answer(yes: str, no: str) -> None:
    for text in (f"{yes} {no}", f"{no}, {yes}", f"{yes}. {no}. {yes}"):
        assert read_answer(text, "en") == (None, None)


@given(st.text(max_size=200), st.sampled_from(["en", "tr", "fa", "unknown", ""]))
@settings(max_examples=300, deadline=None)
def test_no_text_is_too_strange_to_read(text: str, language: str) -> None:
    _, rating = read_answer(text, language)
    assert rating is None or 1 <= rating <= 5


@given(st.lists(st.sampled_from(sorted(SENSES)), max_size=8))
@settings(max_examples=300, deadline=None)
def test_a_question_is_never_an_answer(words: list[str]) -> None:
    assert read_answer(" ".join([*words, "?"]), "en") == (None, None)


def test_every_phrase_can_be_found() -> None:
    for phrase in (*SENSES, *(word for words in SPOKEN_IN.values() for word in words)):
        assert phrase == fold(phrase)
        assert phrase.strip() == " ".join(phrase.split()), phrase


def asked(number: int, state: DeliveryState = DeliveryState.SENT) -> FollowUp:
    """A follow-up to one person."""
    made = draft_follow_up(
        "inc_1", case(person_id=f"per_{number}"), ReplyDecision(ReplyVerdict.ALLOWED, ""), "mastodon", "?", "en", NOW
    )
    return replace(made, delivery=replace(made.delivery, state=state))


def test_what_came_back_is_added_up() -> None:
    told = [
        answered(asked(1), FIXED, 5, NOW), answered(asked(2), FIXED, None, NOW), answered(asked(3), BROKEN, 2, NOW),
        answered(asked(4), None, 4, NOW), asked(5), asked(6, DeliveryState.DRAFT), asked(7, DeliveryState.SKIPPED),
        answered(asked(8, DeliveryState.ASSISTED), FIXED, None, NOW), asked(9, DeliveryState.ASSISTED),
    ]  # fmt: skip
    found = tally(told)
    assert found == Satisfaction(asked=6, answered=5, fixed=3, still_broken=1, ratings=(5, 2, 4))
    assert found.score == pytest.approx(2 / 3)


def test_without_ratings_there_is_no_score() -> None:
    assert tally(()) == Satisfaction(0, 0, 0, 0)
    assert tally((asked(1),)).score is None


@pytest.mark.parametrize(("ratings", "score"), [((5,), 1.0), ((4, 3), 0.5), ((1, 2, 3), 0.0)])
def test_four_and_five_are_content(ratings: tuple[int, ...], score: float) -> None:
    assert Satisfaction(3, 3, 0, 0, ratings).score == score
