"""Language id, with the courage to say that it does not know."""

from __future__ import annotations

import pytest

from sentiment.language import UNKNOWN, detect_language, detect_languages

SPOKEN = [
    ("en", "the app has been down since this morning"),
    ("tr", "internet sabahtan beri yok, çıldıracağım artık"),
    ("tr", "İNTERNET YİNE YOK REZALETSİNİZ"),
    ("fa", "از صبح اینترنت قطعه و کسی جواب نمیده"),
    ("ar", "الانترنت مقطوع منذ الصباح ولا أحد يرد"),
    ("de", "seit heute morgen geht gar nichts mehr, danke für nichts"),
    ("fr", "rien ne marche depuis ce matin, c'est une honte"),
    ("es", "la aplicación no funciona desde esta mañana"),
    ("ru", "с утра ничего не работает, где поддержка"),
]


@pytest.mark.parametrize(("language", "text"), SPOKEN)
def test_the_languages_we_serve_are_known(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "   ", "😡😡😡", "12345 678", "@user http", "!!!", "\ud83d\x00", "x"])
def test_nothing_to_go_by_is_unknown(text: str) -> None:
    assert detect_language(text) == UNKNOWN


def test_masks_and_handles_do_not_pull_towards_english() -> None:
    assert detect_language("@VodafoneTR @BTKbasin http #internet hâlâ gelmedi bağlantı, yeter") == "tr"


@pytest.mark.parametrize("text", ["salam internet ghate chera javab nemidin", "merhaba my internet yok since dün"])
def test_romanised_persian_and_mixed_text_get_some_answer(text: str) -> None:
    found = detect_language(text)
    assert found == UNKNOWN or len(found) == 2


def test_a_very_long_text_is_not_a_problem() -> None:
    assert detect_language("the service is down again " * 1000) == "en"


def test_many_texts_keep_their_order() -> None:
    texts = ["ich bin sehr enttäuscht von euch", "", "teşekkürler, sorun çözüldü"]
    assert detect_languages(texts) == ["de", UNKNOWN, "tr"]
