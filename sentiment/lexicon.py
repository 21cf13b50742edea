"""The fallback classifier: word lists instead of a network, for when the model folder cannot be used.

It keeps mentions flowing with `model: "fallback"` on each of them; it never says outage on a hint alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from domain.heard.classification import Classification, Kind, Sentiment
from sentiment.language import detect_language
from sentiment.normalise import lower, normalise

FALLBACK = "fallback"
_BAD = """
bad terrible awful worst horrible broken useless pathetic disappointed angry rude slow scam fail failed hate crash bug
unacceptable refund overcharged stuck annoying wrong missing late down error problem issue 😡 🤬 😤 👎
kötü berbat rezalet bozuk çalışmıyor yok olmuyor açılmıyor girmiyor gelmedi sorun şikayet yavaş pahalı saygısız
mağdur iade hata çöktü gitti bıktım yeter dolandırıcı kesinti arıza
بد افتضاح مزخرف خراب ضعیف متاسفم متاسفانه مشکل قطع خطا کند گران دیر بدترین نمیشه نمیاد نیست ناراضی کلاهبردار ارور
schlecht kaputt schrecklich fehler störung enttäuscht malo pésimo terrible roto mal nul horrible panne déçu cassé
сломан ужасно плохо ошибка сбой سيء خلل مشكلة عطل
"""
_GOOD = """
good great love excellent awesome thanks thank perfect amazing nice best happy fixed resolved 😍 ❤ 🎉 👍
iyi güzel harika teşekkürler süper mükemmel memnun sevdim başarılı
خوب عالی ممنون مرسی بهترین راضی دوست سپاس
gut toll danke super gracias excelente bueno merci génial parfait bien спасибо отлично хорошо شكرا ممتاز رائع جيد
"""
_KINDS: Mapping[Kind, str] = {
    Kind.OUTAGE: "down outage offline unreachable çöktü kesinti internet قطع قطعه اختلال störung caído panne сбой عطل",
    Kind.LOGIN_ACCOUNT: "login password account locked şifre giriş hesap رمز ورود حساب passwort contraseña пароль",
    Kind.PAYMENT_BILLING: "charged refund invoice bill payment fatura ödeme iade پرداخت فاکتور rechnung factura счет",
    Kind.DELIVERY: "delivery package parcel courier late kargo teslimat paket ارسال پیک بسته paket envío livraison",
    Kind.APP_BUG: "app bug crash freezes update uygulama güncelleme donuyor برنامه اپ بروزرسانی app приложение",
    Kind.CUSTOMER_SERVICE: "support agent hold rude service müşteri temsilci destek پشتیبانی پاسخگو kundendienst",
    Kind.PRICE: "expensive price overpriced hike pahalı zam fiyat گران قیمت teuer caro cher дорого",
}
_TOKEN = re.compile(r"[\w‌]+|[^\w\s]")
# One cue is a hint, not a finding: below two the answer stays neutral and close to even.
_CERTAIN = 2.0


class LexiconClassifier:
    """Counts words; same interface as the bundled classifier, no files, no memory to speak of."""

    model = FALLBACK

    def __init__(self) -> None:
        """Builds the word sets."""
        self._bad, self._good = frozenset(_BAD.split()), frozenset(_GOOD.split())
        self._kinds = {kind: frozenset(words.split()) for kind, words in _KINDS.items()}

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """One classification for each text, in order; takes any str."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Classification:
        language = detect_language(text)
        words = _TOKEN.findall(lower(normalise(text, language), language))
        bad, good = sum(word in self._bad for word in words), sum(word in self._good for word in words)
        complaint = bad / (bad + good + _CERTAIN)
        kinds = self._kind_scores(words)
        return Classification(
            language=language,
            sentiment=_sentiment(bad, good),
            sentiment_scores=_sentiment_scores(bad, good),
            complaint=complaint,
            is_complaint=bad >= _CERTAIN and bad > good,
            kind=_kind(kinds, is_sure=bad >= _CERTAIN),
            kind_scores=kinds,
            model=FALLBACK,
        )

    def _kind_scores(self, words: Sequence[str]) -> dict[Kind, float]:
        hits = {kind: 2.0 * sum(word in cues for word in words) for kind, cues in self._kinds.items()}
        hits[Kind.OTHER] = 1.0
        total = sum(hits.values())
        return {kind: hits[kind] / total for kind in Kind}


def _sentiment(bad: int, good: int) -> Sentiment:
    if bad == good:
        return Sentiment.NEUTRAL
    return Sentiment.NEGATIVE if bad > good else Sentiment.POSITIVE


def _sentiment_scores(bad: int, good: int) -> dict[Sentiment, float]:
    weights = np.array([bad, 0.5 if bad != good else 1.0 + bad, good], dtype=float)
    return {label: float(share) for label, share in zip(Sentiment, weights / weights.sum(), strict=True)}


def _kind(scores: Mapping[Kind, float], *, is_sure: bool) -> Kind:
    ranked = sorted(Kind, key=lambda kind: -scores[kind])
    return ranked[1] if ranked[0] is Kind.OUTAGE and not is_sure else ranked[0]
