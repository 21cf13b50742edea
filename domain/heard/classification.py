"""What a mention means: language, sentiment, complaint or not, and what the problem is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Sentiment(StrEnum):
    """The tone of a mention."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Kind(StrEnum):
    """What sort of problem a complaint is about."""

    OUTAGE = "outage"
    LOGIN_ACCOUNT = "login_account"
    PAYMENT_BILLING = "payment_billing"
    DELIVERY = "delivery"
    APP_BUG = "app_bug"
    CUSTOMER_SERVICE = "customer_service"
    PRICE = "price"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Classification:
    """The classifier's view of one mention; probabilities are calibrated and in 0..1."""

    language: str  # ISO 639-1, or "unknown"
    sentiment: Sentiment
    sentiment_scores: Mapping[Sentiment, float]
    complaint: float
    is_complaint: bool  # over the threshold of its language
    kind: Kind
    kind_scores: Mapping[Kind, float]
    model: str  # name and version of the model, or "fallback"
    component: str | None = None  # set by the pipeline from the owner's components
    why: tuple[str, ...] = ()  # the words that carried the decision
