"""What identifies a person is hidden, everything else stays readable: in English, Turkish and Persian."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.privacy.pii import NEVER_NEEDED, Kind, fold, mask

PHONES = [
    # Turkish, as people write them
    ("0532 123 45 67 numaralı hattım", "[phone] numaralı hattım"),
    ("05321234567'yi aradım", "[phone]'yi aradım"),
    ("cebim 0 532 123 45 67", "cebim [phone]"),
    ("(0532) 123 45 67", "[phone]"),
    ("(0532 123 45 67)", "([phone])"),
    ("0(532)1234567", "[phone]"),
    ("0532.123.45.67", "[phone]"),
    ("0532-123-4567", "[phone]"),
    ("+90 532 123 45 67", "[phone]"),
    ("+905321234567", "[phone]"),
    ("(+90) 532 123 45 67", "[phone]"),
    ("0090 532 123 45 67", "[phone]"),
    ("90 532 123 45 67", "[phone]"),
    ("532 123 45 67 den arayın", "[phone] den arayın"),
    ("532 123 4567", "[phone]"),
    ("tel:5321234567", "tel:[phone]"),
    ("Tel05321234567", "Tel[phone]"),
    ("telefonum 5321234567 arayın", "telefonum [phone] arayın"),
    ("evim 0212 555 12 34, iş (0216) 555 1234", "evim [phone], iş [phone]"),
    ("05321234567 05337654321", "[phone] [phone]"),
    ("0532 123 45 67 / 0533 765 43 21", "[phone] / [phone]"),
    ("2026 yılında 05321234567", "2026 yılında [phone]"),
    ("21 03 2026 0532 123 45 67", "21 03 2026 [phone]"),
    ("Sipariş verirken telefonum 5321234567 yazdım", "Sipariş verirken telefonum [phone] yazdım"),
    ("Kargo takip için 05321234567", "Kargo takip için [phone]"),
    # Iranian, with the digits of the country and of the keyboard
    ("شماره من ۰۹۱۲۱۲۳۴۵۶۷ است", "شماره من [phone] است"),
    ("شماره۰۹۱۲۱۲۳۴۵۶۷", "شماره[phone]"),
    ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "[phone]"),
    ("٠٩١٢١٢٣٤٥٦٧", "[phone]"),
    ("0912-123-4567", "[phone]"),
    ("+98 912 123 4567", "[phone]"),
    ("+۹۸۹۱۲۱۲۳۴۵۶۷", "[phone]"),
    ("00989121234567", "[phone]"),
    ("989121234567", "[phone]"),
    ("موبایل ۹۱۲۱۲۳۴۵۶۷", "موبایل [phone]"),
    ("تلفن ۰۲۱-۸۸۷۷۶۶۵۵ زنگ بزنید", "تلفن [phone] زنگ بزنید"),
    ("۰۹۱۲‌۱۲۳‌۴۵۶۷", "[phone]"),
    ("\u202a+98 912 123 4567\u202c", "\u202a[phone]\u202c"),
    ("\u200e0912\u00a0123\u00a04567", "\u200e[phone]"),
    # elsewhere
    ("call me at +44 20 7946 0958 please", "call me at [phone] please"),
    ("07700 900123", "[phone]"),
    ("+1 (555) 234-5678", "[phone]"),
    ("(212) 555-0123", "[phone]"),
    ("212-555-0123", "[phone]"),
    ("+49 (0)30 1234567", "[phone]"),
    ("0151 23456789", "[phone]"),
    ("004915112345678", "[phone]"),
    ("06 12 34 56 78", "[phone]"),
    ("+33 6 12 34 56 78", "[phone]"),
    ("+971 50 123 4567", "[phone]"),
    ("whatsapp 1234567", "whatsapp [phone]"),
    ("https://wa.me/905321234567?text=hi", "https://wa.me/[phone]?text=hi"),
    ("https://api.whatsapp.com/send?phone=+905321234567", "https://api.whatsapp.com/send?phone=[phone]"),
]
MAILS = [
    ("write to ayse.yilmaz+shop@gmail.com!", "write to [mail]!"),
    ("ayse@firma.com.tr,ali@firma.com.tr", "[mail],[mail]"),
    ("AYSE@GMAIL.COM", "[mail]"),
    ("mailto:a_b%c@mail.example", "mailto:[mail]"),
    ("ایمیل من ali@example.ir است", "ایمیل من [mail] است"),
    ("ایمیلali@example.irاست", "ایمیل[mail]است"),
    ("ali [at] gmail.com", "[mail]"),
    ("ali(at)gmail(dot)com", "[mail]"),
    ("ali [AT] gmail [dot] com", "[mail]"),
    ("çağrı@şirket.com", "[mail]"),
    ("https://shop.example/?user=ali@gmail.com&id=7", "https://shop.example/?user=[mail]&id=7"),
]
SECRETS = [
    ("kartım 4111 1111 1111 1111 reddedildi", "kartım [card] reddedildi"),
    ("4111-1111-1111-1111 12/27 123", "[card] 12/27 123"),
    ("4111111111111111", "[card]"),
    ("no4111 1111 1111 1111", "no4111 1111 1111 1111"),
    ("card:5555555555554444.", "card:[card]."),
    ("amex 3782 822463 10005", "amex [card]"),
    ("کارت ۶۰۳۷ ۹۹۱۲ ۳۴۵۶ ۷۸۹۳", "کارت [card]"),
    ("۶۰۳۷۹۹۱۲۳۴۵۶۷۸۹۳", "[card]"),
    ("order 4111111111111111", "order [card]"),
    ("4111 1111 1111 1111 5555 5555 5555 4444", "[card] [card]"),
    ("2027 4111 1111 1111 1111", "2027 [card]"),
    ("TR33 0006 1005 1978 6457 8413 26", "[IBAN]"),
    ("tr330006100519786457841326'ya yatırın", "[IBAN]'ya yatırın"),
    ("IBAN:TR330006100519786457841326", "IBAN:[IBAN]"),
    ("IR۸۲۰۵۴۰۱۰۲۶۸۰۰۲۰۸۱۷۹۰۹۰۰۲", "[IBAN]"),
    ("شبا ۸۲۰۵۴۰۱۰۲۶۸۰۰۲۰۸۱۷۹۰۹۰۰۲", "شبا [IBAN]"),
    ("33 0006 1005 1978 6457 8413 26", "[IBAN]"),
    ("GB82 WEST 1234 5698 7654 32 please", "[IBAN] please"),
    ("DE89 3704 0044 0532 0130 00 und 0151 23456789", "[IBAN] und [phone]"),
    ("T.C. kimlik 10000000146", "T.C. kimlik [national id]"),
    ("TC: 100 000 001 46", "TC: [national id]"),
    ("10000000146", "[national id]"),
    ("kimlik no ١٠٠٠٠٠٠٠١٤٦", "kimlik no [national id]"),
    ("کد ملی ۰۰۸۴۵۷۵۹۴۸", "کد ملی [national id]"),
    ("کدملی: 0084575948", "کدملی: [national id]"),
    ("كد ملي 0084575948", "كد ملي [national id]"),
    ("کد‌ملی من 008-457594-8", "کد‌ملی من [national id]"),
    ("0084575948 کد ملی من است", "[national id] کد ملی من است"),
    ("my national id is 0084575948", "my national id is [national id]"),
    ("۰۰۸۴۵۷۵۹۴۸", "[national id]"),
    ("کد ملی ۸۴۵۷۵۹۴۸", "کد ملی [national id]"),
]
READABLE = [
    # orders, parcels, invoices, references
    "order 123456789012 is late", "sipariş no 5321234567", "Sipariş numaram: 2123456789", "sipariş 10000000146",
    "takip no 02121234567", "tracking 1Z999AA10123456784", "RR123456789TR kargom nerede", "402-1234567-1234567",
    "sipariş 11111111111", "شماره سفارش ۰۰۸۴۵۷۵۹۴۸", "کد رهگیری ۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶", "9400 1118 9922 3397 6239 10",
    "ISBN 978-3-16-148410-0", "imei 490154203237518", "0084575948", "#4921337", "invoice 2026000123456",
    "4111111111111112", "1234567890123456", "000123456789", "0012345678901", "SN 5321234567 is broken",
    # amounts
    "12.500,00 TL çekildi", "10.000.000 TL", "1 500 000 TL", "₺5321234567", "5321234567 TL", "$5321234567",
    "۱۲۰۰۰۰۰۰۰۰ تومان", "مبلغ ۲,۵۰۰,۰۰۰ ریال", "0084575948 ریال", "1,234,567.89 USD", "+10000000 indirme", "%100",
    "telefon 12 500 000 TL", "phone costs 1 299 000",
    # dates, times, versions, addresses of machines
    "2026-03-21 12:30:45", "21.03.2026 05:32", "2026.03.21", "telefonum 21.03.2026 tarihinde bozuldu",
    "۱۴۰۴/۰۱/۰۲ ۱۲:۳۰",
    "phone since 2026-03-21", "1774094400", "v2.24.10.78", "whatsapp 2.24.10.78", "iOS 18.3.1", "192.168.100.200",
    "10.0.0.1:8080", "fe80::1ff:fe23:4567:890a", "00:1A:2B:3C:4D:5E", "3f2a05321234567b", "case_05321234567abcdef01",
    "https://x.example/status/1900000000000000001", "https://shop.example/o/4111111111111111?n=05321234567",
    # handles, hours, counts, hotlines
    "@ayse@town.example", "@ali", "7/24", "3-4 gün", "5 kere aradım", "444 1 234", "0850 222 0 222", "0800 123 45 67",
    "1 2 3 4 5 6 7 8 9 10", "2024 2025 2026", "155", "112'yi aradım", "a@b", "user@localhost", "@", "5 @ 3",
    "ödeme 3 gündür çalışmıyor", "پرداخت ۳ روز است که کار نمی‌کند", "nothing works", "",
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), [*PHONES, *MAILS, *SECRETS])
def test_what_identifies_a_person_is_hidden(text: str, shown: str) -> None:
    assert mask(text).text == shown


@pytest.mark.parametrize("text", READABLE)
def test_what_identifies_nobody_stays_readable(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).found == ()


def test_it_says_what_was_hidden() -> None:
    masked = mask("0532 123 45 67 ali@x.example TR330006100519786457841326 10000000146 4111111111111111")
    assert masked.text == "[phone] [mail] [IBAN] [national id] [card]"
    assert sorted(masked.found) == sorted(Kind)


def test_only_the_kinds_that_are_asked_for_are_hidden() -> None:
    text = "0532 123 45 67 ali@x.example TR330006100519786457841326 10000000146 4111111111111111"
    assert mask(text, NEVER_NEEDED).text == "0532 123 45 67 ali@x.example [IBAN] [national id] [card]"
    assert mask(text, {Kind.MAIL}).text == text.replace("ali@x.example", "[mail]")


def test_joiners_and_letters_around_stay_as_they_were() -> None:
    assert mask("می‌خواهم ۰۹۱۲۱۲۳۴۵۶۷ كتاب ٣").text == "می‌خواهم [phone] كتاب ٣"


def test_folding_keeps_every_place() -> None:
    text = "كيف ۱۲۳ ٤٥٦ ７８ ‌\u202eÇ"
    assert len(fold(text)) == len(text)
    assert fold(text).startswith("کیف 123 456 78")


WORDS = [
    "0532", "123", "45", "67", "4111", "1111", "TR33", "0006", "1005", "1978", "6457", "8413", "26", "10000000146",
    "0084575948", "۰۹۱۲۱۲۳۴۵۶۷", "٠٠٨٤٥٧٥٩٤٨", "ali@x.example", "tel", "order", "کد ملی", "kimlik", "TL", "$", "+90",
    "+", "(", ")", "[", "]", "[phone]", "[card]", "at", "-", ".", "/", " ", "\u200c", "\n", "a", "_", "www.", "@",
    "https://x.example/", "5321234567", "1234567", "IR", "820540102680020817909002", "phone=", "wa.me/", "[at]",
    "x.example",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(["", " "]))
@example(["tel", "ali@x.example", "1234567"], " ")
@example(["05321234567", "TR330006100519786457841326"], "")
@example(["10000000146", "٠٠٨٤٥٧٥٩٤٨", "$"], " ")
@example(["@", "10000000146", "ali@x.example", "1978", "ali@x.example"], "")
@example(["820540102680020817909002", "+", "5321234567"], "")
def test_masking_twice_is_masking_once(words: list[str], between: str) -> None:
    once = mask(between.join(words))
    assert mask(once.text).text == once.text


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789۰۱۲٣٤ +-.()[]@\u200catTRIR\n", max_size=120))
def test_no_mix_of_digits_breaks_it(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text


@given(
    st.integers(200_000_000, 599_999_999).filter(lambda number: number % 10**6),
    st.sampled_from(["05", "+905", "00905", "09", "+989", "00989"]),
)
def test_every_mobile_is_hidden_with_any_digits(number: int, start: str) -> None:
    for zero in "0٠۰":
        written = f"{start}{number}".translate({ord("0") + n: chr(ord(zero) + n) for n in range(10)})
        assert mask(f"— {written}!").text == "— [phone]!"


HOSTILE = {
    "digits": "1" * 20_000, "blanks": "1 " * 10_000, "pairs": "12 " * 6_667, "fours": "4111 " * 4_000,
    "elevens": "05321234568 " * 1_667, "at": "a@" * 10_000, "letters": "a" * 20_000, "dots": "a." * 10_000 + "@",
    "labels": "a@" + "b." * 9_999, "ibans": "TR33 " * 4_000, "brackets": "(" * 20_000, "plus": "+1" * 10_000,
    "urls": "www." * 5_000, "persian": "۱۲ " * 6_667, "gaps": "1    " * 4_000, "atbrackets": "a [at] " * 2_857,
    "dashes": "1-" * 10_000, "far": "1" + " " * 19_998 + "1", "hints": "tel 1234567 " * 1_667,
    "words": "sipariş tel kimlik " * 1_052, "cards": "4111 1111 1111 1111 " * 1_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_time_in_step_with_its_length(name: str) -> None:
    whole = HOSTILE[name]
    begin = time.process_time()
    mask(whole)
    spent = time.process_time() - begin
    assert spent < 1.0, f"{len(whole)} characters took {spent:.2f} s"
