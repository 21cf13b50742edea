"""Mails: what the writer said, without what they quote and sign with."""

from __future__ import annotations

import time

import pytest

from listener.sources.quoting import own_words, own_words_of_html

GMAIL_TR = "Acme Destek <destek@acme.example>, 2 Kas 2026 Pzt, 10:00 tarihinde şunu yazdı:"
GMAIL_FA = "\u200fدر تاریخ دوشنبه ۲ نوامبر ۲۰۲۶ ساعت ۱۰:۰۰ \u202aAcme\u202c\u200f <help@acme.example> نوشت:\u200f"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (
            "It fails.\n\nOn Mon, Nov 2, 2026 at 10:00 AM Acme <h@acme.example> wrote:\n> Try again\n> -- \n> Acme",
            "It fails.",
        ),
        ("It fails.\n\nOn 2 Nov 2026, at 10:00, Acme <h@acme.example> wrote:\n\nTry again", "It fails."),
        ("On Mon, Nov 2, 2026 at 10:00 AM Acme\n<h@acme.example> wrote:\n> Try\n\nNo, it fails.", "No, it fails."),
        ("Yes.\n> Did you log in?\nNo.\n> Did you pay?", "Yes.\nNo."),
        (f"Olmadı.\n\n{GMAIL_TR}\n> Tekrar deneyin", "Olmadı."),
        (f"Olmadı.\n{GMAIL_TR.replace('10:00 ', chr(10))}\n\nTekrar deneyin", "Olmadı."),
        ("Olmadı.\n\nAcme şunları yazdı (2 Kas 2026 10:00):\n\nTekrar deneyin", "Olmadı."),
        (f"نشد\n\n{GMAIL_FA}\n> دوباره", "نشد"),
        (f"نشد\n\n{GMAIL_FA}\u202c\n\nدوباره", "نشد"),
        ("It fails.\n-- \nPat\nSpringfield", "It fails."),
        ("It fails.\n--\nPat", "It fails."),
        ("It fails.\n\nSent from my iPhone", "It fails."),
        ("Olmadı.\n\niPhone’umdan gönderildi", "Olmadı."),
        ("It fails.\n-----Original Message-----\nFrom: Acme\nTry again", "It fails."),
        ("Olmadı.\n----- Özgün İleti -----\nTekrar", "Olmadı."),
        ("It fails.\n\nFrom: Acme <h@acme.example>\nSent: Monday, November 2, 2026\nTo: Pat\n\nTry again", "It fails."),
        ("Olmadı.\n\nKimden: Acme\nGönderilen: 2 Kasım 2026\nKime: Pat\n\nTekrar", "Olmadı."),
        ("نشد\n\nاز: Acme\nارسال شده: دوشنبه\nبه: سارا\n\nدوباره", "نشد"),
        ("Your agent wrote:\nyou will never get it", "Your agent wrote:\nyou will never get it"),
        ("Müşteri hizmetleri yazdı:\nalamazsın", "Müşteri hizmetleri yazdı:\nalamazsın"),
        ("From: here it looks bad\nall day", "From: here it looks bad\nall day"),
        ("> only\n> a quotation", "> only\n> a quotation"),
        ("one\r\n\r\ntwo\r\n", "one\n\ntwo"),
        ("", ""),
    ],
)
def test_only_the_writers_own_words_are_left(text: str, own: str) -> None:
    assert own_words(text) == own


@pytest.mark.parametrize(
    ("markup", "own"),
    [
        ("<p>It fails</p><div>On Mon, Nov 2, 2026 Acme &lt;h@acme.example&gt; wrote:</div><blockquote>Try <blockquote>"
         "old</blockquote></blockquote>", "It fails"),
        ("<div>On Mon, Nov 2, 2026 Acme wrote:</div><blockquote>Try</blockquote><p>No, it fails</p>", "No, it fails"),
        ("<title>t</title><style>p{}</style><p>a<br>b</p><script>x()</script>", "a\nb"),
        ("<blockquote>nothing else</blockquote>", "nothing else"),
        ("plain &amp; simple", "plain & simple"),
    ],
)  # fmt: skip
def test_html_is_read_without_its_quotations(markup: str, own: str) -> None:
    assert own_words_of_html(markup) == own


@pytest.mark.parametrize("text", ["wrote " * 40_000, "On a@b 2026\n" * 20_000, "<blockquote>" * 20_000, "-" * 250_000])
def test_hostile_texts_take_no_longer_than_long_ones(text: str) -> None:
    start = time.process_time()
    own_words(text)
    own_words_of_html(text)
    assert time.process_time() - start < 2
