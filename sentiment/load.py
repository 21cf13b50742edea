"""From the `model:` setting to a classifier, and what to do when it cannot be had."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from domain.errors import ConfigError
from sentiment.classifier import BUNDLED, BundledClassifier, Classifier
from sentiment.lexicon import LexiconClassifier

DEFAULT = "bundled"


def load_classifier(model: str = DEFAULT, *, labels: Mapping[str, str] | None = None, threads: int = 0) -> Classifier:
    """The classifier of the `model:` setting: `bundled`, a folder made by our training, or a Hugging Face model.

    `labels` maps a Hugging Face model's labels to sentiments; `threads` is the number for one pass
    (0: one for each core, at most 4).
    Raises ConfigError with one sentence for the owner.
    """
    if model == DEFAULT:
        return _from_folder(BUNDLED, threads, "The bundled model cannot be loaded; install hubbub again")
    folder = Path(model).expanduser()
    if (folder / "labels.json").is_file():
        return _from_folder(folder, threads, f"The model folder {model} cannot be loaded")
    if not model.strip():
        raise ConfigError("The setting `model.name` is empty: leave it out, or set `bundled` or a Hugging Face model.")
    from sentiment.hugging_face import HuggingFaceClassifier

    return HuggingFaceClassifier(model, labels, threads=threads)


def load_or_fallback(
    model: str = DEFAULT, *, labels: Mapping[str, str] | None = None, threads: int = 0
) -> tuple[Classifier, str | None]:
    """The wanted classifier and None, or the word-list fallback and the reason it is in use."""
    try:
        return load_classifier(model, labels=labels, threads=threads), None
    except ConfigError as err:
        return LexiconClassifier(), str(err)


def _from_folder(folder: Path, threads: int, complaint: str) -> Classifier:
    try:
        return BundledClassifier(folder, threads=threads)
    except ImportError as err:
        raise ConfigError(f"{complaint}: {err.name} is not installed.") from err
    except Exception as err:  # onnxruntime and tokenizers raise classes of their own for damaged files
        raise ConfigError(f"{complaint}: {str(err).splitlines()[0]}.") from err
