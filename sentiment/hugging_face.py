"""Any Hugging Face sequence classifier in place of the bundled one (extra `[torch]`), with the owner's labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import ConfigError
from domain.heard.classification import Classification, Kind, Sentiment
from sentiment.language import detect_languages
from sentiment.lexicon import LexiconClassifier
from sentiment.normalise import normalise

_SENTIMENTS = tuple(Sentiment)
_MAX_TOKENS = 128
_SURE = 0.5


class HuggingFaceClassifier:
    """Sentiment from the given model; complaint follows from it, and the kind from word lists: it has one head only."""

    def __init__(
        self, name: str, labels: Mapping[str, str] | None = None, *, threads: int = 0, batch: int = 32
    ) -> None:
        """Loads a directory or hub name. `labels` maps the model's labels to negative, neutral, positive.

        Raises ConfigError without torch, for a model that cannot be loaded, and for labels that do not map.
        """
        self._torch = _torch()
        if threads:
            self._torch.set_num_threads(threads)
        self._tokenizer, self._network = _load(name)
        self._columns = columns(dict(self._network.config.id2label), labels)
        self._kinds = LexiconClassifier()
        self._batch = batch
        self.model = name.rstrip("/").rsplit("/", 1)[-1]

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """One classification for each text, in order."""
        languages = detect_languages(texts)
        ready = [normalise(text, language) for text, language in zip(texts, languages, strict=True)]
        order = sorted(range(len(texts)), key=lambda i: len(ready[i]))
        shares = np.zeros((len(texts), len(_SENTIMENTS)))
        for start in range(0, len(order), self._batch):
            rows = order[start : start + self._batch]
            shares[rows] = self._sentiments([ready[i] for i in rows])
        pairs = zip(shares, self._kinds.classify(texts), strict=True)
        return [self._classification(row, guess) for row, guess in pairs]

    def _sentiments(self, texts: Sequence[str]) -> NDArray[np.float64]:
        coded = self._tokenizer(list(texts), padding=True, truncation=True, max_length=_MAX_TOKENS, return_tensors="pt")
        with self._torch.inference_mode():
            chances = self._network(**coded).logits.softmax(dim=-1).numpy()
        shares = np.zeros((len(texts), len(_SENTIMENTS)))
        for column, sentiment in enumerate(self._columns):
            shares[:, sentiment] += chances[:, column]
        return shares

    def _classification(self, shares: NDArray[np.float64], guess: Classification) -> Classification:
        scores = {label: float(share) for label, share in zip(_SENTIMENTS, shares, strict=True)}
        complaint = scores[Sentiment.NEGATIVE]
        return Classification(
            language=guess.language,
            sentiment=_SENTIMENTS[int(shares.argmax())],
            sentiment_scores=scores,
            complaint=complaint,
            is_complaint=complaint >= _SURE,
            kind=guess.kind if complaint >= _SURE or guess.kind is not Kind.OUTAGE else Kind.OTHER,
            kind_scores=guess.kind_scores,
            model=self.model,
        )


def columns(id2label: Mapping[int, str], labels: Mapping[str, str] | None) -> list[int]:
    """For each output of the model the number of its sentiment; ConfigError names the labels that do not map."""
    wanted = {key.casefold(): value.casefold() for key, value in (labels or {}).items()}
    known = {sentiment.value: number for number, sentiment in enumerate(_SENTIMENTS)}
    meant = [wanted.get(name.casefold(), name.casefold()) for _, name in sorted(id2label.items())]
    lost = [name for (_, name), meaning in zip(sorted(id2label.items()), meant, strict=True) if meaning not in known]
    if lost:
        raise ConfigError(
            f"The model's labels {', '.join(lost)} do not map to negative, neutral or positive: "
            "say what they mean in `model: {labels: {LABEL_0: negative, ...}}`."
        )
    return [known[meaning] for meaning in meant]


def _torch() -> Any:
    try:
        import torch
    except ImportError as err:
        raise ConfigError(
            'A model of your own needs torch: install it with `pip install "hubbub[torch]"`, '
            "or set `model: {name: bundled}`."
        ) from err
    return torch


def _load(name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        network = AutoModelForSequenceClassification.from_pretrained(name)
    except (OSError, ValueError, KeyError, ImportError) as err:
        raise ConfigError(
            f"There is no usable sequence-classification model {name!r}: it is neither a model directory here "
            "nor a name that Hugging Face answers to."
        ) from err
    return tokenizer, network.eval()
